"""Pages of the licences: `/license/<id>`, for people and as RDF."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import http, values
from ckanext.nd47.lib.http import media_types
from ckanext.nd47.metadata import licence, terms_of_use, terms_of_use_rdf

nd47_terms = Blueprint("nd47_terms", __name__, url_prefix="/license")

FORMATS = ", ".join(terms_of_use_rdf.SERIALISERS)
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
    extension = _wanted()
    if extension:
        return _rdf(found, extension)
    response = Response(tk.render("nd47/terms/read.html", _page(found)))
    response.vary.add("Accept")
    return response


@nd47_terms.route(f"/<license_id>.<any({FORMATS}):extension>")
def rdf(license_id: str, extension: str) -> Response:
    """Give a licence as RDF."""
    found = terms_of_use.find(license_id)
    if found is None:
        tk.abort(404, tk._("There is no such licence on this portal."))
    return _rdf(found, extension)


def _wanted() -> str:
    """Return the extension of the RDF format that the client prefers to a page, if it does."""
    kinds = {media_type: name for name, (_, media_type) in terms_of_use_rdf.SERIALISERS.items()}
    best = media_types(tk.request.accept_mimetypes).best_match([HTML, *kinds], HTML)
    return kinds.get(best, "")


def _rdf(found: terms_of_use.Terms, extension: str) -> Response:
    page = tk.h.url_for("nd47_terms.read", license_id=found.id, qualified=True, locale="default")
    response = Response(
        terms_of_use_rdf.write(found, page, extension),
        mimetype=terms_of_use_rdf.SERIALISERS[extension][1],
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
        "formats": [*terms_of_use_rdf.SERIALISERS],
    }
