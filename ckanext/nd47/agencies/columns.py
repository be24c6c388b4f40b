"""Columns of the register's tables: the words that an official expects, and what they stand for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.nd47.agencies import headings
from ckanext.nd47.lib import http, text, vocabulary

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
"""A row of each table that shows how it is filled in."""

NEEDED: Mapping[str, frozenset[str]] = {
    AGENCIES: frozenset({"title", "name", "code"}),
    FOCAL_POINTS: frozenset({"agency", "agency_title", "id"}),
}
"""One of these columns must be there."""

WORDS: Mapping[str, str] = {
    "level": "agency-level",
    "rank": "focal-point-rank",
    "role": "focal-point-role",
}
"""Vocabulary of each column that holds codes; a file has their labels."""

KEYS: Mapping[str, frozenset[str]] = {
    AGENCIES: frozenset({"name", "code"}),
    FOCAL_POINTS: frozenset({"id", "role", "email"}),
}
"""Columns without which a row that reads like a total or a signature is no record."""

DATES = frozenset({"document_date", "valid_from", "valid_to"})
LANGUAGE = "vi"


def of_header(kind: str, header: list[str]) -> list[str]:
    """Return the field of each column; empty for an unknown one."""
    return [headings.field_of(kind, HEADINGS[kind], cell) if cell else "" for cell in header]


def meant(kind: str, heading: str) -> str:
    """Return the heading that was perhaps meant by one that is not known, empty for none."""
    found = headings.nearest(kind, HEADINGS[kind], heading)
    return HEADINGS[kind][found] if found else ""


def as_codes(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with codes where it has the labels of a vocabulary, in any case or language."""
    return {name: _code(name, cell) if name in WORDS else cell for name, cell in row.items()}


def as_cells(kind: str, rows: list[dict[str, str]]) -> tuple[list[str], list[list[str]]]:
    """Return the header and the cells of a table; columns that no row has are left out."""
    present = [name for name in HEADINGS[kind] if not rows or any(name in row for row in rows)]
    header = [HEADINGS[kind][name] for name in present]
    return header, [[_cell(name, row.get(name, "")) for name in present] for row in rows]


def allowed() -> dict[str, str]:
    """Return the labels of each column that holds codes, in the language of the reader."""
    return {
        name: labels(name, [term.code for term in vocabulary.get(vocabulary_id)])
        for name, vocabulary_id in WORDS.items()
    }


def labels(field: str, codes: Iterable[str]) -> str:
    """Return the labels of codes in the language of the reader, as a list in words."""
    lang = http.language()
    return "; ".join(vocabulary.label(WORDS[field], code, lang) for code in codes)


def _code(field: str, cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    words = text.fold(cell)
    for term in vocabulary.get(WORDS[field]):
        if words in map(text.fold, (term.code, *term.label.values())):
            return term.code
    return headings.code_of(field, cell) or cell


def _cell(name: str, value: str) -> str:
    if name in WORDS and value:
        return vocabulary.label(WORDS[name], value, LANGUAGE)
    if name in DATES and value:
        return dt.date.fromisoformat(value).strftime("%d/%m/%Y")
    return value
