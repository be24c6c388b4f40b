"""Writes the spreadsheet as XLSX: instructions, datasets, files, and drop-downs from code lists."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ckanext.nd47.desk.spreadsheet.fields import columns
from ckanext.nd47.desk.spreadsheet.fields.column import Column, in_language
from ckanext.nd47.lib.files.spreadsheets import xlsx
from ckanext.nd47.lib.files.spreadsheets.sheet import column_name
from ckanext.nd47.lib.files.spreadsheets.spreadsheet import NOT_IN_XML, REPLACEMENT

Rows = Iterable[Sequence[str]]

LAST_ROW = 50_000
"""Last row with drop-downs."""
LONGEST_LIST = 3_000
TEXT_FORMAT = "@"
"""Excel leaves what is typed in such cells as it is: codes keep zeros, dates their order."""

WIDTHS: Mapping[str, int] = {"text": 50, "lines": 40, "choices": 30, "tags": 30, "agency": 34}
USUAL_WIDTH = 22
TITLE_WIDTH = 48
GUIDE_WIDTHS = (6, 38, 80, 38, 80)
HEADER_FILL = "FFDCE6F1"
FIXED_COLUMNS = 2
LANGUAGES = ("vi", "en")


def write(tables: Mapping[str, tuple[list[Column], Rows]], agencies: Sequence[str]) -> bytes:
    """Return a workbook.

    Args:
        tables: columns and rows of each table; the rows are read once.
        agencies: what a column of agencies offers.

    Raises:
        SheetError: openpyxl is not installed.
    """
    writer = _Writer(xlsx.openpyxl(), agencies)
    writer.add_guide({kind: table_columns for kind, (table_columns, _) in tables.items()})
    for kind, (table_columns, rows) in tables.items():
        writer.add_table(kind, table_columns, rows)
    writer.add_lists()
    return writer.finished()


class _Writer:
    """Writes one workbook, row by row."""

    def __init__(self, openpyxl: Any, agencies: Sequence[str]) -> None:
        self._openpyxl = openpyxl
        self._book: Any = openpyxl.Workbook(write_only=True)
        self._styles: Any = importlib.import_module("openpyxl.styles")
        self._validation: Any = importlib.import_module("openpyxl.worksheet.datavalidation")
        self._agencies = list(agencies)[:LONGEST_LIST]
        self._lists: dict[str, list[str]] = {}
        self._list_sheet = _sheet_title("lists")

    def finished(self) -> bytes:
        target = io.BytesIO()
        self._book.save(target)
        return target.getvalue()

    def add_guide(self, tables: Mapping[str, list[Column]]) -> None:
        """Add the sheet of instructions, in both languages side by side."""
        sheet = self._book.create_sheet(_sheet_title("guide"))
        for place, width in enumerate(GUIDE_WIDTHS):
            sheet.column_dimensions[column_name(place)].width = width
        guide = columns.content()["guide"]
        sheet.append(self._cells(sheet, ["", guide["title"]["vi"], "", guide["title"]["en"]], "b"))
        for number, rule in enumerate(guide["rules"], start=1):
            sheet.append(self._cells(sheet, [f"{number}.", "", rule["vi"], "", rule["en"]], "w"))
        for kind, table_columns in tables.items():
            names = columns.content()["sheets"][kind]
            titles = [f"{guide['columns'][lang]}: {names[lang]}" for lang in LANGUAGES]
            sheet.append([])
            sheet.append(self._cells(sheet, ["", titles[0], "", titles[1]], "b"))
            for place, column in enumerate(table_columns):
                texts = [column_name(place)]
                for lang in LANGUAGES:
                    texts += [
                        column.label.get(lang, column.label["vi"]),
                        column.help_text.get(lang, column.help_text.get("vi", "")),
                    ]
                sheet.append(self._cells(sheet, texts, "w"))

    def add_table(self, kind: str, table_columns: list[Column], rows: Rows) -> None:
        """Add the sheet of a table."""
        sheet = self._book.create_sheet(_sheet_title(kind))
        sheet.freeze_panes = f"{column_name(FIXED_COLUMNS)}2"
        for place, column in enumerate(table_columns):
            dimension = sheet.column_dimensions[column_name(place)]
            is_title = column.path in {"title", columns.DATASET, columns.FILE}
            dimension.width = TITLE_WIDTH if is_title else WIDTHS.get(column.kind, USUAL_WIDTH)
            dimension.number_format = TEXT_FORMAT
            if reference := self._list_of(column):
                sheet.data_validations.append(self._drop_down(column, place, reference))
        sheet.append(self._cells(sheet, [column.heading for column in table_columns], "h"))
        for row in rows:
            sheet.append(self._cells(sheet, row, ""))

    def add_lists(self) -> None:
        """Add the hidden sheet that the drop-downs refer to."""
        sheet = self._book.create_sheet(self._list_sheet)
        sheet.sheet_state = "hidden"
        columns_of_lists = [[name, *entries] for name, entries in self._lists.items()]
        for number in range(max(map(len, columns_of_lists), default=0)):
            row = [entries[number] if number < len(entries) else "" for entries in columns_of_lists]
            sheet.append(self._cells(sheet, row, ""))

    def _list_of(self, column: Column) -> str:
        """Return the cells with the values of a column, empty for a column without a list."""
        entries = self._agencies if column.kind == "agency" else list(column.code_labels().values())
        if not entries:
            return ""
        name = column.vocabulary or column.kind if not column.choices else column.path
        self._lists.setdefault(name, entries[:LONGEST_LIST])
        letters = column_name(list(self._lists).index(name))
        last = len(self._lists[name]) + 1
        return f"'{self._list_sheet}'!${letters}$2:${letters}${last}"

    def _drop_down(self, column: Column, place: int, reference: str) -> Any:
        letters = column_name(place)
        drop_down = self._validation.DataValidation(
            type="list",
            formula1=reference,
            allow_blank=True,
            # Several values, codes and other spellings are read as well.
            showErrorMessage=False,
            showInputMessage=bool(column.help_text),
            promptTitle=column.heading[:32],
            prompt=in_language(column.help_text)[:255] if column.help_text else None,
        )
        drop_down.add(f"{letters}2:{letters}{LAST_ROW}")
        return drop_down

    def _cells(self, sheet: Any, texts: Iterable[str], style: str) -> list[Any]:
        """Return text cells; none of them is a formula.

        Args:
            sheet: their sheet.
            texts: their texts; no cell is written for an empty one.
            style: `h` for headings, `b` for bold, `w` for lines that wrap.
        """
        cells: list[Any] = []
        for text in texts:
            if not text:
                cells.append(None)
                continue
            cell = self._openpyxl.cell.WriteOnlyCell(
                sheet, value=NOT_IN_XML.sub(REPLACEMENT, text)[:32_767]
            )
            # Otherwise openpyxl writes a text that starts with an equals sign as a formula.
            cell.data_type = "s"
            if style:
                cell.font = self._styles.Font(bold=style in "hb")
                cell.alignment = self._styles.Alignment(wrap_text=style in "hw", vertical="top")
            else:
                cell.number_format = TEXT_FORMAT
            if style == "h":
                cell.fill = self._styles.PatternFill("solid", fgColor=HEADER_FILL)
            cells.append(cell)
        return cells


def _sheet_title(name: str) -> str:
    return in_language(columns.content()["sheets"][name])[:31]
