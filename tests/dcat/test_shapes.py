"""The decree's rules as SHACL: same verdicts and same words as the rules themselves."""

from __future__ import annotations

import datetime as dt
import random
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from pyshacl import validate
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SH
from rdflib.term import Node

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.dcat import shapes
from ckanext.nd47.dcat.rdf.record import Site
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.rules import load
from ckanext.nd47.rules.report import examine
from tests.rules.conftest import RECORD, RESOURCE

from .conftest import BASE, written

EDITION = "nd-47-2020"
TODAY = dt.date(2026, 11, 22)
SEVERITIES = {"must": SH.Violation, "should": SH.Warning, "may": SH.Info}
RECORDS = 500

NOT_IN_THE_GRAPH = {
    "up-to-date": "depends on the day on which one looks",
    "updated-after-publication": "depends on the day on which one looks",
    "yearly-check": "depends on the day on which one looks",
    "free-of-charge": "reads fields of other schemas, which are not exported",
    "office-contact": "compares with lists of words",
    "personal-data-assessment": "reads what not everybody may see",
    "personal-data-decision": "reads what the check of the files found",
    "security-assessment": "reads what not everybody may see",
}
"""Rules without a shape, with the reason."""

ASSESSMENTS = ([], [{"assessed_by": "Sở Y tế"}], [{"content": "Không có rủi ro"}])
CONTACT: dict[str, str] = RECORD["contact"][0]
CHOICES: dict[str, tuple[Any, ...]] = {
    "notes": ("", "Mô tả", "Danh sách trường học"),
    "owner_org": ("o1", "o2", None),
    "responsible_agency": ("", "ubnd-tinh"),
    "attribution": ("", "Nguồn: Sở A"),
    "license_id": ("nd47-open-data", "cc-by", "other-closed", ""),
    "sharing_class": (
        "du-lieu-mo",
        "du-lieu-mo",
        "du-lieu-mo-co-dieu-kien",
        "du-lieu-dung-chung",
        "",
    ),
    "access_rights": ("cong-khai", "cong-khai-co-dieu-kien", "khong-duoc-cong-khai", ""),
    "frequency": ("hang-nam", "khong-xac-dinh", ""),
    "open_data_category": ("thong-ke-dung-chung", "van-ban", ""),
    "applicable_legislation": ([EDITION], ["luat-20-2023", EDITION], [], ["luat-20-2023"]),
    "contact": (
        [],
        [{"name": "Phòng A"}],
        [{"email": "a@tinh.example"}],
        [CONTACT],
        [{**CONTACT, "position": ""}, {**CONTACT, "function": ""}],
    ),
    "catalogue_entry": ([], [{"code": "12"}], RECORD["catalogue_entry"]),
    "national_portal": ([], [{"url": "https://data.example/1"}], [{"sent_date": "2026-10-03"}]),
    "personal_data_assessment": ASSESSMENTS,
    "security_assessment": ASSESSMENTS,
    "source_database": ([], [{"name": "CSDL"}], RECORD["source_database"]),
    "usage_regulation": ("", "https://du-lieu.example/quy-che"),
}
FILE_CHOICES: dict[str, tuple[Any, ...]] = {
    "url": ("https://du-lieu.example/a.csv", "ftp://du-lieu.example/a.csv", "a.csv", ""),
    "format": ("CSV", "DOC", "PDF", "XLS", "DWG", "bảng lạ", ""),
    "publication_method": ("goi-tai-ve", "dich-vu-chia-se", ""),
    "size": (1200, 0, None),
    "checksum": ("a" * 64, ""),
    "hash": ("b" * 32, ""),
}


def generated(count: int) -> list[dict[str, Any]]:
    """Records of every mixture, the same in each run; one in four is nearly good."""
    source = random.Random(47)  # noqa: S311 - no secret
    return [_record(source, number) for number in range(count)]


def _record(source: random.Random, number: int) -> dict[str, Any]:
    record = deepcopy(RECORD) | {"id": f"d{number}", "name": f"d{number}", "owner_org": "o1"}
    record |= {"license_id": "nd47-open-data", "applicable_legislation": [EDITION]}
    share = 0.1 if number % 4 == 0 else 0.6
    for name, choices in CHOICES.items():
        if source.random() < share:
            record[name] = source.choice(choices)
    record["resources"] = [
        {**RESOURCE, **_file(source, share), "id": f"r{number}-{place}"}
        for place in range(source.choice((0, 1, 1, 2)))
    ]
    record["isopen"] = record["license_id"] in ("nd47-open-data", "cc-by")
    return record


def _file(source: random.Random, share: float) -> dict[str, Any]:
    changed = (name for name in FILE_CHOICES if source.random() < share)
    return {name: source.choice(FILE_CHOICES[name]) for name in changed}


