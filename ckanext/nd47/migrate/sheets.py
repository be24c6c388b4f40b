"""The rehearsal as a spreadsheet that agencies correct and hand back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies.import_export import spreadsheet
from ckanext.nd47.agencies.import_export.sheet import SheetError
from ckanext.nd47.lib import http
from ckanext.nd47.migrate.plan import Corrections
from ckanext.nd47.migrate.rehearse import Rehearsed
from ckanext.nd47.migrate.targets import FIRST, known
from ckanext.nd47.rules import edition, report

__all__ = ["CorrectionError", "SheetError", "header", "read", "rows", "write_csv", "write_xlsx"]

write_csv, write_xlsx = spreadsheet.write_csv, spreadsheet.write_xlsx

ID, TITLE, AGENCY, FIELD, LABEL, NOW, NEW, NOTE = range(8)
"""The columns."""

ASKED_FOR = {
    "contact": ("name", "position", "function", "telephone", "email"),
    "catalogue_entry": ("decision_number", "decision_date"),
    "source_database": ("name", "purpose", "scope", "collection", "updating"),
    "temporal_coverage": ("start", "end"),
    "spatial_coverage": ("uri",),
}
"""Subfields that are asked for where a rule asks for the group; of other groups the first."""


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


def rows(rehearsed: Iterable[Rehearsed], titles: dict[str, str]) -> Iterator[list[str]]:
    """Yield a row for each value that changes, that was not read, or that is missing."""
    remedies = _remedies()
    for one in rehearsed:
        start = [one["id"], one["title"], titles.get(one["organization"], "")]
        listed: set[str] = set()
        for change in one["changes"]:
            listed.add(change["field"])
            yield [*start, *_field(change["field"]), change["before"], change["after"], ""]
        for unread in one["unread"]:
            path = _fillable(unread["field"])[0]
            if path not in listed:
                listed.add(path)
                note = f"“{unread['text']}”: {unread['reason']}"
                yield [*start, *_field(path), "", "", note]
        for rule in one["unmet_after"]:
            fields, remedy = remedies.get(rule, ((), ""))
            for path in fields:
                if path not in listed:
                    listed.add(path)
                    yield [*start, *_field(path), "", "", remedy]


def _field(path: str) -> list[str]:
    target = known()[path]
    return [path, target.label.get(http.language().partition("_")[0], target.label["vi"])]


def _fillable(path: str) -> list[str]:
    """Return the fields in which a text can be written for a field of a rule."""
    target = known().get(path)
    if target is None:
        return []
    if target.kind != "group":
        return [path]
    parts = ASKED_FOR.get(path) or (FIRST.get(path, ""),)
    return [f"{path}.{part}" for part in parts if part]


def _remedies() -> dict[str, tuple[list[str], str]]:
    lang = http.language()
    return {
        rule["rule"]: (
            [one for path in rule["fields"] for one in _fillable(path)],
            rule["remedy"],
        )
        for rule in report.rules_as_dict(edition.in_force(), lang)["rules"]
    }


def read(data: bytes) -> dict[str, dict[str, tuple[str, str]]]:
    """Return the corrections in a spreadsheet that agencies handed back.

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
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for number, cells in sheet.rows[1:]:
        row = [*cells, *[""] * (NOTE + 1 - len(cells))]
        target = known().get(row[FIELD])
        if not row[ID] or target is None or target.kind == "group":
            raise CorrectionError(
                tk._("Row {row}: there is no field “{field}”.").format(
                    row=number, field=row[FIELD][:80]
                )
            )
        if row[NOW] != row[NEW]:
            found.setdefault(row[ID], {})[row[FIELD]] = (row[NOW], row[NEW])
    return found


def check(corrections: Corrections, known_ids: Iterable[str]) -> None:
    """Refuse corrections of datasets that do not exist.

    Raises:
        CorrectionError: one does not.
    """
    if unknown := set(corrections) - set(known_ids):
        raise CorrectionError(
            tk._("There is no dataset {dataset}.").format(dataset=min(unknown)[:80])
        )
