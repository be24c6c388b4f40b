"""Describes the catalogue and the links to other pages, at the beginning of each page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Triple

import ckan.plugins.toolkit as tk

from ckanext.dcat.utils import catalog_uri

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.catalogue import catalogue
from ckanext.nd47.dcat.rdf.statements import HYDRA, TYPE, XSD
from ckanext.nd47.dcat.store import fingerprint

_DCAT_DATASET = NamedNode(terms.PREFIXES["dcat"] + "dataset")
_DCT_MODIFIED = NamedNode(terms.PREFIXES["dct"] + "modified")
_DATA_DUMP = NamedNode(terms.PREFIXES["void"] + "dataDump")
_OPTIONS = ("ckan.site_title", "ckan.site_description")


@dataclass(frozen=True)
class Way:
    """Addresses of a page and its neighbours, empty if there is no such page.

    Attributes:
        here: this page.
        first: the first page.
        last: the last page.
        previous: the previous page.
        next: the next page.
        total: number of datasets on all pages.
        size: maximum number of datasets on a page.
    """

    here: str
    first: str = ""
    last: str = ""
    previous: str = ""
    next: str = ""
    total: int = 0
    size: int = 0


def settings() -> tuple[str, ...]:
    """Return everything that the description of the catalogue depends on."""
    options = (str(tk.config.get(name) or "") for name in _OPTIONS)
    return (fingerprint.current(), *options)


def described(
    made_from: tuple[str, ...], dumps: tuple[str, ...], listed: dt.datetime | None
) -> list[Triple]:
    """Return the description of the catalogue.

    Args:
        made_from: `settings()`.
        dumps: addresses of the dump files.
        listed: when a dataset was last published or withdrawn. Edits of datasets do not count: each
            edit would change every page.
    """
    description = _described(made_from, dumps, listed)
    if listed is None:
        return description
    moment = Literal(listed.isoformat(), datatype=NamedNode(XSD + "dateTime"))
    return [*description, Triple(NamedNode(catalog_uri()), _DCT_MODIFIED, moment)]


@lru_cache(maxsize=8)
def _described(
    _settings: tuple[str, ...], dumps: tuple[str, ...], _listed: dt.datetime | None
) -> list[Triple]:
    subject = NamedNode(catalog_uri())
    graph = catalogue(subject, {}, None)
    for address in dumps:
        graph.add(subject, _DATA_DUMP, NamedNode(address))
    return graph.ordered(subject)


def membership(iris: Iterable[str]) -> list[Triple]:
    """Return the statements that datasets belong to the catalogue."""
    subject = NamedNode(catalog_uri())
    return [Triple(subject, _DCAT_DATASET, NamedNode(iri)) for iri in iris]


def paging(way: Way) -> list[Triple]:
    """Return the links to the other pages.

    In the current terms of Hydra and in those of its first drafts, which older clients use;
    addresses are IRIs, which both read.
    """
    here = NamedNode(way.here)
    triples = [
        Triple(here, TYPE, NamedNode(HYDRA + "PartialCollectionView")),
        Triple(here, TYPE, NamedNode(HYDRA + "PagedCollection")),
    ]
    for name in ("first", "last", "next", "previous"):
        address = getattr(way, name)
        if address:
            triples += [
                Triple(here, NamedNode(HYDRA + word), NamedNode(address))
                for word in (name, f"{name}Page")
            ]
    for name, value in (("totalItems", way.total), ("itemsPerPage", way.size)):
        count = Literal(str(value), datatype=NamedNode(XSD + "integer"))
        triples.append(Triple(here, NamedNode(HYDRA + name), count))
    return triples
