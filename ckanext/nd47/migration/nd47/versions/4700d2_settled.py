"""When a dataset of a changed agency was written anew because somebody asked for it.

Revision ID: 4700d2
Revises: 4700d1
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4700d2"
down_revision = "4700d1"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("nd47_dcat_entry", sa.Column("settled", sa.DateTime(timezone=True)))


def downgrade():
    op.drop_column("nd47_dcat_entry", "settled")
