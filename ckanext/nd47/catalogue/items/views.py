"""Officers' pages of items and proposals: below `/work/catalogues/<name>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue import pages
from ckanext.nd47.catalogue.items import listing, progress
from ckanext.nd47.catalogue.logic import rights
from ckanext.nd47.catalogue.records import fields
from ckanext.nd47.catalogue.records.model import DRAFT
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_catalogue_items"]

nd47_catalogue_items = Blueprint(
    "nd47_catalogue_items", __name__, url_prefix="/work/catalogues/<name>"
)
nd47_catalogue_items.before_request(pages.require_account)
nd47_catalogue_items.before_request(http.require_csrf_token)

ITEM = "nd47_catalogue_items.edit"
READ = "nd47_catalogue_work.read"


@nd47_catalogue_items.get("/items/new")
def new(name: str) -> str:
    """Show the form of a new item: for compilers it is added, for agencies proposed."""
    return _form(name, None, {}, {})


@nd47_catalogue_items.post("/items/new")
def create(name: str) -> str | AnyResponse:
    """Add or propose an item."""
    return _save(name, None)


@nd47_catalogue_items.get("/items/<line_id>")
def edit(name: str, line_id: str) -> str:
    """Show an item with its form, its datasets and its status."""
    item = http.act("nd47_catalogue_item_show", catalogue=name, id=line_id)
    return _form(name, item, pages.typed(item, fields.of_items()), {})


@nd47_catalogue_items.post("/items/<line_id>")
def update(name: str, line_id: str) -> str | AnyResponse:
    """Save an item, or propose the change."""
    item = http.act("nd47_catalogue_item_show", catalogue=name, id=line_id)
    return _save(name, item)


@nd47_catalogue_items.post("/items/<line_id>/delete")
def delete(name: str, line_id: str) -> str | AnyResponse:
    """Remove an item from the draft, or propose that."""
    item = http.act("nd47_catalogue_item_show", catalogue=name, id=line_id)
    form = tk.request.form
    try:
        if form.get("agency"):
            http.act(
                "nd47_catalogue_item_propose",
                catalogue=name,
                id=line_id,
                kind="remove",
                agency=form["agency"],
                note=form.get("proposal_note", ""),
            )
            tk.h.flash_success(tk._("The proposal was sent to the compiling agency."))
        else:
            version = form.get("version", "")
            http.act("nd47_catalogue_item_delete", catalogue=name, id=line_id, version=version)
            tk.h.flash_success(tk._("The item was removed."))
    except tk.ValidationError as error:
        data = pages.typed(item, fields.of_items())
        return _form(name, item, data, inputs.error_messages(error))
    return tk.redirect_to(READ, name=name)


@nd47_catalogue_items.post("/items/<line_id>/status")
def status(name: str, line_id: str) -> str | AnyResponse:
    """Set the status, the actual first day and the reason."""
    form = tk.request.form
    names = ("status", "first_provided", "reason", "version")
    data_dict = {key: form.get(key, "") for key in names}
    return _do(name, line_id, "nd47_catalogue_item_status", data_dict)


@nd47_catalogue_items.post("/items/<line_id>/<any(link, unlink):verb>")
def link(name: str, line_id: str, verb: str) -> str | AnyResponse:
    """Link datasets with the item, or unlink one."""
    data_dict = {
        "datasets": [_reference(address) for address in tk.request.form.getlist("datasets")]
    }
    return _do(name, line_id, f"nd47_catalogue_{verb}", data_dict)


@nd47_catalogue_items.get("/proposals")
def proposals(name: str) -> str:
    """Show what agencies propose for the draft."""
    return _proposals_page(name, {})


@nd47_catalogue_items.post("/proposals")
def decide(name: str) -> str | AnyResponse:
    """Merge or decline the chosen proposals."""
    form = tk.request.form
    chosen = form.getlist("ids")
    versions = {
        proposal_id: form[f"version-{proposal_id}"]
        for proposal_id in chosen
        if form.get(f"version-{proposal_id}")
    }
    try:
        results = http.act(
            "nd47_catalogue_proposal_decide",
            ids=chosen,
            decision=form.get("decision", ""),
            reason=form.get("reason", ""),
            versions=versions,
        )["results"]
    except tk.ValidationError as error:
        return _proposals_page(name, inputs.error_messages(error))
    done = sum(result["done"] for result in results)
    if done:
        message = tk.ungettext(
            "{number} proposal was decided.", "{number} proposals were decided.", done
        )
        tk.h.flash_success(message.format(number=done))
    for result in results:
        if not result["done"]:
            tk.h.flash_error(result["message"])
    return tk.redirect_to("nd47_catalogue_items.proposals", name=name)


def _reference(typed: str) -> str:
    """Return the name in an address of a dataset; a name or id stays."""
    return typed.strip().rstrip("/").rpartition("/")[2].partition("?")[0]


def _save(name: str, item: Mapping[str, Any] | None) -> str | AnyResponse:
    form = tk.request.form
    data = pages.form_data(fields.of_items())
    data_dict: dict[str, Any] = {**data, "catalogue": name}
    try:
        if form.get("agency"):
            data_dict["item_note"] = data_dict.pop("note", "")
            data_dict |= {"agency": form["agency"], "note": form.get("proposal_note", "")}
            if item:
                data_dict = {**_changed(data_dict, item), "id": item["line_id"], "kind": "change"}
            http.act("nd47_catalogue_item_propose", **data_dict)
            tk.h.flash_success(tk._("The proposal was sent to the compiling agency."))
            return tk.redirect_to(READ, name=name)
        if item is None:
            made = http.act("nd47_catalogue_item_create", **data_dict)
            tk.h.flash_success(tk._("The item was added."))
            return tk.redirect_to(ITEM, name=name, line_id=made["line_id"])
        version = form.get("version", "")
        http.act("nd47_catalogue_item_update", id=item["line_id"], version=version, **data_dict)
    except tk.ValidationError as error:
        return _form(name, item, data, inputs.error_messages(error))
    tk.h.flash_success(tk._("Saved."))
    return tk.redirect_to(ITEM, name=name, line_id=item["line_id"])


def _changed(data_dict: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form proposes: only fields that differ from the item."""
    known = fields.by_name()
    before = pages.typed(item, known.values())
    kept: dict[str, Any] = {}
    for name, value in data_dict.items():
        field = "note" if name == "item_note" else name
        is_field = field in known and name != "note"
        if not is_field or value != before.get(field):
            kept[name] = value
    for name in ("provider", "responsible"):
        if name not in kept:
            kept.pop(f"{name}_id", None)
    return kept


