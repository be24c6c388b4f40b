"""Turns the rows of a spreadsheet into the items of a run, one for each dataset.

Each item remembers its row, what changes and what is refused, by cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.bulk.changes import PlannedItem
from ckanext.nd47.desk.bulk.model import CREATE, PATCH
from ckanext.nd47.desk.spreadsheet import resources
from ckanext.nd47.desk.spreadsheet.comparison import Change, Comparer
from ckanext.nd47.desk.spreadsheet.fields.columns import DATASETS, FILES
from ckanext.nd47.desk.spreadsheet.files.archive import Archive
from ckanext.nd47.desk.spreadsheet.files.upload import Tables
from ckanext.nd47.desk.spreadsheet.resources import UploadNote
from ckanext.nd47.desk.spreadsheet.targets import NAME, TITLE, CellError, Finder, Target
from ckanext.nd47.rules import records

BATCH = 200
"""Datasets that are read with one statement."""

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
OUTCOMES = (REFUSED, NEW, CHANGED, SAME)


class Note(TypedDict):
    """What an item of a run remembers.

    Attributes:
        sheet: the table with its first row.
        row: number of that row.
        subject: title of the dataset.
        outcome: one of `OUTCOMES`.
        created: whether the dataset is new.
        changes: what changes.
        errors: what is refused.
        uploads: files from the ZIP, by the position of their resource.
        rows: numbers of the rows of files, by the position of their resource.
    """

    sheet: str
    row: int
    subject: str
    outcome: str
    created: bool
    changes: list[Change]
    errors: list[CellError]
    uploads: dict[str, UploadNote]
    rows: dict[str, int]


@dataclass
class Planner:
    """Plans what the rows of a spreadsheet do.

    Attributes:
        tables: the spreadsheet.
        archive: the ZIP that was sent along.
        finder: finds the datasets of rows.
        uploads: files from the ZIP that are to be saved, known once all items are read.
    """

    tables: Tables
    archive: Archive | None
    finder: Finder
    uploads: list[UploadNote] = field(default_factory=list)

    def items(self) -> Iterator[PlannedItem]:
        """Yield an item for each dataset, in the order of the rows."""
        datasets, files = self.tables.datasets, self.tables.files
        targets = self.finder.targets(
            datasets.records if datasets else [], files.records if files else []
        )
        for start in range(0, len(targets), BATCH):
            batch = targets[start : start + BATCH]
            stored = stored_datasets([target.dataset_id for target in batch if target.dataset_id])
            for target in batch:
                yield self._item(target, stored.get(target.dataset_id or ""))
        for error in self.finder.unmatched:
            yield _refused(error)

    def _item(self, target: Target, stored: Mapping[str, Any] | None) -> PlannedItem:
        if target.dataset_id and stored is None:
            target.refuse(TITLE, tk._("There is no such dataset any more."))
        values: dict[str, Any] = {}
        changes: list[Change] = []
        if target.row:
            compared = self._comparer(DATASETS).compare(target.row.row, self._cells(target), stored)
            values, changes = compared.values, compared.changes
            known = {error["path"] for error in target.errors}
            for path, message in compared.errors.items():
                if path not in known:
                    target.refuse(path, message)
        files = resources.merged(
            target.files,
            (stored or {}).get("resources") or [],
            self.archive,
            self._comparer(FILES),
            is_new=not target.dataset_id,
        )
        target.errors += [CellError(sheet=FILES, **error) for error in files.errors]
        if files.resources:
            values["resources"] = files.resources
        if not target.dataset_id:
            values = {"name": target.name, "owner_org": target.agency, "state": "draft", **values}
        return self._planned(target, values, [*changes, *files.changes], files, stored)

    def _comparer(self, kind: str) -> Comparer:
        return Comparer(kind, self.tables.columns[kind], self.finder.agencies)

    @staticmethod
    def _cells(target: Target) -> dict[str, str]:
        """Return the cells that are compared; what is refused already is not."""
        cells = target.row.cells if target.row else {}
        refused = {error["path"] for error in target.errors}
        return {path: cell for path, cell in cells.items() if path not in refused}

    def _planned(
        self,
        target: Target,
        values: dict[str, Any],
        changes: list[Change],
        files: resources.Files,
        stored: Mapping[str, Any] | None,
    ) -> PlannedItem:
        outcome = (
            REFUSED
            if target.errors
            else NEW
            if not target.dataset_id
            else CHANGED
            if changes
            else SAME
        )
        first = target.row or next(iter(target.files))
        title = (target.row.cells.get(TITLE) if target.row else "") or (stored or {}).get(TITLE)
        note = Note(
            sheet=DATASETS if target.row else FILES,
            row=first.row,
            subject=str(title or (stored or {}).get(NAME) or "")[:200],
            outcome=outcome,
            created=not target.dataset_id,
            changes=changes,
            errors=target.errors,
            uploads=files.uploads,
            rows=files.rows,
        )
        if not target.errors:
            self.uploads += files.uploads.values()
        errors: dict[str, list[str]] = defaultdict(list)
        for error in target.errors:
            errors[error["path"]].append(error["message"])
        return {
            "dataset": target.dataset_id if stored is not None else None,
            "operation": PATCH if target.dataset_id else CREATE,
            "values": values,
            "note": dict(note),
            "errors": dict(errors),
        }


def _refused(error: CellError) -> PlannedItem:
    """Return the item of a row of a file that belongs to no dataset."""
    note = Note(
        sheet=error["sheet"],
        row=error["row"],
        subject="",
        outcome=REFUSED,
        created=False,
        changes=[],
        errors=[error],
        uploads={},
        rows={},
    )
    return {
        "dataset": None,
        "operation": PATCH,
        "values": {},
        "note": dict(note),
        "errors": {error["path"]: [error["message"]]},
    }


def stored_datasets(dataset_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return datasets by id, with their keywords."""
    if not dataset_ids:
        return {}
    stored = {record["id"]: record for record in records.by_ids(dataset_ids)}
    for record in stored.values():
        record["tags"] = []
    for dataset_id, name in tags(list(stored)):
        stored[dataset_id]["tags"].append({"name": name})
    return stored


def tags(dataset_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the id of a dataset and a keyword for each keyword, in one statement."""
    ids = sa.select(sa.func.unnest(sa.literal(list(dataset_ids), ARRAY(sa.Text))))
    query = (
        sa.select(model.PackageTag.package_id, model.Tag.name)
        .join(model.Tag, model.Tag.id == model.PackageTag.tag_id)
        .where(
            model.PackageTag.package_id.in_(ids),
            model.PackageTag.state == model.State.ACTIVE,
            model.Tag.vocabulary_id.is_(None),
        )
        .order_by(model.PackageTag.package_id, model.Tag.name)
    )
    for row in model.Session.execute(query):
        yield row.package_id, row.name
