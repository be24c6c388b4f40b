"""Pages and downloads of datasets and licences.

`/dataset/<id>/citation.<extension>`, `/license/<id>` for people and as RDF, and old addresses.
"""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import http, values
from ckanext.nd47.lib.http import media_types
from ckanext.nd47.metadata import citation, licence, navigation, terms_of_use

__all__ = ["nd47_citation", "nd47_former_names", "nd47_terms"]

nd47_citation = Blueprint("nd47_citation", __name__)


@nd47_citation.route(f"/dataset/<id>/citation.<any({', '.join(citation.FORMATS)}):extension>")
def download(id: str, extension: str) -> Response:
    """Give the reference to a dataset in a format."""
    try:
        dataset = tk.get_action("package_show")({}, {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        # One answer for both, so that nobody learns which private datasets there are.
        tk.abort(404, tk._("Dataset not found or you have no permission to view it"))
    file_format = citation.FORMATS[extension]
    reference = citation.reference(dataset, dt.datetime.now(values.VIETNAM).date())
    response = Response(
        file_format.write(reference), content_type=f"{file_format.media_type}; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{reference.key}.{extension}"'
    # Others wrote the text: a browser must not treat it as a page.
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


nd47_terms = Blueprint("nd47_terms", __name__, url_prefix="/license")

RDF_EXTENSIONS = ", ".join(terms_of_use.RDF_FORMATS)
HTML = "text/html"


@nd47_terms.route("/<license_id>")
def read(license_id: str) -> str | Response:
    """Show a licence; as RDF to a program that asks for it."""
    known = licence.find(license_id)
    if known is None:
        tk.abort(404, tk._("There is no such licence on this portal."))
    found = terms_of_use.find(license_id)
    if found is None:
        return tk.render("nd47/terms/other.html", {"licence": known})
    extension = _preferred_rdf()
    if extension:
        return _rdf(found, extension)
    response = Response(tk.render("nd47/terms/read.html", _page(found)))
    response.vary.add("Accept")
    return response


@nd47_terms.route(f"/<license_id>.<any({RDF_EXTENSIONS}):extension>")
def rdf(license_id: str, extension: str) -> Response:
    """Give a licence as RDF."""
    found = terms_of_use.find(license_id)
    if found is None:
        tk.abort(404, tk._("There is no such licence on this portal."))
    return _rdf(found, extension)


def _preferred_rdf() -> str:
    """Return the extension of the RDF format that the client prefers to a page, if it does."""
    kinds = {media_type: name for name, (_, media_type) in terms_of_use.RDF_FORMATS.items()}
    best = media_types(tk.request.accept_mimetypes).best_match([HTML, *kinds], HTML)
    return kinds.get(best, "")


def _rdf(found: terms_of_use.Terms, extension: str) -> Response:
    page = tk.h.url_for("nd47_terms.read", license_id=found.id, qualified=True, locale="default")
    response = Response(
        terms_of_use.serialise(found, page, extension),
        mimetype=terms_of_use.RDF_FORMATS[extension][1],
    )
    response.vary.add("Accept")
    return response


def _page(found: terms_of_use.Terms) -> dict[str, object]:
    lang = http.language()
    return {
        "terms": found,
        "lang": "en" if lang.startswith("en") else "vi",
        "addition": terms_of_use.addition(found, lang),
        "ended": found.ended(dt.datetime.now(values.VIETNAM).date()),
        "formats": [*terms_of_use.RDF_FORMATS],
    }


nd47_former_names = Blueprint("nd47_former_names", __name__)
nd47_former_names.after_app_request(navigation.redirect_former_name)
