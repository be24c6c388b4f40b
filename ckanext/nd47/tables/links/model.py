"""Addresses, what they answered last, and which datasets use them."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_link_check"

NEW, GOOD, FAILING, DEAD, UNKNOWN = "new", "good", "failing", "dead", "unknown"
"""States of an address: `failing` after a first failure, `dead` after a second on another day;
`unknown` where its server refuses to be asked by programs."""

Moment = sa.DateTime(timezone=True)


@registry.mapped_as_dataclass(kw_only=True)
class LinkCheck:
    """An address and what it answered.

    Args:
        key: hash of the address.
        address: the address; of an uploaded file `upload:` and the id of its resource.
        host: its host, in small letters.
        status: one of `new`, `good`, `failing`, `dead`, `unknown`.
        answer: status of HTTP, or what went wrong in a word.
        failures: failed checks in a row.
        first_failed: moment of the first of them.
        last_checked: moment of the last check.
        last_good: when it answered last.
        due: moment of the next check.
        history: the last changes of the status, the latest first: `moment`, `status`, `answer`.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("key", name="pk_nd47_link_check"),
        sa.Index("ix_nd47_link_check_due", "due"),
    )

    key: Mapped[str] = mapped_column(sa.Text)
    address: Mapped[str] = mapped_column(sa.Text)
    host: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.Text, default=NEW, server_default=NEW)
    answer: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    failures: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    first_failed: Mapped[dt.datetime | None] = mapped_column(Moment, default=None)
    last_checked: Mapped[dt.datetime | None] = mapped_column(Moment, default=None)
    last_good: Mapped[dt.datetime | None] = mapped_column(Moment, default=None)
    due: Mapped[dt.datetime] = mapped_column(Moment, init=False, server_default=sa.func.now())
    history: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default_factory=list, server_default="[]"
    )


@registry.mapped_as_dataclass(kw_only=True)
class LinkUse:
    """A place where a dataset has an address.

    Args:
        key: hash of the address.
        dataset_id: the dataset.
        resource_id: its file; empty for a field of the dataset.
        field: name of the field.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_link_use"
    __table_args__ = (
        sa.PrimaryKeyConstraint(
            "dataset_id", "resource_id", "field", "key", name="pk_nd47_link_use"
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["nd47_link_check.key"], name="fk_nd47_link_use_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["package.id"], name="fk_nd47_link_use_dataset_id", ondelete="CASCADE"
        ),
        sa.Index("ix_nd47_link_use_key", "key"),
    )

    dataset_id: Mapped[str] = mapped_column(sa.Text)
    key: Mapped[str] = mapped_column(sa.Text)
    field: Mapped[str] = mapped_column(sa.Text)
    resource_id: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


_table = MigratedTable(
    TABLE,
    lambda: tk._("The check of links has no tables yet. Run: {command}"),
    "The check of links has no tables yet",
)
ready, require, reset = _table.ready, _table.require, _table.reset
"""Whether the tables exist; without them no link is checked."""
