"""Pages of the register: the public list, and an agency's tab for its administrators."""

from __future__ import annotations

import base64
import datetime as dt
import io
from typing import Any

from flask import Blueprint, Response, send_file

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import focal_points, migrated
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.alerts import AlertDict
from ckanext.nd47.agencies.import_export import columns, export
from ckanext.nd47.agencies.lookup import listing
from ckanext.nd47.agencies.model import ROLES
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError
from ckanext.nd47.lib.web import http, pages

nd47_agencies = Blueprint("nd47_agencies", __name__)

__all__ = ["nd47_agencies"]

PER_PAGE = 50
FORMATS = ", ".join(export.FORMATS)
AGENCY_FIELDS = (
    "code",
    "former_code",
    "legal_name",
    "short_name",
    "title_en",
    "level",
    "parent",
    "administrative_unit",
    "address",
    "telephone",
    "email",
    "url",
    "valid_from",
    "valid_to",
    "successor",
)
PERSON_FIELDS = (*permissions.CHOICES, *permissions.PERSONAL)
TERM_FIELDS = ("valid_from", "valid_to", "document_number", "document_date", "document_url")
DOCUMENT = focal_points.DOCUMENT_UPLOAD
FOCAL_POINT_FIELDS = ("role", "rank", *PERSON_FIELDS, *TERM_FIELDS, DOCUMENT)
DAY = dt.timedelta(days=1)


nd47_agencies.before_request(http.require_csrf_token)


@nd47_agencies.before_request
def require_tables() -> None:
    """Refuse with the command to run where the tables are missing."""
    pages.require_tables(migrated)


@nd47_agencies.route("/focal-points")
def index() -> str:
    """Show all focal points in office."""
    filters = _filters()
    number = min(tk.h.get_page_number(tk.request.args), pages.LAST_PAGE)
    people: listing.FocalPointPage = http.act(
        "nd47_focal_point_list", **filters, limit=PER_PAGE, offset=(number - 1) * PER_PAGE
    )
    page = pages.pager(
        lambda page: tk.url_for("nd47_agencies.index", page=page, **filters),
        number,
        people["count"],
        PER_PAGE,
    )
    return tk.render(
        "agencies/index.html",
        {"page": page, "people": people, "filters": filters, "formats": list(export.FORMATS)},
    )


@nd47_agencies.route(f"/focal-points.<any({FORMATS}):extension>")
def download(extension: str) -> Response:
    """Return the same list as a file."""
    filters = _filters()
    # The action checks access and the filters.
    http.act("nd47_focal_point_list", **filters, limit=0)
    try:
        rows = export.rows(columns.FOCAL_POINTS, filters)
        content = export.write(columns.FOCAL_POINTS, rows, extension)
    except SheetError as error:
        tk.abort(503, str(error))
    return export.response(content, columns.FOCAL_POINTS, extension)


@nd47_agencies.route(f"/{permissions.FOCAL_POINT_PATH}/<focal_point_id>")
def focal_point(focal_point_id: str) -> Any:
    """Redirect from the IRI of a focal point in RDF to the page of its agency."""
    person: permissions.FocalPointDict = http.act("nd47_focal_point_show", id=focal_point_id)
    agency: permissions.AgencyDict = http.act("nd47_agency_show", id=person["agency_id"])
    page = tk.url_for("organization.read", id=agency["name"], _anchor=f"focal-point-{person['id']}")
    return tk.redirect_to(page)


@nd47_agencies.route("/focal-points/alerts")
def alerts() -> str:
    """Show agencies without a focal point in a needed role to system administrators."""
    pending: list[AlertDict] = http.act("nd47_focal_point_alerts")
    by_agency: dict[str, list[AlertDict]] = {}
    for alert in pending:
        by_agency.setdefault(alert["agency_id"], []).append(alert)
    return tk.render("agencies/alerts.html", {"agencies": list(by_agency.values())})


