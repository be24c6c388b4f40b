"""Officers' pages of the catalogues: `/work/catalogues`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue import pages
from ckanext.nd47.catalogue.editions import files
from ckanext.nd47.catalogue.items import listing
from ckanext.nd47.catalogue.logic import rights
from ckanext.nd47.catalogue.records import fields, history
from ckanext.nd47.catalogue.records.model import KINDS, PROVINCE
from ckanext.nd47.lib import config, inputs
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_catalogue_work"]

nd47_catalogue_work = Blueprint("nd47_catalogue_work", __name__, url_prefix="/work/catalogues")
nd47_catalogue_work.before_request(pages.require_account)
nd47_catalogue_work.before_request(http.require_csrf_token)

READ = "nd47_catalogue_work.read"
FILTERS = ("q", "kind", "state")
MOST_EVENTS = 200
OF_ISSUE = ("decision", "next_review")


@nd47_catalogue_work.get("")
def index() -> str:
    """Show the catalogues, what is in work first."""
    chosen = pages.filters(*FILTERS)
    number = web_pages.number()
    catalogues = http.act(
        "nd47_catalogue_list", **chosen, limit=pages.PER_PAGE, offset=(number - 1) * pages.PER_PAGE
    )
    account = rights.of(http.user_context())
    return tk.render(
        "nd47_catalogue/editions/index.html",
        {
            "found": catalogues,
            "filters": chosen,
            "page": pages.pager("nd47_catalogue_work.index", number, catalogues["count"], chosen),
            "kinds": pages.codes("catalogue-kind"),
            "states": pages.codes("catalogue-state"),
            "may_create": account.compiles_anything,
            "sees_gaps": account.reads_drafts,
        },
    )


@nd47_catalogue_work.get("/new")
def new() -> str:
    """Show the form of a new catalogue."""
    return _form({"kind": PROVINCE, "agency": _default_agency()}, {}, None)


@nd47_catalogue_work.post("/new")
def create() -> str | AnyResponse:
    """Create a catalogue."""
    data = pages.form_data(fields.of_catalogues())
    data["agency"] = tk.request.form.get("agency", "")
    try:
        made = http.act("nd47_catalogue_create", **data)
    except tk.ValidationError as error:
        return _form(data, inputs.error_messages(error), None)
    tk.h.flash_success(tk._("The draft was created. Add its items."))
    return tk.redirect_to(READ, name=made["name"])


@nd47_catalogue_work.get("/<name>")
def read(name: str) -> str:
    """Show a catalogue with its items, and what can be done with it."""
    return _page(name, {}, {})


@nd47_catalogue_work.get("/<name>/edit")
def edit(name: str) -> str:
    """Show the form of a catalogue."""
    catalogue = http.act("nd47_catalogue_show", id=name)
    return _form(pages.typed(catalogue, fields.of_catalogues()), {}, catalogue)


@nd47_catalogue_work.post("/<name>/edit")
def update(name: str) -> str | AnyResponse:
    """Save a catalogue."""
    data = pages.form_data(fields.of_catalogues())
    version = tk.request.form.get("version", "")
    try:
        http.act("nd47_catalogue_update", id=name, version=version, **data)
    except tk.ValidationError as error:
        messages = inputs.error_messages(error)
        return _form(data, messages, http.act("nd47_catalogue_show", id=name))
    tk.h.flash_success(tk._("Saved."))
    return tk.redirect_to(READ, name=name)


@nd47_catalogue_work.post("/<name>/propose")
def propose(name: str) -> str | AnyResponse:
    """Propose the draft."""
    return _do(name, "propose", tk._("The catalogue was proposed to the leader."))


@nd47_catalogue_work.post("/<name>/return")
def give_back(name: str) -> str | AnyResponse:
    """Return the proposed catalogue to draft."""
    return _do(name, "return", tk._("The catalogue was returned to draft."))


@nd47_catalogue_work.post("/<name>/issue")
def issue(name: str) -> str | AnyResponse:
    """Issue the catalogue by its decision."""
    return _do(name, "issue", tk._("The catalogue is issued. It does not change any more."))


@nd47_catalogue_work.post("/<name>/file")
def add_file(name: str) -> str | AnyResponse:
    """Add the signed file."""
    return _do(name, "file_add", tk._("The signed file was added."))


@nd47_catalogue_work.post("/<name>/dispatch")
def dispatch(name: str) -> str | AnyResponse:
    """Record to whom it was sent."""
    return _do(name, "dispatch", tk._("Saved."))


@nd47_catalogue_work.post("/<name>/new-edition")
def new_edition(name: str) -> str | AnyResponse:
    """Start the next edition."""
    relation = tk.request.form.get("relation", "")
    try:
        made = http.act("nd47_catalogue_new_edition", id=name, relation=relation)
    except tk.ValidationError as error:
        return _page(name, {}, inputs.error_messages(error))
    tk.h.flash_success(tk._("The draft of the next edition has all items. Change what differs."))
    return tk.redirect_to(READ, name=made["name"])


@nd47_catalogue_work.post("/<name>/delete")
def delete(name: str) -> str | AnyResponse:
    """Delete the draft."""
    version = tk.request.form.get("version", "")
    try:
        http.act("nd47_catalogue_delete", id=name, version=version)
    except tk.ValidationError as error:
        return _page(name, {}, inputs.error_messages(error))
    tk.h.flash_success(tk._("The draft was deleted."))
    return tk.redirect_to("nd47_catalogue_work.index")


@nd47_catalogue_work.get("/<name>/compare")
def compare(name: str) -> str:
    """Show what is different from another edition."""
    catalogue = http.act("nd47_catalogue_show", id=name)
    other = tk.request.args.get("other", "")[: pages.LONGEST]
    others = [edition for edition in catalogue["editions"] if edition["id"] != catalogue["id"]]
    comparison, problem = None, ""
    if other or catalogue["previous_id"]:
        try:
            comparison = http.act("nd47_catalogue_compare", id=name, other=other)
        except tk.ValidationError as error:
            problem = " ".join(sum(inputs.error_messages(error).values(), []))
    return tk.render(
        "nd47_catalogue/editions/compare.html",
        {
            "catalogue": catalogue,
            "others": others,
            "other": other or catalogue["previous_id"],
            "comparison": comparison,
            "problem": problem,
        },
    )


@nd47_catalogue_work.get("/<name>/history")
def events(name: str) -> str:
    """Show what happened to the catalogue."""
    history_page = http.act("nd47_catalogue_history", id=name, limit=MOST_EVENTS)
    return tk.render(
        "nd47_catalogue/editions/history.html",
        {
            "catalogue": http.act("nd47_catalogue_show", id=name),
            "events": history_page,
            "words": history.words(),
        },
    )


def _do(name: str, verb: str, said: str) -> str | AnyResponse:
    form = tk.request.form
    data: dict[str, Any] = {key: form.get(key, "") for key in form if key != "csrf"}
    upload = tk.request.files.get(files.UPLOAD)
    if upload is not None and upload.filename:
        data[files.UPLOAD] = upload
    data.pop("id", None)
    try:
        http.act(f"nd47_catalogue_{verb}", id=name, **data)
    except tk.ValidationError as error:
        return _page(name, data, inputs.error_messages(error))
    tk.h.flash_success(said)
    return tk.redirect_to(READ, name=name)


def _page(name: str, data: Mapping[str, Any], errors: Mapping[str, list[str]]) -> str:
    catalogue = http.act("nd47_catalogue_show", id=name)
    chosen = pages.filters(*listing.FILTERS)
    number = web_pages.number()
    try:
        items = http.act(
            "nd47_catalogue_item_list",
            catalogue=name,
            **chosen,
            limit=pages.PER_PAGE,
            offset=(number - 1) * pages.PER_PAGE,
        )
    except tk.ValidationError as error:
        tk.abort(400, " ".join(sum(inputs.error_messages(error).values(), [])))
    known = fields.of_catalogues()
    account = rights.of(http.user_context())
    return tk.render(
        "nd47_catalogue/editions/read.html",
        {
            "catalogue": catalogue,
            "items": items,
            "filters": chosen,
            "page": pages.pager(READ, number, items["count"], {"name": name, **chosen}),
            "statuses": listing.statuses(http.language()),
            "states": pages.codes("catalogue-state"),
            "field_titles": pages.codes("field"),
            "relations": pages.codes("catalogue-relation"),
            "known": known,
            "of_proposal": [field for field in known if field.group == "proposal"],
            "of_issue": [field for field in known if {field.group, field.name} & set(OF_ISSUE)],
            "data": data or pages.typed(catalogue, known),
            "errors": errors,
            "offered": {},
            "may_propose": bool(account.edits) or account.everything or account.compiles,
        },
    )


def _form(
    data: Mapping[str, Any], errors: Mapping[str, list[str]], catalogue: Mapping[str, Any] | None
) -> str:
    known = fields.of_catalogues()
    account = rights.of(http.user_context())
    if catalogue is None and not account.compiles_anything:
        tk.abort(403, tk._("Your account does not do this for this catalogue."))
    if catalogue is not None and not catalogue["may"]["edit"]:
        tk.abort(403, tk._("Only a draft can be edited, by those who compile it."))
    return tk.render(
        "nd47_catalogue/editions/edit.html",
        {
            "catalogue": catalogue,
            "data": data,
            "errors": errors,
            "known": [
                field for field in known if catalogue is not None or field.group == "document"
            ],
            "groups": fields.groups(),
            "offered": pages.choices(known),
            "agencies": _agencies(account) if catalogue is None else {},
            "kinds": KINDS,
        },
    )


def _agencies(account: rights.Rights) -> dict[str, str]:
    """Return the agencies whose catalogues an account may start, by id."""
    everything = account.everything or account.compiles
    return {
        agency.id: directory.display_title(agency)
        for agency in sorted(directory.active(), key=lambda info: info.title)
        if everything or agency.id in account.edits
    }


def _default_agency() -> str:
    """Return the agency at the top of the tree of the compiling agency."""
    top = directory.top_agency(config.compiling_agency())
    return top.id if top else ""
