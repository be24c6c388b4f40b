"""Pages that change many datasets: choose, say what, look at the preview, apply, undo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page

from ckanext.nd47.desk import scope
from ckanext.nd47.desk.bulk import describe, editable, fields, form, selection
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http, pages

__all__ = ["nd47_desk_bulk"]

nd47_desk_bulk = Blueprint("nd47_desk_bulk", __name__, url_prefix="/work")

LIST, FORM, RUNS, RUN = (
    f"nd47_desk_bulk.{name}" for name in ("datasets", "choose_changes", "runs", "run")
)
PER_PAGE = 25
ALL, CHOSEN, NOTHING = "all", "dataset", "none"
"""Parameters: all of the search is chosen, the chosen datasets, and whether nothing was chosen."""

Parameters = list[tuple[str, str]]


nd47_desk_bulk.before_request(pages.require_account(tables))


nd47_desk_bulk.before_request(http.require_csrf_token)


@nd47_desk_bulk.get("/datasets")
def datasets() -> str:
    """Show the datasets of a search that the account edits, to choose some or all."""
    search, number = _search(), pages.number()
    context, seen = http.user_context(), editable.of(http.user_context())
    results, problem = _search_datasets(context, seen, search, (number - 1) * PER_PAGE, PER_PAGE)
    parameters = selection.as_parameters(search)
    return tk.render(
        "nd47_desk/bulk/datasets.html",
        {
            "search": search,
            "parameters": parameters,
            "found": results,
            "problem": problem,
            "nothing_chosen": NOTHING in tk.request.args,
            "edits": seen.everything or bool(seen.edits),
            "page": _pages(LIST, parameters, number, results["count"]),
            "most": selection.MOST,
            "search_page": selection.address("dataset.search", parameters),
            "without": _without(search),
        },
    )


@nd47_desk_bulk.get("/datasets/changes")
def choose_changes() -> str | Response:
    """Show the fields that can be set for the chosen datasets."""
    return _form_page(tk.request.args, {})


@nd47_desk_bulk.post("/datasets/changes")
def preview() -> str | Response:
    """Have the changes checked, and show the preview."""
    sent = tk.request.form
    data: dict[str, Any] = {
        "changes": form.changes(sent, fields.by_name().values()),
        "all_or_nothing": "all_or_nothing" in sent,
    }
    if ALL in sent:
        data["search"] = selection.search_of(_parameters(sent))
    else:
        data["datasets"] = sent.getlist(CHOSEN)
    try:
        run = tk.get_action("nd47_bulk_preview")(http.user_context(), data)
    except tk.ValidationError as error:
        return _form_page(sent, inputs.error_messages(error))
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
    return tk.redirect_to(RUN, run_id=run["id"])


@nd47_desk_bulk.get("/changes")
def runs() -> str:
    """Show the changes that the account asked for."""
    number = pages.number()
    page = http.act("nd47_bulk_list", limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return tk.render(
        "nd47_desk/bulk/runs.html",
        {
            "runs": page["results"],
            "states": describe.run_states(),
            "page": _pages(RUNS, [], number, page["count"]),
        },
    )


@nd47_desk_bulk.get("/changes/<run_id>")
def run(run_id: str) -> str:
    """Show a change: the preview, how far it is, or what came of it."""
    number, state = pages.number(), tk.request.args.get("state", "")
    if state not in tables.ITEM_STATES:
        state = ""
    shown = http.act(
        "nd47_bulk_show",
        id=run_id,
        state=state,
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    parameters = [("state", state)] if state else []
    return tk.render(
        "nd47_desk/bulk/run.html",
        {
            "run": shown,
            "state": state,
            "states": describe.run_states(),
            "item_states": describe.item_states(),
            "busy": shown["progress"]["state"] in tables.BUSY,
            "page": _pages(RUN, parameters, number, shown["count"], run_id=run_id),
        },
    )


@nd47_desk_bulk.post("/changes/<run_id>/apply")
def apply(run_id: str) -> Response:
    """Apply a change, or let it go on."""
    return _ask("nd47_bulk_apply", run_id)


@nd47_desk_bulk.post("/changes/<run_id>/undo")
def undo(run_id: str) -> Response:
    """Undo a change, or let that go on."""
    return _ask("nd47_bulk_undo", run_id)


def _ask(action: str, run_id: str) -> Response:
    try:
        http.act(action, id=run_id)
    except tk.ValidationError as error:
        for messages in inputs.error_messages(error).values():
            tk.h.flash_error(" ".join(messages))
    return tk.redirect_to(RUN, run_id=run_id)


def _form_page(sent: Any, errors: dict[str, list[str]]) -> str | Response:
    """Show the form for the selection in the parameters; without one, the list again."""
    search = selection.search_of(_parameters(sent))
    parameters = selection.as_parameters(search)
    ids: list[str] = (
        [] if ALL in sent else [dataset_id for dataset_id in sent.getlist(CHOSEN) if dataset_id]
    )
    if ALL in sent:
        context, seen = http.user_context(), editable.of(http.user_context())
        results, problem = _search_datasets(context, seen, search, 0, 0)
        count = results["count"]
        if problem:
            errors = {**errors, "search": [problem]}
    else:
        count = len(set(ids))
    if not count:
        return tk.redirect_to(selection.address(LIST, [*parameters, (NOTHING, "1")]))
    sections = fields.sections()
    names = {field.name for section in sections for field in section.fields}
    return tk.render(
        "nd47_desk/bulk/changes.html",
        {
            "sections": sections,
            "ids": ids,
            "parameters": parameters,
            "whole_search": ALL in sent,
            "count": count,
            "errors": errors,
            "other_errors": [
                text for name, texts in errors.items() if name not in names for text in texts
            ],
            "typed": form.typed(sent),
            "operations": describe.operations(),
            "all_or_nothing": "all_or_nothing" in sent,
            "back": selection.address(LIST, parameters),
        },
    )


def _search_datasets(
    context: Any, seen: scope.Scope, search: selection.Search, start: int, rows: int
) -> tuple[selection.Page, str]:
    """Return a page of a search, and a message if the search engine does not understand it."""
    try:
        return selection.page(context, seen, search, start, rows), ""
    except tk.ValidationError as error:
        messages = inputs.error_messages(error).values()
        return {"count": 0, "results": []}, " ".join(text for texts in messages for text in texts)


def _search() -> selection.Search:
    return selection.search_of(_parameters(tk.request.args))


def _parameters(sent: Any) -> Parameters:
    """Return the parameters of a search among those of a page."""
    own = (form.OPERATION, form.VALUE, "_")
    names = {"all_or_nothing", NOTHING}
    return [
        (name, "".join(filter(str.isprintable, value)))
        for name, value in sent.items(multi=True)
        if name not in names and not name.startswith(own)
    ]


def _without(search: selection.Search) -> dict[tuple[str, str], str]:
    """Return the addresses of the list without one of the filters, by filter and value."""
    parameters = selection.as_parameters(search)
    return {
        (name, value): selection.address(
            LIST, [parameter for parameter in parameters if parameter != (name, value)]
        )
        for name, several in search["filters"].items()
        for value in several
    }


def _pages(endpoint: str, parameters: Parameters, number: int, count: int, **parts: str) -> Page:
    def address(page: int) -> str:
        return selection.address(endpoint, [*parameters, ("page", str(page))], **parts)

    return pages.pager(address, number, count, PER_PAGE)
