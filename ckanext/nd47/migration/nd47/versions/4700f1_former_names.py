"""Names that datasets and organisations had.

Revision ID: 4700f1
Revises: 4700e2
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4700f1"
down_revision = "4700e2"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "nd47_former_name",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("record_id", sa.Text, nullable=False),
    )


def downgrade():
    op.drop_table("nd47_former_name")
