"""What a run of the spreadsheet would do, or has done, by row and cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.model import Item, Run
from ckanext.nd47.desk.spreadsheet import planning
from ckanext.nd47.desk.spreadsheet.fields import columns
from ckanext.nd47.desk.spreadsheet.fields.columns import DATASETS, FILE, FILES
from ckanext.nd47.desk.spreadsheet.saving import CODE
from ckanext.nd47.lib.fields import dataset_fields

RESOURCES = "resources"
SEVERAL = 2


class Cell(TypedDict):
    """A cell: the table (`datasets` or `files`), the row, letters and heading of the column."""

    sheet: str
    row: int
    column: str
    heading: str


class ChangedCell(Cell):
    """A cell that changes a field, with the values before and after."""

    old: str
    new: str


class RefusedCell(Cell):
    """A cell that is refused, and why; letters and heading are empty for a whole row."""

    message: str


class Row(TypedDict):
    """What becomes of a dataset with its files.

    Attributes:
        sheet: the table with its first row.
        row: number of that row.
        subject: title of the dataset.
        dataset: its id; empty for one that is not there yet.
        outcome: `new`, `changed`, `same` or `refused`.
        state: state of the item of the run.
        changes: what changes.
        errors: what is refused.
        unmet: messages of rules that the dataset would no longer meet.
    """

    sheet: str
    row: int
    subject: str
    dataset: str
    outcome: str
    state: str
    changes: list[ChangedCell]
    errors: list[RefusedCell]
    unmet: list[str]


class Result(TypedDict):
    """A page of the rows of a run.

    Attributes:
        id: the run.
        progress: how far it is.
        all_or_nothing: whether nothing is changed where one row is refused.
        name: name of the file.
        counts: number of rows by outcome.
        reading: what was recognised in each table.
        count: number of rows with the outcome that was asked for.
        results: the rows of the page.
    """

    id: str
    progress: changes.Progress
    all_or_nothing: bool
    name: str
    counts: dict[str, int]
    reading: dict[str, Any]
    count: int
    results: list[Row]


def page(run_id: str, outcome: str, limit: int, offset: int) -> Result:
    """Return a page of the rows of a run.

    Args:
        run_id: the run.
        outcome: only rows with this outcome; empty for all.
        limit: rows at most.
        offset: rows before the page.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such run of a spreadsheet.
    """
    query = sa.select(Run.id, Run.all_or_nothing, Run.request)
    run = model.Session.execute(query.where(Run.id == run_id, Run.kind == CODE)).first()
    if run is None:
        raise tk.ObjectNotFound(tk._("There is no such table."))
    counts = _counts(run_id)
    items = sa.select(*Item.__table__.c).where(Item.run_id == run_id)
    if outcome:
        items = items.where(_outcome() == outcome)
    items = items.order_by(Item.position).limit(limit).offset(offset)
    headings = _Headings(run.request.get("headings") or {})
    return {
        "id": run_id,
        "progress": changes.progress(run_id),
        "all_or_nothing": run.all_or_nothing,
        "name": str(run.request.get("name") or ""),
        "counts": counts,
        "reading": run.request.get("reading") or {},
        "count": counts.get(outcome, 0) if outcome else sum(counts.values()),
        "results": [_row(item, headings) for item in model.Session.execute(items)],
    }


def _counts(run_id: str) -> dict[str, int]:
    outcome = _outcome().label("outcome")
    query = sa.select(outcome, sa.func.count()).where(Item.run_id == run_id).group_by(outcome)
    counted = {str(name): int(number) for name, number in model.Session.execute(query)}
    return {name: counted.get(name, 0) for name in planning.OUTCOMES}


def _outcome() -> sa.ColumnElement[str]:
    """Return the outcome of an item: what was found in the file, or at the check of the dataset."""
    return sa.case(
        (Item.state == tables.REFUSED, planning.REFUSED),
        (Item.state == tables.SKIPPED, planning.SAME),
        else_=Item.note["outcome"].astext,
    )


class _Headings:
    """Places of columns in the file, and headings of columns that the file does not have."""

    def __init__(self, known: Mapping[str, Mapping[str, list[str]]]) -> None:
        self._known = known
        self._others = {
            kind: {column.path: column.heading for column in columns.of(kind)}
            for kind in (DATASETS, FILES)
        }

    def cell(self, sheet: str, row: int, path: str) -> Cell:
        letters, heading = self._known.get(sheet, {}).get(path, ["", ""])
        if not heading:
            heading = self._others.get(sheet, {}).get(path, "")
        return Cell(sheet=sheet, row=row, column=letters, heading=heading)


def _row(item: Any, headings: _Headings) -> Row:
    note = item.note
    if item.state == tables.REFUSED:
        outcome = planning.REFUSED
    else:
        outcome = planning.SAME if item.state == tables.SKIPPED else note["outcome"]
    return {
        "sheet": note["sheet"],
        "row": note["row"],
        "subject": note["subject"],
        "dataset": item.dataset_id or "",
        "outcome": outcome,
        "state": item.state,
        "changes": [
            ChangedCell(
                **headings.cell(change["sheet"], change["row"], change["path"]),
                old=change["old"],
                new=change["new"],
            )
            for change in note["changes"]
        ],
        "errors": _errors(item, headings),
        "unmet": [rule["message"] for rule in (item.rules or {}).get("unmet", ())],
    }


def _errors(item: Any, headings: _Headings) -> list[RefusedCell]:
    note = item.note
    if note["errors"]:
        return [
            RefusedCell(
                **headings.cell(error["sheet"], error["row"], error["path"]),
                message=error["message"],
            )
            for error in note["errors"]
        ]
    return [
        RefusedCell(**headings.cell(*_place(path, note)), message=message)
        for path, messages in item.errors.items()
        for message in messages
    ]


def _place(path: str, note: Mapping[str, Any]) -> tuple[str, int, str]:
    """Return table, row and column for the path of a message, such as `resources.0.url`."""
    parts = path.split(".")
    if parts[0] == RESOURCES and len(parts) > 1:
        name = parts[-1] if len(parts) > SEVERAL else ""
        row = note["rows"].get(parts[1])
        return (FILES, row, FILE if name == "url" else name) if row else (DATASETS, 0, "")
    names = [part for part in parts if not part.isdigit()]
    field = _FIELDS.get(names[0], names[0])
    groups = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE).groups
    column = ".".join(names[:SEVERAL]) if field in groups else field
    row = note["row"] if note["sheet"] == DATASETS else 0
    return DATASETS, row, column


_FIELDS: Mapping[str, str] = {
    "tags": "tag_string",
    "private": columns.PUBLICATION,
    "state": columns.PUBLICATION,
}
"""Columns by the field under which CKAN reports an error."""
