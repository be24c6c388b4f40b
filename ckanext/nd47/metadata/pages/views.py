"""Pages and downloads of datasets and licences.

`/dataset/<id>/citation.<extension>`, `/license/<id>` for people and as RDF, and old addresses.
"""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web.http import media_types
from ckanext.nd47.metadata import citation, licence, terms_of_use
from ckanext.nd47.metadata.pages import navigation

__all__ = ["nd47_citation", "nd47_former_names", "nd47_terms"]

nd47_citation = Blueprint("nd47_citation", __name__)


@nd47_citation.route(f"/dataset/<id>/citation.<any({', '.join(citation.FORMATS)}):extension>")
def download(id: str, extension: str) -> Response:
    """Return the citation of a dataset in a format."""
    try:
        dataset = tk.get_action("package_show")({}, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        # The same answer for both, so that the existence of private datasets is not revealed.
        tk.abort(404, tk._("Dataset not found or you have no permission to view it"))
    file_format = citation.FORMATS[extension]
    reference = citation.reference(dataset, dt.datetime.now(values.VIETNAM).date())
    response = Response(
        file_format.write(reference), content_type=f"{file_format.media_type}; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{reference.key}.{extension}"'
    # User content: a browser must not treat it as a page.
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


nd47_terms = Blueprint("nd47_terms", __name__, url_prefix="/license")

RDF_EXTENSIONS = ", ".join(terms_of_use.RDF_FORMATS)
HTML = "text/html"


@nd47_terms.route("/<license_id>")
def read(license_id: str) -> str | Response:
    """Show a licence as a page, or as RDF by content negotiation."""
    registered = licence.find(license_id)
    if registered is None:
        tk.abort(404, tk._("There is no such licence on this portal."))
    terms = terms_of_use.find(license_id)
    if terms is None:
        return tk.render("nd47/terms/other.html", {"licence": registered})
    extension = _preferred_rdf()
    if extension:
        return _rdf(terms, extension)
    response = Response(tk.render("nd47/terms/read.html", _page(terms)))
    response.vary.add("Accept")
    return response


@nd47_terms.route(f"/<license_id>.<any({RDF_EXTENSIONS}):extension>")
def rdf(license_id: str, extension: str) -> Response:
    """Return a licence as RDF."""
    terms = terms_of_use.find(license_id)
    if terms is None:
        tk.abort(404, tk._("There is no such licence on this portal."))
    return _rdf(terms, extension)


def _preferred_rdf() -> str:
    """Return the extension of the RDF format that the client prefers, empty if it prefers HTML."""
    kinds = {media_type: name for name, (_, media_type) in terms_of_use.RDF_FORMATS.items()}
    best = media_types(tk.request.accept_mimetypes).best_match([HTML, *kinds], HTML)
    return kinds.get(best, "")


def _rdf(terms: terms_of_use.Terms, extension: str) -> Response:
    page = tk.h.url_for("nd47_terms.read", license_id=terms.id, qualified=True, locale="default")
    response = Response(
        terms_of_use.serialise(terms, page, extension),
        mimetype=terms_of_use.RDF_FORMATS[extension][1],
    )
    response.vary.add("Accept")
    return response


def _page(terms: terms_of_use.Terms) -> dict[str, object]:
    lang = http.language()
    return {
        "terms": terms,
        "lang": "en" if lang.startswith("en") else "vi",
        "addition": terms_of_use.addition(terms, lang),
        "ended": terms.ended(dt.datetime.now(values.VIETNAM).date()),
        "formats": [*terms_of_use.RDF_FORMATS],
    }


nd47_former_names = Blueprint("nd47_former_names", __name__)
nd47_former_names.after_app_request(navigation.redirect_former_name)
