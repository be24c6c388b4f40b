"""Tables of the reports: counted use, scores, months, texts and messages of reports, evidence.

A process of the release before does not know these tables. What belongs to a closed month can be
read and nothing else; a trigger refuses everything that would change it.

Revision ID: 470012
Revises: 470011
Create Date: 2026-11-29
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "470012"
down_revision = "470011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OF_MONTHS = ("nd47_snapshot", "nd47_snapshot_dataset", "nd47_snapshot_item", "nd47_report_text")
COUNTED = (
    "views",
    "downloads",
    "api_calls",
    "robot_views",
    "robot_downloads",
    "robot_api_calls",
)


def words(name: str) -> sa.Column:
    """Return a column for a text that may be empty."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def number(name: str) -> sa.Column:
    """Return a column for a number that starts at 0."""
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def flag(name: str) -> sa.Column:
    """Return a column for something that is so or not."""
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def texts(name: str) -> sa.Column:
    """Return a column for a list of texts."""
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}")


def upgrade():
    op.create_table(
        "nd47_usage_day",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("dataset_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        *(number(name) for name in COUNTED),
        sa.PrimaryKeyConstraint("day", "dataset_id", "source", name="pk_nd47_usage_day"),
    )
    op.create_index("ix_nd47_usage_day_dataset_id", "nd47_usage_day", ["dataset_id", "day"])
    op.create_table(
        "nd47_usage_batch",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("written", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_usage_batch"),
    )
    _create_scores()
    _create_months()
    _create_reports()
    _protect_months()


def _create_scores():
    op.create_table(
        "nd47_dataset_score",
        sa.Column("id", sa.Text, nullable=False),
        number("points"),
        number("measured"),
        texts("met"),
        texts("unmet"),
        number("rule_points"),
        number("rule_possible"),
        texts("fields"),
        words("kind"),
        flag("has_api"),
        flag("open_format"),
        flag("machine_readable"),
        flag("quality_open"),
        sa.Column("quality_deadline", sa.Date),
        sa.Column("published", sa.Date),
        sa.Column("examined", sa.Date, nullable=False),
        words("fingerprint"),
        sa.Column("source_modified", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dataset_score"),
        sa.ForeignKeyConstraint(
            ["id"], ["package.id"], "fk_nd47_dataset_score_id", ondelete="CASCADE"
        ),
    )


def _create_months():
    op.create_table(
        "nd47_snapshot",
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("taken", sa.Date, nullable=False),
        sa.Column("closed", MOMENT),
        sa.Column("agencies", JSONB, nullable=False, server_default="{}"),
        flag("sample"),
        sa.PrimaryKeyConstraint("month", name="pk_nd47_snapshot"),
    )
    op.create_table(
        "nd47_snapshot_dataset",
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("dataset_id", sa.Text, nullable=False),
        words("agency_id"),
        words("name"),
        words("title"),
        texts("fields"),
        words("kind"),
        flag("listed"),
        sa.Column("published", sa.Date),
        flag("periodic"),
        flag("overdue"),
        flag("has_api"),
        flag("open_format"),
        flag("machine_readable"),
        flag("meets_rules"),
        flag("quality_open"),
        flag("quality_late"),
        number("points"),
        number("measured"),
        number("rule_points"),
        number("rule_possible"),
        *(number(name) for name in COUNTED),
        sa.PrimaryKeyConstraint("month", "dataset_id", name="pk_nd47_snapshot_dataset"),
    )
    op.create_table(
        "nd47_snapshot_item",
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("item_id", sa.Text, nullable=False),
        words("agency_id"),
        words("title"),
        texts("fields"),
        words("kind"),
        sa.Column("planned", sa.Date),
        sa.Column("actual", sa.Date),
        flag("published"),
        sa.PrimaryKeyConstraint("month", "item_id", name="pk_nd47_snapshot_item"),
    )


def _create_reports():
    op.create_table(
        "nd47_report_text",
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("agency_id", sa.Text, nullable=False),
        words("difficulties"),
        words("proposals"),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("changed", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("month", "agency_id", name="pk_nd47_report_text"),
    )
    op.create_table(
        "nd47_report_mail",
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="pending"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("changed", MOMENT, nullable=False, server_default=sa.func.now()),
        words("error"),
        sa.PrimaryKeyConstraint("month", "user_id", name="pk_nd47_report_mail"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], "fk_nd47_report_mail_user_id", ondelete="CASCADE"
        ),
    )


def _protect_months():
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_month_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (TG_OP <> 'INSERT' AND EXISTS (
                    SELECT 1 FROM nd47_snapshot WHERE month = OLD.month AND closed IS NOT NULL))
                OR (TG_OP <> 'DELETE' AND EXISTS (
                    SELECT 1 FROM nd47_snapshot WHERE month = NEW.month AND closed IS NOT NULL))
            THEN
                RAISE EXCEPTION 'The month is closed'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN COALESCE(NEW, OLD);
        END $$
        """
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_months_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                RAISE EXCEPTION 'Months that are closed cannot be removed'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for table in OF_MONTHS:
        op.execute(
            f"CREATE TRIGGER nd47_month_stays BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION nd47_month_stays()"
        )
        op.execute(
            f"CREATE TRIGGER nd47_months_stay BEFORE INSERT OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION nd47_months_stay()"
        )


def downgrade():
    for table in (
        "nd47_report_mail",
        "nd47_report_text",
        "nd47_snapshot_item",
        "nd47_snapshot_dataset",
        "nd47_snapshot",
        "nd47_dataset_score",
        "nd47_usage_batch",
        "nd47_usage_day",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION IF EXISTS nd47_month_stays()")
    op.execute("DROP FUNCTION IF EXISTS nd47_months_stay()")
