"""Code lists at their IRIs: `/vocabulary/<id>` and `/vocabulary/<id>/<code>`.

As page, SKOS or JSON, by the `Accept` header or an extension.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.vocabularies.vocabulary import Term, Vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web.http import media_types
from ckanext.nd47.metadata.vocabularies import catalogue, skos

__all__ = ["nd47_vocabularies"]

nd47_vocabularies = Blueprint("nd47_vocabularies", __name__, url_prefix="/vocabulary")

Item = TypeVar("Item")

HTML = "text/html"
JSON = "application/json"
MEDIA_TYPES = {
    "html": HTML,
    **{extension: media_type for extension, (_, media_type) in skos.SERIALISERS.items()},
    "json": JSON,
}
"""Media types by extension; the first is the page, the default for browsers."""


@nd47_vocabularies.route("")
def index() -> str:
    """List the code lists of the portal."""
    lists = [vocabulary.get(vocabulary_id) for vocabulary_id in vocabulary.ids()]
    lang = http.language()
    rows = [(terms, catalogue.origin(terms.id)) for terms in lists]
    return tk.render("nd47/vocabularies/index.html", {"rows": rows, "lang": lang})


@nd47_vocabularies.route("/<vocabulary_id>")
def read(vocabulary_id: str) -> Response:
    """Return a code list."""
    terms, extension = _named(vocabulary_id, _find_list)
    if vocabulary_id == vocabulary.FIELD:
        return tk.redirect_to("nd47_vocabularies.read", vocabulary_id=terms.id)
    if extension == "html":
        return _page("nd47/vocabularies/read.html", terms)
    if extension == "json":
        return _data(json.dumps(catalogue.as_dict(terms), ensure_ascii=False, indent=2), extension)
    return _data(skos.write(terms, extension), extension)


@nd47_vocabularies.route("/<vocabulary_id>/<code>")
def term(vocabulary_id: str, code: str) -> Response:
    """Return one row of a code list."""
    terms = _find_list(vocabulary_id)
    if terms is None:
        tk.abort(404, tk._("There is no such list on this portal."))
    selected, extension = _named(code, terms.term)
    if extension == "html":
        return _page("nd47/vocabularies/term.html", terms, selected)
    if extension == "json":
        data = catalogue.term_as_dict(terms, selected)
        return _data(json.dumps(data, ensure_ascii=False, indent=2), extension)
    return _data(skos.write(terms, extension, selected.code), extension)


def _find_list(vocabulary_id: str) -> Vocabulary | None:
    try:
        return vocabulary.get(vocabulary_id)
    except vocabulary.UnknownVocabularyError:
        return None


def _named(name: str, find: Callable[[str], Item | None]) -> tuple[Item, str]:
    """Return the item that a path segment refers to, and the requested format.

    A code may contain a dot, so an extension counts only if the whole segment is not a code.
    """
    match = find(name)
    if match is not None:
        return match, _accepted()
    stem, dot, extension = name.rpartition(".")
    match = find(stem) if dot and extension in MEDIA_TYPES else None
    if match is None:
        tk.abort(404, tk._("There is no such list on this portal."))
    return match, extension


def _accepted() -> str:
    accept = media_types(tk.request.accept_mimetypes)
    best = accept.best_match([*MEDIA_TYPES.values()]) if accept else HTML
    if best is None:
        tk.abort(406, tk._("The list is there as {types}.").format(types=", ".join(MEDIA_TYPES)))
    return next(name for name, media_type in MEDIA_TYPES.items() if media_type == best)


def _data(body: str, extension: str) -> Response:
    response = Response(body, mimetype=MEDIA_TYPES[extension])
    response.vary.add("Accept")
    response.add_etag()
    response.make_conditional(tk.request.environ)
    return response


def _page(template: str, terms: Vocabulary, term: Term | None = None) -> Response:
    variables = {
        "terms": terms,
        "term": term,
        "lang": http.language(),
        "origin": catalogue.origin(terms.id),
        "formats": {name: kind for name, kind in MEDIA_TYPES.items() if name != "html"},
    }
    response = Response(tk.render(template, variables))
    response.vary.add("Accept")
    return response
