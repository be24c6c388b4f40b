"""Tables of the approval: cases, their history, settings of agencies, files of decisions.

A process of the release before does not know these tables; it asks nobody for approval. The history
can be added to and read; a trigger refuses everything else.

Revision ID: 470005
Revises: 470004
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "470005"
down_revision = "470004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def words(name: str) -> sa.Column:
    """Return a column for a text that may be empty."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def upgrade():
    op.create_table(
        "nd47_approval",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("approval", sa.Text, nullable=False),
        sa.Column("publication", sa.Text, nullable=False),
        sa.Column("validity", sa.Text, nullable=False),
        sa.Column("chain", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("step", sa.Integer, nullable=False, server_default="0"),
        words("step_kind"),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        words("sender_id"),
        words("approver_id"),
        words("note"),
        sa.Column("sent", MOMENT),
        words("reason"),
        words("problem"),
        sa.Column("scheduled_at", MOMENT),
        sa.Column("pending", JSONB, nullable=False, server_default="{}"),
        words("changed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_approval"),
        sa.ForeignKeyConstraint(["id"], ["package.id"], "fk_nd47_approval_id", ondelete="CASCADE"),
    )
    op.create_index("ix_nd47_approval_approval", "nd47_approval", ["approval"])
    op.create_index(
        "ix_nd47_approval_scheduled_at",
        "nd47_approval",
        ["scheduled_at"],
        postgresql_where=sa.text("publication = 'hen-gio'"),
    )
    op.create_table(
        "nd47_approval_agency",
        sa.Column("agency_id", sa.Text, nullable=False),
        sa.Column("required", sa.Boolean, nullable=False),
        sa.Column("chain", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.PrimaryKeyConstraint("agency_id", name="pk_nd47_approval_agency"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["group.id"], "fk_nd47_approval_agency_agency_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "nd47_approval_file",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_approval_file"),
    )
    _create_history()


def _create_history():
    op.create_table(
        "nd47_approval_event",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("dataset_id", sa.Text, nullable=False),
        words("agency_id"),
        sa.Column("moment", MOMENT, nullable=False, server_default=sa.func.now()),
        words("user_id"),
        sa.Column("event", sa.Text, nullable=False),
        words("step_kind"),
        sa.Column("approval", sa.Text, nullable=False),
        sa.Column("publication", sa.Text, nullable=False),
        sa.Column("validity", sa.Text, nullable=False),
        words("note"),
        words("approver_id"),
        sa.Column("scheduled_at", MOMENT),
        words("decision_number"),
        sa.Column("decision_date", sa.Date),
        words("file_id"),
        sa.Column("changes", JSONB, nullable=False, server_default="{}"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_approval_event"),
    )
    op.create_index(
        "ix_nd47_approval_event_dataset_id", "nd47_approval_event", ["dataset_id", "id"]
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'The history of approvals cannot be changed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER nd47_history_stays
        BEFORE UPDATE OR DELETE OR TRUNCATE ON nd47_approval_event
        FOR EACH STATEMENT EXECUTE FUNCTION nd47_history_stays()
        """
    )


def downgrade():
    op.drop_table("nd47_approval_event")
    op.execute("DROP FUNCTION IF EXISTS nd47_history_stays()")
    op.drop_table("nd47_approval_file")
    op.drop_table("nd47_approval_agency")
    op.drop_table("nd47_approval")
