"""The columns of a table in the DataStore, with the words of its data dictionary."""

from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import http
from ckanext.nd47.tables.check.cells import heading_words

ROW_NUMBER = "_id"
"""The column that the DataStore adds."""

NUMBER, DATE, MOMENT, TEXT = "number", "date", "moment", "text"

_NUMBERS = ("int", "float", "numeric", "double", "real", "decimal", "smallint", "bigint")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its name in the DataStore.
        label: its label, or its name.
        kind: `number`, `date`, `moment` or `text`.
    """

    name: str
    label: str
    kind: str

    @property
    def words(self) -> str:
        """The words of name and label for comparison, with blanks around them."""
        return heading_words(self.name)

    @property
    def label_words(self) -> str:
        """The words of the label for comparison, with blanks around them."""
        return heading_words(self.label)


def of_table(resource_id: str) -> list[Column]:
    """Return the columns of a table that the account of the request may read.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: the resource has no table.
        ckan.plugins.toolkit.NotAuthorized: the account may not read it.
    """
    found = tk.get_action("datastore_search")(
        http.user_context(), {"resource_id": resource_id, "limit": 0, "include_total": False}
    )
    columns = []
    for field in found["fields"]:
        if field["id"] == ROW_NUMBER:
            continue
        described = field.get("info") or {}
        label = str(described.get("label") or "").strip() or field["id"]
        columns.append(Column(field["id"], label, _kind(field["type"])))
    return columns


def _kind(type_: str) -> str:
    if type_.startswith(_NUMBERS):
        return NUMBER
    if type_ == "date":
        return DATE
    return MOMENT if type_.startswith("timestamp") else TEXT
