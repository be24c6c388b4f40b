"""Tables of the DCAT export, for content that is written by the commit of each change.

The tables are made again, empty: `ckan nd47 dcat rebuild` fills them, and until it has, the export
is made for each request.

Revision ID: 4700g1
Revises: 4700f3
Create Date: 2026-11-28
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "4700g1"
down_revision = "4700f3"
branch_labels = None
depends_on = None

TABLES = ("nd47_dcat_commit", "nd47_dcat_state", "nd47_dcat_node", "nd47_dcat_entry")
FUNCTIONS = (
    "nd47_dcat_page(bigint, bigint, text[], text)",
    "nd47_dcat_page(text[], text[], text)",
)
CONTENT = ("nt", "ttl")


def text(name):
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def number(name):
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def moment(name):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def keys(name):
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}")


def upgrade():
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {signature}")
    for table in TABLES:
        op.execute(f"DROP TABLE IF EXISTS {table}")
    op.create_table(
        "nd47_dcat_entry",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("iri", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("ordinal", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        moment("first_published"),
        moment("modified"),
        sa.Column("source_modified", sa.DateTime),
        text("etag"),
        text("fingerprint"),
        keys("registered"),
        keys("shared"),
        sa.Column("pending", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("problems", JSONB, nullable=False, server_default="[]"),
        text("error"),
        text("nt"),
        text("ttl"),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dcat_entry"),
        sa.UniqueConstraint("ordinal", name="uq_nd47_dcat_entry_ordinal"),
        sa.UniqueConstraint("seq", name="uq_nd47_dcat_entry_seq"),
        sa.CheckConstraint("state IN ('live', 'gone', 'broken')", name="ck_nd47_dcat_entry_state"),
        sa.CheckConstraint(
            "change IN ('create', 'update', 'delete')", name="ck_nd47_dcat_entry_change"
        ),
    )
    for name, column in (("name", "name"), ("iri", "iri"), ("modified", "modified")):
        op.create_index(f"ix_nd47_dcat_entry_{name}", "nd47_dcat_entry", [column])
    op.create_index(
        "ix_nd47_dcat_entry_problems",
        "nd47_dcat_entry",
        ["id"],
        postgresql_where=sa.text("error <> '' OR problems <> '[]'"),
    )
    op.create_index(
        "ix_nd47_dcat_entry_pending", "nd47_dcat_entry", ["ordinal"], postgresql_where="pending"
    )
    op.create_table(
        "nd47_dcat_node",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        text("reference"),
        keys("agencies"),
        number("seq"),
        moment("modified"),
        text("etag"),
        text("nt"),
        text("ttl"),
        sa.PrimaryKeyConstraint("key", "valid_from", name="pk_nd47_dcat_node"),
        sa.CheckConstraint(
            "kind IN ('agency', 'contact', 'shared')", name="ck_nd47_dcat_node_kind"
        ),
        sa.CheckConstraint("valid_to >= valid_from", name="ck_nd47_dcat_node_term"),
    )
    op.create_index(
        "ix_nd47_dcat_node_seq", "nd47_dcat_node", ["seq"], postgresql_where=sa.text("seq > 0")
    )
    op.create_index(
        "ix_nd47_dcat_node_agencies", "nd47_dcat_node", ["agencies"], postgresql_using="gin"
    )
    op.create_table(
        "nd47_dcat_state",
        sa.Column("id", sa.SmallInteger, nullable=False, autoincrement=False),
        number("seq"),
        number("ordinal"),
        number("live"),
        moment("modified"),
        moment("listed"),
        sa.Column("complete", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_nd47_dcat_state"),
        sa.CheckConstraint("id = 1", name="ck_nd47_dcat_state_single"),
    )
    op.create_table(
        "nd47_dcat_commit",
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_nd47_dcat_commit"),
    )
    # Four times as fast to read as the old method, where this PostgreSQL was built with it.
    if op.get_bind().dialect.server_version_info >= (14,):
        for table in ("nd47_dcat_entry", "nd47_dcat_node"):
            for column in CONTENT:
                op.execute(
                    f"DO $$ BEGIN ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4;"
                    " EXCEPTION WHEN feature_not_supported THEN NULL; END $$"
                )


def downgrade():
    # What the revisions before this one remove again.
    for table in TABLES:
        op.drop_table(table)
    for table in TABLES[1:]:
        op.execute(f"CREATE TABLE {table} (due timestamptz, settled timestamptz)")
    op.execute("CREATE INDEX ix_nd47_dcat_entry_due ON nd47_dcat_entry (due)")
