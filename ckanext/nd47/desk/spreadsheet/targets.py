"""Finds the datasets that rows are about, and refuses what the account may not do with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.lookup import names
from ckanext.nd47.agencies.lookup.names import AgencyIndex, AmbiguousError
from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.spreadsheet import matching
from ckanext.nd47.desk.spreadsheet.fields import columns
from ckanext.nd47.desk.spreadsheet.fields.columns import AGENCY, DATASET, DATASETS, FILES
from ckanext.nd47.lib.files.spreadsheets.reading import Record
from ckanext.nd47.lib.language import text

OWNER, TITLE, NAME = "owner_org", "title", "name"


class CellError(TypedDict):
    """Why a cell is refused: the table, number of the row, path of the column, and the reason."""

    sheet: str
    row: int
    path: str
    message: str


@dataclass
class Target:
    """A dataset with the rows about it.

    Attributes:
        row: its own row, None where only rows of files name it.
        dataset_id: its id, None for a new one.
        agency: id of its agency.
        name: its name, for a new one.
        files: rows of its files.
        errors: what is refused.
    """

    row: Record | None
    dataset_id: str | None = None
    agency: str = ""
    name: str = ""
    files: list[Record] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)

    def refuse(self, path: str, message: str) -> None:
        """Refuse a cell of its own row."""
        row = self.row.row if self.row else 0
        self.errors.append(CellError(sheet=DATASETS, row=row, path=path, message=message))


@dataclass
class Finder:
    """Finds the datasets of the rows.

    Attributes:
        scope: what the account may edit.
        agencies: the agencies of the portal.
        index: the datasets that rows may be about.
        unmatched: rows of files without a dataset, with the reason.
        identifier: path of the column with the identifier.
    """

    scope: Scope
    agencies: AgencyIndex = field(default_factory=names.load_agencies)
    index: matching.Index = field(default_factory=matching.Index)
    unmatched: list[CellError] = field(default_factory=list)
    identifier: str = field(default_factory=columns.identifier)

    def targets(self, rows: Sequence[Record], file_rows: Sequence[Record]) -> list[Target]:
        """Return the datasets of rows and of rows of files, in their order."""
        targets = [self._agency_of(row) for row in rows]
        references = {
            row.cells[path]
            for row, paths in (
                *((row, (self.identifier, NAME)) for row in rows),
                *((row, (DATASET,)) for row in file_rows),
            )
            for path in paths
            if row.cells.get(path)
        }
        searched = {target.agency for target in targets if target.agency}
        self.index = matching.load(
            references, searched | self._editable() if file_rows else searched
        )
        first: dict[Any, int] = {}
        for target in targets:
            self._match(target, first)
        self._name_new(targets)
        return [*targets, *self._with_files(targets, file_rows)]

    def _editable(self) -> set[str]:
        """Return the agencies among whose datasets a row of files may name one by title."""
        return self.agencies.ids if self.scope.everything else set(self.scope.edits)

    def _agency_of(self, row: Record) -> Target:
        target = Target(row)
        for path, message in row.refused.items():
            target.refuse(path, message)
        written = row.cells.get(OWNER, "")
        try:
            agency_id = self.agencies.find(written) if written else self._only_agency()
        except AmbiguousError as error:
            target.refuse(OWNER, str(error))
            return target
        if agency_id is None:
            target.refuse(OWNER, tk._("There is no agency with this code or name."))
        target.agency = agency_id or ""
        return target

    def _only_agency(self) -> str:
        """Return the only agency that the account edits, for rows that name none."""
        has_one_agency = not self.scope.everything and len(self.scope.edits) == 1
        return next(iter(self.scope.edits)) if has_one_agency else ""

    def _match(self, target: Target, first: dict[Any, int]) -> None:
        """Find the dataset of a row, and refuse what the account may not do with it."""
        row = target.row
        if row is None:
            return
        identifier, name, title = (row.cells.get(key, "") for key in (self.identifier, NAME, TITLE))
        try:
            target.dataset_id = self.index.of_row(identifier, name, title, target.agency)
        except matching.AmbiguousTitleError as error:
            target.refuse(TITLE, str(error))
            return
        key = target.dataset_id or (name or (target.agency, text.fold(title)))
        same = first.setdefault(key, row.row)
        if same != row.row:
            target.refuse(
                next((path for path in (self.identifier, NAME) if row.cells.get(path)), TITLE),
                tk._("Row {row} is about the same dataset.").format(row=same),
            )
        if target.dataset_id:
            agency = self.index.known[target.dataset_id].agency
            if not self.scope.may_edit(agency):
                path = next((p for p in (self.identifier, NAME, TITLE) if row.cells.get(p)), TITLE)
                target.refuse(path, tk._("Your account does not edit this dataset."))
        elif not title and TITLE not in row.refused:
            target.refuse(TITLE, tk._("A new dataset needs a title."))
        self._check_agency(target, row)

    def _check_agency(self, target: Target, row: Record) -> None:
        if any(error["path"] == OWNER for error in target.errors):
            return
        if target.agency and (row.cells.get(OWNER) or not target.dataset_id):
            if not self.scope.may_edit(target.agency):
                agency = directory.get(target.agency)
                target.refuse(
                    OWNER,
                    tk._("Your account does not edit datasets of “{agency}”.").format(
                        agency=directory.display_title(agency) if agency else target.agency
                    ),
                )
        elif not target.agency and not target.dataset_id:
            target.refuse(OWNER, tk._("A new dataset needs the providing agency."))

    @staticmethod
    def _name_new(targets: Sequence[Target]) -> None:
        unnamed = [
            target
            for target in targets
            if target.row and not target.dataset_id and not target.row.cells.get(NAME)
        ]
        titles = [target.row.cells.get(TITLE, "") for target in unnamed if target.row]
        for target, name in zip(unnamed, matching.free_names(titles), strict=True):
            target.name = name

    def _with_files(self, targets: Sequence[Target], rows: Sequence[Record]) -> list[Target]:
        """Give each row of a file to its dataset; return those that have no row of their own."""
        by_reference: dict[str, list[Target]] = defaultdict(list)
        by_id = {target.dataset_id: target for target in targets if target.dataset_id}
        for target in targets:
            for key in _references(target, self.index):
                by_reference[key].append(target)
        others: dict[str, Target] = {}
        for row in rows:
            try:
                target = self._of_file(row, by_reference)
            except ValueError as error:
                self.unmatched.append(
                    CellError(sheet=FILES, row=row.row, path=DATASET, message=str(error))
                )
                continue
            if isinstance(target, str):
                target = by_id.get(target) or others.setdefault(
                    target, Target(None, target, self.index.known[target].agency)
                )
            target.files.append(row)
        return list(others.values())

    def _of_file(self, row: Record, by_reference: Mapping[str, list[Target]]) -> Target | str:
        """Return the dataset of a row of a file: one of the table, or the id of another.

        Raises:
            ValueError: there is none, or several; with the message.
        """
        written, agency = row.cells.get(DATASET, ""), row.cells.get(AGENCY, "")
        if not written:
            raise ValueError(tk._("Say which dataset the file belongs to."))
        agency_id = self.agencies.find(agency) if agency else None
        own = [
            target
            for target in by_reference.get(text.fold(written), [])
            if not agency
            or target.agency == agency_id
            or _agency_id(target, self.index) == agency_id
        ]
        if len(own) > 1:
            raise matching.AmbiguousTitleError(written)
        if own:
            return own[0]
        agencies: Collection[str] = [agency_id] if agency_id else self._editable()
        dataset_id = self.index.of_reference(written, agencies)
        if dataset_id is None:
            raise ValueError(
                tk._("There is no dataset with the identifier, address or title “{value}”.").format(
                    value=written[:80]
                )
            )
        if not self.scope.may_edit(self.index.known[dataset_id].agency):
            raise ValueError(tk._("Your account does not edit this dataset."))
        return dataset_id


def _references(target: Target, index: matching.Index) -> set[str]:
    """Return what rows of files may call a dataset of the table, folded."""
    cells = target.row.cells if target.row else {}
    written = {cells.get(path, "") for path in (columns.identifier(), NAME, TITLE)}
    if target.dataset_id and (known := index.known.get(target.dataset_id)):
        written |= {known.identifier, known.name, known.title}
    return {text.fold(reference) for reference in written if reference}


def _agency_id(target: Target, index: matching.Index) -> str:
    known = index.known.get(target.dataset_id or "")
    return known.agency if known else target.agency
