"""The rows of a table as CSV and XLSX, without formulas."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from ckanext.nd47.lib.files.spreadsheets.spreadsheet import NOT_IN_XML, REPLACEMENT, harmless
from ckanext.nd47.tables.datastore.dictionary.columns import TableColumn
from ckanext.nd47.tables.resource_views.table_view.rows import Record

MOST_XLSX_ROWS = 100_000
"""Rows of a workbook; one with a million takes minutes to write and to open."""

_ROWS_AT_ONCE = 500
_LONGEST_CELL = 32_767
_FORMATS = {"date": "dd/mm/yyyy", "timestamp": "dd/mm/yyyy hh:mm:ss"}


def csv_parts(
    records: Iterable[Record], columns: Sequence[TableColumn], *, by_label: bool
) -> Iterator[bytes]:
    """Yield a table as CSV in UTF-8 with a byte order mark, which Excel needs for Vietnamese.

    Args:
        records: the rows.
        columns: the columns.
        by_label: whether the headings are labels, not the names in the API.
    """
    yield b"\xef\xbb\xbf"
    rows = iter(records)
    header = [harmless(heading) for heading in _headings(columns, by_label=by_label)]
    while True:
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        if header:
            writer.writerow(header)
            header = []
        batch = list(islice(rows, _ROWS_AT_ONCE))
        writer.writerows([_as_text(record, column) for column in columns] for record in batch)
        yield stream.getvalue().encode("utf-8", "replace")
        if len(batch) < _ROWS_AT_ONCE:
            return


def xlsx(records: Iterable[Record], columns: Sequence[TableColumn], *, by_label: bool) -> IO[bytes]:
    """Return a workbook with numbers as numbers and dates as dates, as an open temporary file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Du lieu")
    sheet.append([_text(sheet, heading) for heading in _headings(columns, by_label=by_label)])
    for record in records:
        sheet.append([_cell(sheet, record.get(column["id"]), column) for column in columns])
    # Closed by who sends it.
    target = tempfile.TemporaryFile(prefix="nd47-table-")  # noqa: SIM115
    book.save(target)
    target.seek(0)
    return target


def _headings(columns: Sequence[TableColumn], *, by_label: bool) -> list[str]:
    return [column["label"] if by_label else column["id"] for column in columns]


def _as_text(record: Record, column: TableColumn) -> str:
    value = record.get(column["id"])
    if value is None:
        return ""
    return harmless(str(value)) if column["type"] == "text" else str(value)


def _cell(sheet: Any, value: Any, column: TableColumn) -> Any:
    if value is None:
        return None
    if column["type"] == "number":
        return value
    style = _FORMATS.get(column["type"])
    if not style:
        return _text(sheet, str(value))
    try:
        moment: dt.date = dt.datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return _text(sheet, str(value))
    if moment.year < 1900:  # noqa: PLR2004 - spreadsheets know no earlier day
        return _text(sheet, str(value))
    cell = WriteOnlyCell(sheet, value=moment)
    cell.number_format = style
    return cell


def _text(sheet: Any, written: str) -> Any:
    cell = WriteOnlyCell(sheet, value=NOT_IN_XML.sub(REPLACEMENT, written)[:_LONGEST_CELL])
    # Otherwise openpyxl writes a text that starts with an equals sign as a formula.
    cell.data_type = "s"
    return cell