def _do(name: str, line_id: str, action: str, data_dict: Mapping[str, Any]) -> str | AnyResponse:
    try:
        http.act(action, catalogue=name, id=line_id, **data_dict)
    except tk.ValidationError as error:
        item = http.act("nd47_catalogue_item_show", catalogue=name, id=line_id)
        data = pages.typed(item, fields.of_items())
        return _form(name, item, data, inputs.error_messages(error))
    tk.h.flash_success(tk._("Saved."))
    return tk.redirect_to(ITEM, name=name, line_id=line_id)


def _form(
    name: str,
    item: Mapping[str, Any] | None,
    data: Mapping[str, Any],
    errors: Mapping[str, list[str]],
) -> str:
    catalogue = http.act("nd47_catalogue_show", id=name)
    account = rights.of(http.user_context())
    compiles = catalogue["may"]["edit"]
    is_draft = catalogue["state"] == DRAFT
    own = account.edits if item is None else account.edits & {item["provider_id"]}
    proposes = is_draft and bool(own) and not compiles
    if item is None and not compiles and not proposes:
        tk.abort(403, tk._("Your account does not do this for this catalogue."))
    known = fields.of_items()
    is_own = item is not None and item["provider_id"] in account.edits
    return tk.render(
        "nd47_catalogue/items/edit.html",
        {
            "catalogue": catalogue,
            "item": item,
            "data": data,
            "errors": errors,
            "known": known,
            "groups": fields.groups(),
            "offered": pages.choices(known) if compiles or proposes else {},
            "agency_titles": pages.agency_titles() if compiles or proposes else [],
            "compiles": compiles,
            "proposes": proposes,
            "own_agencies": _titles(account.edits if item is None else own) if proposes else {},
            "may_link": catalogue["may"]["link"] or is_own,
            "statuses": listing.statuses(http.language()),
            "chosen_statuses": progress.CHOSEN,
        },
    )


def _titles(agency_ids: frozenset[str]) -> dict[str, str]:
    cache = directory.cached()
    cache.load(agency_ids)
    known = [agency for agency_id in agency_ids if (agency := cache.get(agency_id))]
    return {agency.id: directory.display_title(agency) for agency in known}


def _proposals_page(name: str, errors: Mapping[str, list[str]]) -> str:
    number = web_pages.number()
    proposal_page = http.act(
        "nd47_catalogue_proposal_list",
        catalogue=name,
        limit=pages.PER_PAGE,
        offset=(number - 1) * pages.PER_PAGE,
    )
    account = rights.of(http.user_context())
    endpoint = "nd47_catalogue_items.proposals"
    return tk.render(
        "nd47_catalogue/items/proposals.html",
        {
            "catalogue": http.act("nd47_catalogue_show", id=name),
            "found": proposal_page,
            "page": pages.pager(endpoint, number, proposal_page["count"], {"name": name}),
            "errors": errors,
            "own": account.edits,
            "kinds": {
                "add": tk._("Add an item"),
                "change": tk._("Change an item"),
                "remove": tk._("Remove an item"),
            },
            "states": {
                "waiting": tk._("waits"),
                "merged": tk._("merged"),
                "declined": tk._("declined"),
            },
        },
    )
