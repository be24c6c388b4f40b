"""The page on which system administrators import and export the register.

Between the dry run and the import, a file is cached in CKAN's Redis, which all web processes share.
"""

from __future__ import annotations

import io
import json
import zlib
from collections import Counter
from secrets import token_urlsafe

from flask import Blueprint
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis

from ckanext.nd47.agencies import migrated
from ckanext.nd47.agencies.import_export import columns, export
from ckanext.nd47.agencies.import_export.action import ImportResult
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.spreadsheets.headings import IGNORED
from ckanext.nd47.lib.files.spreadsheets.reading import Column, ReadingDict
from ckanext.nd47.lib.files.spreadsheets.sheet import LARGEST_FILE, SheetError
from ckanext.nd47.lib.web import http, pages

nd47_register_import = Blueprint(
    "nd47_register_import", __name__, url_prefix="/ckan-admin/agency-register"
)

__all__ = ["nd47_register_import"]

MOST_SHOWN = 2_000
"""Rows of the outcome that a page shows; of a longer table, only rows that change something."""

CACHE_SECONDS = 3600

nd47_register_import.before_request(http.require_csrf_token)


nd47_register_import.before_request(pages.require_sysadmin(migrated, "nd47_register_import"))


@nd47_register_import.get("")
def index() -> str:
    """Show the form."""
    return _page()


@nd47_register_import.post("")
def check() -> str:
    """Show the outcome of each row of a file, and cache the file until it is applied."""
    kind = tk.request.form.get("kind", "")
    upload = tk.request.files.get("upload")
    if not upload or not upload.filename:
        return _page(kind=kind, errors={"upload": [tk._("Choose a file.")]})
    content = upload.stream.read(LARGEST_FILE + 1)
    result, errors = _run(kind, content, dry_run=True)
    ready = result and all(row["outcome"] != "error" for row in result["rows"])
    key = cache_file(_user_id(), kind, content) if ready else ""
    return _page(kind=kind, errors=errors, result=result, key=key, name=upload.filename)


@nd47_register_import.post("/apply")
def apply() -> str | Response:
    """Import the file that was checked."""
    key = tk.request.form.get("key", "")
    file = cached_file(_user_id(), key)
    if file is None:
        return _page(errors={"upload": [tk._("The file is no longer kept. Choose it again.")]})
    kind, content = file
    result, errors = _run(kind, content, dry_run=False)
    if not result or not result["applied"]:
        # The register was changed after the dry run.
        return _page(kind=kind, errors=errors, result=result)
    connect_to_redis().delete(_cache_key(key))
    counts = Counter(row["outcome"] for row in result["rows"])
    tk.h.flash_success(
        tk._("The table was entered: {created} new, {changed} changed, {same} unchanged.").format(
            created=counts["create"], changed=counts["update"], same=counts["unchanged"]
        )
    )
    return tk.redirect_to("nd47_register_import.index")


@nd47_register_import.get(f"/<any({', '.join(export.FORMATS)}):extension>/<kind>")
def download(extension: str, kind: str) -> Response:
    """Return the register as a file that can be imported again."""
    _check_kind(kind)
    return _file(kind, export.rows(kind, {"all_terms": True}, "editor"), extension)


@nd47_register_import.get("/template/<any(csv, xlsx):extension>/<kind>")
def template(extension: str, kind: str) -> Response:
    """Return a table with the headings and an example row, which an import leaves out."""
    _check_kind(kind)
    return _file(kind, [dict(columns.EXAMPLES[kind])], extension, "mau")


def _check_kind(kind: str) -> None:
    if kind not in columns.HEADINGS:
        tk.abort(404)


def _file(kind: str, rows: list[dict[str, str]], extension: str, prefix: str = "") -> Response:
    try:
        content = export.write(kind, rows, extension)
    except SheetError as error:
        tk.abort(503, str(error))
    return export.response(content, kind, extension, prefix)


def _run(
    kind: str, content: bytes, *, dry_run: bool
) -> tuple[ImportResult | None, dict[str, list[str]]]:
    data = {"kind": kind, "upload": io.BytesIO(content), "dry_run": dry_run}
    try:
        return tk.get_action("nd47_register_import")(http.user_context(), data), {}
    except tk.ValidationError as error:
        return None, inputs.error_messages(error)


def _page(
    kind: str = "",
    errors: dict[str, list[str]] | None = None,
    result: ImportResult | None = None,
    key: str = "",
    name: str = "",
) -> str:
    rows = result["rows"] if result else []
    shown_rows = rows
    if len(rows) > MOST_SHOWN:
        shown_rows = [row for row in rows if row["outcome"] != "unchanged"][:MOST_SHOWN]
    return tk.render(
        "agencies/import.html",
        {
            "kind": kind if kind in columns.HEADINGS else columns.AGENCIES,
            "errors": errors or {},
            "result": result,
            "counts": Counter(row["outcome"] for row in rows),
            "rows": shown_rows,
            "left_out": len(rows) - len(shown_rows),
            "key": key,
            "name": name,
            "headings": columns.HEADINGS,
            "reading": _shown_reading(result["reading"]) if result and result["reading"] else None,
            "allowed": columns.allowed(),
            "formats": list(export.FORMATS),
        },
    )


class ShownReading(ReadingDict):
    """What was recognised in a file, with the columns by what is done with them.

    Attributes:
        known: columns that are read.
        unknown: columns that are not known.
        aside: columns that the register does not need.
        more_left_out: number of rows that the page does not show.
        more_notes: number of cells that the page does not show.
    """

    known: list[Column]
    unknown: list[Column]
    aside: list[Column]
    more_left_out: int
    more_notes: int


def _shown_reading(reading: ReadingDict) -> ShownReading:
    """Return what was recognised in a file, as the page shows it."""
    by_field = [(column["field"], column) for column in reading["columns"]]
    return {
        **reading,
        "known": [column for field, column in by_field if field not in {"", IGNORED}],
        "unknown": [column for field, column in by_field if not field],
        "aside": [column for field, column in by_field if field == IGNORED],
        "left_out": reading["left_out"][:MOST_SHOWN],
        "notes": reading["notes"][:MOST_SHOWN],
        "more_left_out": max(0, len(reading["left_out"]) - MOST_SHOWN),
        "more_notes": max(0, len(reading["notes"]) - MOST_SHOWN),
    }


def _user_id() -> str:
    return tk.g.userobj.id if tk.g.userobj else ""


def cache_file(user_id: str, kind: str, content: bytes) -> str:
    """Cache a file for the account that uploaded it, and return its key."""
    key = token_urlsafe(24)
    head = json.dumps({"user": user_id, "kind": kind}).encode()
    value = head + b"\n" + zlib.compress(content)
    connect_to_redis().setex(_cache_key(key), CACHE_SECONDS, value)
    return key


def cached_file(user_id: str, key: str) -> tuple[str, bytes] | None:
    """Return kind and content of a cached file of an account, None where there is none."""
    value = connect_to_redis().get(_cache_key(key))
    if not isinstance(value, bytes):
        return None
    head, _, content = value.partition(b"\n")
    data = json.loads(head)
    return (data["kind"], zlib.decompress(content)) if data["user"] == user_id else None


def _cache_key(key: str) -> str:
    return f"nd47:{tk.config['ckan.site_id']}:import:{key}"
