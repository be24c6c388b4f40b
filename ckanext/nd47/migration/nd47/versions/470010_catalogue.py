"""Tables of the catalogues: editions, lines, items, proposals, links, dispatches, files, history.

A process of the release before does not know these tables. Triggers refuse to change an edition
that is issued, its items, and the history.

Revision ID: 470010
Revises: 470009
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "470010"
down_revision = "470009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "nd47_catalogue_event",
    "nd47_catalogue_file",
    "nd47_catalogue_dispatch",
    "nd47_catalogue_link",
    "nd47_catalogue_proposal",
    "nd47_catalogue_item",
    "nd47_catalogue_line",
    "nd47_catalogue",
)
FUNCTIONS = (
    "nd47_catalogue_stays",
    "nd47_catalogue_item_stays",
    "nd47_catalogue_event_stays",
    "nd47_catalogue_truncate",
)


def words(*names: str) -> list[sa.Column]:
    """Return columns for texts that may be empty."""
    return [sa.Column(name, sa.Text, nullable=False, server_default="") for name in names]


def needed(*names: str) -> list[sa.Column]:
    """Return columns for texts that must be there."""
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def number(name: str, default: str = "1") -> sa.Column:
    """Return a column for a whole number."""
    return sa.Column(name, sa.Integer, nullable=False, server_default=default)


def days(*names: str) -> list[sa.Column]:
    """Return columns for dates that may be unknown."""
    return [sa.Column(name, sa.Date) for name in names]


def moment(name: str) -> sa.Column:
    """Return a column for the moment of a row."""
    return sa.Column(name, MOMENT, nullable=False, server_default=sa.func.now())


def codes(name: str) -> sa.Column:
    """Return a column for several codes."""
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}")


def structure(name: str, default: str = "{}") -> sa.Column:
    """Return a column for JSON."""
    return sa.Column(name, JSONB, nullable=False, server_default=default)


def upgrade():
    _create_catalogues()
    _create_lines_and_items()
    _create_proposals()
    _create_links()
    _create_papers()
    _create_history()
    _forbid_changes()


def _create_catalogues():
    op.create_table(
        "nd47_catalogue",
        *needed("id", "name", "series_id", "kind", "agency_id", "title"),
        number("edition"),
        *words("sector", "description"),
        sa.Column("previous_id", sa.Text),
        *words("relation"),
        sa.Column("related_id", sa.Text),
        *words("related", "decision_number"),
        *days("decision_date"),
        *words("decision_url", "issuer", "signatory", "signatory_position", "proposal_number"),
        *days("proposal_date"),
        *words("proposal_agency"),
        *days("in_force_from", "next_review"),
        *words("file_id"),
        sa.Column("state", sa.Text, nullable=False, server_default="draft"),
        *words("reason"),
        number("version"),
        *words("changed_by"),
        moment("created"),
        moment("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue"),
        sa.UniqueConstraint("name", name="uq_nd47_catalogue_name"),
        sa.UniqueConstraint("series_id", "edition", name="uq_nd47_catalogue_edition"),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'issued', 'replaced')", name="ck_nd47_catalogue_state"
        ),
        sa.CheckConstraint(
            "kind IN ('province', 'sector', 'agency')", name="ck_nd47_catalogue_kind"
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], ["nd47_catalogue.id"], f"fk_nd47_catalogue_{name}", ondelete="SET NULL"
            )
            for name in ("previous_id", "related_id")
        ),
    )
    op.create_index(
        "uq_nd47_catalogue_open",
        "nd47_catalogue",
        ["series_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'proposed')"),
    )
    op.create_index("ix_nd47_catalogue_agency_id", "nd47_catalogue", ["agency_id"])


def _create_lines_and_items():
    op.create_table(
        "nd47_catalogue_line",
        *needed("id", "series_id"),
        *words("status"),
        *days("first_provided"),
        *words("reason"),
        number("version"),
        *words("changed_by"),
        moment("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_line"),
    )
    op.create_index("ix_nd47_catalogue_line_series_id", "nd47_catalogue_line", ["series_id"])
    op.create_table(
        "nd47_catalogue_item",
        *needed("id", "catalogue_id", "line_id", "name"),
        number("position"),
        *words("group_title", "code", "description", "field", "provider_id", "provider"),
        *words("responsible_id", "responsible", "source_database", "frequency"),
        sa.Column("delay", sa.Integer),
        *words("period"),
        codes("formats"),
        codes("methods"),
        *words("sharing_class", "licence"),
        *days("planned"),
        *words("stage", "minimum_level", "basis", "basis_instrument"),
        structure("columns", "[]"),
        *words("focal_point", "focal_email", "focal_telephone", "note"),
        structure("other"),
        *words("folded"),
        number("version"),
        *words("changed_by"),
        moment("modified"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_item"),
        sa.UniqueConstraint("catalogue_id", "line_id", name="uq_nd47_catalogue_item_line"),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            "fk_nd47_catalogue_item_catalogue_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["nd47_catalogue_line.id"], "fk_nd47_catalogue_item_line_id"
        ),
    )
    op.create_index(
        "uq_nd47_catalogue_item_code",
        "nd47_catalogue_item",
        ["catalogue_id", "code"],
        unique=True,
        postgresql_where=sa.text("code <> ''"),
    )
    op.create_index(
        "ix_nd47_catalogue_item_position", "nd47_catalogue_item", ["catalogue_id", "position"]
    )
    for column in ("line_id", "provider_id"):
        op.create_index(f"ix_nd47_catalogue_item_{column}", "nd47_catalogue_item", [column])


def _create_proposals():
    op.create_table(
        "nd47_catalogue_proposal",
        *needed("id", "catalogue_id", "agency_id", "kind"),
        sa.Column("line_id", sa.Text),
        structure("content"),
        *words("note"),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        *words("reason", "proposed_by", "decided_by"),
        moment("created"),
        sa.Column("decided", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_proposal"),
        sa.CheckConstraint(
            "kind IN ('add', 'change', 'remove')", name="ck_nd47_catalogue_proposal_kind"
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'merged', 'declined')", name="ck_nd47_catalogue_proposal_state"
        ),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                f"fk_nd47_catalogue_proposal_{column}",
                ondelete="CASCADE",
            )
            for column, table in (
                ("catalogue_id", "nd47_catalogue"),
                ("line_id", "nd47_catalogue_line"),
            )
        ),
    )
    op.create_index(
        "ix_nd47_catalogue_proposal_catalogue_id",
        "nd47_catalogue_proposal",
        ["catalogue_id", "state"],
    )
    op.create_index("ix_nd47_catalogue_proposal_line_id", "nd47_catalogue_proposal", ["line_id"])


def _create_links():
    op.create_table(
        "nd47_catalogue_link",
        *needed("line_id", "dataset_id"),
        *words("title", "linked_by"),
        moment("created"),
        sa.PrimaryKeyConstraint("line_id", "dataset_id", name="pk_nd47_catalogue_link"),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["nd47_catalogue_line.id"],
            "fk_nd47_catalogue_link_line_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_nd47_catalogue_link_dataset_id", "nd47_catalogue_link", ["dataset_id"])


def _create_papers():
    op.create_table(
        "nd47_catalogue_dispatch",
        *needed("id", "catalogue_id", "recipient"),
        sa.Column("sent", sa.Date, nullable=False),
        *words("document_number", "answer"),
        *days("answered"),
        *words("recorded_by"),
        moment("created"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_dispatch"),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            "fk_nd47_catalogue_dispatch_catalogue_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_nd47_catalogue_dispatch_catalogue_id", "nd47_catalogue_dispatch", ["catalogue_id"]
    )
    op.create_table(
        "nd47_catalogue_file",
        *needed("id", "catalogue_id", "name", "media_type"),
        sa.Column("size", sa.BigInteger, nullable=False),
        moment("created"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_file"),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            "fk_nd47_catalogue_file_catalogue_id",
            ondelete="CASCADE",
        ),
    )


def _create_history():
    op.create_table(
        "nd47_catalogue_event",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        *needed("catalogue_id"),
        *words("line_id"),
        moment("moment"),
        *words("user_id"),
        *needed("event"),
        *words("note"),
        structure("before"),
        structure("after"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_event"),
    )
    op.create_index(
        "ix_nd47_catalogue_event_catalogue_id", "nd47_catalogue_event", ["catalogue_id", "id"]
    )


def _forbid_changes():
    # What may still change in an issued edition: that it is replaced, the day of its review, and
    # its signed file, once. SQL of its own, since no caller may be trusted with this.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_catalogue_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            free text[] := ARRAY['state', 'next_review', 'version', 'modified', 'changed_by'];
        BEGIN
            IF OLD.state NOT IN ('issued', 'replaced') THEN
                RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            IF TG_OP = 'UPDATE' THEN
                IF OLD.file_id = '' THEN
                    free := free || ARRAY['file_id'];
                END IF;
                IF NEW.state IN (OLD.state, 'replaced')
                    AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
                THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'An issued catalogue cannot be changed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    # The lock makes a change of an item and the issue of its edition wait for each other.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_catalogue_item_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            edition_state text;
        BEGIN
            FOR edition_state IN
                SELECT state FROM nd47_catalogue
                WHERE id IN (
                    CASE WHEN TG_OP <> 'INSERT' THEN OLD.catalogue_id END,
                    CASE WHEN TG_OP <> 'DELETE' THEN NEW.catalogue_id END
                )
                FOR SHARE
            LOOP
                IF edition_state IN ('issued', 'replaced') THEN
                    RAISE EXCEPTION 'The items of an issued catalogue cannot be changed'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
            END LOOP;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END $$
        """
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_catalogue_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'The history of catalogues cannot be changed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_catalogue_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'Catalogues cannot be emptied'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    for table, events, function in (
        ("nd47_catalogue", "UPDATE OR DELETE", "nd47_catalogue_stays"),
        ("nd47_catalogue_item", "INSERT OR UPDATE OR DELETE", "nd47_catalogue_item_stays"),
    ):
        op.execute(
            f"CREATE TRIGGER {function} BEFORE {events} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
        op.execute(
            f"CREATE TRIGGER nd47_catalogue_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION nd47_catalogue_truncate()"
        )
    op.execute(
        "CREATE TRIGGER nd47_catalogue_event_stays"
        " BEFORE UPDATE OR DELETE OR TRUNCATE ON nd47_catalogue_event"
        " FOR EACH STATEMENT EXECUTE FUNCTION nd47_catalogue_event_stays()"
    )


def downgrade():
    for table in TABLES:
        op.drop_table(table)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {function}()")
