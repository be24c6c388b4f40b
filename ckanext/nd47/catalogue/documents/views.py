"""Pages and files of the documents: a catalogue downloaded, and a table read into a draft."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue import pages
from ckanext.nd47.catalogue.documents import annex, importing
from ckanext.nd47.catalogue.documents import tables as printed
from ckanext.nd47.catalogue.records import fields, stored
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.official_documents import writing
from ckanext.nd47.lib.files.official_documents.language import in_vietnamese
from ckanext.nd47.lib.files.official_documents.writing import DOCX_TYPE, MissingLibraryError
from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.files.spreadsheets.headings import IGNORED
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_catalogue_documents"]

nd47_catalogue_documents = Blueprint("nd47_catalogue_documents", __name__)

SHOW = "nd47_catalogue_documents.show_import"
TEMPLATES = "nd47_catalogue/documents"
PER_PAGE = pages.PER_PAGE
FORMATS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "docx": DOCX_TYPE,
    "json": "application/json; charset=utf-8",
    "xlsx": spreadsheet.XLSX_TYPE,
}
"""Media types by extension."""


@nd47_catalogue_documents.before_request
def require_tables_and_account() -> AnyResponse | None:
    """Say which command is missing, and send visitors of the work pages to log in."""
    web_pages.require_tables(tables)
    is_work = tk.request.path.startswith("/work/")
    return web_pages.to_log_in() if is_work and not tk.g.user else None


nd47_catalogue_documents.before_request(http.require_csrf_token)


@nd47_catalogue_documents.get("/catalogues/<id>/<any(csv, docx, json, xlsx):extension>")
def download(id: str, extension: str) -> Response:
    """Return an edition as a file: DOCX as annex of its decision, the others with all fields."""
    try:
        if extension == "docx":
            return _annex(id)
        table = http.act("nd47_catalogue_table", id=id, columns=printed.ALL)
        if extension == "json":
            content = json.dumps(table, ensure_ascii=False, indent=1).encode()
        else:
            content = _sheet(table, extension)
    except (MissingLibraryError, SheetError) as error:
        tk.abort(503, str(error))
    return _file(content, extension, stored.catalogue(id).name)


def _annex(id: str) -> Response:
    with in_vietnamese():
        table = http.act("nd47_catalogue_table", id=id, columns=printed.PRINTED)
        catalogue = stored.catalogue(id)
        return _file(writing.write(annex.of_edition(catalogue, table)), "docx", catalogue.name)


@nd47_catalogue_documents.get("/catalogues/<id>/amendment/<other>/docx")
def amendment(id: str, other: str) -> Response:
    """Return what is different from an earlier edition, as annex of the amending decision."""
    try:
        with in_vietnamese():
            compared = http.act("nd47_catalogue_compare", id=id, other=other)
            catalogue, before = stored.catalogue(id), stored.catalogue(other)
            content = writing.write(annex.of_comparison(before, catalogue, compared))
    except MissingLibraryError as error:
        tk.abort(503, str(error))
    return _file(content, "docx", f"{catalogue.name}-sua-doi")


@nd47_catalogue_documents.route("/work/catalogues/<id>/import", methods=["GET", "POST"])
def send(id: str) -> str | Response:
    """Show the form for a table, and read the one that is sent."""
    agency = tk.request.form.get("agency", tk.request.args.get("agency", "")).strip()
    try:
        tk.check_access(
            "nd47_catalogue_import_preview", http.user_context(), {"id": id, "agency": agency}
        )
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
    catalogue = http.act("nd47_catalogue_show", id=id)
    errors: dict[str, list[str]] = {}
    if tk.request.method == "POST":
        upload = tk.request.files.get("upload")
        try:
            made = http.act("nd47_catalogue_import_preview", id=id, agency=agency, upload=upload)
        except tk.ValidationError as error:
            errors = inputs.error_messages(error)
        else:
            return tk.redirect_to(SHOW, import_id=made["id"])
    return tk.render(
        f"{TEMPLATES}/send.html", {"catalogue": catalogue, "agency": agency, "errors": errors}
    )


@nd47_catalogue_documents.get("/work/catalogue-imports/<import_id>")
def show_import(import_id: str) -> str:
    """Show what a table would do, or has done, row by row."""
    return _import_page(import_id, {})


@nd47_catalogue_documents.post("/work/catalogue-imports/<import_id>")
def change_import(import_id: str) -> str | Response:
    """Choose the columns, apply the table, or undo it."""
    form = tk.request.form
    try:
        if "apply" in form:
            http.act("nd47_catalogue_import_apply", id=import_id)
            tk.h.flash_success(tk._("The table was applied."))
        elif "undo" in form:
            undone = http.act("nd47_catalogue_import_undo", id=import_id)
            tk.h.flash_success(tk._("The table was undone."))
            if undone["stayed"]:
                message = tk._("These items were changed since and stayed as they are: {names}.")
                tk.h.flash_notice(message.format(names="; ".join(undone["stayed"])))
        else:
            columns = {
                name.removeprefix("column-"): value
                for name, value in form.items()
                if name.startswith("column-")
            }
            http.act(
                "nd47_catalogue_import_columns",
                id=import_id,
                columns=columns,
                sheet=form.get("sheet", ""),
            )
    except tk.ValidationError as error:
        return _import_page(import_id, inputs.error_messages(error))
    return tk.redirect_to(SHOW, import_id=import_id)


def _import_page(import_id: str, errors: Mapping[str, list[str]]) -> str:
    args = tk.request.args
    page = web_pages.number()
    outcome = args.get("outcome", "")
    outcome = outcome if outcome in importing.OUTCOMES else ""
    run = http.act(
        "nd47_catalogue_import_show",
        id=import_id,
        outcome=outcome,
        limit=PER_PAGE,
        offset=(page - 1) * PER_PAGE,
    )
    chosen = {"import_id": import_id, **({"outcome": outcome} if outcome else {})}
    return tk.render(
        f"{TEMPLATES}/import.html",
        {
            "run": run,
            "outcome": outcome,
            "outcomes": outcome_words(),
            "page": pages.pager(SHOW, page, run["count"], chosen),
            "fields": [(field.name, field.title) for field in fields.of_items()],
            "ignored": IGNORED,
            "reasons": reason_words(),
            "errors": errors,
        },
    )


def outcome_words() -> dict[str, str]:
    """Return what becomes of a row, by outcome."""
    return {
        importing.NEW: tk._("new"),
        importing.CHANGED: tk._("changed"),
        importing.SAME: tk._("unchanged"),
        importing.REFUSED: tk._("refused"),
    }


def reason_words() -> dict[str, str]:
    """Return why a row is not an item, by reason."""
    return {
        "above": tk._("above the table"),
        "headings": tk._("the headings again"),
        "numbering": tk._("numbers of the columns"),
        "example": tk._("an example"),
        "total": tk._("a total"),
        "signature": tk._("a signature"),
        "section": tk._("a heading"),
        "below": tk._("below the signature"),
        "empty": tk._("empty"),
    }


def _sheet(table: printed.TableDict, extension: str) -> bytes:
    header = [column["title"] for column in table["columns"]]
    rows = [row["cells"] for row in table["rows"]]
    if extension == "csv":
        return spreadsheet.write_csv(header, rows)
    return spreadsheet.write_xlsx(header, rows, tk._("Catalogue"))


def _file(content: bytes, extension: str, name: str) -> Response:
    reply = Response(content, content_type=FORMATS[extension])
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return reply
