"""The pages of the spreadsheet: download, send, look at what would change, apply and undo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page

from ckanext.nd47.desk.bulk import editable, selection
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.spreadsheet import planning, result
from ckanext.nd47.desk.spreadsheet.fields.column import in_language
from ckanext.nd47.desk.spreadsheet.fields.columns import DATASETS, FILES, content
from ckanext.nd47.desk.spreadsheet.files import download as files
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.spreadsheets.headings import IGNORED
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError
from ckanext.nd47.lib.web import http

__all__ = ["nd47_spreadsheet"]

nd47_spreadsheet = Blueprint("nd47_spreadsheet", __name__, url_prefix="/work/spreadsheet")

INDEX, SHOW = "nd47_spreadsheet.index", "nd47_spreadsheet.show"
FORMATS = ", ".join(files.FORMATS)
PER_PAGE = 50
LAST_PAGE = 10**6
NAME, TEMPLATE_NAME = "bo-du-lieu", "mau-bo-du-lieu"


@nd47_spreadsheet.before_request
def require_account() -> Any:
    """Send visitors to log in, and refuse accounts that edit nothing."""
    if not tk.g.user:
        return tk.redirect_to("user.login", came_from=tk.request.full_path.rstrip("?"))
    if not tables.ready():
        tk.abort(503, tables.message())
    try:
        tk.check_access("nd47_spreadsheet_preview", http.user_context(), {})
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
    return None


nd47_spreadsheet.before_request(http.require_csrf_token)


@nd47_spreadsheet.get("")
def index() -> str:
    """Show the forms for download and upload."""
    return _index_page({})


@nd47_spreadsheet.post("")
def send() -> str | Response:
    """Check a table, and show what it would change."""
    sent = {
        name: value
        for name in ("upload", "files")
        if (value := tk.request.files.get(name)) and value.filename
    }
    data = {**sent, "all_or_nothing": tk.request.form.get("all_or_nothing") == "true"}
    try:
        run = tk.get_action("nd47_spreadsheet_preview")(http.user_context(), data)
    except tk.ValidationError as error:
        return _index_page(inputs.error_messages(error))
    return tk.redirect_to(SHOW, run_id=run["id"])


def _index_page(errors: dict[str, list[str]]) -> str:
    search = selection.search_of(tk.request.args.items(multi=True))
    return tk.render(
        "nd47_desk/spreadsheet/index.html",
        {
            "errors": errors,
            "q": search["q"],
            "filters": [pair for pair in selection.as_parameters(search) if pair[0] != "q"],
            "sent": tk.request.form,
        },
    )


@nd47_spreadsheet.get(f"/download.<any({FORMATS}):extension>")
def download(extension: str) -> Response:
    """Return the datasets of a search that the account may edit."""
    seen = editable.of(http.user_context())
    search = selection.search_of(tk.request.args.items(multi=True))
    try:
        ids = selection.ids(http.user_context(), seen, search, files.MOST)
    except tk.ValidationError as error:
        tk.abort(400, " ".join(sum(inputs.error_messages(error).values(), [])))
    return _file(lambda: files.datasets(ids, extension, seen), extension, NAME)


@nd47_spreadsheet.get(f"/template.<any({FORMATS}):extension>")
def template(extension: str) -> Response:
    """Return an empty table."""
    seen = editable.of(http.user_context())
    return _file(lambda: files.template(extension, seen), extension, TEMPLATE_NAME)


def _file(write: Any, extension: str, name: str) -> Response:
    try:
        body = write()
    except SheetError as error:
        tk.abort(503, str(error))
    reply = Response(body, content_type=files.FORMATS[extension])
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return reply


@nd47_spreadsheet.get("/<run_id>")
def show(run_id: str) -> str:
    """Show what a table would change, or has changed."""
    outcome = tk.request.args.get("outcome", "")
    outcome = outcome if outcome in planning.OUTCOMES else ""
    number = _page_number()
    run: result.Result = http.act(
        "nd47_spreadsheet_show",
        id=run_id,
        outcome=outcome,
        limit=PER_PAGE,
        offset=(number - 1) * PER_PAGE,
    )
    filters = {"outcome": outcome} if outcome else {}
    progress = run["progress"]
    return tk.render(
        "nd47_desk/spreadsheet/run.html",
        {
            "run": run,
            "outcome": outcome,
            "outcomes": outcomes(),
            "sheets": {kind: in_language(content()["sheets"][kind]) for kind in (DATASETS, FILES)},
            "state": progress["state"],
            "busy": progress["state"] in tables.BUSY,
            "changing": run["counts"][planning.NEW] + run["counts"][planning.CHANGED],
            "ignored": IGNORED,
            "page": Page(
                collection=range(run["count"]),
                page=number,
                url=lambda page, **_more: tk.url_for(SHOW, run_id=run_id, page=page, **filters),
                item_count=run["count"],
                items_per_page=PER_PAGE,
                presliced_list=True,
            ),
        },
    )


@nd47_spreadsheet.post("/<run_id>/<any(apply, undo):step>")
def change(run_id: str, step: str) -> Response:
    """Apply or undo a table."""
    # Only runs of tables; others have pages of their own.
    http.act("nd47_spreadsheet_show", id=run_id, limit=1)
    try:
        http.act(f"nd47_bulk_{step}", id=run_id)
    except tk.ValidationError as error:
        for messages in inputs.error_messages(error).values():
            tk.h.flash_error(" ".join(messages))
    return tk.redirect_to(SHOW, run_id=run_id)


def outcomes() -> dict[str, str]:
    """Return the outcomes of rows in words, in the order of the page."""
    return {
        planning.REFUSED: tk._("refused"),
        planning.NEW: tk._("new"),
        planning.CHANGED: tk._("changed"),
        planning.SAME: tk._("unchanged"),
    }


def _page_number() -> int:
    text = tk.request.args.get("page", "1")
    is_number = text.isascii() and text.isdigit() and len(text) < len(str(LAST_PAGE))
    return max(int(text), 1) if is_number else 1
