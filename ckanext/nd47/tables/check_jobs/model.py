"""The last check of each file."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan.model.meta import registry

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_file_check"
WAITING, DONE, FAILED = "waiting", "done", "failed"


@registry.mapped_as_dataclass(kw_only=True)
class FileCheck:
    """The check of a file.

    Args:
        resource_id: its resource.
        version: fingerprint of the file that was or will be checked; the latest one wins.
        state: `waiting`, `done` or `failed`.
        requested: when the check was asked for.
        checked: when it ended; of the version before while this one waits.
        understood: see `check.report.ReportDict`, without its findings.
        findings: list of `check.report.FindingDict`.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = TABLE
    __table_args__ = (
        sa.PrimaryKeyConstraint("resource_id", name="pk_nd47_file_check"),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name="fk_nd47_file_check_resource_id",
            ondelete="CASCADE",
        ),
        sa.Index("ix_nd47_file_check_state", "state", "requested"),
    )

    resource_id: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.Text, default=WAITING, server_default=WAITING)
    requested: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), init=False, server_default=sa.func.now()
    )
    checked: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True), default=None)
    understood: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default_factory=dict, server_default="{}"
    )
    findings: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default_factory=list, server_default="[]"
    )


_table = MigratedTable(
    TABLE,
    lambda: tk._("The checks of files have no table yet. Run: {command}"),
    "The checks of files have no table yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the table exists; without it no file is checked."""
