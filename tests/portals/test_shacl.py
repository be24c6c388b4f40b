"""The catalogue of the sample province, held against the SHACL shapes of DCAT-AP 3.0.1."""

from __future__ import annotations

from urllib.request import urlopen

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, RDF

from tests.dcat.shapes import ALL, EXCEPTIONS, findings, unexpected
from tests.support.running import Portal

pytestmark = pytest.mark.portals
HYDRA_NEXT = URIRef("http://www.w3.org/ns/hydra/core#next")
OF_DATASETS = 3


def read(url: str) -> Graph:
    with urlopen(url, timeout=60) as answer:  # noqa: S310 - the address of our own portal
        return Graph().parse(data=answer.read(), format="turtle")


@pytest.fixture(scope="module")
def pages(province: Portal) -> list[Graph]:
    """Every page of the catalogue, as a harvester follows them."""
    found: list[Graph] = []
    url = f"{province.url}/catalog.ttl"
    while url:
        found.append(read(url))
        url = str(next(iter(found[-1].objects(None, HYDRA_NEXT)), ""))
    return found


@pytest.fixture(scope="module")
def whole(pages: list[Graph]) -> Graph:
    """All pages as one graph, which is what a dump holds."""
    graph = Graph()
    for page in pages:
        graph += page
    return graph


def test_the_whole_catalogue_is_there(whole: Graph):
    """Shapes that meet no node find nothing."""
    assert len(set(whole.subjects(RDF.type, DCAT.Dataset))) >= 60
    assert len(set(whole.subjects(RDF.type, DCAT.Distribution))) >= 60


@pytest.mark.parametrize("name", ALL)
def test_the_whole_catalogue_has_no_finding_but_the_known_ones(whole: Graph, name: str):
    assert unexpected(whole, name) == []


@pytest.mark.parametrize("name", ALL)
def test_each_page_alone_has_no_finding_but_the_known_ones(pages: list[Graph], name: str):
    # One page is the whole catalogue, which the test above has read.
    for page in pages if len(pages) > 1 else ():
        assert unexpected(page, name) == []


@pytest.mark.parametrize("name", ALL)
def test_single_datasets_have_no_finding_but_the_known_ones(whole: Graph, name: str):
    for dataset in sorted(map(str, whole.subjects(RDF.type, DCAT.Dataset)))[:OF_DATASETS]:
        assert unexpected(read(f"{dataset}.ttl"), name) == []


def test_every_exception_for_the_catalogue_is_met(whole: Graph):
    met = {one.kind for one in findings(whole, "mdr-vocabularies.shape.ttl")}
    assert {kind for kind in EXCEPTIONS if kind[2] == "Catalog_ShapeCV"} <= met
