"""The score of a dataset: as a page, and as RDF by extension or by content negotiation."""

from __future__ import annotations

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.reports import action
from ckanext.nd47.catalogue.reports.score import quality
from ckanext.nd47.catalogue.reports.usage import model as tables
from ckanext.nd47.lib.web import http, pages

__all__ = ["nd47_score"]

nd47_score = Blueprint("nd47_score", __name__, url_prefix="/dataset")

HTML = "text/html"
EXTENSIONS = {form.media_type: extension for extension, form in quality.FORMATS.items()}
FORMATS = ", ".join(quality.FORMATS)


@nd47_score.before_request
def require_tables() -> None:
    """Answer only where the portal has the tables."""
    pages.require_tables(tables)


@nd47_score.get("/<id>/quality")
def read(id: str) -> str | Response:
    """Show the score of a dataset, or return it as RDF to who prefers that."""
    accepted = http.media_types(tk.request.accept_mimetypes)
    wanted = accepted.best_match([HTML, *EXTENSIONS], default=HTML)
    if wanted != HTML:
        response = _rdf(id, EXTENSIONS[wanted])
        response.headers["Vary"] = "Accept"
        return response
    dataset = http.act("package_show", id=id)
    return tk.render(
        "nd47_catalogue/reports/quality.html",
        {
            "pkg_dict": dataset,
            "dataset_type": dataset["type"],
            "score": http.act("nd47_score_show", id=id),
            "formats": list(quality.FORMATS),
        },
    )


@nd47_score.get(f"/<id>/quality.<any({FORMATS}):extension>")
def rdf(id: str, extension: str) -> Response:
    """Return the score of a dataset as RDF."""
    return _rdf(id, extension)


def _rdf(reference: str, extension: str) -> Response:
    dataset = http.act("package_show", id=reference)
    content = quality.write(dataset["id"], action.score_of(dataset["id"]), extension)
    form = quality.FORMATS[extension]
    return Response(content, content_type=f"{form.media_type}; charset=utf-8")
