"""Tables of the files: decisions about personal data, and the check of links.

A process of the release before does not know these tables; it asks for no decision and checks no
link. The history of the decisions can be added to and read; a trigger refuses everything else.

Revision ID: 470014
Revises: 470013
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "470014"
down_revision = "470013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "nd47_personal_data_decision",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("dataset_id", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("moment", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False, server_default=""),
        sa.Column("covered", JSONB, nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_personal_data_decision"),
    )
    op.create_index(
        "ix_nd47_personal_data_decision_dataset_id",
        "nd47_personal_data_decision",
        ["dataset_id", "id"],
    )
    op.execute(
        """
        CREATE OR REPLACE FUNCTION nd47_decisions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'The history of decisions about personal data cannot be changed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER nd47_decisions_stay
        BEFORE UPDATE OR DELETE OR TRUNCATE ON nd47_personal_data_decision
        FOR EACH STATEMENT EXECUTE FUNCTION nd47_decisions_stay()
        """
    )
    _create_links()


def _create_links():
    op.create_table(
        "nd47_link_check",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="new"),
        sa.Column("answer", sa.Text, nullable=False, server_default=""),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("first_failed", MOMENT),
        sa.Column("last_checked", MOMENT),
        sa.Column("last_good", MOMENT),
        sa.Column("due", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("history", JSONB, nullable=False, server_default="[]"),
        sa.PrimaryKeyConstraint("key", name="pk_nd47_link_check"),
    )
    op.create_index("ix_nd47_link_check_due", "nd47_link_check", ["due"])
    op.create_table(
        "nd47_link_use",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("dataset_id", sa.Text, nullable=False),
        sa.Column("resource_id", sa.Text, nullable=False, server_default=""),
        sa.Column("field", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "dataset_id", "resource_id", "field", "key", name="pk_nd47_link_use"
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["nd47_link_check.key"], "fk_nd47_link_use_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["package.id"], "fk_nd47_link_use_dataset_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_nd47_link_use_key", "nd47_link_use", ["key"])


def downgrade():
    op.drop_table("nd47_link_use")
    op.drop_table("nd47_link_check")
    op.drop_table("nd47_personal_data_decision")
    op.execute("DROP FUNCTION IF EXISTS nd47_decisions_stay()")
