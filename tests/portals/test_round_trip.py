"""What a portal with the same plugins reads from the export of the sample province."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, RDF

from ckanext.nd47.dcat.rdf.mapping import DATASET, Kind, rows_of
from ckanext.nd47.dcat.rdf.reader import (
    Source,
    read_agency,
    read_dataset,
    read_distribution,
    source_of,
)
from tests.support.running import Portal

pytestmark = pytest.mark.portals

# Read by ckanext-dcat's own parser, or found on the reading portal.
ELSEWHERE = {"tags", "owner_org", "license_id", "resources", "responsible_agency"}
OF_RESOURCES = {"url", "availability", "issued", "modified", "hash", "license"}
UNORDERED = {row.field for row in DATASET if row.many and row.kind is not Kind.NODE}


def said(value: Any) -> Any:
    """A value without what says nothing; geometries as what they mean."""
    if isinstance(value, dict):
        return {k: said(v) for k, v in value.items() if v not in (None, "", [], {})}
    if isinstance(value, list):
        return [said(one) for one in value]
    if isinstance(value, str) and value.startswith("{"):
        return json.loads(value)
    return value


@pytest.fixture(scope="module")
def datasets(province: Portal) -> list[dict[str, Any]]:
    """Every public dataset as the province has it."""
    with urlopen(f"{province.url}/api/action/package_search?rows=1000", timeout=60) as answer:  # noqa: S310 - our own portal
        found = json.load(answer)["result"]["results"]
    assert len(found) >= 60
    return found


@pytest.fixture(scope="module")
def source(province: Portal) -> Source:
    """What another portal gets of it."""
    with urlopen(f"{province.url}/catalog.ttl", timeout=60) as answer:  # noqa: S310 - our own portal
        graph = Graph().parse(data=answer.read(), format="turtle")
    first = next(iter(graph.subjects(RDF.type, DCAT.Dataset)))
    return source_of(graph, first, "", "vi")


def node(province: Portal, dataset: dict[str, Any]) -> URIRef:
    return URIRef(f"{province.url}/dataset/{dataset['id']}")


def test_every_field_of_every_dataset_comes_back_equal(
    province: Portal, datasets: list[dict[str, Any]], source: Source
):
    names = {row.field for row in DATASET} - ELSEWHERE
    for one in datasets:
        found = said(read_dataset(source, node(province, one)))
        given = said({name: one[name] for name in names & one.keys()})
        for name in UNORDERED & names:
            for fields in (found, given):
                if name in fields:
                    fields[name] = sorted(fields[name])
        assert {n: found.get(n) for n in names} == {n: given.get(n) for n in names}, one["name"]


def test_every_field_of_every_resource_comes_back_equal(
    province: Portal, datasets: list[dict[str, Any]], source: Source
):
    names = {row.field for row in rows_of("distribution")} - OF_RESOURCES
    for one in datasets:
        for resource in one["resources"]:
            whole = node(province, one)
            part = URIRef(f"{whole}/resource/{resource['id']}")
            found = said(read_distribution(source, part, whole))
            given = said({name: resource[name] for name in names & resource.keys()})
            same = {n: found.get(n) for n in names} == {n: given.get(n) for n in names}
            assert same, (one["name"], resource["name"], found, given)


def test_the_responsible_agency_is_named_where_the_record_names_it(
    province: Portal, datasets: list[dict[str, Any]], source: Source
):
    for one in datasets:
        agency = read_agency(source, node(province, one))
        assert (agency.iri.rpartition("/")[2] if agency else None) == (
            one.get("responsible_agency") or None
        )
