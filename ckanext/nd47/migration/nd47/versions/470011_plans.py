"""Tables of the plans, and of the documents that are read into a catalogue.

A process of the release before does not know these tables. Triggers refuse to change a plan that is
issued, its stages and entries, and the history.

Revision ID: 470011
Revises: 470010
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "470011"
down_revision = "470010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "nd47_catalogue_import",
    "nd47_plan_event",
    "nd47_plan_entry",
    "nd47_plan_stage",
    "nd47_plan",
)
FUNCTIONS = ("nd47_plan_stays", "nd47_plan_part_stays", "nd47_plan_event_stays")


def words(*names: str) -> list[sa.Column]:
    """Return columns for texts that may be empty."""
    return [sa.Column(name, sa.Text, nullable=False, server_default="") for name in names]


def needed(*names: str) -> list[sa.Column]:
    """Return columns for texts that must be there."""
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def days(*names: str) -> list[sa.Column]:
    """Return columns for dates that must be there."""
    return [sa.Column(name, sa.Date, nullable=False) for name in names]


def moment(name: str) -> sa.Column:
    """Return a column for the moment of a row."""
    return sa.Column(name, MOMENT, nullable=False, server_default=sa.func.now())


def version() -> sa.Column:
    """Return a column for the version of a row."""
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def structure(name: str, default: str) -> sa.Column:
    """Return a column for JSON."""
    return sa.Column(name, JSONB, nullable=False, server_default=default)


def upgrade():
    _create_plans()
    _create_parts()
    _create_imports()
    _create_triggers()


def _create_plans():
    op.create_table(
        "nd47_plan",
        *needed("id", "name", "title", "agency_id"),
        *days("first_day", "last_day"),
        *words("description"),
        sa.Column("series_ids", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("previous_id", sa.Text),
        *words("decision_number"),
        sa.Column("decision_date", sa.Date),
        *words("issuer", "signatory", "signatory_position"),
        sa.Column("state", sa.Text, nullable=False, server_default="draft"),
        version(),
        *words("changed_by"),
        moment("created"),
        moment("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_plan"),
        sa.UniqueConstraint("name", name="uq_nd47_plan_name"),
        sa.CheckConstraint("state IN ('draft', 'issued', 'closed')", name="ck_nd47_plan_state"),
        sa.CheckConstraint("first_day <= last_day", name="ck_nd47_plan_days"),
        sa.ForeignKeyConstraint(["previous_id"], ["nd47_plan.id"], "fk_nd47_plan_previous_id"),
    )
    op.create_index(
        "uq_nd47_plan_previous_id",
        "nd47_plan",
        ["previous_id"],
        unique=True,
        postgresql_where=sa.text("previous_id IS NOT NULL"),
    )


def _create_parts():
    op.create_table(
        "nd47_plan_stage",
        *needed("id", "plan_id"),
        sa.Column("position", sa.Integer, nullable=False),
        *needed("title"),
        *days("first_day", "last_day"),
        sa.Column("share_of_items", sa.Integer),
        sa.Column("share_of_agencies", sa.Integer),
        *words("minimum_level"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_plan_stage"),
        sa.UniqueConstraint("plan_id", "position", name="uq_nd47_plan_stage_position"),
        sa.CheckConstraint("first_day <= last_day", name="ck_nd47_plan_stage_days"),
        sa.CheckConstraint(
            "share_of_items BETWEEN 0 AND 100 AND share_of_agencies BETWEEN 0 AND 100",
            name="ck_nd47_plan_stage_shares",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["nd47_plan.id"], "fk_nd47_plan_stage_plan_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "nd47_plan_entry",
        *needed("id", "plan_id", "kind", "name"),
        *words("line_id", "dataset_id", "task", "provider_id", "provider"),
        sa.Column("due", sa.Date),
        *words("minimum_level"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_plan_entry"),
        sa.UniqueConstraint("plan_id", "line_id", "dataset_id", name="uq_nd47_plan_entry_subject"),
        sa.CheckConstraint("kind IN ('publish', 'improve')", name="ck_nd47_plan_entry_kind"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["nd47_plan.id"], "fk_nd47_plan_entry_plan_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_nd47_plan_entry_line_id", "nd47_plan_entry", ["line_id"])
    op.create_table(
        "nd47_plan_event",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        *needed("plan_id"),
        *words("entry_id"),
        moment("moment"),
        *words("user_id"),
        *needed("event"),
        sa.Column("day", sa.Date),
        *words("note"),
        structure("changes", "{}"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_plan_event"),
    )
    op.create_index("ix_nd47_plan_event_plan_id", "nd47_plan_event", ["plan_id", "id"])


def _create_imports():
    op.create_table(
        "nd47_catalogue_import",
        *needed("id", "catalogue_id", "account"),
        sa.Column("target", sa.Text, nullable=False, server_default="items"),
        *words("agency_id", "file", "encoding"),
        structure("sheets", "[]"),
        sa.Column("sheet", sa.Integer),
        structure("mapping", "{}"),
        sa.Column("state", sa.Text, nullable=False, server_default="planned"),
        structure("done", "[]"),
        version(),
        moment("created"),
        moment("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_import"),
        sa.CheckConstraint(
            "state IN ('planned', 'applied', 'undone')", name="ck_nd47_catalogue_import_state"
        ),
        sa.CheckConstraint(
            "target IN ('items', 'proposals')", name="ck_nd47_catalogue_import_target"
        ),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            "fk_nd47_catalogue_import_catalogue_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_nd47_catalogue_import_catalogue_id",
        "nd47_catalogue_import",
        ["catalogue_id", "created"],
    )


def _create_triggers():
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_plan_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            free text[] := ARRAY['state', 'version', 'changed_by', 'modified'];
        BEGIN
            IF OLD.state = 'draft' THEN
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            IF TG_OP = 'UPDATE' AND NEW.state IN (OLD.state, 'closed')
                AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'An issued plan cannot be changed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    # The lock makes a change of an entry and the issue of its plan wait for each other.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_plan_part_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            plan_state text;
        BEGIN
            FOR plan_state IN
                SELECT state FROM nd47_plan
                WHERE id IN (
                    CASE WHEN TG_OP <> 'INSERT' THEN OLD.plan_id END,
                    CASE WHEN TG_OP <> 'DELETE' THEN NEW.plan_id END
                )
                FOR SHARE
            LOOP
                IF plan_state <> 'draft' THEN
                    RAISE EXCEPTION 'The entries of an issued plan cannot be changed'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
            END LOOP;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END $$
        """
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_plan_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'Plans and their history stay as they are'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER nd47_plan_stays BEFORE UPDATE OR DELETE ON nd47_plan"
        " FOR EACH ROW EXECUTE FUNCTION nd47_plan_stays()"
    )
    for table in ("nd47_plan_stage", "nd47_plan_entry"):
        op.execute(
            f"CREATE TRIGGER nd47_plan_part_stays BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION nd47_plan_part_stays()"
        )
    for table in ("nd47_plan", "nd47_plan_stage", "nd47_plan_entry"):
        op.execute(
            f"CREATE TRIGGER nd47_plan_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION nd47_plan_event_stays()"
        )
    op.execute(
        "CREATE TRIGGER nd47_plan_event_stays"
        " BEFORE UPDATE OR DELETE OR TRUNCATE ON nd47_plan_event"
        " FOR EACH STATEMENT EXECUTE FUNCTION nd47_plan_event_stays()"
    )


def downgrade():
    for table in TABLES:
        op.drop_table(table)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}()")
