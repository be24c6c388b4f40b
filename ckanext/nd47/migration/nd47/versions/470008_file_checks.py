"""Table of the checks of files.

A process of the release before does not know it and never asks for it. It is filled by
`ckan nd47 files check`.

Revision ID: 470008
Revises: 470007
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "470008"
down_revision = "470007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "nd47_file_check",
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column(
            "requested", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("checked", sa.DateTime(timezone=True)),
        sa.Column("understood", JSONB, nullable=False, server_default="{}"),
        sa.Column("findings", JSONB, nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("resource_id", name="pk_nd47_file_check"),
        # What is known of a purged file is purged with it.
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], "fk_nd47_file_check_resource_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_nd47_file_check_state", "nd47_file_check", ["state", "requested"])


def downgrade():
    op.drop_table("nd47_file_check")
