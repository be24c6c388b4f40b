"""Tables of the reminders: the messages of each account, and what it wants to be reminded of.

A process of the release before does not know these tables and never asks for them.

Revision ID: 470007
Revises: 470006
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "470007"
down_revision = "470006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "nd47_reminder",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("period", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="pending"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column(
            "next_attempt",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        sa.Column(
            "changed", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("things", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_reminder"),
        # One message for an account and a period, whichever node is first.
        sa.UniqueConstraint("user_id", "period", name="uq_nd47_reminder_user_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], "fk_nd47_reminder_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_nd47_reminder_period", "nd47_reminder", ["period"])
    op.create_table(
        "nd47_reminder_choice",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False, server_default=""),
        sa.Column("kinds_off", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("all_off", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("user_id", name="pk_nd47_reminder_choice"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], "fk_nd47_reminder_choice_user_id", ondelete="CASCADE"
        ),
    )


def downgrade():
    op.drop_table("nd47_reminder_choice")
    op.drop_table("nd47_reminder")
