"""Pages of the check of a file, for who may edit it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import munge

from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.web import http, pages
from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import files, process
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.decisions import model as history
from ckanext.nd47.tables.decisions import service
from ckanext.nd47.tables.findings import messages

__all__ = ["nd47_tables"]

nd47_tables = Blueprint(
    "nd47_tables", __name__, url_prefix="/dataset/<id>/resource/<resource_id>/check"
)

PAGE = "nd47_tables.check"
REVIEW = "nd47_publishing.review"
"""The page before the publication, of a neighbour that may be absent."""
PUBLISH = "publish"


nd47_tables.before_request(pages.require_account(tables))


@nd47_tables.get("")
def check(id: str, resource_id: str) -> str:
    """Show what was found in a file."""
    return _page(id, resource_id, {})


@nd47_tables.post("/decision")
def decide(id: str, resource_id: str) -> str | Response:
    """Record a decision about the personal data of a file."""
    http.require_csrf_token()
    dataset, _ = _shown(id, resource_id)
    form = tk.request.form
    sent = {name: form.get(name, "").strip() for name in ("decision", "basis", "version")}
    try:
        http.act("nd47_personal_data_decide", id=resource_id, **sent)
    except tk.ValidationError as error:
        model.Session.rollback()
        return _page(id, resource_id, inputs.error_messages(error))
    tk.h.flash_success(tk._("The decision is recorded."))
    if form.get("then") == PUBLISH and REVIEW in current_app.view_functions:
        return tk.redirect_to(REVIEW, id=dataset["name"])
    return tk.redirect_to(PAGE, id=dataset["name"], resource_id=resource_id)


def _page(id: str, resource_id: str, errors: dict[str, list[str]]) -> str:
    dataset, resource = _shown(id, resource_id)
    result = http.act("nd47_file_check", id=resource_id)
    kinds = messages.kinds()
    has_personal = any(finding["kind"] == service.PERSONAL for finding in result["findings"])
    is_decidable = has_personal and result["state"] == tables.DONE and history.ready()
    return tk.render(
        "nd47_tables/check.html",
        {
            "pkg_dict": dataset,
            "dataset_type": dataset["type"],
            "resource": resource,
            "check": result,
            "groups": {
                label: findings
                for kind, label in kinds.items()
                if (
                    findings := [
                        finding for finding in result["findings"] if finding["kind"] == kind
                    ]
                )
            },
            "levels": messages.levels(),
            "types": messages.types(),
            "is_repairable": _is_repairable(result),
            "is_convertible": _is_convertible(result),
            "decisions": (
                http.act("nd47_personal_data_decision_list", id=resource_id) if is_decidable else []
            ),
            "decision_words": messages.decisions(),
            "is_decidable": is_decidable,
            "data": tk.request.values,
            "errors": errors,
        },
    )


@nd47_tables.post("")
def request_check(id: str, resource_id: str) -> Response:
    """Ask for another check."""
    http.require_csrf_token()
    dataset, _ = _shown(id, resource_id)
    http.act("nd47_file_check_request", id=resource_id)
    return tk.redirect_to(PAGE, id=dataset["name"], resource_id=resource_id)


@nd47_tables.get("/repaired.csv")
def repaired(id: str, resource_id: str) -> Response:
    """Return the repaired copy of a table."""
    _shown(id, resource_id)
    if not _is_repairable(http.act("nd47_file_check", id=resource_id)):
        tk.abort(404, _no_copy())
    return _copy(resource_id, process.repair, "da-sua.csv", "text/csv; charset=utf-8")


@nd47_tables.get("/wgs84.geojson")
def converted(id: str, resource_id: str) -> Response:
    """Return a map in WGS 84."""
    _shown(id, resource_id)
    if not _is_convertible(http.act("nd47_file_check", id=resource_id)):
        tk.abort(404, _no_copy())
    return _copy(resource_id, process.convert, "wgs84.geojson", "application/geo+json")


def _no_copy() -> str:
    return tk._("There is no repaired copy of this file.")


def _copy(
    resource_id: str,
    write: Callable[[Path, str, str, Path], None],
    ending: str,
    media_type: str,
) -> Response:
    """Return a copy of a file that a process writes."""
    resource = model.Resource.get(resource_id)
    if resource is None:
        tk.abort(404, tk._("Resource not found"))
    try:
        with (
            files.local(resource) as file,
            tempfile.NamedTemporaryFile(prefix="nd47-copy-") as target,
        ):
            write(file.path, file.name, resource.format or "", Path(target.name))
            # The folder entry goes, the open file stays until it is sent.
            content = Path(target.name).open("rb")  # noqa: SIM115 - closed by the response
    except (FileError, process.ProcessError):
        tk.abort(404, _no_copy())
    response = Response(iter(lambda: content.read(2**16), b""), content_type=media_type)
    response.call_on_close(content.close)
    stem = Path(file.name).stem[:80] or "bang"
    name = f"{munge.munge_filename(stem)}-{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


_REPAIRABLE = frozenset({"CSV", "TSV", "XLSX", "XLS", "ODS", "JSON"})


def _is_repairable(result: dict[str, Any]) -> bool:
    """Return whether a repaired copy would differ from the file."""
    repaired_codes = {
        "utf-16", "old-encoding", "mixed-encodings", "old-font", "decomposed", "title-rows",
        "two-row-heading", "numbering-row", "merged-cells", "empty-heading", "same-heading",
        "total-row", "day-first-dates", "mixed-dates",
    }  # fmt: skip
    codes = {finding["code"] for finding in result["findings"]}
    return result["understood"].get("format") in _REPAIRABLE and bool(codes & repaired_codes)


def _is_convertible(result: dict[str, Any]) -> bool:
    """Return whether a map states another system of coordinates than WGS 84."""
    stated = [
        finding
        for finding in result["findings"]
        if finding["code"] == "not-wgs84" and not finding["row"]
    ]
    return result["understood"].get("format") in {"GeoJSON", "ZIP"} and bool(stated)


def _shown(id: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the dataset and the file of the address."""
    dataset = http.act("package_show", id=id)
    resource = next((r for r in dataset["resources"] if r["id"] == resource_id), None)
    if resource is None:
        tk.abort(404, tk._("Resource not found"))
    return dataset, resource
