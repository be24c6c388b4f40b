"""Pages of the national hand-over."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue import pages
from ckanext.nd47.catalogue.editions.handover import model as tables
from ckanext.nd47.catalogue.editions.handover.model import STATES, WAYS
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_handover"]

nd47_handover = Blueprint("nd47_handover", __name__, url_prefix="/work/handover")

PER_PAGE = pages.PER_PAGE

nd47_handover.before_request(http.require_csrf_token)


nd47_handover.before_request(web_pages.require_account(tables))


@nd47_handover.get("")
def index() -> str:
    """Show what was sent, and the form to record more."""
    return _index_page({}, {})


@nd47_handover.post("")
def create() -> str | Response:
    """Record what was sent."""
    names = ("way", "sent", "recipient", "document_number", "document_date", "note")
    data = {name: tk.request.form.get(name, "") for name in names}
    try:
        made = http.act("nd47_handover_create", **data)
    except tk.ValidationError as error:
        return _index_page(data, inputs.error_messages(error))
    tk.h.flash_success(tk._("What was sent is recorded. The portal itself has sent nothing."))
    return tk.redirect_to("nd47_handover.read", id=made["id"])


@nd47_handover.get("/<id>")
def read(id: str) -> str:
    """Show something that was sent, with its datasets."""
    return _page(id)


@nd47_handover.post("/<id>/answer")
def answer(id: str) -> str | Response:
    """Record what came back."""
    names = ("version", "answered", "answer_number", "answer")
    data = {name: tk.request.form.get(name, "") for name in names}
    try:
        http.act("nd47_handover_answer", id=id, **data)
    except tk.ValidationError as error:
        return _page(id, errors=inputs.error_messages(error), data=data)
    tk.h.flash_success(tk._("The answer is recorded."))
    return tk.redirect_to("nd47_handover.read", id=id)


@nd47_handover.post("/<id>/result")
def result(id: str) -> str | Response:
    """Record what the other side says about one dataset."""
    names = ("dataset", "state", "reason", "address")
    data = {name: tk.request.form.get(name, "") for name in names}
    try:
        http.act("nd47_handover_result", id=id, **data)
    except tk.ValidationError as error:
        return _page(id, errors=inputs.error_messages(error))
    return tk.redirect_to("nd47_handover.read", id=id, _anchor="datasets")


@nd47_handover.post("/<id>/compare")
def compare(id: str) -> str:
    """Show how a list or a feed of the other side differs, and record it if asked for."""
    upload = tk.request.files.get("upload")
    data: dict[str, Any] = {"record": "record" in tk.request.form}
    if upload and upload.filename:
        data["upload"] = upload.stream
    try:
        comparison = http.act("nd47_handover_compare", id=id, **data)
    except tk.ValidationError as error:
        return _page(id, errors=inputs.error_messages(error))
    return _page(id, comparison=comparison)


def ways() -> dict[str, str]:
    """Return the ways in which something is sent, in words."""
    words = (tk._("Annex to a document"), tk._("DCAT export"), tk._("API of the portal"))
    return dict(zip(WAYS, words, strict=True))


def states() -> dict[str, str]:
    """Return what is known of a dataset, in words."""
    words = (tk._("sent, no answer yet"), tk._("accepted"), tk._("refused"))
    return dict(zip(STATES, words, strict=True))


def _index_page(data: dict[str, str], errors: dict[str, list[str]]) -> str:
    number = web_pages.number()
    offset = (number - 1) * PER_PAGE
    handovers = http.act("nd47_handover_list", limit=PER_PAGE, offset=offset)
    return tk.render(
        "nd47_catalogue/handover/index.html",
        {
            "found": handovers,
            "ways": ways(),
            "states": states(),
            "data": data,
            "errors": errors,
            "page": pages.pager("nd47_handover.index", number, handovers["count"], {}),
        },
    )


def _page(
    handover_id: str,
    *,
    errors: dict[str, list[str]] | None = None,
    data: dict[str, str] | None = None,
    comparison: Any = None,
) -> str:
    shown = http.act("nd47_handover_show", id=handover_id)
    state = tk.request.args.get("state", "")
    state = state if state in STATES else ""
    number = web_pages.number()
    datasets = http.act(
        "nd47_handover_dataset_list",
        id=handover_id,
        state=state,
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    filters = {"id": handover_id, **({"state": state} if state else {})}
    return tk.render(
        "nd47_catalogue/handover/read.html",
        {
            "handover": shown,
            "datasets": datasets,
            "state": state,
            "ways": ways(),
            "states": states(),
            "errors": errors or {},
            "data": data or {},
            "comparison": comparison,
            "page": pages.pager("nd47_handover.read", number, datasets["count"], filters),
        },
    )
