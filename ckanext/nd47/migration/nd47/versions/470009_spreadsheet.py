"""Table of the files that are sent along with a spreadsheet of datasets, until they are saved.

A process of the release before does not know this table and never asks for it.

Revision ID: 470009
Revises: 470008
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "470009"
down_revision = "470008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "nd47_spreadsheet_chunk",
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "file", "position", name="pk_nd47_spreadsheet_chunk"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["nd47_bulk_run.id"],
            "fk_nd47_spreadsheet_chunk_run_id",
            ondelete="CASCADE",
        ),
    )


def downgrade():
    op.drop_table("nd47_spreadsheet_chunk")
