"""The plugin `nd47_document_view`: PDF, text and JSON in the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.nd47.lib import plugins
from ckanext.nd47.tables.check.report import FileError
from ckanext.nd47.tables.check_jobs import process
from ckanext.nd47.tables.resource_views import access
from ckanext.nd47.tables.resource_views.documents import texts, views

NAME = "nd47_document_view"

PDF = frozenset({"pdf", "application/pdf"})
JSON = frozenset({"json", "geojson", "json-ld", "jsonld"})
TEXTS = frozenset(
    {"txt", "text", "text/plain", "md", "xml", "kml", "gml", "ttl", "rdf", "yaml", "log"}
)


@tk.blanket.blueprints(plugins.member_list(views))
class DocumentView(p.SingletonPlugin):
    """A document, text or JSON file in the page."""

    p.implements(p.IResourceView, inherit=True)

    # IResourceView

    def info(self) -> dict[str, Any]:
        """Describe the view."""
        return {
            "name": NAME,
            "title": tk._("Content"),
            "default_title": tk._("Content"),
            "icon": "file-lines",
            "iframed": False,
            "preview_enabled": False,
        }

    def can_view(self, data_dict: DataDict) -> bool:
        """Return whether the format is one that is shown."""
        return access.format_of(data_dict["resource"]) in PDF | JSON | TEXTS

    def setup_template_variables(self, context: Context, data_dict: DataDict) -> dict[str, Any]:
        """Return the text of the file, or the address of the document."""
        dataset, resource = data_dict["package"], data_dict["resource"]
        format_ = access.format_of(resource)
        is_here = access.is_uploaded(resource)
        shown: dict[str, Any] = {
            "is_here": is_here,
            "host": "" if is_here else _host(resource),
            "pdf": "",
            "excerpt": None,
        }
        if not is_here:
            return shown
        if format_ in PDF:
            address = {"id": dataset["name"], "resource_id": resource["id"]}
            return shown | {"pdf": tk.url_for("nd47_documents.pdf", **address)}
        try:
            stored = access.stored(resource["id"])
            return shown | {"excerpt": texts.of_file(stored, is_json=format_ in JSON)}
        except (FileError, process.ProcessError):
            return shown

    def view_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of the view."""
        return "nd47_tables/views/document.html"

    def form_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of its form: a title and a description are all that it needs."""
        return "nd47_tables/views/form.html"


def _host(resource: dict[str, Any]) -> str:
    """Return the host of a linked file, for a sentence."""
    try:
        return urlsplit(str(resource.get("url") or "")).hostname or ""
    except ValueError:
        return ""
