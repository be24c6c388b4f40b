"""When a dataset was saved that waits to be written for the export.

Revision ID: 4700e1
Revises: 4700d2
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4700e1"
down_revision = "4700d2"
branch_labels = None
depends_on = None

INDEX = "ix_nd47_dcat_entry_due"


def upgrade():
    op.add_column("nd47_dcat_entry", sa.Column("due", sa.DateTime(timezone=True)))
    op.create_index(
        INDEX, "nd47_dcat_entry", ["due"], postgresql_where=sa.text("due IS NOT NULL")
    )


def downgrade():
    op.drop_index(INDEX, "nd47_dcat_entry")
    op.drop_column("nd47_dcat_entry", "due")
