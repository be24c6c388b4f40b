"""Seven datasets in the catalogue, and how the tests read its pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pyoxigraph
import pytest
import sqlalchemy as sa
from rdflib import Graph
from rdflib.namespace import DCAT, Namespace

from ckan import model
from ckan.tests.helpers import CKANTestApp

from tests.dcat.portal import PAGE, dataset

PARSERS = {
    "ttl": ("turtle", pyoxigraph.RdfFormat.TURTLE),
    "xml": ("xml", pyoxigraph.RdfFormat.RDF_XML),
    "rdf": ("xml", pyoxigraph.RdfFormat.RDF_XML),
    "jsonld": ("json-ld", pyoxigraph.RdfFormat.JSON_LD),
    "nt": ("nt", pyoxigraph.RdfFormat.N_TRIPLES),
    "n3": ("n3", pyoxigraph.RdfFormat.N3),
}
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")


@pytest.fixture(scope="module", autouse=True)
def datasets(department: dict[str, Any]) -> list[dict[str, Any]]:
    """Seven datasets: three pages, the last with one."""
    return [
        dataset(department, title=f"Bộ {n} \"<&>'\r\n\t]]>", notes="Dòng\nhai 🙂")
        for n in range(2 * PAGE + 1)
    ]


def page(app: CKANTestApp, address: str) -> Graph:
    parts = urlsplit(address)
    reply = app.get(f"{parts.path}?{parts.query}", status=200)
    return Graph().parse(data=reply.text, format="turtle")


def members(graph: Graph) -> list[str]:
    return sorted(str(node) for node in graph.objects(None, DCAT.dataset))


def walk(app: CKANTestApp, address: str = "/catalog.ttl") -> list[str]:
    """Follow the links of all pages and return the datasets, each as often as it came."""
    found: list[str] = []
    while address:
        graph = page(app, address)
        found += members(graph)
        address = str(next(graph.objects(None, HYDRA.next), ""))
    return found


def iris() -> list[str]:
    query = "SELECT iri FROM nd47_dcat_entry WHERE state = 'live'"
    return sorted(model.Session.scalars(sa.text(query)))
