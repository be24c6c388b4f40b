"""Tables of the runs that change many datasets, and of their items.

A process of the release before does not know these tables and never asks for them.

Revision ID: 470006
Revises: 470005
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "470006"
down_revision = "470005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "nd47_bulk_run",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False, server_default=""),
        sa.Column("language", sa.Text, nullable=False, server_default=""),
        sa.Column("state", sa.Text, nullable=False, server_default="preparing"),
        sa.Column("all_or_nothing", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("request", JSONB, nullable=False, server_default="{}"),
        sa.Column(
            "created", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("begun", sa.DateTime(timezone=True)),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_bulk_run"),
        sa.ForeignKeyConstraint(
            ["account"], ["user.id"], "fk_nd47_bulk_run_account", ondelete="CASCADE"
        ),
        sa.CheckConstraint(
            "state IN ('preparing', 'planned', 'running', 'finished', 'reverting', 'stopped',"
            " 'undoing', 'undone')",
            name="ck_nd47_bulk_run_state",
        ),
    )
    op.create_index("ix_nd47_bulk_run_account", "nd47_bulk_run", ["account", "created"])
    op.create_table(
        "nd47_bulk_item",
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("dataset_id", sa.Text),
        sa.Column("operation", sa.Text, nullable=False, server_default="patch"),
        sa.Column("values", JSONB),
        sa.Column("note", JSONB, nullable=False, server_default="{}"),
        sa.Column("before", JSONB),
        sa.Column("fingerprint", sa.Text, nullable=False, server_default=""),
        sa.Column("fingerprint_after", sa.Text, nullable=False, server_default=""),
        sa.Column("rules", JSONB, nullable=False, server_default="{}"),
        sa.Column("checked", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("state", sa.Text, nullable=False, server_default="planned"),
        sa.Column("errors", JSONB, nullable=False, server_default="{}"),
        sa.Column("handled", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_nd47_bulk_item"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["nd47_bulk_run.id"], "fk_nd47_bulk_item_run_id", ondelete="CASCADE"
        ),
        # What is known of a purged dataset is purged with it.
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["package.id"], "fk_nd47_bulk_item_dataset_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'done', 'refused', 'skipped', 'undone', 'undo-refused')",
            name="ck_nd47_bulk_item_state",
        ),
        sa.CheckConstraint("operation IN ('create', 'patch')", name="ck_nd47_bulk_item_operation"),
    )
    op.create_index("ix_nd47_bulk_item_state", "nd47_bulk_item", ["run_id", "state", "position"])
    op.create_index("ix_nd47_bulk_item_dataset_id", "nd47_bulk_item", ["dataset_id"])


def downgrade():
    op.drop_table("nd47_bulk_item")
    op.drop_table("nd47_bulk_run")
