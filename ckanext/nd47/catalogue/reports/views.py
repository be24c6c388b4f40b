"""Pages of the reports: the figures, the leader's page, what agencies say, scores, evidence."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue import pages
from ckanext.nd47.catalogue.reports import access
from ckanext.nd47.catalogue.reports.data import period
from ckanext.nd47.catalogue.reports.data.figures import GROUPS, Report, Row
from ckanext.nd47.catalogue.reports.files import columns, evidence, export
from ckanext.nd47.catalogue.reports.score import todo
from ckanext.nd47.catalogue.reports.score.method import method
from ckanext.nd47.catalogue.reports.usage import model as tables
from ckanext.nd47.desk import scope
from ckanext.nd47.desk.work_list.kinds import kind
from ckanext.nd47.lib import config, inputs
from ckanext.nd47.lib.files.official_documents.writing import MissingLibraryError
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

__all__ = ["nd47_public_reports", "nd47_reports"]

nd47_reports = Blueprint("nd47_reports", __name__, url_prefix="/work")
nd47_public_reports = Blueprint("nd47_public_reports", __name__, url_prefix="/reports")

FORMATS = ", ".join(export.FORMATS)
FILTERS = ("period", "group", "agency", "field", "kind")
LONGEST = 200
PER_PAGE = pages.PER_PAGE
MOST_ROWS = 200
"""Rows of a report on a page; files have all."""

ANY_AGENCY = "any-agency"
"""Where the name of an agency stands in an address."""

MONTHS_OFFERED = 24

nd47_reports.before_request(http.require_csrf_token)


nd47_reports.before_request(web_pages.require_account(tables))


@nd47_public_reports.before_request
def require_public() -> None:
    """Answer only where the portal's reports are public."""
    if not config.public_reports():
        tk.abort(404, tk._("Not found"))
    web_pages.require_tables(tables)


@nd47_reports.get("/reports")
def index() -> str:
    """Show the figures of a period."""
    return _report_page("nd47_reports")


@nd47_public_reports.get("")
def public_index() -> str:
    """Show the figures of a period to everybody."""
    return _report_page("nd47_public_reports")


@nd47_reports.get(f"/reports.<any({FORMATS}):extension>")
def download(extension: str) -> Response:
    """Return the same figures as a file."""
    return _file(extension)


@nd47_public_reports.get(f"/figures.<any({FORMATS}):extension>")
def public_download(extension: str) -> Response:
    """Return the same figures as a file to everybody."""
    return _file(extension)


@nd47_reports.get("/leader")
def leader() -> str:
    """Show what a leader needs on one page."""
    return _leader_page("nd47_reports")


@nd47_public_reports.get("/summary")
def public_leader() -> str:
    """Show the same page to everybody, without what waits for decisions."""
    return _leader_page("nd47_public_reports")


@nd47_reports.get("/reports/text/<agency>")
def text(agency: str) -> str:
    """Show what an agency says about a month."""
    return _text_page(agency, {})


@nd47_reports.post("/reports/text/<agency>")
def save_text(agency: str) -> str | AnyResponse:
    """Save what an agency says about a month."""
    form = tk.request.form
    data = {name: form.get(name, "") for name in ("period", "difficulties", "proposals", "version")}
    try:
        http.act("nd47_report_text_update", agency=agency, **data)
    except tk.ValidationError as error:
        return _text_page(agency, inputs.error_messages(error), data)
    tk.h.flash_success(tk._("The text was saved."))
    return tk.redirect_to("nd47_reports.index", period=data["period"])


@nd47_reports.get("/reports/evidence.zip")
def evidence_pack() -> Response:
    """Return figures, addresses, copies of pages and checksums of a period as ZIP."""
    try:
        tk.check_access("nd47_report_evidence", http.user_context(), {})
        asked = period.parse(tk.request.args.get("period", "")[:LONGEST])
        content = evidence.pack(asked)
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))
    except (tk.ValidationError, SheetError) as error:
        tk.abort(400, str(error))
    return _attachment(content, "application/zip", evidence.name(asked))


@nd47_reports.get("/score")
def score() -> str:
    """Show what would bring the most points."""
    filters = _filters("agency")
    return tk.render(
        "nd47_catalogue/reports/score.html",
        {
            "todos": http.act("nd47_score_todo", **filters),
            "filters": filters,
            "agencies": _agencies(access.of_scores(http.user_context())),
            "total": http.act("nd47_score_summary", **filters),
        },
    )


@nd47_reports.get("/score/datasets")
def score_datasets() -> str:
    """Show the datasets that lack something that is measured."""
    filters = _filters("agency", "metric")
    number = web_pages.number()
    data = {**filters, "limit": PER_PAGE, "offset": (number - 1) * PER_PAGE}
    datasets = _checked("nd47_score_dataset_list", **data)
    titles = {todo["metric"]: todo for todo in _checked("nd47_score_todo", **_filters("agency"))}
    return tk.render(
        "nd47_catalogue/reports/score_datasets.html",
        {
            "found": datasets,
            "filters": filters,
            "todo": titles.get(filters.get("metric", "")),
            "mend": _mending(datasets["results"], filters.get("metric", "")),
            "page": pages.pager("nd47_reports.score_datasets", number, datasets["count"], filters),
        },
    )


