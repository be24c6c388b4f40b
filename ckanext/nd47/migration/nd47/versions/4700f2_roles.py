"""More roles of focal points than the two of Decree 47/2020/NĐ-CP.

Revision ID: 4700f2
Revises: 4700f1
"""

from __future__ import annotations

from alembic import op

revision = "4700f2"
down_revision = "4700f1"
branch_labels = None
depends_on = None

TABLE = "nd47_focal_point"
CHECK = "ck_nd47_focal_point_role"
BEFORE = ("feedback", "sharing")
AFTER = (*BEFORE, "information", "officer", "steward", "commune", "compliance")


def upgrade():
    _allow(AFTER)


def downgrade():
    # Refused by the database while focal points in the newer roles are there: none is lost.
    _allow(BEFORE)


def _allow(roles: tuple[str, ...]) -> None:
    op.drop_constraint(CHECK, TABLE, type_="check")
    op.create_check_constraint(CHECK, TABLE, f"role IN {roles}")
