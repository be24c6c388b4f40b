"""DCAT-AP 3.0.1: no violation by a dataset, whether it is full, bare or bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS

from ckanext.nd47.dcat.record import Record

from .conftest import DATASET, RESOURCE
from .shapes import findings

Export = Callable[[Mapping[str, Any]], Record]

SHAPES = (
    "shapes.ttl",
    "range.ttl",
    "shapes_recommended.ttl",
    "mdr-vocabularies.shape.ttl",
    "deprecateduris.ttl",
)

# What a province cannot mend: (path, constraint). Both are warnings.
ONLY_THE_EU_CAN = {
    ("publisher", "NodeConstraintComponent"),  # not in the EU table of corporate bodies
    ("spatial", "NodeConstraintComponent"),  # not in the EU table of places
}
# What a record of ours does not say; each is a recommendation.
NOT_IN_THE_SCHEMA = {
    ("availability", "MinCountConstraintComponent"),  # nobody plans it for each file
    ("bbox", "MinCountConstraintComponent"),  # the list of provinces has no outlines
    ("centroid", "MinCountConstraintComponent"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_full_dataset_has_no_finding_but_the_known_ones(
    export: Export, dataset: dict[str, Any], name: str
):
    found = findings(export(dataset).graph, name)
    assert [f for f in found if f[0] == "Violation"] == []
    assert {f[1:3] for f in found} <= ONLY_THE_EU_CAN | NOT_IN_THE_SCHEMA


@pytest.mark.parametrize("name", SHAPES)
def test_a_bare_dataset_has_no_violation(export: Export, name: str):
    record = export({"title": "Hồ chứa", "resources": [{"id": "r1", "url": "https://a.vn/x"}]})
    assert [f for f in findings(record.graph, name) if f[0] == "Violation"] == []


@pytest.mark.parametrize("name", SHAPES)
def test_a_dataset_with_a_bad_value_in_every_field_has_no_violation(
    export: Export, dataset: dict[str, Any], name: str
):
    bad: dict[str, Any] = dict.fromkeys(dataset, "không đúng \x00 <>")
    bad.update(
        id="d1",
        tags=[],
        organization={},
        resources=[{"id": "r1", **dict.fromkeys(dataset["resources"][0], "không \x0b đúng")}],
    )
    bad["resources"][0].update(id="r1", uri="", url="https://a.vn/x")
    assert [f for f in findings(export(bad).graph, name) if f[0] == "Violation"] == []


class TestTheShapesBite:
    """A check that cannot fail is none."""

    def test_a_missing_title_is_a_violation(self, export: Export, dataset: dict[str, Any]):
        graph = export(dataset).graph
        graph.remove((DATASET, DCTERMS.title, None))
        found = [f for f in findings(graph, "shapes.ttl") if f[0] == "Violation"]
        assert [f[1] for f in found] == ["title"]

    def test_a_literal_theme_is_a_violation(self, export: Export, dataset: dict[str, Any]):
        graph = export(dataset).graph
        graph.add((DATASET, DCAT.theme, Literal("nông nghiệp")))
        found = [f for f in findings(graph, "shapes.ttl") if f[0] == "Violation"]
        assert [f[1] for f in found] == ["theme"]

    def test_a_frequency_outside_the_table_is_a_violation(
        self, export: Export, dataset: dict[str, Any]
    ):
        graph = export(dataset).graph
        graph.set((DATASET, DCTERMS.accrualPeriodicity, URIRef("https://a.vn/hang-thang")))
        found = findings(graph, "mdr-vocabularies.shape.ttl")
        assert ("Violation", "accrualPeriodicity") in {f[:2] for f in found}

    def test_a_format_that_is_no_file_type_is_a_violation(
        self, export: Export, dataset: dict[str, Any]
    ):
        graph = export(dataset).graph
        graph.set((RESOURCE, DCTERMS["format"], URIRef("https://a.vn/csv")))
        found = findings(graph, "range.ttl")
        assert ("Violation", "format") in {f[:2] for f in found}
