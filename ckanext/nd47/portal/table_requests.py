"""The columns of one table, and requests for its rows with a column and a value in it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config

ROWS = 5
"""Rows that an example asks for, and rows in which a value is looked for."""

LONGEST = 60
"""Characters of a value that is short enough for an example."""

ROW_NUMBER = "_id"
"""The column that the DataStore adds."""


@dataclass(frozen=True)
class Request:
    """A request for rows, as somebody who writes a program copies it.

    Attributes:
        title: what it asks for.
        url: the whole address.
        curl, python, r, excel: the same as a program.
    """

    title: str
    url: str
    curl: str
    python: str
    r: str
    excel: str


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its name in the API.
        label: its name for people, from the data dictionary; the same as `name` without one.
        type: its type in the DataStore.
        notes: what the data dictionary says about it besides.
    """

    name: str
    label: str
    type: str
    notes: str


@dataclass(frozen=True)
class Table:
    """What programs need to know of a table."""

    columns: list[Column]
    requests: list[Request]


def of_table(resource_id: str) -> Table:
    """Return the columns of a table that the user may read, and requests for its rows.

    Args:
        resource_id: id of the file.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: the file has no table.
        ckan.plugins.toolkit.NotAuthorized: the user may not read it.
    """
    table = tk.get_action("datastore_search")(
        {}, {"resource_id": resource_id, "limit": ROWS, "include_total": False}
    )
    columns = [_column(field) for field in table["fields"] if field["id"] != ROW_NUMBER]
    first = {"resource_id": resource_id, "limit": str(ROWS)}
    requests = [_request(tk._("The first {number} rows").format(number=ROWS), first)]
    cell = _cell(table["records"], columns)
    if cell:
        column, value = cell
        title = tk._("Rows with “{value}” in the column “{column}”")
        filters = json.dumps({column.name: value}, ensure_ascii=False)
        requests.append(
            _request(title.format(value=value, column=column.label), {**first, "filters": filters})
        )
        title = tk._("Rows with the words “{value}” in any column")
        requests.append(_request(title.format(value=value), {**first, "q": value}))
    return Table(columns, requests)


def _column(field: Mapping[str, Any]) -> Column:
    info = field.get("info") or {}
    label = " ".join(str(info.get("label") or field["id"]).split())
    return Column(field["id"], label, field["type"], str(info.get("notes") or "").strip())


def _cell(
    records: Iterable[Mapping[str, Any]], columns: Iterable[Column]
) -> tuple[Column, str] | None:
    """Return a column and its value: the first short text with a letter."""
    rows = list(records)
    for column in columns:
        for row in rows:
            value = row.get(column.name)
            if (
                isinstance(value, str)
                and column.name.isprintable()
                and len(value) <= LONGEST
                and value.isprintable()
                and any(letter.isalpha() for letter in value)
            ):
                return column, value
    return None


def _request(title: str, parameters: Mapping[str, str]) -> Request:
    action = f"{config.site_base()}/api/3/action/datastore_search"
    url = f"{action}?{urlencode(parameters)}"
    data = [
        f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in parameters.items()
    ]
    # A text in JSON is the same text in Python.
    items = [
        f"    {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)},"
        for name, value in parameters.items()
    ]
    return Request(
        title=title,
        url=url,
        curl=" \\\n  ".join([f"curl -G '{action}'", *data]),
        python="\n".join(
            [
                "import requests",
                "",
                f'answer = requests.get("{action}", params={{',
                *items,
                "}, timeout=30)",
                "answer.raise_for_status()",
                'for row in answer.json()["result"]["records"]:',
                "    print(row)",
            ]
        ),
        r="\n".join(
            [
                "library(jsonlite)",
                "",
                f'answer <- fromJSON("{url}")',
                "print(answer$result$records)",
            ]
        ),
        excel="\n".join(
            [
                "let",
                f'    Answer = Json.Document(Web.Contents("{url}")),',
                "    Rows = Table.FromRecords(Answer[result][records])",
                "in",
                "    Rows",
            ]
        ),
    )