@pytest.fixture
def edition_of_the_decree(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A portal that applies the decree, and whose agencies have no focal points."""
    for key, value in {"ckanext.nd47.legal_edition": EDITION, "ckanext.nd47.rules": ""}.items():
        monkeypatch.setitem(tk.config, key, value)
    for name in ("get", "top_agency", "successor"):
        monkeypatch.setattr(directory, name, lambda _reference: None)
    return site


@pytest.fixture
def graph(site: Site) -> Graph:
    """The export of all generated records in one graph."""
    whole = Graph()
    licences = {
        "nd47-open-data": {"title": "A", "url": f"{BASE}/license/nd47-open-data", "open": True},
        "cc-by": {"title": "B", "url": "https://b.example/cc-by", "open": True},
        "other-closed": {"title": "C", "url": "", "open": False},
    }
    without_contacts = replace(site, licence=licences.get, contacts=lambda _: [], territory=None)
    for one in generated(RECORDS):
        whole += written(one, without_contacts, URIRef(f"{BASE}/dataset/{one['id']}")).graph
    return whole


def found_by_shapes(graph: Graph) -> set[tuple[str, str]]:
    """Dataset and rule of each finding of the shapes."""
    _, report, _ = validate(graph, shacl_graph=shapes.read(BASE), inference="none")
    assert isinstance(report, Graph)
    return {
        (local(report.value(node, SH.focusNode)), local(report.value(node, SH.sourceShape)))
        for node in report.objects(None, SH.result)
    }


def found_by_rules(records: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Dataset and rule of each rule that is not met."""
    return {
        (record["id"], finding.rule.id)
        for record in records
        for finding in examine(record, TODAY)
        if finding.edition.id == EDITION and finding.verdict.met is False
    } - {(one["id"], rule) for one in records for rule in NOT_IN_THE_GRAPH}


def local(node: Node | None) -> str:
    return str(node).replace("#", "/").rpartition("/")[2]


def shaped() -> dict[str, URIRef]:
    """The shapes by the id of their rule."""
    targeted = shapes.read(BASE).subjects(SH.targetClass)
    return {local(node): node for node in targeted if isinstance(node, URIRef)}


@pytest.mark.slow
@pytest.mark.usefixtures("edition_of_the_decree")
def test_shapes_and_rules_say_the_same_of_500_records(graph: Graph):
    by_rules, by_shapes = found_by_rules(generated(RECORDS)), found_by_shapes(graph)
    assert by_shapes - by_rules == set()
    assert by_rules - by_shapes == set()


@pytest.mark.usefixtures("edition_of_the_decree")
def test_each_rule_is_met_and_not_met_by_some_of_them():
    """Else the comparison would say nothing of it."""
    records = generated(RECORDS)
    counts = dict.fromkeys(shaped(), 0)
    for _, rule in found_by_rules(records):
        counts[rule] += 1
    assert {rule for rule, count in counts.items() if not 0 < count < RECORDS} == set()


def test_every_rule_of_the_decree_has_a_shape_or_a_reason():
    rules = {rule.id for rule in load.edition(EDITION).rules}
    assert set(shaped()) | set(NOT_IN_THE_GRAPH) == rules
    assert set(shaped()) & set(NOT_IN_THE_GRAPH) == set()


@pytest.mark.parametrize("rule", load.edition(EDITION).rules, ids=lambda rule: rule.id)
def test_a_shape_bears_title_and_severity_of_its_rule(rule: Any):
    node = shaped().get(rule.id)
    if node is None:
        assert rule.id in NOT_IN_THE_GRAPH
        return
    graph = shapes.read(BASE)
    assert set(graph.objects(node, SH.message)) == {
        Literal(rule.title[lang], lang=lang) for lang in ("vi", "en")
    }
    assert graph.value(node, SH.severity) == SEVERITIES[rule.severity.value]


@pytest.mark.parametrize(
    ("rule", "column"), [("open-format", "open"), ("machine-readable", "machine_readable")]
)
@pytest.mark.usefixtures("site")
def test_the_formats_of_a_shape_are_those_of_the_vocabulary(rule: str, column: str):
    graph = shapes.read(BASE)
    listed = {
        str(item)
        for start in graph.objects(None, SH["in"])
        if any(rule == local(top) for top in _tops(graph, start))
        for item in graph.items(start)
    }
    terms = vocabulary.get("file-format")
    assert listed == {term.code for term in terms if term[column] is False}


def _tops(graph: Graph, node: Node) -> set[Node]:
    """The nodes that a node stands below, with an IRI."""
    above = set(graph.subjects(None, node))
    named = {one for one in above if isinstance(one, URIRef)}
    return named.union(*(_tops(graph, one) for one in above - named))


@pytest.mark.slow
def test_the_shapes_are_legal_shacl():
    graph = shapes.read(BASE)
    conforms, _, text = validate(Graph(), shacl_graph=graph, meta_shacl=True, inference="none")
    assert conforms, text


@pytest.mark.usefixtures("site")
def test_this_portal_has_them_with_its_own_addresses():
    assert (URIRef(f"{BASE}/ns/nd47/shapes#described"), RDF.type, SH.NodeShape) in Graph().parse(
        data=shapes.turtle(), format="turtle"
    )
