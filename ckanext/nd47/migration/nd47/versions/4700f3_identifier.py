"""An index of the identifiers of datasets, which each save asks for.

Its first characters alone: another schema may keep a long text in a field of this name, and an
index takes 2,700 bytes.

Revision ID: 4700f3
Revises: 4700f2
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4700f3"
down_revision = "4700f2"
branch_labels = None
depends_on = None

INDEX = "ix_nd47_package_identifier"


def upgrade():
    op.create_index(
        INDEX,
        "package",
        [sa.text("(\"left\"(extras ->> 'identifier', 100)) text_pattern_ops")],
    )


def downgrade():
    op.drop_index(INDEX, "package")
