"""Agencies stand in Vietnamese order: their sort keys are made anew.

The upgrade makes the keys of the Vietnamese alphabet, the downgrade those without diacritics.

Revision ID: 4700d1
Revises: 4700c1
Create Date: 2026-11-22
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ckanext.nd47.lib.text import sort_key
from ckanext.nd47.lib.text import fold

revision = "4700d1"
down_revision = "4700c1"
branch_labels = None
depends_on = None


def upgrade():
    renew(sort_key)


def downgrade():
    renew(fold)


def renew(key):
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT a.id, coalesce(nullif(g.title, ''), g.name) AS title"
            ' FROM nd47_agency a JOIN "group" g ON g.id = a.id'
        )
    ).all()
    keys = [{"id": row.id, "key": key(row.title)} for row in rows]
    if keys:
        connection.execute(sa.text("UPDATE nd47_agency SET sort_key = :key WHERE id = :id"), keys)
