"""The pages of a dataset that begins with its file: choose the file, then look at the proposals."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http, pages
from ckanext.nd47.metadata import dataset_reader, licence
from ckanext.nd47.tables.file_first import drafts

__all__ = ["nd47_file_first"]

nd47_file_first = Blueprint("nd47_file_first", __name__)

REVIEW = "nd47_publishing.review"
"""The page before the publication, of a neighbour that may be absent."""

TEXTS = ("title", "notes", "tag_string", "frequency", "open_data_category")
SEVERAL = ("theme",)
OF_FILE = ("period", "data_dictionary")
MOST_PROPOSED = 40
USUAL = "usual"
"""Name of the boxes for what is proposed for any dataset; each has the name of a field."""


nd47_file_first.before_request(pages.require_account())


nd47_file_first.before_request(http.require_csrf_token)


@nd47_file_first.get("/dataset/new-from-file")
def choose() -> str:
    """Ask for the file."""
    return _choose({}, request.args.get("owner_org", ""))


@nd47_file_first.post("/dataset/new-from-file")
def create() -> str | Response:
    """Examine the file, and make a draft with all that follows from it."""
    agency = request.form.get("owner_org", "")
    try:
        made = http.act(
            "nd47_dataset_create_from_file", upload=request.files.get("upload"), owner_org=agency
        )
    except tk.ValidationError as error:
        model.Session.rollback()
        return _choose(inputs.error_messages(error), agency)
    return tk.redirect_to(
        "nd47_file_first.look", id=made["dataset"]["name"], proposed=",".join(made["proposed"])
    )


@nd47_file_first.get("/dataset/<id>/from-file")
def look(id: str) -> str:
    """Show the draft with its proposals."""
    dataset = _editable(id)
    return _form(dataset, _as_form(dataset), {})


@nd47_file_first.post("/dataset/<id>/from-file")
def save(id: str) -> str | Response:
    """Save what the officer made of the proposals, and go on to the publication."""
    dataset = _editable(id)
    form = request.form
    data: dict[str, Any] = {name: form.get(name, "").strip() for name in (*TEXTS, *OF_FILE)}
    data |= {name: form.getlist(name) for name in SEVERAL}
    data |= {name: form.get(name, "").strip() for name in ("start", "end", "place")}
    changes: dict[str, Any] = {name: data[name] for name in (*TEXTS, *SEVERAL)}
    changes["temporal_coverage"] = _period(data)
    changes["spatial_coverage"] = _places(dataset, data["place"])
    of_file = {name: data[name] for name in OF_FILE}
    of_file["name"] = data["title"]
    data[USUAL] = form.getlist(USUAL)
    changes |= {name: value for name, value in drafts.usual(dataset).items() if name in data[USUAL]}
    try:
        saved = drafts.save({"user": tk.g.user, "auth_user_obj": tk.g.userobj}, dataset["id"],
                            changes, of_file)  # fmt: skip
    except tk.ValidationError as error:
        model.Session.rollback()
        return _form(dataset, data, _errors(error))
    if REVIEW in current_app.view_functions:
        return tk.redirect_to(REVIEW, id=saved["name"])
    return tk.redirect_to("dataset.read", id=saved["name"])


@nd47_file_first.post("/dataset/<id>/check-file")
def check_file(id: str) -> Response:
    """Say what can be told of a chosen file, for the script of the form."""
    try:
        result = http.act("nd47_file_check_quick", id=id, upload=request.files.get("upload"))
    except tk.ValidationError as error:
        errors = json.dumps({"errors": inputs.error_messages(error)}, ensure_ascii=False)
        return Response(errors, status=400, mimetype="application/json")
    return jsonify(result)


def _choose(errors: dict[str, list[str]], agency: str) -> str:
    try:
        tk.check_access("package_create", {"user": tk.g.user, "auth_user_obj": tk.g.userobj}, {})
    except tk.NotAuthorized:
        tk.abort(403, tk._("Unauthorized to create a package"))
    return tk.render(
        "nd47_tables/file_first/choose.html",
        {"errors": errors, "agencies": tk.h.nd47_owners(""), "agency": agency},
    )


def _editable(reference: str) -> dict[str, Any]:
    """Return the dataset of the address, if the account may edit it."""
    dataset = http.act("package_show", id=reference)
    try:
        tk.check_access(
            "package_update", {"user": tk.g.user, "auth_user_obj": tk.g.userobj},
            {"id": dataset["id"]},
        )  # fmt: skip
    except tk.NotAuthorized:
        tk.abort(403, tk._("Unauthorized to edit this dataset"))
    return dataset


def _as_form(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the form as they are stored."""
    covered = next(iter(dataset_reader.groups(dataset, "temporal_coverage")), {})
    place = next(iter(dataset_reader.groups(dataset, "spatial_coverage")), {})
    first = next(iter(dataset["resources"]), {})
    return {
        "title": dataset["title"],
        "notes": dataset.get("notes") or "",
        "tag_string": ", ".join(tag["name"] for tag in dataset.get("tags") or ()),
        "frequency": dataset_reader.text(dataset, "frequency"),
        "open_data_category": dataset_reader.text(dataset, "open_data_category"),
        "theme": dataset_reader.codes(dataset, "theme"),
        "start": values.day_first(str(covered.get("start") or "")),
        "end": values.day_first(str(covered.get("end") or "")),
        "place": str(place.get("text") or place.get("uri") or ""),
        "period": tk.h.nd47_period_input(first.get("period") or "") or "",
        "data_dictionary": str(first.get("data_dictionary") or ""),
    }


