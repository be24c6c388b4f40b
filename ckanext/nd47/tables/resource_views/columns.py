"""The columns of a file or table as its views need them: from its data dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.nd47.tables.check.cells import heading_words
from ckanext.nd47.tables.datastore.dictionary import columns as dictionary

NUMBER, DATE, MOMENT, TEXT = "number", "date", "timestamp", "text"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its name in the DataStore.
        label: its label with the unit, or its name.
        kind: `number`, `date`, `timestamp` or `text`.
    """

    name: str
    label: str
    kind: str

    @property
    def words(self) -> str:
        """The words of its name for comparison, with blanks around them."""
        return heading_words(self.name)

    @property
    def label_words(self) -> str:
        """The words of its label for comparison, with blanks around them."""
        return heading_words(self.label)


def of_resource(resource: Mapping[str, Any]) -> list[Column]:
    """Return the columns of a resource that the user may read; none if it has no table."""
    columns = dictionary.of_resource(resource)
    return [Column(column["id"], column["label"], column["type"]) for column in columns]


def labels(resource: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """Return the labels that the data dictionary of a resource has for the fields of its file."""
    fields = [{"id": name, "type": TEXT} for name in names]
    entries = dictionary.of_fields(resource, fields).entries
    return {name: entry.label for name, entry in entries.items() if entry.label}


def of_table(resource: Mapping[str, Any]) -> list[Column]:
    """Return the columns of the table of a resource in the DataStore; none if it has none there."""
    return of_resource(resource) if resource.get("datastore_active") else []
