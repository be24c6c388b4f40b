"""Table of the spreadsheets and documents that are read into a draft of a catalogue."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.types import make_uuid

from ckanext.nd47.catalogue.records.model import Key, Moment, Structure, Words, now, registry
from ckanext.nd47.lib.database.migrated_table import MigratedTable

PLANNED, APPLIED, UNDONE = "planned", "applied", "undone"
STATES = (PLANNED, APPLIED, UNDONE)

KEPT = dt.timedelta(days=90)
"""Tables that were sent are deleted after this time: they hold whatever their cells say."""

ITEMS, PROPOSALS = "items", "proposals"
TARGETS = (ITEMS, PROPOSALS)


@registry.mapped_as_dataclass(kw_only=True)
class Import:
    """A table that somebody sent: read, looked at, applied, perhaps undone.

    Args:
        catalogue_id: the draft.
        target: `items`, the compiling agency changes the draft; `proposals`, an agency proposes.
        agency_id: the agency that proposes, empty for `items`.
        account: account that sent it.
        file: name of the file.
        encoding: name of the encoding of the file.
        sheets: its sheets with rows, refused cells and merged rows.
        sheet: number of the sheet that is read, from 0; None for the first one that fits.
        mapping: fields of columns that somebody chose, by letters of the column.
        state: one of `STATES`.
        done: what was done when it was applied, for its undoing.
        version: grows with every change.
    """

    __table__: ClassVar[sa.Table]
    __tablename__ = "nd47_catalogue_import"
    __table_args__ = (
        sa.PrimaryKeyConstraint("id", name="pk_nd47_catalogue_import"),
        sa.CheckConstraint(f"state IN {STATES}", name="ck_nd47_catalogue_import_state"),
        sa.CheckConstraint(f"target IN {TARGETS}", name="ck_nd47_catalogue_import_target"),
        sa.ForeignKeyConstraint(
            ["catalogue_id"],
            ["nd47_catalogue.id"],
            name="fk_nd47_catalogue_import_catalogue_id",
            ondelete="CASCADE",
        ),
        sa.Index("ix_nd47_catalogue_import_catalogue_id", "catalogue_id", "created"),
    )

    catalogue_id: Mapped[Key]
    account: Mapped[Key]
    target: Mapped[str] = mapped_column(sa.Text, default=ITEMS, server_default=ITEMS)
    agency_id: Mapped[Words] = mapped_column(default="")
    file: Mapped[Words] = mapped_column(default="")
    encoding: Mapped[Words] = mapped_column(default="")
    sheets: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default_factory=list, server_default="[]"
    )
    sheet: Mapped[int | None] = mapped_column(sa.Integer, default=None)
    mapping: Mapped[Structure] = mapped_column(default_factory=dict)
    state: Mapped[str] = mapped_column(sa.Text, default=PLANNED, server_default=PLANNED)
    done: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default_factory=list, server_default="[]"
    )
    version: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    created: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    modified: Mapped[Moment] = mapped_column(default_factory=now, server_default=sa.func.now())
    id: Mapped[Key] = mapped_column(default_factory=make_uuid)


def delete_old() -> None:
    """Delete the tables that were sent long ago, in the transaction of the caller."""
    model.Session.execute(
        sa.delete(Import)
        .where(Import.created < now() - KEPT)
        .execution_options(synchronize_session=False)
    )


_table = MigratedTable(
    Import.__tablename__,
    lambda: tk._("The reading of catalogues has no table yet. Run: {command}"),
    "The reading of catalogues has no table yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the table exists."""
