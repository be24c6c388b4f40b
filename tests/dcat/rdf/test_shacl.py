"""DCAT-AP 3.0.1: no violation by a dataset, whether it is full, bare or bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS

from tests.dcat.conftest import DATASET, RESOURCE, Written
from tests.dcat.shapes import ALL, EXCEPTIONS, findings, unexpected

Export = Callable[[Mapping[str, Any]], Written]

SERVICE = {
    "id": "r2",
    "url": "https://api.tinh.example/ho",
    "name": "API hồ chứa",
    "format": "API",
    "publication_method": "dich-vu-chia-se",
}
# A place by code of a province that is not the portal's: its box is not known.
NO_OUTLINE = {("bbox", "Location_Shape"), ("centroid", "Location_Shape")}


@pytest.mark.parametrize("name", ALL)
def test_a_full_dataset_with_a_service_has_no_finding_but_the_known_ones(
    export: Export, dataset: dict[str, Any], name: str
):
    dataset["resources"].append(SERVICE)
    dataset["spatial_coverage"] = [{"text": "Xã A", "geom": "POINT(105.5 18.5)"}]
    assert unexpected(export(dataset).graph, name) == []


@pytest.mark.parametrize("name", ALL)
def test_a_dataset_of_three_fields_has_no_finding_but_the_known_ones(export: Export, name: str):
    """Title, field and one file; the rest is the agency's and the portal's."""
    record = export(
        {
            "title": "Hồ chứa",
            "theme": ["nong-nghiep"],
            "owner_org": "o1",
            "license_id": "nd47-open-data",
            "contacts_of_agency": [{"name": "A", "email": "a@tinh.example"}],
            "resources": [
                {
                    "id": "r1",
                    "name": "Tệp",
                    "url": "https://a.vn/x",
                    "format": "CSV",
                    "period": "2024",
                }
            ],
        }
    )
    assert unexpected(record.graph, name) == []


@pytest.mark.parametrize("name", ALL)
def test_a_province_that_is_not_the_portals_lacks_only_its_outline(
    export: Export, dataset: dict[str, Any], name: str
):
    found = unexpected(export(dataset).graph, name)
    assert {(one.path, one.shape) for one in found} <= NO_OUTLINE
    assert {one.severity for one in found} <= {"Warning"}


@pytest.mark.parametrize("name", ALL)
def test_a_bare_dataset_has_no_violation(export: Export, name: str):
    record = export({"title": "Hồ chứa", "resources": [{"id": "r1", "url": "https://a.vn/x"}]})
    assert [f for f in findings(record.graph, name) if f.severity == "Violation"] == []


@pytest.mark.parametrize("name", ALL)
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
    found = findings(export(bad).graph, name)
    assert [f for f in found if f.severity == "Violation"] == []


def test_every_exception_is_a_warning_that_is_met(export: Export, dataset: dict[str, Any]):
    """An exception that nothing needs any more would hide the next fault."""
    dataset["resources"].append(SERVICE)
    found = findings(export(dataset).graph, "mdr-vocabularies.shape.ttl")
    met = {one.kind: one.severity for one in found if one.kind in EXCEPTIONS}
    of_datasets = {kind for kind in EXCEPTIONS if kind[2] != "Catalog_ShapeCV"}
    assert set(met) == of_datasets
    assert set(met.values()) == {"Warning"}


class TestTheShapesBite:
    """A check that cannot fail is none."""

    def test_a_missing_title_is_a_violation(self, export: Export, dataset: dict[str, Any]):
        graph = export(dataset).graph
        graph.remove((DATASET, DCTERMS.title, None))
        found = [f for f in findings(graph, "shapes.ttl") if f.severity == "Violation"]
        assert [f.path for f in found] == ["title"]

    def test_a_literal_theme_is_a_violation(self, export: Export, dataset: dict[str, Any]):
        graph = export(dataset).graph
        graph.add((DATASET, DCAT.theme, Literal("nông nghiệp")))
        found = [f for f in findings(graph, "shapes.ttl") if f.severity == "Violation"]
        assert [f.path for f in found] == ["theme"]

    def test_a_frequency_outside_the_table_is_a_violation(
        self, export: Export, dataset: dict[str, Any]
    ):
        graph = export(dataset).graph
        graph.set((DATASET, DCTERMS.accrualPeriodicity, URIRef("https://a.vn/hang-thang")))
        found = findings(graph, "mdr-vocabularies.shape.ttl")
        assert ("Violation", "accrualPeriodicity") in {(f.severity, f.path) for f in found}

    def test_a_format_that_is_no_file_type_is_a_violation(
        self, export: Export, dataset: dict[str, Any]
    ):
        graph = export(dataset).graph
        graph.set((RESOURCE, DCTERMS["format"], URIRef("https://a.vn/csv")))
        found = findings(graph, "range.ttl")
        assert ("Violation", "format") in {(f.severity, f.path) for f in found}