def _mending(datasets: list[todo.Without], metric: str) -> dict[str, str]:
    """Return by id of a dataset the address where it gets the points, if the account edits it."""
    known = method().metrics.get(metric)
    if known is None:
        return {}
    seen = scope.of(http.user_context(), below=False)
    return {
        row["id"]: kind.field_address(row["name"], known.field)
        for row in datasets
        if seen.may_edit(row["agency_id"])
    }


def _report_page(blueprint: str) -> str:
    filters = _filters(*FILTERS)
    report = _checked("nd47_report_show", **filters)
    reach = access.of(http.user_context())
    is_public = blueprint == "nd47_public_reports"
    number = web_pages.number()
    rows = report["rows"][(number - 1) * MOST_ROWS : number * MOST_ROWS]
    endpoint = f"{blueprint}.{'public_index' if is_public else 'index'}"
    return tk.render(
        "nd47_catalogue/reports/report.html",
        {
            "report": report,
            "rows": rows,
            "page": pages.pager(endpoint, number, len(report["rows"]), filters, MOST_ROWS),
            "filters": filters,
            "columns": columns.titles(),
            "groups": columns.groups(),
            "periods": _periods(),
            "agencies": _agencies(reach),
            "fields": _terms(vocabulary.FIELD),
            "kinds": _terms("sharing-class"),
            "formats": list(export.FORMATS),
            "blueprint": blueprint,
            "is_public": is_public,
            "writes": [] if is_public else _writing(report, rows, reach),
            "decides": reach.decides and not is_public,
        },
    )


def _writing(report: Report, rows: list[Row], reach: access.Reach) -> list[tuple[str, str]]:
    """Return titles of agencies, each with the address where the account says what hinders it."""
    is_open_month = not report["closed"] and len(report["period"]) == len("2026-11")
    if report["group"] != "agency" or not is_open_month:
        return []
    # One address for all: each takes its time.
    address = tk.url_for("nd47_reports.text", agency=ANY_AGENCY, period=report["period"])
    return [
        (row["title"], address.replace(ANY_AGENCY, row["name"] or row["key"]))
        for row in rows
        if row["key"] and reach.writes(row["key"])
    ]


def _leader_page(blueprint: str) -> str:
    is_public = blueprint == "nd47_public_reports"
    return tk.render(
        "nd47_catalogue/reports/leader.html",
        {
            "report": _checked("nd47_leader_report_show"),
            "is_public": is_public,
            "blueprint": blueprint,
        },
    )


def _text_page(
    agency: str, errors: dict[str, list[str]], data: dict[str, str] | None = None
) -> str:
    asked = (data or {}).get("period") or tk.request.args.get("period", "")[:LONGEST]
    said = _checked("nd47_report_text_show", agency=agency, period=asked)
    agency_info = directory.get(agency)
    month = period.parse(asked)
    return tk.render(
        "nd47_catalogue/reports/text.html",
        {
            "said": said,
            "data": {**said, **(data or {}), "version": said["version"]},
            "errors": errors,
            "period": month.code,
            "period_title": month.title,
            "agency": agency,
            "agency_title": directory.display_title(agency_info) if agency_info else agency,
        },
    )


def _file(extension: str) -> Response:
    report = _checked("nd47_report_show", **_filters(*FILTERS))
    try:
        content = export.content(report, extension)
    except (SheetError, MissingLibraryError) as error:
        tk.abort(503, str(error))
    return _attachment(content, export.FORMATS[extension], export.name(report, extension))


def _attachment(content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _checked(action: str, **data: Any) -> Any:
    """Call an action for a page; wrong parameters of an address are a wrong request."""
    try:
        return http.act(action, **data)
    except tk.ValidationError as error:
        messages = [text for texts in inputs.error_messages(error).values() for text in texts]
        tk.abort(400, " ".join(messages))


def _filters(*names: str) -> dict[str, str]:
    filters = {name: tk.request.args.get(name, "").strip()[:LONGEST] for name in names}
    if filters.get("group") not in GROUPS[1:]:
        filters.pop("group", None)
    return {name: value for name, value in filters.items() if value}


def _periods() -> dict[str, str]:
    """Return the periods that the page offers: months, and the years that they are in."""
    months = [
        period.of_month(period.months_before(period.this_month(), number))
        for number in range(MONTHS_OFFERED)
    ]
    offered = {month.code: month.title for month in months}
    years = dict.fromkeys(str(month.first.year) for month in months)
    return offered | {year: year for year in years}


def _agencies(reach: access.Reach) -> list[tuple[str, str]]:
    """Return id and name of the agencies that somebody chooses from."""
    return [(key, title) for key, title in directory.titles() if reach.sees(key)]


def _terms(vocabulary_id: str) -> dict[str, str]:
    lang = http.language()
    return {term.code: term.text(lang) for term in vocabulary.get(vocabulary_id)}
