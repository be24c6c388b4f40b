"""Columns of printed tables that a portal chooses: which ones, in which order, their titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import ckan.plugins.toolkit as tk

LONGEST_TITLE = 100
SEPARATOR = "="


class PrintedColumn(NamedTuple):
    """A column: name of its field, and its title."""

    name: str
    title: str


class UnknownColumnError(ValueError):
    """A line of the setting that names no field; the message names those that exist."""


def chosen(setting: str, titles: Mapping[str, str], default: Sequence[str]) -> list[PrintedColumn]:
    """Return the columns of a table.

    Args:
        setting: the portal's choice: a line for each column, `name` or `name = title`; empty for
            the default.
        titles: titles of all fields by name.
        default: names of the default.

    Raises:
        UnknownColumnError: a line names no field, or one twice.
    """
    lines = [line.strip() for line in setting.splitlines() if line.strip()] or list(default)
    columns: list[PrintedColumn] = []
    for line in lines:
        name, _, title = (part.strip() for part in line.partition(SEPARATOR))
        if name not in titles or any(column.name == name for column in columns):
            message = tk._("“{value}” is no column, or is there twice. Columns are: {names}.")
            raise UnknownColumnError(message.format(value=name[:80], names=", ".join(titles)))
        columns.append(PrintedColumn(name, (title or titles[name])[:LONGEST_TITLE]))
    return columns


def usable(setting: str, titles: Mapping[str, str], default: Sequence[str]) -> list[PrintedColumn]:
    """Return the columns as `chosen`; the default where the setting is wrong."""
    try:
        return chosen(setting, titles, default)
    except UnknownColumnError:
        # A mistake in the configuration file must not break the pages.
        return chosen("", titles, default)
