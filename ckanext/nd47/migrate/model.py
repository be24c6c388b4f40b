"""Tables of the runs and of the values that they changed."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry

from ckanext.nd47.lib.database.migrated_table import MigratedTable

RUNNING, DONE, UNDONE = "running", "done", "undone"
RETURNED, KEPT = "returned", "kept"
"""Outcome of an undo: the old value was restored, or a newer edit was kept."""


def now() -> dt.datetime:
    """Return the current time."""
    return dt.datetime.now(dt.timezone.utc)


@registry.mapped_as_dataclass(kw_only=True)
class Run:
    """One run over the datasets.

    Args:
        id: its id.
        state: `running` until the last dataset is processed, also while no process is working.
        plan: the map, and the corrections of the agencies.
        user_id: the user who started it.
        last_id: the last dataset that is processed and indexed; datasets are processed in the order
            of their ids.
        total: number of datasets when it started.
        done: number of processed datasets.
        started: time of the start.
        finished: time of the end.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_migration_run"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_migration_run"),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'undone')", name="ck_nd47_migration_run_state"
        ),
        sa.Index(
            "uq_nd47_migration_run_running",
            "state",
            unique=True,
            postgresql_where=sa.text("state = 'running'"),
        ),
    )

    id: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, default=RUNNING)
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB, default_factory=dict)
    user_id: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    last_id: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    total: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    done: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    started: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), default_factory=now, server_default=sa.func.now()
    )
    finished: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True), default=None)


@registry.mapped_as_dataclass(kw_only=True)
class Change:
    """One value that a run changed.

    Args:
        run_id: the run.
        package_id: the dataset.
        field: name of the extra or column, as the dataset stores it.
        before: list with the old value, empty for none; an extra of a resource may be null.
        after: list with the new value, empty if it was removed.
        outcome: outcome of an undo, empty before an undo.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_migration_change"
    __table_args__ = (
        sa.PrimaryKeyConstraint("run_id", "package_id", "field", name="pk_nd47_migration_change"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["nd47_migration_run.id"],
            name="fk_nd47_migration_change_run_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["package.id"],
            name="fk_nd47_migration_change_package_id",
            ondelete="CASCADE",
        ),
        sa.Index("ix_nd47_migration_change_package_id", "package_id"),
    )

    run_id: Mapped[str] = mapped_column(sa.Text)
    package_id: Mapped[str] = mapped_column(sa.Text)
    field: Mapped[str] = mapped_column(sa.Text)
    before: Mapped[list[str | None]] = mapped_column(JSONB)
    after: Mapped[list[str | None]] = mapped_column(JSONB)
    outcome: Mapped[str] = mapped_column(sa.Text, default="", server_default="")


_table = MigratedTable(
    Change.__tablename__,
    lambda: tk._("Bringing datasets in has no tables yet. Run: {command}"),
    "Bringing datasets in has no tables yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables exist."""
