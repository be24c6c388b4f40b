"""Pages of the register: the public list, and the tabs of an agency's administration."""

from __future__ import annotations

import base64
import datetime as dt
import io
from typing import Any

from flask import Blueprint, Response, send_file

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.helpers import Page
from ckan.types import Context

from ckanext.nd47.agencies import (
    columns,
    documents,
    export,
    import_table,
    messages,
    public,
    spreadsheet,
    tables,
)
from ckanext.nd47.agencies.model import ROLES
from ckanext.nd47.lib import dates, http

nd47_agencies = Blueprint("nd47_agencies", __name__)

__all__ = ["nd47_agencies"]

PER_PAGE = 50
LAST_PAGE = 10**6
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
PERSON_FIELDS = (*public.CHOICES, *public.PERSONAL)
TERM_FIELDS = ("valid_from", "valid_to", "document_number", "document_date", "document_url")
DOCUMENT = documents.UPLOAD
DAY = dt.timedelta(days=1)


nd47_agencies.before_request(http.require_csrf_token)


@nd47_agencies.before_request
def need_tables() -> None:
    """Say what to run on a portal without the tables."""
    if not tables.complete():
        tk.abort(503, tables.missing())


@nd47_agencies.route("/focal-points")
def index() -> str:
    """Show all focal points in office."""
    filters = _filters()
    number = min(tk.h.get_page_number(tk.request.args), LAST_PAGE)
    found = _act("nd47_focal_point_list", **filters, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    page = Page(
        collection=found["results"],
        page=number,
        url=lambda page, **_more: tk.url_for("nd47_agencies.index", page=page, **filters),
        item_count=found["count"],
        items_per_page=PER_PAGE,
        presliced_list=True,
    )
    return tk.render(
        "agencies/index.html",
        {"page": page, "found": found, "filters": filters, "formats": list(export.FORMATS)},
    )


@nd47_agencies.route(f"/focal-points.<any({FORMATS}):extension>")
def download(extension: str) -> Response:
    """Give the same list as a file."""
    filters = _filters()
    # The action checks the filters, and who may read the list.
    _act("nd47_focal_point_list", **filters, limit=0)
    try:
        rows = import_table.table(columns.FOCAL_POINTS, filters)
        content = export.written(columns.FOCAL_POINTS, rows, extension)
    except spreadsheet.SheetError as error:
        tk.abort(503, str(error))
    return export.response(content, columns.FOCAL_POINTS, extension)


@nd47_agencies.route(f"/{public.FOCAL_POINT_PATH}/<focal_point_id>")
def focal_point(focal_point_id: str) -> Any:
    """Lead from the address that RDF gives a focal point to the page of its agency."""
    found = _act("nd47_focal_point_show", id=focal_point_id)
    agency = _act("nd47_agency_show", id=found["agency_id"])
    page = tk.url_for("organization.read", id=agency["name"], _anchor=f"focal-point-{found['id']}")
    return tk.redirect_to(page)


@nd47_agencies.route("/focal-points/alerts")
def alerts() -> str:
    """Show the agencies that nobody answers for, to the administrators of the portal."""
    found: dict[str, list[Any]] = {}
    for one in _act("nd47_focal_point_alerts"):
        found.setdefault(one["agency_id"], []).append(one)
    return tk.render("agencies/alerts.html", {"agencies": list(found.values())})


@nd47_agencies.route("/organization/register/<id>")
def register(id: str) -> str:  # noqa: A002 - the name that CKAN's tabs give it
    """Show editors what the register holds of their agency, and what was changed."""
    organisation = _organisation(id)
    terms = _act("nd47_focal_point_list", agency=organisation["id"], all_terms=True, limit=500)
    return _page(
        "register",
        organisation,
        entry=_act("nd47_agency_show", id=organisation["id"]),
        terms=terms["results"],
        history=_history(organisation["id"]),
    )


def _history(agency_id: str) -> list[dict[str, Any]]:
    """Return the changes as the page shows them, with moments that CKAN brings to local time."""
    found = _act("nd47_register_history", agency=agency_id, limit=50)["results"]
    for one in found:
        # It does so with naive ones alone, which it takes for UTC.
        moment = dt.datetime.fromisoformat(one["moment"]).astimezone(dt.timezone.utc)
        one["moment"] = moment.replace(tzinfo=None)
    return found


@nd47_agencies.route("/organization/register/<id>/entry", methods=["GET", "POST"])
def entry(id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """Change the entry of an agency."""
    organisation = _organisation(id)
    _may("nd47_agency_update", id=organisation["id"])
    data = _act("nd47_agency_show", id=organisation["id"])
    for name in ("parent", "successor"):
        group = model.Group.get(data[name]) if data[name] else None
        data[name] = group.name if group else ""
    return _form(
        organisation,
        fields=AGENCY_FIELDS,
        data=data,
        title=tk._("Entry in the register"),
        submit=lambda given: _act("nd47_agency_update", **{**given, "id": organisation["id"]}),
    )


@nd47_agencies.route("/organization/register/<id>/focal-point", methods=["GET", "POST"])
def new(id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """Record a focal point."""
    organisation = _organisation(id)
    _may("nd47_focal_point_create", agency=organisation["id"])
    return _form(
        organisation,
        fields=("role", "rank", *PERSON_FIELDS, *TERM_FIELDS, DOCUMENT),
        data={"role": _role_asked_for(), "rank": "main"},
        title=tk._("New focal point"),
        submit=lambda given: _act(
            "nd47_focal_point_create", **{**given, "agency": organisation["id"]}
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
        fields=("role", "rank", *PERSON_FIELDS, *TERM_FIELDS, DOCUMENT),
        data=_act("nd47_focal_point_show", id=focal_point_id),
        title=tk._("Change the focal point"),
        submit=lambda given: _act("nd47_focal_point_update", **{**given, "id": focal_point_id}),
    )


@nd47_agencies.route(
    "/organization/register/<id>/focal-point/<focal_point_id>/succeed", methods=["GET", "POST"]
)
def succeed(id: str, focal_point_id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """End a term and start the next."""
    organisation = _organisation(id)
    _may("nd47_focal_point_succeed", id=focal_point_id)
    old = _act("nd47_focal_point_show", id=focal_point_id)
    return _form(
        organisation,
        fields=(*PERSON_FIELDS, *TERM_FIELDS, DOCUMENT),
        # The office goes on, the person changes.
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
        submit=lambda given: _act("nd47_focal_point_succeed", **{**given, "id": focal_point_id}),
    )


@nd47_agencies.route("/organization/register/<id>/focal-point/<focal_point_id>/document")
def document(id: str, focal_point_id: str) -> Response:  # noqa: A002 - the name in CKAN's tabs
    """Give editors the document that appoints a focal point of their agency."""
    _organisation(id)
    found = _act("nd47_focal_point_document", id=focal_point_id)
    reply = send_file(
        io.BytesIO(base64.b64decode(found["content"])),
        mimetype=found["media_type"],
        as_attachment=True,
        download_name=found["name"],
    )
    reply.headers["X-Content-Type-Options"] = "nosniff"
    return reply


@nd47_agencies.route(
    "/organization/register/<id>/focal-point/<focal_point_id>/delete", methods=["POST"]
)
def delete(id: str, focal_point_id: str) -> Any:  # noqa: A002 - the name that CKAN's tabs give it
    """Delete a focal point that nothing refers to."""
    organisation = _organisation(id)
    try:
        _act("nd47_focal_point_delete", id=focal_point_id)
    except tk.ValidationError as error:
        for words in messages.of(error).get("id", []):
            tk.h.flash_error(words)
    else:
        tk.h.flash_success(tk._("The focal point was deleted."))
    return tk.redirect_to("nd47_agencies.register", id=organisation["name"])


def _form(
    organisation: dict[str, Any],
    *,
    fields: tuple[str, ...],
    data: dict[str, Any],
    submit: Any,
    **shown: str,
) -> Any:
    """Show a form with its `title` and `intro`, or take what it sends."""
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        kept = {documents.FIELD: data.get(documents.FIELD, "")}
        data = {name: tk.request.form.get(name, "") for name in fields if name != DOCUMENT}
        # An empty date of a new record is one that was not given.
        given: dict[str, Any] = {
            name: value for name, value in data.items() if value or name != "valid_from"
        }
        given |= _document()
        try:
            submit(given)
        except tk.ValidationError as error:
            errors = messages.of(error)
            data |= kept
        else:
            return tk.redirect_to("nd47_agencies.register", id=organisation["name"])
    return _page("form", organisation, fields=fields, data=data, errors=errors, **shown)


def _role_asked_for() -> str:
    """Return the role that a link to the form names, else the one that every agency needs."""
    role = tk.request.args.get("role", "")
    return role if role in ROLES else ROLES[0]


def _document() -> dict[str, Any]:
    """Return what a form says of the document: a new file, or that the present one is to go."""
    sent = tk.request.files.get(documents.UPLOAD)
    if sent and sent.filename:
        return {documents.UPLOAD: sent}
    return {documents.CLEAR: True} if documents.CLEAR in tk.request.form else {}


def _page(name: str, organisation: dict[str, Any], **variables: Any) -> str:
    known = {"group_dict": organisation, "group_type": organisation["type"]}
    return tk.render(f"agencies/{name}.html", {**known, **variables})


def _organisation(reference: str) -> dict[str, Any]:
    return _act("organization_show", id=reference, include_dataset_count=True)


def _filters() -> dict[str, str]:
    wanted = ("q", "role", "level")
    given = {name: tk.request.args.get(name, "").strip()[:200] for name in wanted}
    if given["role"] not in ROLES:
        given["role"] = ""
    known = {option["value"] for option in tk.h.nd47_choices({"vocabulary": "agency-level"})}
    if given["level"] not in known:
        given["level"] = ""
    given["q"] = "".join(one for one in given["q"] if one.isprintable())
    return {name: value for name, value in given.items() if value}


def _act(action: str, **data: Any) -> Any:
    try:
        return tk.get_action(action)(_context(), data)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))


def _may(action: str, **data: Any) -> None:
    """Keep a form from who could not send it."""
    try:
        tk.check_access(action, _context(), data)
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))


def _context() -> Context:
    return Context(user=tk.g.user, auth_user_obj=tk.g.userobj)
