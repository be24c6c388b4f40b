"""A report as a file: CSV, XLSX, JSON, and DOCX in official form."""

from __future__ import annotations

import json
from collections.abc import Mapping

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.reports.data.figures import Report
from ckanext.nd47.catalogue.reports.files import document
from ckanext.nd47.catalogue.reports.files.columns import COLUMNS, ROBOTS, cell, groups
from ckanext.nd47.lib.files.official_documents.writing import DOCX_TYPE
from ckanext.nd47.lib.files.spreadsheets import spreadsheet

FORMATS: Mapping[str, str] = {
    "xlsx": spreadsheet.XLSX_TYPE,
    "csv": "text/csv; charset=utf-8",
    "docx": DOCX_TYPE,
    "json": "application/json; charset=utf-8",
}
"""Media type by extension."""


def content(report: Report, extension: str) -> bytes:
    """Return a report as a file of one of `FORMATS`.

    Raises:
        ckanext.nd47.lib.files.spreadsheets.sheet.SheetError: openpyxl is missing.
        official_documents.writing.MissingLibraryError: python-docx is missing.
    """
    if extension == "json":
        return json.dumps(report, ensure_ascii=False, indent=1).encode()
    if extension == "docx":
        return document.content(report)
    header, rows = table(report)
    if extension == "csv":
        return spreadsheet.write_csv(header, rows)
    return spreadsheet.write_xlsx(header, rows, tk._("Report"))


def table(report: Report) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows, the total last."""
    columns = (*COLUMNS, *ROBOTS)
    header = [
        groups()[report["group"]],
        *(column.title() for column in columns),
        tk._("Difficulties"),
        tk._("Proposals"),
    ]
    rows = [
        [
            row["title"],
            *(cell(row["figures"], column.key) for column in columns),
            row["difficulties"],
            row["proposals"],
        ]
        for row in report["rows"]
    ]
    total = [tk._("Total"), *(cell(report["total"], column.key) for column in columns), "", ""]
    return header, [*rows, total]


def name(report: Report, extension: str) -> str:
    """Return the name of the file."""
    return f"bao-cao-du-lieu-mo-{report['period']}-{report['group']}.{extension}"
