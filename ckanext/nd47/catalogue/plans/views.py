"""Pages of the plans: for officers at `/work/plans`, for everybody at `/plans` where chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue import pages
from ckanext.nd47.catalogue.plans import document, history, progress, shown, stored
from ckanext.nd47.catalogue.plans import model as tables
from ckanext.nd47.lib import config, inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.files.official_documents import writing
from ckanext.nd47.lib.files.official_documents.language import in_vietnamese
from ckanext.nd47.lib.files.official_documents.writing import DOCX_TYPE, MissingLibraryError
from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_plans", "nd47_public_plans"]

nd47_plans = Blueprint("nd47_plans", __name__, url_prefix="/work/plans")
nd47_public_plans = Blueprint("nd47_public_plans", __name__, url_prefix="/plans")

SHOW = "nd47_plans.show"
TEMPLATES = "nd47_catalogue/plans"
PER_PAGE = pages.PER_PAGE
STAGE_ROWS = 6
"""Stages that the form has room for."""
STAGE_FIELDS = (
    "title",
    "first_day",
    "last_day",
    "share_of_items",
    "share_of_agencies",
    "minimum_level",
)
FILTERS = shown.FILTERS
FORMATS: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "docx": DOCX_TYPE,
    "xlsx": spreadsheet.XLSX_TYPE,
}


@nd47_plans.before_request
def require_account() -> Any:
    """Send visitors to log in, and say which command is missing."""
    web_pages.require_tables(tables)
    return None if tk.g.user else web_pages.to_log_in()


@nd47_public_plans.before_request
def require_choice() -> None:
    """Hide the public pages unless the portal has chosen them."""
    if not (config.public_plans() and tables.ready()):
        tk.abort(404, tk._("The portal does not publish its plans."))


nd47_plans.before_request(http.require_csrf_token)


@nd47_plans.get("")
def index() -> str:
    """Show the plans."""
    return _index_page("work")


@nd47_public_plans.get("")
def public_index() -> str:
    """Show the issued plans."""
    return _index_page("public")


@nd47_plans.route("/new", methods=["GET", "POST"])
def new() -> str | Response:
    """Show the form for a new plan, and create it."""
    _require("nd47_plan_create", {})
    form = tk.request.form
    if tk.request.method != "POST":
        return _form_page(None, {}, {})
    data = {
        name: form.get(name, "")
        for name in ("agency", "title", "first_day", "last_day", "description")
    }
    try:
        made = http.act("nd47_plan_create", stages=_stages(form), **data)
    except tk.ValidationError as error:
        model.Session.rollback()
        return _form_page(None, form, inputs.error_messages(error))
    return tk.redirect_to(SHOW, id=made["name"])


@nd47_plans.get("/<id>")
def show(id: str) -> str:
    """Show how far a plan is on a day."""
    return _plan_page(id, "work", {})


@nd47_public_plans.get("/<id>")
def public_show(id: str) -> str:
    """Show everybody how far an issued plan is on a day."""
    return _plan_page(id, "public", {})


@nd47_plans.route("/<id>/edit", methods=["GET", "POST"])
def edit(id: str) -> str | Response:
    """Show the form of a draft, and change it."""
    plan = http.act("nd47_plan_show", id=id)
    _require("nd47_plan_update", {"id": id})
    form = tk.request.form
    if tk.request.method != "POST":
        return _form_page(plan, {}, {})
    data = {name: form.get(name, "") for name in ("title", "first_day", "last_day", "description")}
    try:
        http.act(
            "nd47_plan_update", id=id, version=form.get("version"), stages=_stages(form), **data
        )
    except tk.ValidationError as error:
        model.Session.rollback()
        return _form_page(plan, form, inputs.error_messages(error))
    return tk.redirect_to(SHOW, id=plan["name"])


@nd47_plans.post("/<id>")
def change(id: str) -> str | Response:
    """Fill, issue, close or delete a plan, or start the one that follows."""
    form = tk.request.form
    name = id
    try:
        if "fill" in form:
            filled = http.act(
                "nd47_plan_fill",
                id=id,
                catalogues=form.getlist("catalogue"),
                improvements=form.get("improvements") == "true",
            )
            message = tk.ungettext(
                "{number} entry was added.", "{number} entries were added.", filled["added"]
            )
            tk.h.flash_success(message.format(number=filled["added"]))
        elif "issue" in form:
            http.act("nd47_plan_issue", id=id, **_form_values(form, *document_fields()))
        elif "close" in form:
            http.act("nd47_plan_close", id=id, note=form.get("note", ""))
        elif "delete" in form:
            http.act("nd47_plan_delete", id=id)
            return tk.redirect_to("nd47_plans.index")
        else:
            made = http.act(
                "nd47_plan_follow", id=id, **_form_values(form, "title", "first_day", "last_day")
            )
            name = made["name"]
    except tk.ValidationError as error:
        model.Session.rollback()
        return _plan_page(id, "work", inputs.error_messages(error))
    return tk.redirect_to(SHOW, id=name)


@nd47_plans.route("/entries/<entry_id>", methods=["GET", "POST"])
def entry(entry_id: str) -> str | Response:
    """Show an entry with its history; put off its day, or record what was done."""
    try:
        stored_entry = stored.entry(entry_id)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))
    plan = http.act("nd47_plan_show", id=stored_entry.plan_id)
    errors: dict[str, list[str]] = {}
    if tk.request.method == "POST":
        try:
            is_deleted = _change_entry(entry_id)
        except tk.ValidationError as error:
            model.Session.rollback()
            errors = inputs.error_messages(error)
        else:
            if is_deleted:
                return tk.redirect_to(SHOW, id=plan["name"])
            return tk.redirect_to("nd47_plans.entry", entry_id=entry_id)
    row = next(
        entry_row
        for entry_row in progress.of_plan(stored.plan(stored_entry.plan_id), dates.today()).rows
        if entry_row.entry.id == entry_id
    )
    events = http.act("nd47_plan_history", id=stored_entry.plan_id, entry=entry_id)
    return tk.render(
        f"{TEMPLATES}/entry.html",
        {
            "plan": plan,
            "entry": shown.entry(row, officers=True),
            "events": events["results"],
            "event_words": history.words(),
            "states": shown.entry_states(),
            "errors": errors,
            "sent": tk.request.form,
        },
    )


def _change_entry(entry_id: str) -> bool:
    """Do what the button says; return whether the entry is gone."""
    form = tk.request.form
    if "delete" in form:
        http.act("nd47_plan_entry_delete", id=entry_id)
        return True
    if "slip" in form:
        http.act("nd47_plan_slip", id=entry_id, **_form_values(form, "day", "reason"))
    elif "done" in form:
        http.act("nd47_plan_done", id=entry_id, **_form_values(form, "day", "note"))
    else:
        http.act(
            "nd47_plan_entry_update", id=entry_id, **_form_values(form, "due", "minimum_level")
        )
    return False


@nd47_plans.get("/<id>/<any(csv, docx, xlsx):extension>")
def download(id: str, extension: str) -> Response:
    """Return a plan as a file: DOCX to sign, the others with how far it is on a day."""
    return _download(id, extension)


@nd47_public_plans.get("/<id>/<any(csv, docx, xlsx):extension>")
def public_download(id: str, extension: str) -> Response:
    """Return an issued plan as a file; as `download`."""
    return _download(id, extension)


def _download(id: str, extension: str) -> Response:
    _require("nd47_plan_show", {"id": id})
    try:
        plan = stored.plan(id)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))
    plan_day = progress.of_plan(plan, _day())
    directory.load({row.entry.provider_id for row in plan_day.rows if row.entry.provider_id})
    try:
        if extension == "docx":
            with in_vietnamese():
                content = writing.write(document.as_document(plan, plan_day))
        else:
            header, rows = document.as_table(plan_day)
            content = (
                spreadsheet.write_csv(header, rows)
                if extension == "csv"
                else spreadsheet.write_xlsx(header, rows, tk._("Plan"))
            )
    except (MissingLibraryError, SheetError) as error:
        tk.abort(503, str(error))
    reply = Response(content, content_type=FORMATS[extension])
    reply.headers["Content-Disposition"] = f'attachment; filename="{plan.name}.{extension}"'
    return reply


def document_fields() -> tuple[str, ...]:
    """Return the fields of the document by which a plan is issued."""
    return ("decision_number", "decision_date", "issuer", "signatory", "signatory_position")


def _index_page(face: str) -> str:
    number = web_pages.number()
    plans = http.act("nd47_plan_list", limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    may_create = face == "work" and _may("nd47_plan_create", {})
    endpoint = "nd47_plans.index" if face == "work" else "nd47_public_plans.public_index"
    return tk.render(
        f"{TEMPLATES}/index.html",
        {
            "plans": plans["results"],
            "face": face,
            "may_create": may_create,
            "page": pages.pager(endpoint, number, plans["count"], {}),
        },
    )


def _plan_page(id: str, face: str, errors: Mapping[str, list[str]]) -> str:
    day = _day()
    filters = pages.filters(*FILTERS)
    number = web_pages.number()
    try:
        plan = http.act(
            "nd47_plan_show",
            id=id,
            day=dates.iso(day),
            include_entries=True,
            limit=PER_PAGE,
            offset=(number - 1) * PER_PAGE,
            **filters,
        )
    except tk.ValidationError as error:
        tk.abort(400, "; ".join(error.error_summary.values()))
    entries = plan["entries"]
    endpoint = SHOW if face == "work" else "nd47_public_plans.public_show"
    in_address = {**filters, **pages.filters("day")}
    catalogues = (
        http.act("nd47_catalogue_list", limit=100)["results"] if plan["may"]["edit"] else []
    )
    return tk.render(
        f"{TEMPLATES}/plan.html",
        {
            "plan": plan,
            "entries": entries,
            "filters": filters,
            "day": day,
            "is_past": progress.is_past(day),
            "page": pages.pager(
                endpoint, number, entries["count"], {"id": plan["name"], **in_address}
            ),
            "states": shown.entry_states(),
            "kinds": shown.kinds(),
            "catalogues": catalogues,
            "face": face,
            "endpoint": endpoint,
            "errors": errors,
            "sent": tk.request.form,
        },
    )


def _form_page(
    plan: Mapping[str, Any] | None, sent: Mapping[str, Any], errors: Mapping[str, list[str]]
) -> str:
    stages = _stages(sent) if sent else _stages_of(plan)
    return tk.render(
        f"{TEMPLATES}/form.html",
        {
            "plan": plan,
            "sent": sent or plan or {},
            "stages": [*stages, *[{} for _ in range(max(1, STAGE_ROWS - len(stages)))]],
            "agencies": directory.titles(),
            "compiling": config.compiling_agency(),
            "errors": errors,
        },
    )


def _stages_of(plan: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return [
        {
            "title": stage["title"],
            "first_day": stage["first_day"],
            "last_day": stage["last_day"],
            "share_of_items": stage["items"]["target"],
            "share_of_agencies": stage["agencies"]["target"],
            "minimum_level": stage["minimum_level"],
        }
        for stage in (plan["stages"] if plan else [])
    ]


def _stages(form: Any) -> list[dict[str, Any]]:
    """Return the stages of a form; a row without any text is none."""
    columns = [form.getlist(f"stage_{name}")[:20] for name in STAGE_FIELDS]
    rows: list[dict[str, Any]] = [
        dict(zip(STAGE_FIELDS, (cell.strip() for cell in cells), strict=True))
        for cells in zip(*columns, strict=False)
    ]
    return [row for row in rows if any(row.values())]


def _form_values(form: Any, *names: str) -> dict[str, str]:
    return {name: form.get(name, "") for name in names}


def _day() -> dt.date:
    try:
        return dates.parse(tk.request.args.get("day", ""))
    except ValueError:
        return dates.today()


def _may(action: str, data: dict[str, Any]) -> bool:
    try:
        tk.check_access(action, http.user_context(), data)
    except tk.NotAuthorized:
        return False
    return True


def _require(action: str, data: dict[str, Any]) -> None:
    try:
        tk.check_access(action, http.user_context(), data)
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
