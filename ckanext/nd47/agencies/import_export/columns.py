"""Columns of the register's tables: their headings, what offices write, and how a cell is read.

The words that offices use are data, in `schemas/headings.yaml`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.files.spreadsheets import headings
from ckanext.nd47.lib.files.spreadsheets.headings import Table
from ckanext.nd47.lib.files.spreadsheets.sheet import day_of_serial
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http

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
"""Headings of the columns of each table, by field."""

EXAMPLES: Mapping[str, Mapping[str, str]] = {
    AGENCIES: {
        "name": "so-khoa-hoc-va-cong-nghe",
        "code": "H99.01",
        "title": "Ví dụ: Sở Khoa học và Công nghệ",
        "former_code": "000.00.01.H99",
        "legal_name": "Sở Khoa học và Công nghệ tỉnh Hải Sơn",
        "short_name": "Sở KH&CN",
        "title_en": "Department of Science and Technology",
        "level": "department",
        "parent": "Ủy ban nhân dân tỉnh Hải Sơn",
        "administrative_unit": "99",
        "address": "Số 1, đường Trần Phú, phường Hải Sơn",
        "telephone": "0236 3822 999",
        "email": "sokhcn@haison.example",
        "url": "https://sokhcn.haison.example",
        "valid_from": "2025-07-01",
        "valid_to": "",
        "successor": "",
    },
    FOCAL_POINTS: {
        "id": "",
        "agency": "H99.01",
        "agency_title": "Ví dụ: Sở Khoa học và Công nghệ",
        "role": "feedback",
        "rank": "main",
        "full_name": "Nguyễn Văn A",
        "position": "Trưởng phòng",
        "function": "Tiếp nhận phản hồi về dữ liệu mở",
        "telephone": "0236 3822 999",
        "email": "dulieu@haison.example",
        "document_number": "12/QĐ-SKHCN",
        "document_date": "2026-01-05",
        "document_url": "",
        "valid_from": "2026-01-05",
        "valid_to": "",
    },
}
"""An example row of each table."""

REQUIRED: Mapping[str, frozenset[str]] = {
    AGENCIES: frozenset({"title", "name", "code"}),
    FOCAL_POINTS: frozenset({"agency", "agency_title", "id"}),
}
"""Columns of which a table must have at least one."""

VOCABULARIES: Mapping[str, str] = {
    "level": "agency-level",
    "rank": "focal-point-rank",
    "role": "focal-point-role",
}
"""Vocabulary of each column that holds codes; files have their labels."""

KEYS: Mapping[str, frozenset[str]] = {
    AGENCIES: frozenset({"name", "code"}),
    FOCAL_POINTS: frozenset({"id", "role", "email"}),
}
"""Columns of which a record has at least one, even if it looks like a total or a signature."""

DATES = frozenset({"document_date", "valid_from", "valid_to"})
LANGUAGE = "vi"

MULTILINE = frozenset({"telephone", "email"})
"""Fields in which a line break separates values."""

WITHOUT_ZERO = re.compile(r"2\d{9}|[35789]\d{8}")
"""A telephone number without its leading 0, which number cells drop."""


def as_codes(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with codes in place of the labels of a vocabulary, in any case or language."""
    return {name: _code(name, cell) if name in VOCABULARIES else cell for name, cell in row.items()}


def as_cells(kind: str, rows: list[dict[str, str]]) -> tuple[list[str], list[list[str]]]:
    """Return the header and the cells of a table, without columns that no row has."""
    present = [name for name in HEADINGS[kind] if not rows or any(name in row for row in rows)]
    header = [HEADINGS[kind][name] for name in present]
    return header, [[_cell(name, row.get(name, "")) for name in present] for row in rows]


def allowed() -> dict[str, str]:
    """Return the labels of each column that holds codes, in the language of the page."""
    return {
        name: labels(name, [term.code for term in vocabulary.get(vocabulary_id)])
        for name, vocabulary_id in VOCABULARIES.items()
    }


def labels(field: str, codes: Iterable[str]) -> str:
    """Return the labels of codes as one text, in the language of the page."""
    lang = http.language()
    return "; ".join(vocabulary.label(VOCABULARIES[field], code, lang) for code in codes)


def _code(field: str, cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    folded = text.fold(cell)
    for term in vocabulary.get(VOCABULARIES[field]):
        if folded in map(text.fold, (term.code, *term.label.values())):
            return term.code
    return _labels(field).get(folded) or cell


def _cell(name: str, value: str) -> str:
    if name in VOCABULARIES and value:
        return vocabulary.label(VOCABULARIES[name], value, LANGUAGE)
    if name in DATES and value:
        return dt.date.fromisoformat(value).strftime("%d/%m/%Y")
    return value


def normalised(field: str, cell: str) -> str:
    """Return a cell as the validators accept it: empty for `Không công bố`, ISO dates."""
    if field not in MULTILINE:
        cell = " ".join(cell.split())
    if values.means_no_value(cell):
        return ""
    if field == "telephone" and WITHOUT_ZERO.fullmatch(cell):
        return f"0{cell}"
    if field in DATES and (day := day_of_serial(cell)):
        return day
    if field == "administrative_unit" and cell.isdecimal() and len(cell) in {1, 4}:
        return f"0{cell}"
    return cell


@cache
def table(kind: str) -> Table:
    """Return how a table of the register is recognised."""
    names = [
        *(
            (heading, name)
            for name, words in headings.content()["headings"][kind].items()
            for heading in words
        ),
        *((name, name) for name in HEADINGS[kind]),
        *((heading, name) for name, heading in HEADINGS[kind].items()),
    ]
    return Table(
        headings=HEADINGS[kind],
        fields=headings.known_fields(names),
        required=REQUIRED[kind],
        keys=KEYS[kind],
        normalised=normalised,
    )


@cache
def _labels(field: str) -> dict[str, str]:
    rows = headings.content()["labels"].get(field, {})
    return {text.fold(word): code for code, words in rows.items() for word in words}
