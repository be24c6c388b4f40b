"""Tables of the work list: roles of accounts, and what is to be done about each dataset.

A process of the release before does not know these tables and never asks for them. The second one
is filled by `ckan nd47 work rebuild`.

Revision ID: 470004
Revises: 470003
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "470004"
down_revision = "470003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "nd47_account_role",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("agency_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column(
            "created", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("user_id", "agency_id", "role", name="pk_nd47_account_role"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["group.id"], "fk_nd47_account_role_agency_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], "fk_nd47_account_role_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_nd47_account_role_agency_id", "nd47_account_role", ["agency_id"])
    op.create_table(
        "nd47_work_dataset",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("frequency", sa.Text, nullable=False, server_default=""),
        sa.Column("data_date", sa.Date),
        sa.Column("edition", sa.Text, nullable=False, server_default=""),
        sa.Column("unmet", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("facts", JSONB, nullable=False, server_default="{}"),
        sa.Column("points", sa.Integer, nullable=False, server_default="0"),
        sa.Column("folded", sa.Text, nullable=False, server_default=""),
        sa.Column("sort_key", sa.Text, nullable=False, server_default=""),
        sa.Column("examined", sa.Date, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False, server_default=""),
        sa.Column("source_modified", sa.DateTime),
        sa.Column("stale", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_work_dataset"),
        # What is known of a purged dataset is purged with it.
        sa.ForeignKeyConstraint(
            ["id"], ["package.id"], "fk_nd47_work_dataset_id", ondelete="CASCADE"
        ),
    )


def downgrade():
    op.drop_table("nd47_work_dataset")
    op.drop_table("nd47_account_role")
