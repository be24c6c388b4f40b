"""A portal that runs the same plugins gets the fields back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS

from ckanext.nd47.dcat.rdf.mapping import DATASET as DATASET_ROWS
from ckanext.nd47.dcat.rdf.mapping import Kind, rows_of
from ckanext.nd47.dcat.rdf.reader import read_dataset, read_distribution, source_of
from tests.dcat.conftest import DATASET, NS, RESOURCE, Written

Export = Callable[[Mapping[str, Any]], Written]
EU = "http://publications.europa.eu/resource/authority/"

# Fields of the table that ckanext-dcat's own parser reads.
READ_ELSEWHERE = {"tags", "owner_org", "license_id", "resources"}
# An organisation of another portal is not one of this.
NOT_READ = {"responsible_agency"}


def received(record: Written, form: str = "turtle") -> Graph:
    """The graph as another portal gets it."""
    return Graph().parse(data=record.graph.serialize(format=form), format=form)


def read(graph: Graph, own: str = NS) -> dict[str, Any]:
    return read_dataset(source_of(graph, DATASET, own, "vi"), DATASET)


@pytest.mark.parametrize("form", ["turtle", "xml", "json-ld", "nt"])
def test_every_field_of_the_table_comes_back_equal(
    export: Export, dataset: dict[str, Any], form: str
):
    found = read(received(export(dataset), form))
    names = {row.field for row in DATASET_ROWS} - READ_ELSEWHERE - NOT_READ
    expected = {name: dataset[name] for name in names}
    # RDF has no order among the values of a property.
    unordered = {row.field for row in DATASET_ROWS if row.many and row.kind is not Kind.NODE}
    for name in unordered & names:
        found[name], expected[name] = sorted(found[name]), sorted(expected[name])
    assert found == expected


def test_every_field_of_a_resource_comes_back_equal(export: Export, dataset: dict[str, Any]):
    graph = received(export(dataset))
    found = read_distribution(source_of(graph, DATASET, NS, "vi"), RESOURCE, DATASET)
    resource = dataset["resources"][0]
    # The address is read by ckanext-dcat's own parser; availability and moments are the portal's.
    names = {row.field for row in rows_of("distribution")}
    names -= {"url", "availability", "issued", "modified"}
    assert {name: found.get(name) for name in names} == {name: resource[name] for name in names}


@pytest.mark.parametrize("name", ["availability", "issued", "modified"])
def test_what_the_portal_says_of_a_resource_is_no_field_of_it(
    export: Export, dataset: dict[str, Any], name: str
):
    graph = received(export(dataset))
    assert name not in read_distribution(source_of(graph, DATASET, NS, "vi"), RESOURCE, DATASET)


def test_a_resource_keeps_a_licence_of_its_own(export: Export, dataset: dict[str, Any]):
    dataset["resources"][0]["license"] = "cc-by"
    graph = received(export(dataset))
    found = read_distribution(source_of(graph, DATASET, NS, "vi"), RESOURCE, DATASET)
    assert "license" not in found


def test_the_fields_of_a_portal_with_another_base_are_found(
    export: Export, dataset: dict[str, Any]
):
    found = read(received(export(dataset)), own="https://khac.example/ns/nd47#")
    assert found["frequency"] == "hang-thang"
    assert found["source_database"] == dataset["source_database"]


@pytest.mark.usefixtures("site")
def test_a_stock_portal_gives_codes_where_only_one_is_meant():
    graph = Graph()
    graph.add((DATASET, DCTERMS.accrualPeriodicity, URIRef(f"{EU}frequency/MONTHLY")))
    graph.add((DATASET, DCTERMS.accessRights, URIRef(f"{EU}access-right/PUBLIC")))
    assert read(graph) == {"frequency": "hang-thang", "access_rights": "cong-khai"}


@pytest.mark.usefixtures("site")
def test_an_eu_theme_that_several_fields_share_gives_none():
    graph = Graph()
    graph.add((DATASET, DCAT.theme, URIRef(f"{EU}data-theme/ECON")))
    assert read(graph) == {}


@pytest.mark.usefixtures("site")
def test_unknown_concepts_and_literals_in_their_place_are_ignored():
    graph = Graph()
    graph.add((DATASET, DCTERMS.accrualPeriodicity, Literal("monthly")))
    graph.add((DATASET, DCAT.theme, URIRef("https://a.vn/vocabulary/field-national/khong-co")))
    graph.add((DATASET, DCTERMS.language, URIRef("https://a.vn/vi")))
    assert read(graph) == {}


@pytest.mark.usefixtures("site")
def test_an_empty_graph_gives_no_fields():
    assert read(Graph()) == {}


def test_a_number_that_is_none_is_ignored(export: Export):
    graph = export({"resources": [{"id": "r1", "url": "https://a.vn/x"}]}).graph
    graph.add((RESOURCE, DCAT.byteSize, Literal("nhiều")))
    assert read_distribution(source_of(graph, DATASET, NS, "vi"), RESOURCE, DATASET) == {}


def test_the_vietnamese_text_is_taken_of_several(export: Export):
    graph = export({"title": "Hồ chứa"}).graph
    graph.add((DATASET, DCTERMS.title, Literal("A reservoir", lang="en")))
    assert read(graph)["title"] == "Hồ chứa"


def test_a_title_that_stands_in_for_a_description_does_not_become_one(export: Export):
    found = read(export({"title": "Hồ chứa"}).graph)
    assert found == {"title": "Hồ chứa"}