@nd47_agencies.route("/organization/register/<id>")
def register(id: str) -> str:  # noqa: A002 - the name that CKAN's tabs give it
    """Show the register's records and history of an agency to its editors."""
    organisation = _organisation(id)
    terms = http.act("nd47_focal_point_list", agency=organisation["id"], all_terms=True, limit=500)
    return _page(
        "register",
        organisation,
        entry=http.act("nd47_agency_show", id=organisation["id"]),
        terms=terms["results"],
        history=_history(organisation["id"]),
    )


def _history(agency_id: str) -> list[dict[str, Any]]:
    """Return the history with times that CKAN's helpers can convert to local time."""
    entries = http.act("nd47_register_history", agency=agency_id, limit=50)["results"]
    for item in entries:
        # The helpers convert naive times only, which they read as UTC.
        moment = dt.datetime.fromisoformat(item["moment"]).astimezone(dt.timezone.utc)
        item["moment"] = moment.replace(tzinfo=None)
    return entries


@nd47_agencies.route("/organization/register/<id>/entry", methods=["GET", "POST"])
def entry(id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """Change the entry of an agency."""
    organisation = _organisation(id)
    _may("nd47_agency_update", id=organisation["id"])
    data = http.act("nd47_agency_show", id=organisation["id"])
    for name in ("parent", "successor"):
        group = model.Group.get(data[name]) if data[name] else None
        data[name] = group.name if group else ""
    return _form(
        organisation,
        fields=AGENCY_FIELDS,
        data=data,
        title=tk._("Entry in the register"),
        submit=lambda form: http.act("nd47_agency_update", **{**form, "id": organisation["id"]}),
    )


@nd47_agencies.route("/organization/register/<id>/focal-point", methods=["GET", "POST"])
def new(id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """Record a focal point."""
    organisation = _organisation(id)
    _may("nd47_focal_point_create", agency=organisation["id"])
    return _form(
        organisation,
        fields=FOCAL_POINT_FIELDS,
        data={"role": _role_from_url(), "rank": "main"},
        title=tk._("New focal point"),
        submit=lambda form: http.act(
            "nd47_focal_point_create", **{**form, "agency": organisation["id"]}
        ),
    )


@nd47_agencies.route(
    "/organization/register/<id>/focal-point/<focal_point_id>", methods=["GET", "POST"]
)
def edit(id: str, focal_point_id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """Change a focal point."""
    organisation = _organisation(id)
    _may("nd47_focal_point_update", id=focal_point_id)
    return _form(
        organisation,
        fields=FOCAL_POINT_FIELDS,
        data=http.act("nd47_focal_point_show", id=focal_point_id),
        title=tk._("Change the focal point"),
        submit=lambda form: http.act("nd47_focal_point_update", **{**form, "id": focal_point_id}),
    )


@nd47_agencies.route(
    "/organization/register/<id>/focal-point/<focal_point_id>/succeed", methods=["GET", "POST"]
)
def succeed(id: str, focal_point_id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """End a term and start the next."""
    organisation = _organisation(id)
    _may("nd47_focal_point_succeed", id=focal_point_id)
    old = http.act("nd47_focal_point_show", id=focal_point_id)
    return _form(
        organisation,
        fields=(*PERSON_FIELDS, *TERM_FIELDS, DOCUMENT),
        # Fields of the office stay, those of the person are empty.
        data={
            **{name: old.get(name, "") for name in ("position", "function", "telephone", "email")},
            "valid_from": dates.iso(max(dates.today(), dates.parse(old["valid_from"]) + DAY)),
        },
        title=tk._("Replace the focal point"),
        intro=tk._(
            "Replaced: {name} ({role}), since {day}. That term ends on the day before the new one "
            "starts."
        ).format(
            name=old.get("full_name") or old.get("position") or old.get("email") or "–",
            role=tk.h.nd47_label("focal-point-role", old["role"]),
            day=tk.h.nd47_day(old["valid_from"]),
        ),
        submit=lambda form: http.act("nd47_focal_point_succeed", **{**form, "id": focal_point_id}),
    )


@nd47_agencies.route("/organization/register/<id>/focal-point/<focal_point_id>/document")
def document(id: str, focal_point_id: str) -> Response:  # noqa: A002 - the name in CKAN's tabs
    """Return the document that appoints a focal point to editors of the agency."""
    _organisation(id)
    file = http.act("nd47_focal_point_document", id=focal_point_id)
    reply = send_file(
        io.BytesIO(base64.b64decode(file["content"])),
        mimetype=file["media_type"],
        as_attachment=True,
        download_name=file["name"],
    )
    reply.headers["X-Content-Type-Options"] = "nosniff"
    return reply


@nd47_agencies.route(
    "/organization/register/<id>/focal-point/<focal_point_id>/delete", methods=["POST"]
)
def delete(id: str, focal_point_id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """Delete a focal point that is not in use."""
    organisation = _organisation(id)
    try:
        http.act("nd47_focal_point_delete", id=focal_point_id)
    except tk.ValidationError as error:
        for message in inputs.error_messages(error).get("id", []):
            tk.h.flash_error(message)
    else:
        tk.h.flash_success(tk._("The focal point was deleted."))
    return tk.redirect_to("nd47_agencies.register", id=organisation["name"])


def _form(
    organisation: dict[str, Any],
    *,
    fields: tuple[str, ...],
    data: dict[str, Any],
    submit: Any,
    **texts: str,
) -> Any:
    """Show a form with its `title` and `intro`, or process what it sends."""
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        stored = {focal_points.DOCUMENT_FILE: data.get(focal_points.DOCUMENT_FILE, "")}
        data = {name: tk.request.form.get(name, "") for name in fields if name != DOCUMENT}
        # An empty first day means the default.
        form: dict[str, Any] = {
            name: value for name, value in data.items() if value or name != "valid_from"
        }
        try:
            submit(form | _document())
        except tk.ValidationError as error:
            errors = inputs.error_messages(error)
            data |= stored
        else:
            return tk.redirect_to("nd47_agencies.register", id=organisation["name"])
    return _page("form", organisation, fields=fields, data=data, errors=errors, **texts)


def _role_from_url() -> str:
    """Return the role in the URL of the form, else the one that every agency needs."""
    role = tk.request.args.get("role", "")
    return role if role in ROLES else ROLES[0]


def _document() -> dict[str, Any]:
    """Return the parameters for the document: a new file, or that the stored one is deleted."""
    upload = tk.request.files.get(DOCUMENT)
    if upload and upload.filename:
        return {DOCUMENT: upload}
    clear = focal_points.CLEAR_DOCUMENT
    return {clear: True} if clear in tk.request.form else {}


def _page(name: str, organisation: dict[str, Any], **variables: Any) -> str:
    variables |= {"group_dict": organisation, "group_type": organisation["type"]}
    return tk.render(f"agencies/{name}.html", variables)


def _organisation(reference: str) -> dict[str, Any]:
    return http.act("organization_show", id=reference, include_dataset_count=True)


def _filters() -> dict[str, str]:
    names = ("q", "role", "level")
    filters = {name: tk.request.args.get(name, "").strip()[:200] for name in names}
    levels = {option["value"] for option in tk.h.nd47_choices({"vocabulary": "agency-level"})}
    if filters["role"] not in ROLES:
        filters["role"] = ""
    if filters["level"] not in levels:
        filters["level"] = ""
    filters["q"] = "".join(filter(str.isprintable, filters["q"]))
    return {name: value for name, value in filters.items() if value}


def _may(action: str, **data: Any) -> None:
    """Refuse to show a form to accounts that may not submit it."""
    try:
        tk.check_access(action, http.user_context(), data)
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
