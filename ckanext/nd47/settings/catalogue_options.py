"""Validation of the options of catalogues, plans and reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.files import printed_columns
from ckanext.nd47.lib.files.printed_columns import LONGEST_TITLE, SEPARATOR
from ckanext.nd47.lib.web import http

LAST_DAY = 28
"""The last day that every month has."""


def item_columns() -> list[tuple[str, str]]:
    """Return names and titles of the columns that a printed catalogue may have."""
    return _titles({column["name"]: column["label"] for column in _file("catalogue.yaml")["item"]})


def plan_columns() -> list[tuple[str, str]]:
    """Return names and titles of the columns that a printed plan may have."""
    return _titles(_file("plan.yaml")["columns"])


def columns_of(known: Callable[[], list[tuple[str, str]]]) -> Callable[[str], str]:
    """Return the validation of the columns of a table, a line for each.

    Args:
        known: returns the columns that the table may have.
    """

    def check(value: str) -> str:
        try:
            printed_columns.chosen(value, dict(known()), ())
        except printed_columns.UnknownColumnError as error:
            raise tk.Invalid(str(error)) from error
        longest = max((len(line.partition(SEPARATOR)[2]) for line in value.splitlines()), default=0)
        if longest > LONGEST_TITLE:
            message = tk._("A title is too long: at most {limit} characters.")
            raise tk.Invalid(message.format(limit=LONGEST_TITLE))
        return value

    return check


def day_from(first: int) -> Callable[[str], str]:
    """Return the validation of a day of the month.

    Args:
        first: the smallest number.
    """

    def check(value: str) -> str:
        is_day = value.isascii() and value.isdigit() and len(value) <= len(str(LAST_DAY))
        if not is_day or not first <= int(value) <= LAST_DAY:
            message = tk._("Enter a day from {first} to {last}.")
            raise tk.Invalid(message.format(first=first, last=LAST_DAY))
        return str(int(value))

    return check


def _titles(labels: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    lang = http.language()
    return [(name, label.get(lang, label["en"])) for name, label in labels.items()]


@cache
def _file(name: str) -> Mapping[str, Any]:
    return read_yaml(data_path("schemas", name))
