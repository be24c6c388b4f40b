"""Tables of the national hand-over: what was sent and what came back, and the same by dataset.

A process of the release before does not know these tables.

Revision ID: 470013
Revises: 470012
Create Date: 2026-11-29
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "470013"
down_revision = "470012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def words(name: str) -> sa.Column:
    """Return a column for a text that may be empty."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def upgrade():
    op.create_table(
        "nd47_handover",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("sent", sa.Date, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        words("document_number"),
        sa.Column("document_date", sa.Date),
        words("note"),
        sa.Column("answered", sa.Date),
        words("answer_number"),
        words("answer"),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        words("changed_by"),
        sa.Column("created", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_handover"),
        sa.CheckConstraint("way IN ('annex', 'dcat', 'api')", name="ck_nd47_handover_way"),
    )
    op.create_index("ix_nd47_handover_sent", "nd47_handover", ["sent"])
    op.create_table(
        "nd47_handover_dataset",
        sa.Column("handover_id", sa.Text, nullable=False),
        sa.Column("dataset_id", sa.Text, nullable=False),
        words("name"),
        words("title"),
        words("identifier"),
        sa.Column("state", sa.Text, nullable=False, server_default="sent"),
        words("reason"),
        words("address"),
        sa.Column("changed", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("handover_id", "dataset_id", name="pk_nd47_handover_dataset"),
        sa.CheckConstraint(
            "state IN ('sent', 'accepted', 'refused')", name="ck_nd47_handover_dataset_state"
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"],
            ["nd47_handover.id"],
            "fk_nd47_handover_dataset_handover_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_nd47_handover_dataset_dataset_id", "nd47_handover_dataset", ["dataset_id"])


def downgrade():
    op.drop_table("nd47_handover_dataset")
    op.drop_table("nd47_handover")
