"""Files of the documents that appoint focal points.

Revision ID: 4700a2
Revises: 4700a1
Create Date: 2026-11-22
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4700a2"
down_revision = "4700a1"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "nd47_focal_point",
        sa.Column("document_file", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "nd47_document",
        sa.Column("focal_point_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("focal_point_id", name="pk_nd47_document"),
        sa.ForeignKeyConstraint(
            ["focal_point_id"],
            ["nd47_focal_point.id"],
            "fk_nd47_document_focal_point_id",
            ondelete="CASCADE",
        ),
    )


def downgrade():
    op.drop_table("nd47_document")
    op.drop_column("nd47_focal_point", "document_file")
