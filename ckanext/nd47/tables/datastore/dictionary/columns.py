"""The columns of a table, with what its data dictionary says about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.datastore.dictionary import entries
from ckanext.nd47.tables.datastore.dictionary.entries import Dictionary, Entry, Kind

ROW_NUMBER = "_id"
"""The column that the DataStore adds."""

_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("numeric", "int", "int2", "int4", "int8", "integer", "bigint"), "number"),
    **dict.fromkeys(("float", "float4", "float8", "money"), "number"),
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
}
_CHECKED: Mapping[str, Kind] = {"numeric": "number", "date": "date", "timestamp": "timestamp"}


class TableColumn(TypedDict):
    """A column of a table.

    `id` is its name in the API, `label` its name for people, with the unit, or `id` where there is
    none; `unit` is empty without one; `type` is `text`, `number`, `date` or `timestamp`.
    """

    id: str
    label: str
    unit: str
    type: Kind
    notes: str


def of_resource(resource: Mapping[str, Any]) -> list[TableColumn]:
    """Return the columns of the table of a resource, none if it has no table.

    Args:
        resource: as `resource_show` returns it. Who may see it may see its columns.
    """
    fields = stored_fields(resource)
    dictionary = of_fields(resource, fields)
    return [column(field, dictionary) for field in fields]


def of_fields(resource: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> Dictionary:
    """Return the data dictionary of a resource, completed by what the DataStore knows.

    Args:
        resource: its field `data_dictionary` comes first.
        fields: the fields of its table, with `info` where the DataStore has one.
    """
    written = str(resource.get("data_dictionary") or "")
    dictionary = entries.parse(written, [field["id"] for field in fields])
    known = {field["id"]: _of_info(field.get("info") or {}) for field in fields}
    for name, entry in dictionary.entries.items():
        before = known[name]
        known[name] = Entry(
            entry.label or before.label, entry.kind or before.kind, entry.notes or before.notes
        )
    return Dictionary(known, dictionary.rest)


def stored_fields(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of the table in the DataStore, or those that the check understood."""
    if resource.get("datastore_active") and p.plugin_loaded("datastore"):
        try:
            info = tk.get_action("datastore_info")(
                {"ignore_auth": True},
                {"id": resource["id"], "include_meta": False, "include_fields_schema": False},
            )
        except tk.ObjectNotFound:
            return _checked(resource)
        return [field for field in info["fields"] if field["id"] != ROW_NUMBER]
    return _checked(resource)


def column(field: Mapping[str, Any], dictionary: Dictionary) -> TableColumn:
    """Return a column for people."""
    entry = dictionary.entries.get(field["id"], Entry())
    label = entry.label or field["id"]
    return TableColumn(
        id=field["id"],
        label=label,
        unit=entries.unit(label),
        type=_KINDS.get(field["type"], "text"),
        notes=entry.notes,
    )


def _checked(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not tables.ready():
        return []
    check = model.Session.get(FileCheck, resource["id"])
    parts = check.understood.get("parts", []) if check else []
    columns = parts[0]["columns"] if parts else []
    return [
        {"id": checked_column["name"], "type": checked_column.get("stored", "text")}
        for checked_column in columns
        if checked_column["name"]
    ]


def _of_info(info: Mapping[str, Any]) -> Entry:
    override = str(info.get("type_override") or "")
    chosen: Kind | Literal[""] = "text" if override == "text" else _KINDS.get(override, "")
    return Entry(
        " ".join(str(info.get("label") or "").split()),
        chosen,
        str(info.get("notes") or "").strip(),
    )
