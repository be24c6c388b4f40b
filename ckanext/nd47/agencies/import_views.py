"""The administrator's page of the register: tables in and out."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.agencies import (
    columns,
    export,
    headings,
    import_table,
    messages,
    spreadsheet,
    tables,
    upload_cache,
)
from ckanext.nd47.lib import http

nd47_register_import = Blueprint(
    "nd47_register_import", __name__, url_prefix="/ckan-admin/agency-register"
)

__all__ = ["nd47_register_import"]

MOST_SHOWN = 2_000
"""Rows of the outcome that a page shows; of a longer table, those that change nothing are left out
first."""

nd47_register_import.before_request(http.require_csrf_token)


@nd47_register_import.before_request
def only_administrators() -> None:
    """Let nobody in but who may import, and on no portal without the tables."""
    try:
        tk.check_access("nd47_register_import", Context(user=tk.g.user), {})
    except tk.NotAuthorized:
        tk.abort(403, tk._("Need to be system administrator to administer"))
    if not tables.complete():
        tk.abort(503, tables.missing())


@nd47_register_import.get("")
def index() -> str:
    """Show the form."""
    return _page()


@nd47_register_import.post("")
def check() -> str:
    """Say what would become of each row of a file, and keep the file until it is applied."""
    kind = tk.request.form.get("kind", "")
    sent = tk.request.files.get("upload")
    if not sent or not sent.filename:
        return _page(kind=kind, errors={"upload": [tk._("Choose a file.")]})
    content = sent.stream.read(spreadsheet.LARGEST_FILE + 1)
    result, errors = _run(kind, content, dry_run=True)
    ready = result and all(row["outcome"] != "error" for row in result["rows"])
    word = upload_cache.keep(_user_id(), kind, content) if ready else ""
    return _page(kind=kind, errors=errors, result=result, word=word, name=sent.filename)


@nd47_register_import.post("/apply")
def apply() -> str | Response:
    """Enter the file that was checked."""
    word = tk.request.form.get("word", "")
    found = upload_cache.fetch(_user_id(), word)
    if found is None:
        return _page(errors={"upload": [tk._("The file is no longer kept. Choose it again.")]})
    kind, content = found
    result, errors = _run(kind, content, dry_run=False)
    if not result or not result["applied"]:
        # The register was changed since, or the file would have been refused before.
        return _page(kind=kind, errors=errors, result=result)
    upload_cache.drop(word)
    counts = Counter(row["outcome"] for row in result["rows"])
    tk.h.flash_success(
        tk._("The table was entered: {created} new, {changed} changed, {same} unchanged.").format(
            created=counts["create"], changed=counts["update"], same=counts["unchanged"]
        )
    )
    return tk.redirect_to("nd47_register_import.index")


@nd47_register_import.get(f"/<any({', '.join(export.FORMATS)}):extension>/<kind>")
def download(extension: str, kind: str) -> Response:
    """Give the register as a file that can be imported again."""
    if kind not in columns.HEADINGS:
        tk.abort(404)
    try:
        content = export.written(
            kind, import_table.table(kind, {"all_terms": True}, "editor"), extension
        )
    except spreadsheet.SheetError as error:
        tk.abort(503, str(error))
    return export.response(content, kind, extension)


@nd47_register_import.get("/template/<any(csv, xlsx):extension>/<kind>")
def template(extension: str, kind: str) -> Response:
    """Give a table with the headings and an example, which is not entered when it comes back."""
    if kind not in columns.HEADINGS:
        tk.abort(404)
    try:
        content = export.written(kind, [dict(columns.EXAMPLES[kind])], extension)
    except spreadsheet.SheetError as error:
        tk.abort(503, str(error))
    return export.response(content, kind, extension, "mau")


def _run(
    kind: str, content: bytes, *, dry_run: bool
) -> tuple[dict[str, Any] | None, dict[str, list[str]]]:
    data = {"kind": kind, "upload": io.BytesIO(content), "dry_run": dry_run}
    context = Context(user=tk.g.user, auth_user_obj=tk.g.userobj)
    try:
        return tk.get_action("nd47_register_import")(context, data), {}
    except tk.ValidationError as error:
        return None, messages.of(error)


def _page(
    kind: str = "",
    errors: dict[str, list[str]] | None = None,
    result: dict[str, Any] | None = None,
    word: str = "",
    name: str = "",
) -> str:
    rows = result["rows"] if result else []
    shown = rows
    if len(rows) > MOST_SHOWN:
        shown = [row for row in rows if row["outcome"] != "unchanged"][:MOST_SHOWN]
    return tk.render(
        "agencies/import.html",
        {
            "kind": kind if kind in columns.HEADINGS else columns.AGENCIES,
            "errors": errors or {},
            "result": result,
            "counts": Counter(row["outcome"] for row in rows),
            "rows": shown,
            "left_out": len(rows) - len(shown),
            "word": word,
            "name": name,
            "headings": columns.HEADINGS,
            "reading": _told(result["reading"]) if result and result["reading"] else None,
            "allowed": columns.allowed(),
            "formats": list(export.FORMATS),
        },
    )


def _told(reading: dict[str, Any]) -> dict[str, Any]:
    """Return what was recognised in a file, as the page shows it."""
    shown = [one for one in reading["columns"] if one["field"] not in {"", headings.ASIDE}]
    return {
        **reading,
        "known": shown,
        "unknown": [one for one in reading["columns"] if not one["field"]],
        "aside": [one for one in reading["columns"] if one["field"] == headings.ASIDE],
        "left_out": reading["left_out"][:MOST_SHOWN],
        "notes": reading["notes"][:MOST_SHOWN],
        "more_left_out": max(0, len(reading["left_out"]) - MOST_SHOWN),
        "more_notes": max(0, len(reading["notes"]) - MOST_SHOWN),
    }


def _user_id() -> str:
    return tk.g.userobj.id if tk.g.userobj else ""
