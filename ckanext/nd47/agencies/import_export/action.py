"""The action that imports the register."""

from __future__ import annotations

from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import migrated
from ckanext.nd47.agencies.import_export import columns, importer
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.spreadsheets import reading, sheet
from ckanext.nd47.lib.files.spreadsheets.reading import ReadingDict

__all__ = ["nd47_register_import"]

LOCK = "nd47:register-import"
CONFLICTS = frozenset({"23505", "23P01", "40001", "40P01"})
"""PostgreSQL's error codes for conflicts with another transaction: unique and exclusion
constraints, serialisation failures and deadlocks."""


class ImportResult(TypedDict):
    """What an import did or would do; `reading` is None for rows in place of a file."""

    applied: bool
    rows: list[importer.Outcome]
    reading: ReadingDict | None


def nd47_register_import(context: Context, data_dict: DataDict) -> ImportResult:
    """Import a table of agencies or focal points: all rows or, on any error, none.

    :param kind: `agencies` or `focal-points`
    :type kind: string
    :param upload: the table as CSV or XLSX (optional)
    :type upload: file
    :param rows: the rows, in place of a file (optional; at most 20,000, as of a file)
    :type rows: list of dictionaries
    :param dry_run: change nothing, and return what would be done (optional, default: true)
    :type dry_run: boolean

    :returns: `applied`; the `rows` with number, subject, outcome (`create`, `update`, `unchanged`,
        `error`) and errors by column; and the `reading` of a file: its encoding, sheet, row of
        headings and columns, the rows that are left out, and the cells that are read differently
        from what is written
    :rtype: dictionary
    """
    migrated.require()
    tk.check_access("nd47_register_import", context, data_dict)
    kind = str(data_dict.get("kind") or "")
    if kind not in columns.HEADINGS:
        raise tk.ValidationError({"kind": [inputs.none_of(kind, columns.HEADINGS)]})
    records, read = _records(kind, data_dict)
    is_dry = inputs.flag(data_dict, "dry_run", default=True)
    if not is_dry:
        _lock()
    try:
        outcomes = importer.import_records(kind, records, context)
        applied = not is_dry and all(row["outcome"] != "error" for row in outcomes)
        if applied:
            model.Session.commit()
    except DBAPIError as error:
        model.Session.rollback()
        if getattr(error.orig, "pgcode", None) not in CONFLICTS:
            raise
        # The database's error quotes the row, which may be personal.
        raise _conflict() from None
    except BaseException:
        model.Session.rollback()
        raise
    if not applied:
        model.Session.rollback()
    return {
        "applied": applied,
        "rows": outcomes,
        "reading": read.as_dict() if read else None,
    }


def _lock() -> None:
    """Allow one import at a time; the lock ends with the transaction."""
    lock = sa.func.pg_try_advisory_xact_lock(sa.func.hashtext(LOCK))
    if not model.Session.scalar(sa.select(lock)):
        model.Session.rollback()
        raise _conflict()


def _conflict() -> tk.ValidationError:
    message = tk._(
        "Somebody else is changing the register at this moment. Nothing was changed; try again."
    )
    return tk.ValidationError({"upload": [message]})


def _records(kind: str, data_dict: DataDict) -> tuple[list[reading.Record], reading.Reading | None]:
    upload: Any = data_dict.get("upload")
    if hasattr(upload, "read"):
        try:
            read = reading.read(columns.table(kind), upload.read(sheet.LARGEST_FILE + 1))
        except sheet.SheetError as error:
            raise tk.ValidationError({"upload": [str(error)]}) from error
        return read.records, read
    rows = data_dict.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise tk.ValidationError({"rows": [tk._("Give a file, or a list of rows.")]})
    if len(rows) > sheet.USUAL.rows:
        raise tk.ValidationError({"rows": [str(sheet.too_long(sheet.USUAL.rows))]})
    return [reading.Record(number, row) for number, row in enumerate(rows, start=1)], None
