"""The addresses that harvesters read."""

from __future__ import annotations

from typing import Any

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp

from ckanext.dcat.utils import dataset_uri

from tests.dcat.conftest import PLUGINS
from tests.support.fixtures import portal_and_app

SITE = "http://test.ckan.net"

portal, app = portal_and_app(PLUGINS)


@pytest.mark.parametrize("extension", ["ttl", "xml", "rdf", "jsonld"])
def test_the_catalogue_and_the_dataset_say_the_same(
    app: CKANTestApp, stored: dict[str, Any], extension: str
):
    form = {"ttl": "turtle", "jsonld": "json-ld"}.get(extension, "xml")
    page = Graph().parse(data=app.get(f"/catalog.{extension}").text, format=form)
    one = Graph().parse(data=app.get(f"/dataset/{stored['name']}.{extension}").text, format=form)
    node = URIRef(dataset_uri(stored))
    assert (URIRef(SITE), DCAT.dataset, node) in page
    assert set(one) - set(page) == set()


def test_the_catalogue_is_described(app: CKANTestApp, stored: dict[str, Any]):
    page = Graph().parse(data=app.get("/catalog.ttl").text, format="turtle")
    catalogue = URIRef(SITE)
    assert (catalogue, RDF.type, DCAT.Catalog) in page
    assert len(list(page.objects(catalogue, DCTERMS.publisher))) == 1
    assert list(page.objects(catalogue, DCTERMS.description))


def test_a_private_dataset_is_not_in_the_catalogue(app: CKANTestApp, organisation: dict[str, Any]):
    hidden = factories.Dataset(owner_org=organisation["id"], private=True)
    assert hidden["id"] not in app.get("/catalog.ttl").text
    assert app.get(f"/dataset/{hidden['id']}.ttl", status=None).status_code in (403, 404)
