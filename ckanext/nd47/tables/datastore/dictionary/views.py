"""The page on which the columns of a table are described."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.web import http, pages
from ckanext.nd47.tables.datastore.dictionary import columns, entries, table_schema
from ckanext.nd47.tables.datastore.dictionary.entries import Entry
from ckanext.nd47.tables.findings import messages
from ckanext.nd47.tables.resource_views import access, responses

__all__ = ["nd47_columns", "nd47_table_schema"]

nd47_columns = Blueprint(
    "nd47_columns", __name__, url_prefix="/dataset/<id>/resource/<resource_id>/columns"
)

nd47_table_schema = Blueprint(
    "nd47_table_schema", __name__, url_prefix="/dataset/<id>/resource/<resource_id>/schema.json"
)

_ELSEWHERE = {
    "datastore.dictionary": "nd47_columns.edit",
    "xloader.resource_data": "nd47_tables.check",
}
"""Pages of CKAN and xloader, and those that do the same here."""

_LONGEST_LABEL, _LONGEST_NOTES = 300, 1_000


@nd47_columns.before_app_request
def lead_here() -> Any:
    """Lead from the pages of CKAN and xloader to those that have taken their place."""
    request = tk.request
    here = _ELSEWHERE.get(request.endpoint or "")
    view_args = request.view_args or {}
    if here and "id" in view_args and "resource_id" in view_args:
        return tk.redirect_to(here, id=view_args["id"], resource_id=view_args["resource_id"])
    return None


nd47_columns.before_request(pages.require_account())


@nd47_columns.get("")
def edit(id: str, resource_id: str) -> str:
    """Show the columns in a form."""
    dataset, resource = _editable(id, resource_id)
    return _form(dataset, resource, {})


@nd47_columns.post("")
def save(id: str, resource_id: str) -> Response | tuple[str, int]:
    """Save what the form says."""
    http.require_csrf_token()
    dataset, resource = _editable(id, resource_id)
    try:
        http.act("nd47_table_columns_update", id=resource_id, columns=_sent())
    except tk.ValidationError as error:
        return _form(dataset, resource, error.error_dict), 400
    tk.h.flash_success(tk._("The columns were saved."))
    return tk.redirect_to("dataset_resource.read", id=dataset["name"], resource_id=resource_id)


@nd47_columns.post("/schema")
def fill(id: str, resource_id: str) -> Response | tuple[str, int]:
    """Fill the columns from a Table Schema that was uploaded or pasted."""
    http.require_csrf_token()
    dataset, resource = _editable(id, resource_id)
    file = tk.request.files.get("schema-file")
    uploaded = file.stream.read(table_schema.LARGEST + 1) if file else b""
    pasted = tk.request.form.get("schema", "")
    try:
        http.act("nd47_table_schema_update", id=resource_id, schema=uploaded or pasted)
    except tk.ValidationError as error:
        return _form(dataset, resource, error.error_dict, pasted), 400
    tk.h.flash_success(tk._("The columns were saved."))
    return tk.redirect_to("nd47_columns.edit", id=dataset["name"], resource_id=resource_id)


@nd47_table_schema.get("")
def download(id: str, resource_id: str) -> Response:
    """Return the data dictionary of a file as a Table Schema."""
    shown = access.shown(id, resource_id)
    schema = http.act("nd47_table_schema", id=resource_id)
    if not schema["fields"]:
        tk.abort(404, tk._("This file has no table."))
    body = json.dumps(schema, ensure_ascii=False, indent=2).encode()
    name = f"{shown.dataset['name']}.schema.json" if "download" in tk.request.args else ""
    return responses.content(
        body, "application/json; charset=utf-8", is_public=shown.is_public, name=name
    )


def _sent() -> list[dict[str, str]]:
    form = tk.request.form
    count = sum(1 for name in form if name.startswith("column-"))
    return [
        {
            "id": form[f"column-{place}"],
            "label": form.get(f"label-{place}", "")[:_LONGEST_LABEL],
            "type": form.get(f"type-{place}", ""),
            "notes": form.get(f"notes-{place}", "")[:_LONGEST_NOTES],
        }
        for place in range(count)
        if f"column-{place}" in form
    ]


def _form(
    dataset: dict[str, Any], resource: dict[str, Any], errors: dict[str, Any], pasted: str = ""
) -> str:
    fields = columns.stored_fields(resource)
    known = columns.of_fields(resource, fields)
    sent = {column["id"]: column for column in _sent()} if errors else {}
    return tk.render(
        "nd47_tables/columns.html",
        {
            "pkg_dict": dataset,
            "dataset_type": dataset["type"],
            "resource": resource,
            "columns": [
                {
                    "id": field["id"],
                    "found": columns.column(field, known)["type"],
                    **_said(known.entries.get(field["id"], Entry())),
                    **sent.get(field["id"], {}),
                }
                for field in fields
            ],
            "types": messages.kinds_of_columns(),
            "kinds": entries.KINDS,
            "rest": known.rest,
            "problems": [str(text) for texts in errors.values() for text in _texts(texts)],
            "pasted": pasted,
            "largest_schema": table_schema.LARGEST // 1024,
            "longest_label": _LONGEST_LABEL,
            "longest_notes": _LONGEST_NOTES,
        },
    )


def _texts(texts: Any) -> list[Any]:
    return texts if isinstance(texts, list) else [texts]


def _said(entry: Entry) -> dict[str, str]:
    return {"label": entry.label, "type": entry.kind, "notes": entry.notes}


def _editable(id: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the dataset and the file of the address, for who may edit the file."""
    dataset = http.act("package_show", id=id)
    resource = next((r for r in dataset["resources"] if r["id"] == resource_id), None)
    if resource is None:
        tk.abort(404, tk._("Resource not found"))
    try:
        tk.check_access("resource_update", http.user_context(), {"id": resource_id})
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
    if not columns.stored_fields(resource):
        tk.abort(404, tk._("This file has no table."))
    return dataset, resource
