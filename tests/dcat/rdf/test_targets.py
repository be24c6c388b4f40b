"""The export for another target: changed by a file, checked when it is read, read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from rdflib import Graph, Literal, URIRef

import ckan.plugins.toolkit as tk

from ckanext.nd47.dcat.rdf import targets
from ckanext.nd47.dcat.rdf.mapping import ROWS
from ckanext.nd47.dcat.rdf.reader import read_dataset, source_of
from ckanext.nd47.dcat.rdf.record import Site
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import DataFileError
from tests.dcat.conftest import DATASET, NS, iri, written

VN = "https://dcat-vn.example/ns#"
OWN = {
    "id": "rieng",
    "title": {"vi": "Hồ sơ riêng", "en": "Own profile"},
    "prefixes": {"vn": VN},
    "changes": [
        {"of": "dataset", "property": "nd47:updateFrequency", "becomes": "vn:tanSuat"},
        {"of": "contact", "property": "vcard:role", "becomes": "vn:chucNang"},
        {"of": "dataset", "property": "dct:accrualPeriodicity", "becomes": None},
    ],
}
EU_TERMS = "http://data.europa.eu/r5r/"


def file(folder: Path, content: Any = None, **changes: Any) -> str:
    path = folder / "rieng.yaml"
    text = content if isinstance(content, str) else yaml.safe_dump({**OWN, **changes})
    path.write_text(text, encoding="utf-8")
    return str(path)


def export(site: Site, dataset: Mapping[str, Any], target: targets.Target) -> Graph:
    return written(dataset, replace(site, target=target)).graph


def predicates(graph: Graph) -> set[str]:
    return {str(predicate) for predicate in graph.predicates()}


class TestDcat3:
    def test_no_term_of_the_eu_profile_is_left(self, site: Site, dataset: dict[str, Any]):
        dataset["resources"][0]["publication_method"] = "dich-vu-chia-se"
        graph = export(site, dataset, targets.find("dcat-3"))
        assert [name for name in predicates(graph) if name.startswith(EU_TERMS)] == []

    def test_the_default_has_them(self, site: Site, dataset: dict[str, Any]):
        graph = export(site, dataset, targets.find("dcat-ap-3"))
        assert [name for name in predicates(graph) if name.startswith(EU_TERMS)]

    def test_everything_else_is_as_before(self, site: Site, dataset: dict[str, Any]):
        before = export(site, dataset, targets.find("dcat-ap-3"))
        after = export(site, dataset, targets.find("dcat-3"))
        assert set(after) < set(before)
        assert {str(p) for _, p, _ in set(before) - set(after)} <= {
            f"{EU_TERMS}applicableLegislation",
            f"{EU_TERMS}availability",
        }


class TestOwnFile:
    def test_a_property_becomes_another_or_is_left_out(
        self, site: Site, dataset: dict[str, Any], tmp_path: Path
    ):
        graph = export(site, dataset, targets.find(file(tmp_path)))
        assert len(list(graph.objects(DATASET, URIRef(f"{VN}tanSuat")))) == 1
        assert not list(graph.objects(DATASET, URIRef(f"{NS}updateFrequency")))
        assert not list(graph.objects(DATASET, iri("dct:accrualPeriodicity")))
        assert list(graph.objects(None, URIRef(f"{VN}chucNang"))) == [Literal("Đầu mối kỹ thuật")]

    def test_only_of_the_kind_of_node_that_it_names(
        self, site: Site, dataset: dict[str, Any], tmp_path: Path
    ):
        changes = [{"of": "distribution", "property": "dct:title", "becomes": "vn:ten"}]
        graph = export(site, dataset, targets.find(file(tmp_path, changes=changes)))
        assert list(graph.objects(DATASET, iri("dct:title")))
        assert len(list(graph.subjects(URIRef(f"{VN}ten")))) == 1

    def test_who_has_the_same_file_reads_every_field_back(
        self, site: Site, dataset: dict[str, Any], tmp_path: Path
    ):
        own = targets.find(file(tmp_path))
        graph = export(site, dataset, own)
        own.restore(graph, NS)
        before = export(site, dataset, targets.find("dcat-ap-3"))
        found, expected = (
            read_dataset(source_of(one, DATASET, NS, "vi"), DATASET) for one in (graph, before)
        )
        assert found == expected
        assert found["frequency"] == "hang-thang"

    def test_a_file_that_changes_is_read_again(self, tmp_path: Path):
        name = file(tmp_path)
        assert len(targets.find(name).changes) == 3
        file(tmp_path, changes=[])
        assert targets.find(name).changes == ()

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("[]", "must be a mapping"),
            ("id: [", "rieng.yaml"),
            ({"id": "khac"}, "id must be"),
            ({"colour": "red"}, "colour is not known"),
            ({"prefixes": ["vn"]}, "must map names"),
            ({"changes": "dct:title"}, "must be a list"),
            ({"prefixes": {"dct": VN}}, "is taken"),
            ({"prefixes": {"vn": "không phải"}}, "no address"),
            (
                {"changes": [{"of": "dataset", "property": "dct:khong"}]},
                "row 1: becomes is missing",
            ),
            (
                {"changes": [{"of": "dataset", "property": "dct:khong", "becomes": None}]},
                "has no dct:khong",
            ),
            ({"changes": [{"of": "xe", "property": "dct:title", "becomes": None}]}, "of 'xe'"),
            (
                {"changes": [{"of": "dataset", "property": "dct:title", "becomes": "la:ten"}]},
                "known prefix",
            ),
            (
                {"changes": [{"of": "dataset", "property": "dct:title", "becomes": "vn:a b"}]},
                "known prefix",
            ),
            (
                {
                    "changes": [
                        {"of": "dataset", "property": "dct:title", "becomes": "dct:description"}
                    ]
                },
                "two properties",
            ),
        ],
    )
    def test_what_is_wrong_in_a_file_is_said(self, tmp_path: Path, content: Any, said: str):
        name = file(tmp_path, content) if isinstance(content, str) else file(tmp_path, **content)
        with pytest.raises(DataFileError, match=said):
            targets.find(name)

    def test_a_file_that_is_not_there_names_the_targets_that_are(self):
        with pytest.raises(DataFileError, match="one of dcat-3, dcat-ap-3"):
            targets.find("/khong/co.yaml")


@pytest.mark.parametrize(
    ("option", "expected"), [("", "dcat-ap-3"), ("dcat-3", "dcat-3"), ("/khong/co", "dcat-ap-3")]
)
def test_the_portal_uses_what_it_has_set_if_it_can(
    monkeypatch: pytest.MonkeyPatch, option: str, expected: str
):
    monkeypatch.setitem(tk.config, config.DCAT_TARGET, option)
    assert targets.current().id == expected


@pytest.mark.parametrize("name", targets.names())
def test_every_target_is_named_and_explained_in_both_languages(name: str):
    found = targets.find(name)
    assert found.title.keys() == found.about.keys() == {"vi", "en"}


def test_every_owner_of_the_table_has_a_class():
    assert {row.of for row in ROWS} == set(targets.CLASSES)
