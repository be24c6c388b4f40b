"""Saves what is said about columns, and passes it on to the DataStore."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model import core
from ckan.types import Context

from ckanext.nd47.tables.datastore.dictionary import columns, entries, table_schema
from ckanext.nd47.tables.datastore.dictionary.entries import Dictionary, Entry, Kind

FROM_DICTIONARY = "nd47_from_dictionary"
"""Key of the context of a change of the DataStore that follows from the field."""

_TYPES: Mapping[Kind, str] = {
    "number": "numeric",
    "date": "date",
    "timestamp": "timestamp",
    "text": "text",
}


class _Changed(TypedDict, total=False):
    label: str
    type: Kind | Literal[""]
    notes: str


class ColumnChange(_Changed):
    """What is to be said about a column; what is missing stays as it is."""

    id: str


def save(context: Context, resource: Mapping[str, Any], changes: Iterable[ColumnChange]) -> None:
    """Write changes of columns into the field `data_dictionary` of a resource.

    Args:
        context: of who saves.
        resource: as `resource_show` returns it.
        changes: of columns that the table has.

    Raises:
        ckan.plugins.toolkit.ValidationError: the field would be too long.
    """
    fields = columns.stored_fields(resource)
    known = columns.of_fields(resource, fields)
    said = dict(known.entries)
    for change in changes:
        before = said.get(change["id"], Entry())
        said[change["id"]] = Entry(
            change.get("label", before.label),
            change.get("type", before.kind),
            change.get("notes", before.notes),
        )
    _store(context, resource, Dictionary(said, known.rest), [field["id"] for field in fields])


def save_stated(
    context: Context, resource: Mapping[str, Any], stated: Iterable[table_schema.Stated]
) -> None:
    """Write the columns that a Table Schema states into the field `data_dictionary`.

    Columns that the table lacks get a line as well, so that the check of the file tells of them.
    What the schema does not say about a column stays as it is.

    Args:
        context: of who saves.
        resource: as `resource_show` returns it.
        stated: the columns.

    Raises:
        ckan.plugins.toolkit.ValidationError: the field would be too long.
    """
    fields = columns.stored_fields(resource)
    stored_kinds = {
        field["id"]: columns.column(field, Dictionary({}, ""))["type"] for field in fields
    }
    known = columns.of_fields(resource, fields)
    said = dict(known.entries)
    rest = known.rest.splitlines()
    for column in stated:
        if column.name in stored_kinds:
            before = said.get(column.name, Entry())
            kind = (
                column.kind
                if column.kind and column.kind != stored_kinds[column.name]
                else before.kind
            )
            said[column.name] = Entry(
                column.label or before.label, kind, column.notes or before.notes
            )
        elif not any(entries.is_about(line, column.name) for line in rest):
            entry = Entry(column.label or column.name, column.kind or "", column.notes)
            rest.append(entries.write(Dictionary({column.name: entry}, ""), [column.name]))
    _store(context, resource, Dictionary(said, "\n".join(rest)), list(stored_kinds))


def _store(
    context: Context, resource: Mapping[str, Any], dictionary: Dictionary, names: Sequence[str]
) -> None:
    written = entries.write(dictionary, names)
    if written != (resource.get("data_dictionary") or ""):
        tk.get_action("resource_patch")(
            tk.fresh_context(context), {"id": resource["id"], "data_dictionary": written}
        )


def as_infos(said: Mapping[str, Entry]) -> dict[str, dict[str, str]]:
    """Return entries as the DataStore's data dictionary, without those that say nothing."""
    infos = {}
    for name, entry in said.items():
        info = {
            "label": entry.label,
            "notes": entry.notes,
            "type_override": _TYPES[entry.kind] if entry.kind else "",
        }
        if filled := {key: value for key, value in info.items() if value}:
            infos[name] = filled
    return infos


def pass_on(resource_id: str) -> bool:
    """Write the field `data_dictionary` into the DataStore's data dictionary.

    Returns:
        Whether a column has another type than the one that is chosen, so that the file has to be
        loaded again.
    """
    resource = model.Session.get(model.Resource, resource_id)
    if resource is None or resource.state != core.State.ACTIVE or not p.plugin_loaded("datastore"):
        return False
    extras = resource.extras or {}
    if not extras.get("datastore_active"):
        return False
    shown = {"id": resource.id, **extras}
    fields = columns.stored_fields(shown)
    written = entries.parse(
        str(extras.get("data_dictionary") or ""), [field["id"] for field in fields]
    )
    infos = as_infos(written.entries)
    if any((field.get("info") or {}) != infos.get(field["id"], {}) for field in fields):
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        context: Any = {"user": user, "ignore_auth": True, FROM_DICTIONARY: True}
        tk.get_action("datastore_create")(
            context,
            {
                "resource_id": resource.id,
                "force": True,
                "fields": [
                    {"id": f["id"], "type": f["type"], "info": infos.get(f["id"], {})}
                    for f in fields
                ],
            },
        )
    return any(
        entry.kind and _TYPES[entry.kind] != field["type"]
        for field in fields
        if (entry := written.entries.get(field["id"]))
    )


def of_infos(fields: Iterable[Mapping[str, Any]]) -> list[ColumnChange]:
    """Return what a call of `datastore_create` says about columns."""
    changes = []
    for field in fields:
        info = field.get("info")
        if not isinstance(info, Mapping):
            continue
        change = ColumnChange(id=str(field.get("id")))
        if "label" in info:
            change["label"] = str(info["label"] or "")
        if "notes" in info:
            change["notes"] = str(info["notes"] or "")
        if "type_override" in info:
            kinds: dict[str, Kind] = {type_: kind for kind, type_ in _TYPES.items()}
            change["type"] = kinds.get(str(info["type_override"]), "")
        if len(change) > 1:
            changes.append(change)
    return changes
