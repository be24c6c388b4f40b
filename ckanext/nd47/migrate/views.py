"""The administrator's page of migrations: what there is, how far the runs are, what is missing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.scheming.helpers import scheming_get_dataset_schema, scheming_language_text

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.web import http, pages
from ckanext.nd47.migrate import look, reports, sheets, targets
from ckanext.nd47.migrate import model as tables

__all__ = ["nd47_migrate"]

nd47_migrate = Blueprint("nd47_migrate", __name__, url_prefix="/ckan-admin/nd47-migrate")

MOST_VALUES = 5
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


nd47_migrate.before_request(pages.require_sysadmin(tables, "nd47_migrate_look"))


@nd47_migrate.get("")
def index() -> str:
    """Show what there is and how far the runs are; the page writes nothing."""
    lang = http.language().partition("_")[0]
    variables = {
        "seen": _call("nd47_migrate_look", values=MOST_VALUES),
        "status": _call("nd47_migrate_status"),
        "organisations": look.organisations(),
        "labels": {
            path: target.label.get(lang, target.label["vi"])
            for path, target in [
                *targets.known_targets().items(),
                *targets.resource_targets().items(),
            ]
        },
        "names": _names(),
    }
    return tk.render("nd47/migrate/index.html", variables)


def _names() -> dict[str, str]:
    """Return what the fields of the portal's schema are called, in the language of the request."""
    schema = scheming_get_dataset_schema(dataset_fields.DEFAULT_TYPE) or {}
    return {
        field["field_name"]: scheming_language_text(field.get("label") or "")
        for field in schema.get("dataset_fields") or ()
    }


@nd47_migrate.get("/report/<organization>.<any(csv, xlsx):extension>")
def download(organization: str, extension: str) -> Response:
    """Return what is still missing in the datasets of an organisation as a table."""
    group = model.Group.get(organization)
    if group is None or not group.is_organization:
        tk.abort(404)
    rows = reports.unmet_rows(_call("nd47_migrate_report", organization=group.id))
    try:
        content = (
            sheets.write_csv(reports.unmet_header(), rows)
            if extension == "csv"
            else sheets.write_xlsx(reports.unmet_header(), rows, group.name)
        )
    except sheets.SheetError as error:
        tk.abort(503, str(error))
    response = Response(content, content_type=TYPES[extension])
    response.headers["Content-Disposition"] = f"attachment; filename={group.name}.{extension}"
    return response


def _call(action: str, **data: Any) -> Any:
    return tk.get_action(action)(http.user_context(), data)
