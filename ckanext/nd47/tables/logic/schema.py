"""Parameters of the actions on checks of files."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.lib import inputs
from ckanext.nd47.tables.datastore.dictionary import entries
from ckanext.nd47.tables.datastore.dictionary.update import ColumnChange

MOST_CHARACTERS = 1_000
"""Of a label or of notes."""


def reference(data_dict: DataDict) -> str:
    """Return the id of a resource, or the id or name of a dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is missing or no text.
    """
    return tk.get_or_bust(inputs.of_kinds(data_dict, id="text"), "id")


def ids(data_dict: DataDict) -> list[str]:
    """Return the ids of datasets.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing or no list.
    """
    return tk.get_or_bust(inputs.of_kinds(data_dict, ids="list"), "ids")


def column_changes(data_dict: DataDict, names: Collection[str]) -> list[ColumnChange]:
    """Return the changes of columns.

    Args:
        data_dict: its `columns` are read.
        names: names of the columns that the table has.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are no such changes.
    """
    submitted = data_dict.get("columns")
    if not isinstance(submitted, list) or not all(
        isinstance(column, Mapping) for column in submitted
    ):
        raise tk.ValidationError({"columns": [tk._("Give a list of columns.")]})
    changes = []
    for column in submitted:
        if not isinstance(column.get("id"), str) or column["id"] not in names:
            message = tk._("The table has no column “{column}”.")
            raise tk.ValidationError(
                {"columns": [message.format(column=str(column.get("id"))[:100])]}
            )
        change = ColumnChange(id=column["id"])
        for key in ("label", "notes"):
            if key in column:
                change[key] = _text(column[key])
        if "type" in column:
            if not isinstance(column["type"], str) or column["type"] not in {"", *entries.KINDS}:
                raise tk.ValidationError({"columns": [tk._("Choose one of the values.")]})
            change["type"] = column["type"]
        changes.append(change)
    return changes


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        message = tk._("This is too long: at most {limit} characters.")
        raise tk.ValidationError({"columns": [message.format(limit=MOST_CHARACTERS)]})
    return value
