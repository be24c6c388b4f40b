"""Tables that were sent, as the API and the screen show them."""

from __future__ import annotations

from typing import TypedDict

from ckan import model

from ckanext.nd47.catalogue.documents import importing
from ckanext.nd47.catalogue.documents.importing import Result, RowDict
from ckanext.nd47.catalogue.documents.model import Import
from ckanext.nd47.catalogue.documents.reading import HeadingDict
from ckanext.nd47.catalogue.records import stored
from ckanext.nd47.lib.files.spreadsheets.reading import LeftOut, Note

MOST_NAMED = 100
"""Rows that are left out, and cells that are read differently, of those that are named."""


class GroupDict(TypedDict):
    """Heading of a group of rows, and the number of its row."""

    row: int
    text: str


class ImportDict(TypedDict):
    """A table that was sent; see `nd47_catalogue_import_show`."""

    id: str
    catalogue_id: str
    catalogue_name: str
    catalogue_title: str
    target: str
    agency_id: str
    file: str
    encoding: str
    state: str
    created: str
    sheets: list[str]
    sheet: int | None
    sheet_title: str
    message: str
    columns: list[HeadingDict]
    groups: list[GroupDict]
    left_out: list[LeftOut]
    read_differently: list[Note]
    other_sheets: list[str]
    counts: dict[str, int]
    count: int
    results: list[RowDict]


def one(table_import: Import, outcome: str, limit: int, offset: int) -> ImportDict:
    """Return a page of what a table would do now."""
    return of_result(table_import, importing.examine(table_import), outcome, limit, offset)


def of_result(
    table_import: Import, result: Result, outcome: str, limit: int, offset: int
) -> ImportDict:
    """Return a page of a result.

    Args:
        table_import: the table.
        result: what it does.
        outcome: only rows with this outcome; empty for all.
        limit: rows at most.
        offset: rows before the page.
    """
    table = result.table
    chosen = [change for change in result.changes if not outcome or change.outcome == outcome]
    catalogue = stored.catalogue(table_import.catalogue_id)
    reading = table.reading
    return {
        "id": table_import.id,
        "catalogue_id": catalogue.id,
        "catalogue_name": catalogue.name,
        "catalogue_title": catalogue.title,
        "target": table_import.target,
        "agency_id": table_import.agency_id,
        "file": table_import.file,
        "encoding": table_import.encoding,
        "state": table_import.state,
        "created": table_import.created.isoformat(),
        "sheets": [sheet["name"] for sheet in table_import.sheets],
        "sheet": table_import.sheet,
        "sheet_title": reading.sheet if reading else "",
        "message": table.message,
        "columns": table.headings,
        "groups": [{"row": row, "text": text} for row, text in table.groups.items()],
        "left_out": table.left_out[:MOST_NAMED],
        "read_differently": reading.notes[:MOST_NAMED] if reading else [],
        "other_sheets": reading.other_sheets if reading else [],
        "counts": result.counts,
        "count": len(chosen),
        "results": importing.as_dicts(chosen[offset : offset + limit]),
    }


def of_catalogue(catalogue_id: str, account: str, limit: int) -> list[Import]:
    """Return the tables that an account sent for a draft, the newest first."""
    query = (
        model.Session.query(Import)
        .filter(Import.catalogue_id == catalogue_id, Import.account == account)
        .order_by(Import.created.desc())
        .limit(limit)
    )
    return list(query)
