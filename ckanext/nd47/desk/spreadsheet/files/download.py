"""Writes datasets, or an empty table, as XLSX or CSV."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.lookup import names
from ckanext.nd47.agencies.lookup.names import AgencyIndex
from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.spreadsheet import comparison, planning
from ckanext.nd47.desk.spreadsheet.fields import cells, columns
from ckanext.nd47.desk.spreadsheet.fields.column import Column, in_language
from ckanext.nd47.desk.spreadsheet.fields.columns import (
    AGENCY,
    DATASET,
    DATASETS,
    FILE,
    FILE_ID,
    FILES,
)
from ckanext.nd47.desk.spreadsheet.files import workbook
from ckanext.nd47.desk.spreadsheet.files.workbook import Rows
from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary

XLSX, CSV, ZIP = "xlsx", "csv", "zip"
FORMATS: Mapping[str, str] = {
    XLSX: spreadsheet.XLSX_TYPE,
    CSV: "text/csv; charset=utf-8",
    ZIP: "application/zip",
}
"""Media type by extension: a workbook, the datasets alone, or both tables as CSV in a ZIP."""

MOST = 20_000
"""Datasets in a file at most."""

CSV_NAMES: Mapping[str, str] = {DATASETS: "bo-du-lieu.csv", FILES: "tep-du-lieu.csv"}
EXAMPLE = "Ví dụ: "
"""Start of the title of an example, which an import leaves out."""


@dataclass(frozen=True)
class AgencyNames:
    """What cells call agencies: their titles, or codes where several have one title."""

    index: AgencyIndex

    def of(self, agency_id: Any) -> str:
        """Return the name of an agency by its id; the id itself if there is none."""
        agency = directory.get(str(agency_id or ""))
        if agency is None:
            return str(agency_id or "")
        same = self.index.titles.get(text.fold(agency.title), set())
        return agency.title if len(same) == 1 else agency.code or agency.name


def datasets(dataset_ids: Sequence[str], extension: str, scope: Scope) -> bytes:
    """Return a file with datasets, which can be changed and imported again.

    Args:
        dataset_ids: the datasets.
        extension: one of `FORMATS`.
        scope: what the account may edit.

    Raises:
        SheetError: XLSX is asked for and openpyxl is not installed.
    """
    directory.active()
    agencies = AgencyNames(names.load_agencies())
    of_datasets, of_files = columns.of_datasets(), columns.of_files()
    file_rows: list[list[str]] = []

    def rows() -> Iterator[list[str]]:
        for start in range(0, len(dataset_ids), planning.BATCH):
            ids = dataset_ids[start : start + planning.BATCH]
            stored = planning.stored_datasets(ids)
            for dataset_id in ids:
                if dataset := stored.get(dataset_id):
                    yield _dataset_row(of_datasets, dataset, agencies)
                    file_rows.extend(_file_rows(of_files, dataset, agencies))

    with vocabulary.preloaded():
        tables: dict[str, tuple[list[Column], Rows]] = {
            DATASETS: (of_datasets, rows()),
            # Filled while the datasets are written.
            FILES: (of_files, file_rows),
        }
        return _file(tables, extension, _offered(agencies, scope))


def template(extension: str, scope: Scope) -> bytes:
    """Return an empty file with an example, which an import leaves out.

    Raises:
        SheetError: XLSX is asked for and openpyxl is not installed.
    """
    directory.active()
    agencies = AgencyNames(names.load_agencies())
    offered = _offered(agencies, scope)
    title = f"{EXAMPLE}Danh sách trường tiểu học trên địa bàn tỉnh năm học 2025-2026"
    dataset_cells = {
        "title": title,
        "owner_org": next(iter(offered), ""),
        columns.PUBLICATION: in_language(
            columns.content()["columns"][DATASETS][columns.PUBLICATION]["values"]["draft"]
        ),
        "tag_string": "trường học, giáo dục, tiểu học",
    }
    file_cells = {DATASET: title, FILE: "truong-tieu-hoc.csv", "period": "năm học 2025-2026"}
    tables: dict[str, tuple[list[Column], Rows]] = {}
    for kind, example in ((DATASETS, dataset_cells), (FILES, file_cells)):
        known = columns.of(kind)
        tables[kind] = (known, [[example.get(column.path, "") for column in known]])
    return _file(tables, extension, offered)


def _offered(agencies: AgencyNames, scope: Scope) -> list[str]:
    """Return the names of the agencies that a column offers."""
    active = directory.active()
    editable = [agency.id for agency in active if scope.may_edit(agency.id)]
    return sorted(map(agencies.of, editable), key=text.sort_key)


def _file(
    tables: Mapping[str, tuple[list[Column], Rows]], extension: str, agencies: Sequence[str]
) -> bytes:
    if extension == XLSX:
        return workbook.write(tables, agencies)
    files = {kind: _csv(*table) for kind, table in tables.items()}
    if extension == CSV:
        return files[DATASETS]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind, content in files.items():
            archive.writestr(CSV_NAMES[kind], content)
    return target.getvalue()


def _csv(table_columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> bytes:
    return spreadsheet.write_csv([column.heading for column in table_columns], rows)


def _dataset_row(
    table_columns: Sequence[Column], dataset: Mapping[str, Any], agencies: AgencyNames
) -> list[str]:
    row: list[str] = []
    for column in table_columns:
        if column.kind == "agency":
            row.append(agencies.of(dataset.get(column.path)))
        elif column.group:
            groups = comparison.groups_of(dataset, column.group)
            several = [group.get(column.subfield) for group in groups]
            row.append(cells.show_lines(column, several if column.several else several[:1]))
        else:
            row.append(cells.show(column, comparison.stored_value(column, dataset)))
    return [cell.rstrip() for cell in row]


def _file_rows(
    table_columns: Sequence[Column], dataset: Mapping[str, Any], agencies: AgencyNames
) -> Iterator[list[str]]:
    reference = dataset.get(columns.identifier()) or dataset["name"]
    for resource in dataset.get("resources") or ():
        address = str(resource.get("url") or "")
        is_upload = resource.get("url_type") == "upload"
        own = {
            DATASET: str(reference),
            AGENCY: agencies.of(dataset.get("owner_org")),
            FILE: address.rpartition("/")[2] if is_upload else address,
            FILE_ID: str(resource["id"]),
        }
        yield [
            own[column.path]
            if column.path in own
            else cells.show(column, comparison.stored_value(column, resource))
            for column in table_columns
        ]
