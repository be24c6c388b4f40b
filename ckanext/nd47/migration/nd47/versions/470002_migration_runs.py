"""Tables for bringing old datasets in: the runs, and what each dataset had before.

A process of the release before does not know these tables and never asks for them.

Revision ID: 470002
Revises: 470001
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "470002"
down_revision = "470001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "nd47_migration_run",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("plan", JSONB, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False, server_default=""),
        sa.Column("last_id", sa.Text, nullable=False, server_default=""),
        sa.Column("total", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column(
            "started", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_migration_run"),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'undone')", name="ck_nd47_migration_run_state"
        ),
    )
    # One run at a time, also where two people begin one at the same moment.
    op.create_index(
        "uq_nd47_migration_run_running",
        "nd47_migration_run",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "nd47_migration_change",
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("after", JSONB, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("run_id", "package_id", "field", name="pk_nd47_migration_change"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["nd47_migration_run.id"],
            "fk_nd47_migration_change_run_id",
            ondelete="CASCADE",
        ),
        # What a purged dataset had is purged with it.
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["package.id"],
            "fk_nd47_migration_change_package_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_nd47_migration_change_package_id", "nd47_migration_change", ["package_id"])


def downgrade():
    op.drop_table("nd47_migration_change")
    op.drop_table("nd47_migration_run")
