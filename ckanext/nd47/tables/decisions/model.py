"""The history of the decisions about personal data."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_personal_data_decision"

DE_IDENTIFIED, PUBLIC_BY_LAW, REVOKED = "de-identified", "public-by-law", "revoked"
DECISIONS = (DE_IDENTIFIED, PUBLIC_BY_LAW, REVOKED)

# Not among CKAN's tables and without a class: rows are added and read, nothing else. A trigger of
# the database refuses to change or delete them.
decisions = sa.Table(
    TABLE,
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
    sa.Column("dataset_id", sa.Text, nullable=False),
    sa.Column("resource_id", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("moment", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False, server_default=""),
    sa.Column("covered", JSONB, nullable=False, server_default="[]"),
    sa.PrimaryKeyConstraint("id", name="pk_nd47_personal_data_decision"),
    sa.Index("ix_nd47_personal_data_decision_dataset_id", "dataset_id", "id"),
)
"""One row for each decision.

`version` is the fingerprint of the file that was decided about, `covered` names the findings: kinds
of data and headings of columns, never a value. The ids are no foreign keys: the history outlives
the dataset, the file and the account.
"""

_table = MigratedTable(
    TABLE,
    lambda: tk._("The decisions about personal data have no table yet. Run: {command}"),
    "The decisions about personal data have no table yet",
)
ready, require, reset = _table.ready, _table.require, _table.reset
"""Whether the table exists; without it nothing asks for a decision."""