def _period(data: dict[str, Any]) -> list[dict[str, str]]:
    group = {name: data[name] for name in ("start", "end") if data[name]}
    return [group] if group else []


def _places(dataset: dict[str, Any], typed: str) -> list[dict[str, Any]]:
    """Return the place: as it was proposed with its extent, or by the name that was typed."""
    before = dataset_reader.groups(dataset, "spatial_coverage")
    if before and typed == str(before[0].get("text") or before[0].get("uri") or ""):
        return [dict(group) for group in before]
    return [{"text": typed}] if typed else []


def _usual_in_words(dataset: dict[str, Any]) -> list[dict[str, str]]:
    """Return name, label and value of each field that has a proposal for any dataset."""
    schema = tk.h.scheming_get_dataset_schema(dataset["type"]) or {}
    labels = {field["field_name"]: field for field in schema.get("dataset_fields", [])}
    return [
        {
            "name": name,
            "label": tk.h.scheming_language_text(labels[name].get("label") or name),
            "value": _in_words(labels[name], value),
        }
        for name, value in drafts.usual(dataset).items()
    ]


def _in_words(field: dict[str, Any], value: Any) -> str:
    if field["field_name"] == "license_id":
        return licence.title(value)
    codes = value if isinstance(value, list) else [value]
    listed = field.get("vocabulary")
    return ", ".join(vocabulary.label(listed, code, http.language()) if listed else code
                     for code in codes)  # fmt: skip


def _errors(error: tk.ValidationError) -> dict[str, list[str]]:
    """Return the messages by the fields of this form."""
    messages = inputs.error_messages(error)
    return {
        {"temporal_coverage": "start", "spatial_coverage": "place"}.get(name, name): texts
        for name, texts in messages.items()
    }


def _form(dataset: dict[str, Any], data: dict[str, Any], errors: dict[str, list[str]]) -> str:
    proposed = request.args.get("proposed", "").split(",")[:MOST_PROPOSED]
    first = next(iter(dataset["resources"]), None)
    return tk.render(
        "nd47_tables/file_first/proposals.html",
        {
            "pkg_dict": dataset,
            "dataset_type": dataset["type"],
            "resource": first,
            "data": data,
            "errors": errors,
            "proposed": set(proposed),
            "usual": _usual_in_words(dataset),
            "today": dates.today().isoformat(),
        },
    )
