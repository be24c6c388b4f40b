"""The spreadsheet of a rehearsal, which agencies correct and return."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError
from ckanext.nd47.lib.web import http
from ckanext.nd47.migrate import targets
from ckanext.nd47.migrate.plan import Corrections
from ckanext.nd47.migrate.reports import RehearsedDataset
from ckanext.nd47.rules import edition, report

__all__ = ["CorrectionError", "SheetError", "header", "read", "rows", "write_csv", "write_xlsx"]

write_csv, write_xlsx = spreadsheet.write_csv, spreadsheet.write_xlsx

ID, TITLE, AGENCY, FIELD, LABEL, NOW, NEW, NOTE = range(8)
"""The columns."""

REQUESTED_SUBFIELDS = {
    "contact": ("name", "position", "function", "telephone", "email"),
    "catalogue_entry": ("decision_number", "decision_date"),
    "source_database": ("name", "purpose", "scope", "collection", "updating"),
    "temporal_coverage": ("start", "end"),
    "spatial_coverage": ("uri",),
}
"""Subfields to fill in where a rule requires the group; the main subfield of other groups."""


class CorrectionError(ValueError):
    """A spreadsheet that cannot be used; the message says where and why."""


def header() -> list[str]:
    """Return the headings."""
    return [
        tk._("Dataset ID"),
        tk._("Dataset"),
        tk._("Agency"),
        tk._("Field"),
        tk._("Name of the field"),
        tk._("Value now"),
        tk._("New value"),
        tk._("Note"),
    ]


def rows(rehearsed: Iterable[RehearsedDataset], titles: dict[str, str]) -> Iterator[list[str]]:
    """Yield a row for each value that changes, could not be read, or is missing."""
    remedies = _remedies()
    for dataset in rehearsed:
        dataset_cells = [dataset["id"], dataset["title"], titles.get(dataset["organization"], "")]
        listed_fields: set[str] = set()
        for change in dataset["changes"]:
            if change["field"] not in targets.known_targets():
                # A row is a field of a dataset; a dataset may have many resources.
                continue
            listed_fields.add(change["field"])
            yield [
                *dataset_cells,
                *_field_cells(change["field"]),
                change["before"],
                change["after"],
                "",
            ]
        for unread in dataset["unread"]:
            path = next(iter(_editable_fields(unread["field"])), "")
            if path and path not in listed_fields:
                listed_fields.add(path)
                note = f"“{unread['text']}”: {unread['reason']}"
                yield [*dataset_cells, *_field_cells(path), "", "", note]
        for rule in dataset["unmet_after"]:
            fields, remedy = remedies.get(rule, ((), ""))
            for path in fields:
                if path not in listed_fields:
                    listed_fields.add(path)
                    yield [*dataset_cells, *_field_cells(path), "", "", remedy]


def _field_cells(path: str) -> list[str]:
    target = targets.known_targets()[path]
    return [path, target.label.get(http.language().partition("_")[0], target.label["vi"])]


def _editable_fields(path: str) -> list[str]:
    """Return the fields that can be filled in with a text for the field of a rule."""
    target = targets.known_targets().get(path)
    if target is None:
        return []
    if target.kind != "group":
        return [path]
    parts = REQUESTED_SUBFIELDS.get(path) or (targets.MAIN_SUBFIELDS.get(path, ""),)
    return [f"{path}.{part}" for part in parts if part]


def _remedies() -> dict[str, tuple[list[str], str]]:
    lang = http.language()
    return {
        rule["rule"]: (
            [field_path for path in rule["fields"] for field_path in _editable_fields(path)],
            rule["remedy"],
        )
        for rule in report.rules_as_dict(edition.in_force(), lang)["rules"]
    }


def read(data: bytes) -> dict[str, dict[str, tuple[str, str]]]:
    """Return the corrections in a spreadsheet that an agency returned.

    Raises:
        CorrectionError: it is no such file, or has a field that does not exist.
    """
    try:
        book = spreadsheet.read(data)
    except SheetError as error:
        raise CorrectionError(str(error)) from error
    sheet = next(iter(book.sheets), None)
    if sheet is None or not sheet.rows:
        raise CorrectionError(tk._("The file has no rows."))
    if sheet.refused:
        raise CorrectionError(next(iter(sheet.refused.values())))
    corrections: dict[str, dict[str, tuple[str, str]]] = {}
    for number, cells in sheet.rows[1:]:
        row = [*cells, *[""] * (NOTE + 1 - len(cells))]
        target = targets.known_targets().get(row[FIELD])
        if not row[ID] or target is None or target.kind == "group":
            raise CorrectionError(
                tk._("Row {row}: there is no field “{field}”.").format(
                    row=number, field=row[FIELD][:80]
                )
            )
        if row[NOW] != row[NEW]:
            corrections.setdefault(row[ID], {})[row[FIELD]] = (row[NOW], row[NEW])
    return corrections


def check(corrections: Corrections, known_ids: Iterable[str]) -> None:
    """Refuse corrections of datasets that do not exist.

    Raises:
        CorrectionError: one does not.
    """
    if unknown_ids := set(corrections) - set(known_ids):
        raise CorrectionError(
            tk._("There is no dataset {dataset}.").format(dataset=min(unknown_ids)[:80])
        )
