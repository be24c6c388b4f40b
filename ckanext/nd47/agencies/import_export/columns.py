"""Columns of the register's tables: their headings, what offices write, and how a cell is read.

The words that offices use are data, in `schemas/headings.yaml`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ckanext.nd47.lib import http, text, values, vocabulary
from ckanext.nd47.lib.data import data_path, read_yaml

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

IGNORED = "-"
"""Field of a known column that is not part of the register, such as a row number."""

IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
WORD = re.compile(r"[a-z0-9]+")
LONGEST_HEADING = 200

SIMILARITY = 0.8

MULTILINE = frozenset({"telephone", "email"})
"""Fields in which a line break separates values."""

SERIAL = re.compile(r"[2-7]\d{4}")
"""A date as the serial number of spreadsheet programs, from 1954 to 2118."""
SERIAL_START = dt.date(1899, 12, 30)

WITHOUT_ZERO = re.compile(r"2\d{9}|[35789]\d{8}")
"""A telephone number without its leading 0, which number cells drop."""


def fields(kind: str, header: list[str]) -> list[str]:
    """Return the field of each column of a header; empty for unknown ones."""
    return [_field(kind, cell) if cell else "" for cell in header]


def similar_heading(kind: str, heading: str) -> str:
    """Return the heading that is most similar to an unknown one, empty for none."""
    names_by_key = _known(kind)
    matches = difflib.get_close_matches(_key(heading), names_by_key, n=1, cutoff=SIMILARITY)
    return HEADINGS[kind].get(names_by_key[matches[0]], "") if matches else ""


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
    if field in DATES and SERIAL.fullmatch(cell):
        return (SERIAL_START + dt.timedelta(days=int(cell))).isoformat()
    if field == "administrative_unit" and cell.isdecimal() and len(cell) in {1, 4}:
        return f"0{cell}"
    return cell


def row_kind(cell: str) -> str:
    """Return the kind of row that a text starts: `total`, `signature`, `section`, `example`."""
    folded = text.fold(cell[:LONGEST_HEADING])
    for kind, pattern in _rows().items():
        if pattern.fullmatch(folded):
            return kind
    return ""


@cache
def _content() -> dict[str, Any]:
    return read_yaml(data_path("schemas", "headings.yaml"))


def _field(kind: str, heading: str) -> str:
    names_by_key = _known(kind)
    for key in (_key(heading), _key(IN_BRACKETS.sub(" ", heading[:LONGEST_HEADING]))):
        field = names_by_key.get(key) or names_by_key.get(_without_ending(key))
        if field:
            return field
    return ""


@cache
def _known(kind: str) -> dict[str, str]:
    names_by_key = {_key(word): IGNORED for word in _content()["aside"]}
    for name, headings in _content()["headings"][kind].items():
        names_by_key |= {_key(heading): name for heading in headings}
    names_by_key |= {_key(name): name for name in HEADINGS[kind]}
    return names_by_key | {_key(heading): name for name, heading in HEADINGS[kind].items()}


def _key(heading: str) -> str:
    """Return the folded words of a heading without its number, as in `2. Tên cơ quan (*)`."""
    words = WORD.findall(text.fold(heading[:LONGEST_HEADING].replace("_", " ")))
    while len(words) > 1 and words[0].isdigit():
        words = words[1:]
    return " ".join(words) or heading.strip()[:1]


def _without_ending(key: str) -> str:
    for ending in _endings():
        if key.endswith(f" {ending}"):
            return key.removesuffix(f" {ending}")
    return key


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(map(_key, _content()["endings"]), key=len, reverse=True))


@cache
def _labels(field: str) -> dict[str, str]:
    rows = _content()["labels"].get(field, {})
    return {text.fold(word): code for code, words in rows.items() for word in words}


@cache
def _rows() -> dict[str, re.Pattern[str]]:
    patterns = _content()["rows"]
    return {
        kind: re.compile("|".join(f"(?:{part})" for part in patterns[kind])) for kind in patterns
    }
