"""Compare a portal before and after an upgrade: what is lost, and what has another value.

CKAN 2.12 moves the active extras into the rows of datasets and organisations, drops the tables of
revisions, which CKAN has not written since 2.9, and notes when somebody was there last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

EXTRAS = {"package_extra": ("package", "package_id"), "group_extra": ("group", "group_id")}
"""Tables of extras, with the table that holds them from CKAN 2.12 on, and the key to it."""

DROPPED_COLUMNS = {"activity": {"revision_id"}}
"""Columns that CKAN 2.12 drops, with their values."""

VOLATILE = {"user": {"last_active"}, "api_token": {"last_access"}}
"""Columns that change whenever a page is read."""

COMPUTED = {"license_title", "license_url"}
"""Fields that CKAN computes from the list of licences and its translation."""

VERSIONS = "alembic_version"
OWN = "nd47_"
OK = 200


def is_revision(table: str) -> bool:
    """Say whether a table holds revisions, which CKAN 2.12 drops."""
    return table == "revision" or table.endswith("_revision")


def lost_rows(before: Rows, after: Rows) -> Iterator[str]:
    """Yield every row and value of before that is not there after."""
    for table, rows in before.items():
        if table.endswith(VERSIONS):
            continue
        if table in EXTRAS and table not in after:
            yield from lost_extras(table, rows, after)
        elif is_revision(table) and table not in after:
            if rows:
                yield f"{table}: {len(rows)} rows of revisions are gone"
        elif table not in after:
            yield f"{table}: the table with {len(rows)} rows is gone"
        else:
            yield from changed_rows(table, rows, after[table])


def lost_extras(table: str, rows: list[Row], after: Rows) -> Iterator[str]:
    """Yield every active extra that the row of its dataset or organisation does not have."""
    holder, key = EXTRAS[table]
    holders = {row["id"]: row.get("extras") or {} for row in after.get(holder, [])}
    for row in rows:
        if row["state"] == "active" and holders.get(row[key], {}).get(row["key"]) != row["value"]:
            yield f"{table}: {row['key']!r} of {row[key]} is not {row['value']!r}"


def changed_rows(table: str, before: list[Row], after: list[Row]) -> Iterator[str]:
    """Yield every row that is gone, every value that differs, and every row that is new."""
    volatile, dropped = VOLATILE.get(table, set()), DROPPED_COLUMNS.get(table, set())
    remaining = {identity(row): row for row in after}
    for row in before:
        now = remaining.pop(identity(row), None)
        if now is None:
            yield f"{table}: row {identity(row)} is gone"
            continue
        for column in row.keys() - volatile:
            if column not in now and column in dropped and row[column] is None:
                continue
            if column not in now or now[column] != row[column]:
                yield f"{table}: {column} of {identity(row)} is not {row[column]!r}"
    for new in remaining:
        yield f"{table}: row {new} was not there"


def identity(row: Row) -> str:
    """Return what names a row: its identifier, the whole row where it has none."""
    if "id" in row:
        return str(row["id"])
    return json.dumps(row, sort_keys=True, default=str, ensure_ascii=False)


def lost_files(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Yield every file that is gone or has another content."""
    for path, checksum in before.items():
        if after.get(path) != checksum:
            yield f"file {path} is {'changed' if path in after else 'gone'}"


def failing_pages(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[str]:
    """Yield every page that is not answered with 200, then or now."""
    for address in before.keys() | after.keys():
        then, now = before.get(address), after.get(address)
        if now != OK:
            yield f"page {address} answers {now} (before: {then})"


def other_answers(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield every field of a dataset that the API had, and gives otherwise or not at all."""
    for name, dataset in before.items():
        now = after.get(name)
        if now is None:
            yield f"dataset {name} is not shown"
            continue
        stored = {key: value for key, value in dataset.items() if key not in COMPUTED}
        for path in sorted(unlike(stored, now, "")):
            yield f"dataset {name}: {path}"


def unlike(before: Any, after: Any, path: str) -> Iterator[str]:
    """Yield the paths at which a value of before is missing or differs."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key not in after:
                yield f"{path}/{key} is missing"
            else:
                yield from unlike(value, after[key], f"{path}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (value, new_value) in enumerate(
            zip(in_order(before), in_order(after), strict=True)
        ):
            yield from unlike(value, new_value, f"{path}/{number}")
    elif before != after:
        yield f"{path} is {after!r}, not {before!r}"


def in_order(values: list[Any]) -> list[Any]:
    """Sort a list by content; the order of extras and keywords has no meaning."""
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True, default=str))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return all differences between two snapshots; empty if the upgrade lost nothing."""
    messages = [
        *lost_rows(before["rows"], after["rows"]),
        *lost_rows(before["tables"], after["tables"]),
        *lost_files(before["files"], after["files"]),
        *failing_pages(before["pages"], after["pages"]),
        *other_answers(before["shown"], after["shown"]),
    ]
    if not after["password"]:
        messages.append("the password of a user does not fit any more")
    if after["search_count"] != before["search_count"]:
        messages.append(
            f"a search finds {after['search_count']} datasets, not {before['search_count']}"
        )
    return messages


def new_tables(before: Rows, after: Rows) -> list[str]:
    """Return the tables that were not there."""
    return sorted(after.keys() - before.keys())
