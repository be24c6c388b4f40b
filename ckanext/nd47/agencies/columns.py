"""Columns of the register's tables: the words that an official expects, and what they stand for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47 import vocabulary
from ckanext.nd47.agencies import spreadsheet
from ckanext.nd47.l10n import text

AGENCIES = "agencies"
FOCAL_POINTS = "focal-points"

HEADINGS: Mapping[str, Mapping[str, str]] = {
    AGENCIES: {
        "name": "Đường dẫn",
        "code": "Mã định danh điện tử",
        "title": "Tên cơ quan",
        "former_code": "Mã định danh cũ",
        "legal_name": "Tên đầy đủ",
        "short_name": "Tên viết tắt",
        "title_en": "Tên tiếng Anh",
        "level": "Cấp cơ quan",
        "parent": "Cơ quan cấp trên",
        "administrative_unit": "Mã đơn vị hành chính",
        "address": "Địa chỉ",
        "telephone": "Số điện thoại",
        "email": "Thư điện tử",
        "url": "Trang thông tin điện tử",
        "valid_from": "Có hiệu lực từ ngày",
        "valid_to": "Có hiệu lực đến ngày",
        "successor": "Cơ quan kế thừa",
    },
    FOCAL_POINTS: {
        "id": "Mã đầu mối",
        "agency": "Cơ quan",
        "agency_title": "Tên cơ quan",
        "role": "Vai trò",
        "rank": "Thứ tự",
        "full_name": "Họ và tên",
        "position": "Chức vụ",
        "function": "Chức năng",
        "telephone": "Số điện thoại",
        "email": "Thư điện tử",
        "document_number": "Số văn bản cử",
        "document_date": "Ngày văn bản cử",
        "document_url": "Địa chỉ văn bản cử",
        "valid_from": "Từ ngày",
        "valid_to": "Đến ngày",
    },
}
"""Columns of each table, with the words that an official expects above them."""

NEEDED = {AGENCIES: {"title", "name", "code"}, FOCAL_POINTS: {"agency", "id"}}
"""One of these columns must be there."""

WORDS: Mapping[str, str] = {
    "level": "agency-level",
    "rank": "focal-point-rank",
    "role": "focal-point-role",
}
"""Vocabulary of each column that holds codes; a file has their labels."""

DATES = frozenset({"document_date", "valid_from", "valid_to"})
LANGUAGE = "vi"


def of_header(kind: str, number: int, header: list[str]) -> list[str]:
    """Return the field of each column, by its heading or its own name; empty for an unknown one.

    Raises:
        spreadsheet.SheetError: a column is there twice, or none of those that are needed.
    """
    known = {text.fold(words): name for name, words in HEADINGS[kind].items()}
    known |= {name: name for name in HEADINGS[kind]}
    fields = [known.get(text.fold(cell), "") for cell in header]
    twice = {name for name in fields if name and fields.count(name) > 1}
    if twice:
        raise spreadsheet.SheetError(
            tk._("Row {row}: the column “{column}” is there twice.").format(
                row=number, column=HEADINGS[kind][min(twice)]
            )
        )
    if not NEEDED[kind].intersection(fields):
        expected = ", ".join(HEADINGS[kind][name] for name in HEADINGS[kind])
        raise spreadsheet.SheetError(
            tk._("Row {row}: these are not the columns of this table: {expected}.").format(
                row=number, expected=expected
            )
        )
    return fields


def as_codes(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with codes where it has the labels of a vocabulary, in any case or language."""
    return {name: _code(WORDS[name], cell) if name in WORDS else cell for name, cell in row.items()}


def as_cells(kind: str, rows: list[dict[str, str]]) -> tuple[list[str], list[list[str]]]:
    """Return the header and the cells of a table; columns that no row has are left out."""
    present = [name for name in HEADINGS[kind] if not rows or any(name in row for row in rows)]
    header = [HEADINGS[kind][name] for name in present]
    return header, [[_cell(name, row.get(name, "")) for name in present] for row in rows]


def _code(vocabulary_id: str, cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    words = text.fold(cell)
    for term in vocabulary.get(vocabulary_id):
        if words in map(text.fold, (term.code, *term.label.values())):
            return term.code
    return cell


def _cell(name: str, value: str) -> str:
    if name in WORDS and value:
        return vocabulary.label(WORDS[name], value, LANGUAGE)
    if name in DATES and value:
        return dt.date.fromisoformat(value).strftime("%d/%m/%Y")
    return value
