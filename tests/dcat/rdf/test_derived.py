"""What a record does not state, but follows from it or from the portal; it is marked as such."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode
from rdflib import Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, XSD

import ckan.plugins.toolkit as tk

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.reader import read_dataset, read_distribution, source_of
from ckanext.nd47.dcat.rdf.record import Site, Territory
from ckanext.nd47.dcat.rdf.terms import extent_of
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields.geometry import read_extent
from tests.dcat.conftest import BASE, DATASET, NS, RESOURCE, Written, iri, written

Export = Callable[[Mapping[str, Any]], Written]
TERRITORY = URIRef(f"{BASE}#territory")
BOX = "POLYGON((105 18,106 18,106 19,105 19,105 18))"


def derived(record: Written, node: URIRef = DATASET) -> set[str]:
    return {str(o) for o in record.graph.objects(node, URIRef(f"{NS}derived"))}


def values(record: Written, node: URIRef, name: str) -> set[str]:
    return {str(o) for o in record.graph.objects(node, iri(name))}


def with_site(site: Site, dataset: Mapping[str, Any], **changes: Any) -> Written:
    return written({"id": "d1", **dataset}, replace(site, **changes))


class TestPlace:
    def test_a_dataset_without_place_is_about_the_area_of_the_portal(self, export: Export):
        record = export({"title": "Hồ chứa"})
        assert values(record, DATASET, "dct:spatial") == {str(TERRITORY)}
        assert values(record, TERRITORY, "skos:prefLabel") == {"Tỉnh Vĩnh Khuê"}
        assert "spatial_coverage" in derived(record)

    def test_a_place_that_is_stated_stands_alone(self, export: Export):
        record = export({"spatial_coverage": [{"text": "Xã A"}]})
        assert values(record, DATASET, "dct:spatial") == {f"{DATASET}#place-1"}
        assert "spatial_coverage" not in derived(record)

    def test_a_portal_that_names_no_area_adds_none(self, site: Site):
        record = with_site(site, {"title": "Hồ chứa"}, territory=None)
        assert values(record, DATASET, "dct:spatial") == set()

    def test_an_area_with_a_code_points_to_the_unit(self, site: Site):
        unit = NamedNode(f"{BASE}/vocabulary/province/48")
        record = with_site(site, {}, territory=Territory("Đà Nẵng", unit, None))
        assert values(record, TERRITORY, "skos:exactMatch") == {unit.value}

    def test_the_unit_of_the_portal_has_its_extent_wherever_it_is_named(self, site: Site):
        unit = NamedNode(f"{BASE}/vocabulary/province/48")
        area = Territory("Đà Nẵng", unit, (105.0, 18.0, 106.0, 19.0))
        record = with_site(site, {"spatial_coverage": [{"uri": "48"}]}, territory=area)
        node = URIRef(unit.value)
        assert len(values(record, node, "dcat:bbox")) == 1
        assert len(values(record, node, "dcat:centroid")) == 1

    @pytest.mark.parametrize("field", ["geom", "bbox", "centroid"])
    def test_box_and_middle_follow_from_any_geometry(self, export: Export, field: str):
        record = export({"spatial_coverage": [{"text": "Xã A", field: BOX}]})
        node = URIRef(f"{DATASET}#place-1")
        assert len(values(record, node, "dcat:bbox")) == 1
        assert len(values(record, node, "dcat:centroid")) == 1
        assert derived(record, node) == {"bbox", "centroid"} - {field}

    def test_the_middle_is_in_the_middle(self, export: Export):
        record = export({"spatial_coverage": [{"bbox": BOX}]})
        (middle,) = values(record, URIRef(f"{DATASET}#place-1"), "dcat:centroid")
        assert extent_of(middle) == (105.5, 18.5, 105.5, 18.5)

    def test_a_bad_box_is_replaced_by_that_of_the_outline(self, export: Export):
        record = export({"spatial_coverage": [{"geom": BOX, "bbox": "hình"}]})
        assert len(values(record, URIRef(f"{DATASET}#place-1"), "dcat:bbox")) == 1
        assert [problem.field for problem in record.problems] == ["spatial_coverage.bbox"]


class TestPeriod:
    @staticmethod
    def files(*periods: str) -> dict[str, Any]:
        return {"resources": [{"id": f"r{i}", "period": p} for i, p in enumerate(periods)]}

    def test_it_spans_the_periods_of_the_files(self, export: Export):
        record = export(self.files("20231", "202312"))
        node = URIRef(f"{DATASET}#period")
        assert values(record, node, "dcat:startDate") == {"2023-01-01"}
        assert values(record, node, "dcat:endDate") == {"2023-12-31"}
        assert "temporal_coverage" in derived(record)

    def test_each_file_of_a_series_has_its_own(self, export: Export):
        record = export(self.files("202601", "202602"))
        for distribution in record.graph.objects(DATASET, DCAT.distribution):
            (period,) = record.graph.objects(distribution, DCTERMS.temporal)
            assert (period, RDF.type, DCTERMS.PeriodOfTime) in record.graph
            assert len(list(record.graph.objects(period, DCAT.startDate))) == 1
        ends = {str(end) for end in record.graph.objects(None, DCAT.endDate)}
        assert ends == {"2026-01-31", "2026-02-28"}

    @pytest.mark.parametrize("period", ["", "x", "0000", "202313"])
    def test_file_without_a_period_says_nothing(self, export: Export, period: str):
        record = export(self.files(period))
        (distribution,) = record.graph.objects(DATASET, DCAT.distribution)
        assert not list(record.graph.objects(distribution, DCTERMS.temporal))

    @pytest.mark.parametrize("periods", [(), ("2023", ""), ("x",), ("0000",), ("202313",)])
    def test_one_file_without_a_period_and_nothing_is_said(
        self, export: Export, periods: tuple[str, ...]
    ):
        assert values(export(self.files(*periods)), DATASET, "dct:temporal") == set()

    @pytest.mark.parametrize(
        ("start", "end", "first", "last"),
        [
            ("2024", "2024", "2024-01-01", "2024-12-31"),
            ("2024-02", "2024-02", "2024-02-01", "2024-02-29"),
            ("2023-05-06", "2024", "2023-05-06", "2024-12-31"),
        ],
    )
    def test_a_year_or_month_is_told_by_its_first_and_last_day(
        self, export: Export, start: str, end: str, first: str, last: str
    ):
        """Many readers take the year 2024 for 1 January 2024, at the end of a period too."""
        record = export({"temporal_coverage": [{"start": start, "end": end}]})
        node = URIRef(f"{DATASET}#period-1")
        assert set(record.graph.objects(node, DCAT.startDate)) == {
            Literal(first, datatype=XSD.date)
        }
        assert set(record.graph.objects(node, DCAT.endDate)) == {Literal(last, datatype=XSD.date)}

    @pytest.mark.parametrize(
        ("period", "first", "last"),
        [
            ("NH2024-2025", "2024-09-01", "2025-08-31"),
            ("2024-01/2024-06", "2024-01-01", "2024-06-30"),
        ],
    )
    def test_school_years_and_half_years_of_files_have_their_days(
        self, export: Export, period: str, first: str, last: str
    ):
        record = export(self.files(period))
        node = URIRef(f"{DATASET}#period")
        assert values(record, node, "dcat:startDate") == {first}
        assert values(record, node, "dcat:endDate") == {last}

    def test_what_is_stated_stands_alone(self, export: Export):
        stated = {"temporal_coverage": [{"start": "2020", "end": "2021"}]}
        record = export({**self.files("2023"), **stated})
        assert values(record, DATASET, "dct:temporal") == {f"{DATASET}#period-1"}
        assert "temporal_coverage" not in derived(record)


class TestKeywords:
    def test_the_fields_stand_in(self, export: Export):
        record = export({"theme": ["nong-nghiep", "moi-truong"]})
        assert set(record.graph.objects(DATASET, DCAT.keyword)) == {
            Literal("Nông nghiệp", lang="vi"),
            Literal("Môi trường", lang="vi"),
        }
        assert "tags" in derived(record)

    def test_not_beside_keywords(self, export: Export):
        record = export({"theme": ["nong-nghiep"], "tags": [{"name": "lúa"}]})
        assert values(record, DATASET, "dcat:keyword") == {"lúa"}
        assert "tags" not in derived(record)


class TestDistribution:
    def test_its_name_stands_in_for_a_description(self, export: Export):
        record = export({"resources": [{"id": "r1", "name": "Tệp"}]})
        assert values(record, RESOURCE, "dct:description") == {"Tệp"}
        assert derived(record, RESOURCE) == {"description"}

    @pytest.mark.parametrize(
        ("stated", "expected"),
        [("", "AVAILABLE"), ("STABLE", "STABLE"), (terms.PREFIXES["dcat"], "AVAILABLE")],
    )
    def test_it_stays_as_long_as_it_says_else_as_the_portal_promises(
        self, export: Export, stated: str, expected: str
    ):
        record = export({"resources": [{"id": "r1", "availability": stated}]})
        (found,) = values(record, RESOURCE, "dcatap:availability")
        assert found.rpartition("/")[2] == expected

    def test_a_portal_that_promises_nothing_says_nothing(self, site: Site):
        record = with_site(site, {"resources": [{"id": "r1"}]}, availability="")
        assert values(record, RESOURCE, "dcatap:availability") == set()

    def test_our_checksum_goes_before_that_of_the_loader(self, export: Export):
        sums = {"checksum": "a" * 64, "hash": "b" * 32}
        record = export({"resources": [{"id": "r1", **sums}]})
        node = URIRef(f"{RESOURCE}#checksum")
        assert values(record, node, "spdx:checksumValue") == {"a" * 64}

    def test_that_of_the_loader_serves_where_there_is_no_other(self, export: Export):
        record = export({"resources": [{"id": "r1", "hash": "b" * 32}]})
        found = read_distribution(source_of(record.graph, DATASET, NS, "vi"), RESOURCE, DATASET)
        assert (found["hash"], "checksum" in found) == ("b" * 32, False)


class TestService:
    @staticmethod
    def one(export: Export, **fields: Any) -> Written:
        resource = {
            "id": "r1",
            "url": "https://api.tinh.example/ho",
            "name": "API hồ chứa",
            "format": "API",
            "publication_method": "dich-vu-chia-se",
            **fields,
        }
        facts = {"tags": [{"name": "hồ"}], "theme": ["nong-nghiep"], "owner_org": "o1"}
        return export({"title": "Hồ", "license_id": "cc-by", **facts, "resources": [resource]})

    def test_it_stands_beside_the_distribution_and_in_the_catalogue(self, export: Export):
        record = self.one(export)
        service = URIRef(f"{RESOURCE}#service")
        assert (RESOURCE, DCAT.accessService, service) in record.graph
        assert (URIRef(BASE), DCAT.service, service) in record.graph
        assert (service, RDF.type, DCAT.DataService) in record.graph
        assert (service, DCAT.servesDataset, DATASET) in record.graph
        assert values(record, service, "dcat:endpointURL") == {"https://api.tinh.example/ho"}
        assert values(record, service, "dct:title") == {"API hồ chứa"}

    @pytest.mark.parametrize(
        "name", ["dct:publisher", "dcat:theme", "dcat:keyword", "dct:license", "dct:conformsTo"]
    )
    def test_it_says_what_its_dataset_says(self, export: Export, name: str):
        assert values(self.one(export), URIRef(f"{RESOURCE}#service"), name)

    def test_it_is_explained_by_its_document_else_by_the_page(self, export: Export):
        service = URIRef(f"{RESOURCE}#service")
        documented = self.one(export, data_dictionary="https://api.tinh.example/docs")
        name = "dcat:endpointDescription"
        assert values(documented, service, name) == {"https://api.tinh.example/docs"}
        assert values(self.one(export), service, name) == {str(DATASET)}

    @pytest.mark.parametrize(
        "fields", [{"publication_method": "goi-tai-ve"}, {"url": ""}, {"url": "javascript:x()"}]
    )
    def test_a_file_or_a_service_without_address_is_none(
        self, export: Export, fields: dict[str, str]
    ):
        graph = self.one(export, **fields).graph
        assert (None, RDF.type, DCAT.DataService) not in graph


class TestReadBack:
    def test_nothing_that_was_derived_becomes_a_field(self, export: Export):
        record = export(
            {
                "title": "Hồ chứa",
                "theme": ["nong-nghiep"],
                "metadata_created": "2025-01-01T08:00:00",
                "metadata_modified": "2025-01-01T08:00:00",
                "contacts_of_agency": [{"name": "A"}],
                "resources": [{"id": "r1", "name": "Tệp", "period": "2024"}],
            }
        )
        assert {"notes", "issued", "modified", "contact"} <= derived(record)
        source = source_of(record.graph, DATASET, NS, "vi")
        assert read_dataset(source, DATASET) == {"title": "Hồ chứa", "theme": ["nong-nghiep"]}
        assert read_distribution(source, RESOURCE, DATASET) == {"name": "Tệp", "period": "2024"}

    def test_a_description_that_repeats_the_title_comes_back(self, export: Export):
        record = export({"title": "Hồ", "notes": "Hồ"})
        found = read_dataset(source_of(record.graph, DATASET, NS, "vi"), DATASET)
        assert found["notes"] == "Hồ"

    def test_a_place_by_address_with_an_outline_comes_back(self, export: Export):
        record = export(
            {"spatial_coverage": [{"uri": "https://a.vn/xa", "text": "A", "bbox": BOX}]}
        )
        found = read_dataset(source_of(record.graph, DATASET, NS, "vi"), DATASET)
        (place,) = found["spatial_coverage"]
        assert (place["uri"], place["text"], set(place)) == (
            "https://a.vn/xa",
            "A",
            {"uri", "text", "bbox"},
        )


class TestExtent:
    @pytest.mark.parametrize("text", ["105 18 106 19", "105, 18, 106, 19", "105;18;106;19 "])
    def test_four_numbers_are_one(self, text: str):
        assert read_extent(text) == (105.0, 18.0, 106.0, 19.0)

    @pytest.mark.parametrize(
        "text", ["1 2 3", "1 2 3 4 5", "a b c d", "106 18 105 19", "0 0 0 91", "nan 0 1 1"]
    )
    def test_anything_else_is_an_error(self, text: str):
        with pytest.raises(ValueError):  # noqa: PT011 - the message is the text itself
            read_extent(text)

    def test_nothing_is_none(self):
        assert read_extent(" ") is None

    @pytest.mark.parametrize(
        "shape",
        ["POINT EMPTY", '{"type":"Point","coordinates":[]}', "x", None, "[]", "POINT(nan 1)"],
    )
    def test_what_is_no_geometry_has_none(self, shape: object):
        assert extent_of(shape) is None


def test_issued_and_modified_of_the_record_are_not_marked(export: Export, dataset: dict[str, Any]):
    record = export(dataset)
    assert derived(record) == set()
    assert (DATASET, DCTERMS.issued, None) in record.graph


class TestNextDue:
    MONTHLY: Mapping[str, Any] = {"frequency": "hang-thang", "modified": "2025-01-31"}
    DUE = Literal("2025-02-28", datatype=XSD.date)

    def test_the_day_of_the_next_update_is_exported(self, export: Export):
        assert export(self.MONTHLY).graph.value(DATASET, iri("nd47:nextUpdateDue")) == self.DUE

    def test_it_follows_from_the_last_change_where_no_date_is_stated(self, export: Export):
        record = export({"frequency": "hang-ngay", "metadata_modified": "2025-03-02T20:00:00"})
        # In Vietnam it was the third already.
        assert values(record, DATASET, "nd47:nextUpdateDue") == {"2025-03-04"}

    @pytest.mark.parametrize("frequency", ["", "khong-xac-dinh", "no such code"])
    def test_a_dataset_without_a_period_has_none(self, export: Export, frequency: str):
        record = export({**self.MONTHLY, "frequency": frequency})
        assert values(record, DATASET, "nd47:nextUpdateDue") == set()

    def test_what_is_exported_is_the_same_on_any_day(
        self, export: Export, monkeypatch: pytest.MonkeyPatch
    ):
        before = set(export(self.MONTHLY).graph)
        monkeypatch.setattr(dates, "today", lambda: dt.date(2031, 5, 6))
        assert set(export(self.MONTHLY).graph) == before

    def test_a_stored_day_is_not_exported(self, export: Export):
        record = export({**self.MONTHLY, "next_due": "1999-01-01"})
        assert set(record.graph.objects(DATASET, iri("nd47:nextUpdateDue"))) == {self.DUE}

    def test_a_harvester_does_not_take_it_for_a_field(self, export: Export):
        record = export(self.MONTHLY)
        found = read_dataset(source_of(record.graph, DATASET, NS, "vi"), DATASET)
        assert "next_due" not in found
        assert found["frequency"] == "hang-thang"

    def test_another_delay_gives_another_day(self, export: Export, tmp_path: Path):
        list_of_portal = (
            "id: frequency\nmerge: true\ntitle: {vi: Tần suất, en: Frequency}\n"
            "source: Quy chế\nstatus: design\n"
            "columns: {delay: {vi: Số ngày, en: Days}, period: {vi: Chu kỳ, en: Period}}\n"
            "terms:\n- code: hang-thang\n  label: {vi: Hằng tháng, en: Monthly}\n"
            "  status: design\n  period: P1M\n  delay: 15\n"
        )
        (tmp_path / "frequency.yaml").write_text(list_of_portal, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(tk.config, "ckanext.nd47.vocabulary_folder", str(tmp_path))
            record = export(self.MONTHLY)
        assert values(record, DATASET, "nd47:nextUpdateDue") == {"2025-03-15"}
