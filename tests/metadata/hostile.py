"""Values that people, spreadsheets, programs and attackers send."""

from __future__ import annotations

from typing import Any


def nested(levels: int) -> Any:
    """Return lists in lists."""
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def nested_groups(levels: int) -> Any:
    """Return groups in groups."""
    value: Any = "x"
    for _ in range(levels):
        value = {"name": value}
    return value


WRONG_TYPES: dict[str, Any] = {
    "number": 5,
    "nought": 0,
    "fraction": 1.5,
    "huge number": 10**30,
    "infinite": float("inf"),
    "not a number": float("nan"),
    "true": True,
    "false": False,
    "null": None,
    "empty list": [],
    "empty group": {},
    "list of null": [None],
    "list of numbers": [5, 6.5],
    "mixed list": ["a", 5, None],
    "group": {"a": 1},
    "list of groups": [{"a": 1}],
    "list of empty groups": [{}],
    "lists in lists": [["a"], [["b"]]],
    "deep lists": nested(60),
    "deep groups": nested_groups(60),
    "groups in a list": [nested_groups(15)],
}

TEXTS: dict[str, str] = {
    "no value of a list": "khong-co-trong-danh-sach",
    "long text": "ế" * 100_000,
    "long text of words": "dữ liệu mở " * 10_000,
    "long text of four bytes": "😀" * 8_000,
    "NUL": "a\x00b",
    "vertical tab": "a\x0bb",
    "C1 control": "a\x9fb",
    "high surrogate": "a\ud800b",
    "low surrogate": "\udfff",
    "non-character": "a\uffffb",
    "byte order mark": "\ufeffa",
    "NFD": "Tie\u0302\u0301ng Vie\u0323\u0302t",
    "script": "<script>alert(1)</script>",
    "HTML": "<img src=x onerror=alert(1)> & 'a' \"b\"",
    "query": '*:* OR (title:"x" AND NOT {!xmlparser}) [* TO *]',
    "no such day": "31/02/2024",
    "day first": "05/04/2025",
    "no such month": "2024-13",
    "year nought": "0000-00-00",
    "other digits": "٢٠٢٤",
    "number as text": "12",
    "infinite as text": "1e400",
    "blank": " ",
    "line end": "\r\n",
    "zero width": "\u200b",
    "right to left": "\u202eabc",
    "script address": "javascript:alert(1)",
    "address that cannot be parsed": "http://[a",
    "address with blank": "https://a b",
    "half a list": "[1, 2",
    "list as text": '["a", 5]',
    "group as text": '{"a": 1}',
    "null as text": "null",
    "text in quotes": '"x"',
    "many brackets": "[" * 100_000,
}

VALUES: dict[str, Any] = WRONG_TYPES | TEXTS

CORE_VALUES: dict[str, Any] = {
    name: VALUES[name]
    for name in (
        "number",
        "null",
        "empty list",
        "list of groups",
        "deep lists",
        "long text",
        "NUL",
        "high surrogate",
        "address that cannot be parsed",
    )
}
"""Fewer values, for the fields of CKAN, which are tested separately."""

STORED_KINDS = ("nought", "empty list", "list of groups", "NUL", "no such day", "NFD", "blank")
"""Values for an existing dataset, whose fields have the same validators."""

EXPORTED_KINDS = ("HTML", "NFD", "address with blank", "query", "right to left", "line end")
"""Texts that are stored, and need escaping in RDF."""

GROUP_VALUES: dict[str, Any] = WRONG_TYPES | {
    name: TEXTS[name]
    for name in (
        "NUL",
        "blank",
        "half a list",
        "list as text",
        "group as text",
        "null as text",
        "text in quotes",
        "many brackets",
    )
}
"""For a field with subfields as a whole."""
