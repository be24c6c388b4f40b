"""Nobody speaks about another record's IRI, and nobody's deletion takes another's away."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, Graph, Literal, Namespace, URIRef

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.store.model import Entry
from tests.dcat.portal import dataset, entry

SITE = "http://test.ckan.net"
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
EVIL = "https://evil.example/malware.exe"


@pytest.fixture(scope="module")
def other(portal: None) -> dict[str, Any]:
    """Another agency, whose editors try."""
    return factories.Organization(title="Sở Kẻ khác", identifier="H99.66")


@pytest.fixture
def target(department: dict[str, Any]) -> dict[str, Any]:
    """A dataset of the department."""
    return dataset(department, title="Hồ chứa thật")


def elsewhere() -> str:
    """Return an IRI of another portal."""
    return f"https://data.example.vn/id/{uuid4()}"


def extras(iri: str) -> list[dict[str, str]]:
    """Return extras that claim an IRI, as a harvest stores it."""
    return [{"key": "uri", "value": iri}]


def catalogue(app: CKANTestApp) -> Graph:
    """Return all pages of the catalogue as one graph."""
    model.Session.rollback()
    graph, page = Graph(), 1
    while True:
        reply = app.get(f"/catalog.ttl?page={page}")
        if reply.status_code != 200:
            return graph
        before = len(graph)
        graph.parse(data=reply.text, format="turtle")
        if (None, DCAT.distribution, None) not in Graph().parse(data=reply.text, format="turtle"):
            return graph
        if len(graph) == before:
            return graph
        page += 1


def of_dataset(app: CKANTestApp, name: str) -> Graph:
    """Return the statements that a dataset has under its own address."""
    model.Session.rollback()
    return Graph().parse(data=app.get(f"/dataset/{name}.ttl", status=200).text, format="turtle")


def reasons(one: dict[str, Any]) -> dict[str, str]:
    """Return why values were left out, by field."""
    return {found["field"]: found["reason"] for found in entry(one["id"]).problems}


VARIANTS = [
    "{site}/dataset/{id}",
    "{site}/dataset/{id}#contact",
    "{site}/dataset/{id}/",
    "{site}//dataset/{id}",
    "{site}/x/../dataset/{id}",
    "{site}/%64ataset/{id}",
    "{site}/vi/dataset/{id}",
    "https://test.ckan.net/dataset/{id}",
    "http://TEST.ckan.net/dataset/{id}",
    "http://test.ckan.net:80/dataset/{id}",
    "{site}/organization/anything",
    "{site}",
]


@pytest.mark.parametrize("form", VARIANTS)
def test_dataset_cannot_bear_an_iri_of_the_portal(
    app: CKANTestApp, other: dict[str, Any], target: dict[str, Any], form: str
) -> None:
    claim = form.format(site=SITE, id=target["id"])
    impostor = dataset(other, title="Giả mạo", extras=extras(claim))
    assert entry(impostor["id"]).iri == f"{SITE}/dataset/{impostor['id']}"
    graph = of_dataset(app, impostor["name"])
    assert URIRef(claim) not in set(graph.subjects())
    titles = set(of_dataset(app, target["name"]).objects(None, DCTERMS.title))
    assert Literal("Giả mạo", lang="vi") not in titles


def test_claim_is_noted_as_a_loss(other: dict[str, Any], target: dict[str, Any]) -> None:
    impostor = dataset(other, extras=extras(f"{SITE}/dataset/{target['id']}"))
    assert reasons(impostor)["uri"] == "the IRI of another record"


def test_dataset_may_name_its_own_iri(department: dict[str, Any]) -> None:
    one = dataset(department)
    iri = f"{SITE}/dataset/{one['id']}"
    call_action("package_patch", id=one["id"], extras=extras(iri))
    assert entry(one["id"]).iri == iri
    assert reasons(one) == {}


def test_harvested_dataset_keeps_the_iri_it_came_with(department: dict[str, Any]) -> None:
    iri = elsewhere()
    assert entry(dataset(department, extras=extras(iri))["id"]).iri == iri


def test_neighbour_on_the_same_host_is_elsewhere(department: dict[str, Any]) -> None:
    """The counterpart: only what stands below the portal's address is the portal's."""
    for iri in (f"http://test.ckan.net.example/{uuid4()}", f"http://test.ckan.net:8080/{uuid4()}"):
        assert entry(dataset(department, extras=extras(iri))["id"]).iri == iri


def test_of_two_with_one_foreign_iri_the_first_speaks(
    app: CKANTestApp, department: dict[str, Any], other: dict[str, Any]
) -> None:
    iri = elsewhere()
    first = dataset(department, title="Thứ nhất", extras=extras(iri))
    second = dataset(other, title="Thứ hai", extras=extras(iri))
    assert entry(first["id"]).iri == iri
    assert entry(second["id"]).iri == f"{SITE}/dataset/{second['id']}"
    call_action("package_patch", id=first["id"], title="Thứ nhất, sửa")
    assert entry(first["id"]).iri == iri
    titles = [str(node) for node in catalogue(app).objects(URIRef(iri), DCTERMS.title)]
    assert titles == ["Thứ nhất, sửa"]


def test_iri_is_free_again_when_its_dataset_has_gone(
    department: dict[str, Any], other: dict[str, Any]
) -> None:
    iri = elsewhere()
    first = dataset(department, extras=extras(iri))
    entry(first["id"])
    call_action("package_delete", id=first["id"])
    assert entry(dataset(department, extras=extras(iri))["id"]).iri == iri


@pytest.mark.parametrize("private", [True, False])
def test_deletion_of_an_impostor_does_not_announce_that_of_the_original(
    app: CKANTestApp, other: dict[str, Any], target: dict[str, Any], private: bool
) -> None:
    original = entry(target["id"]).iri
    impostor = dataset(other, extras=extras(original))
    entry(impostor["id"])
    if private:
        call_action("package_patch", id=impostor["id"], private=True)
    else:
        call_action("package_delete", id=impostor["id"])
    gone = _deletions(app)
    assert original not in gone
    assert f"{SITE}/dataset/{impostor['id']}" in gone
    answer = app.get(f"/dataset/{impostor['id']}.ttl")
    assert answer.status_code == 410
    assert original not in answer.text
    assert app.get(f"/dataset/{target['name']}.ttl").status_code == 200


def test_two_that_bear_one_iri_already_do_not_take_it_along(
    app: CKANTestApp, other: dict[str, Any], target: dict[str, Any]
) -> None:
    """As on a portal that published the impostor before such IRIs were refused."""
    original = entry(target["id"]).iri
    impostor = dataset(other)
    entry(impostor["id"])
    model.Session.execute(
        sa.update(Entry.__table__).where(Entry.id == impostor["id"]).values(iri=original)
    )
    model.Session.commit()
    call_action("package_delete", id=impostor["id"])
    assert original not in _deletions(app)


def _deletions(app: CKANTestApp) -> set[str]:
    """Return the IRIs that the feed says are gone, from its beginning."""
    model.Session.rollback()
    gone: set[str] = set()
    address = "/catalog/changes.json"
    while address:
        reply = json.loads(app.get(address, status=200).text)
        gone |= {change["iri"] for change in reply["changes"] if change["change"] == "delete"}
        following = reply.get("next") or ""
        address = following.removeprefix(SITE) if reply["changes"] else ""
    return gone


class TestParts:
    def test_file_cannot_bear_the_iri_of_another_file(
        self, app: CKANTestApp, other: dict[str, Any], target: dict[str, Any]
    ) -> None:
        claim = f"{SITE}/dataset/{target['id']}/resource/{target['resources'][0]['id']}"
        impostor = dataset(
            other, resources=[{"url": EVIL, "uri": claim, "url_type": "upload", "format": "CSV"}]
        )
        entry(impostor["id"])
        entry(target["id"])
        assert not list(catalogue(app).triples((URIRef(claim), None, URIRef(EVIL))))
        assert reasons(impostor)["distribution.uri"] == "the IRI of another record"

    def test_file_cannot_bear_the_foreign_iri_of_an_older_file(
        self, app: CKANTestApp, department: dict[str, Any], other: dict[str, Any]
    ) -> None:
        iri = elsewhere()
        file = {"url": "https://tep.example/a.csv", "uri": iri, "format": "CSV"}
        entry(dataset(department, resources=[file])["id"])
        impostor = dataset(other, resources=[{**file, "url": EVIL}])
        graph = of_dataset(app, impostor["name"])
        assert URIRef(iri) not in set(graph.subjects())
        assert list(graph.subjects(DCAT.accessURL, URIRef(EVIL)))

    def test_file_keeps_a_foreign_iri_of_its_own(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        iri = elsewhere()
        file = {"url": "https://tep.example/a.csv", "uri": iri, "format": "CSV"}
        one = dataset(department, resources=[file])
        assert (URIRef(iri), RDF.type, DCAT.Distribution) in of_dataset(app, one["name"])

    @pytest.mark.parametrize("form", ["{dataset}#contact", "{dataset}", "{agency}", "{site}#x"])
    def test_contact_cannot_bear_an_iri_of_the_portal(
        self,
        app: CKANTestApp,
        department: dict[str, Any],
        other: dict[str, Any],
        target: dict[str, Any],
        form: str,
    ) -> None:
        claim = form.format(
            dataset=f"{SITE}/dataset/{target['id']}",
            agency=f"{SITE}/organization/{department['id']}",
            site=SITE,
        )
        contact = {"name": "Kẻ giả", "email": "evil@evil.example", "uri": claim}
        impostor = dataset(other, contact=[contact])
        graph = of_dataset(app, impostor["name"])
        assert not list(graph.triples((URIRef(claim), VCARD.hasEmail, None)))
        assert not list(graph.triples((URIRef(claim), VCARD.fn, None)))
        assert list(graph.subjects(VCARD.hasEmail, URIRef("mailto:evil@evil.example")))

    def test_contact_cannot_call_itself_a_focal_point(
        self, app: CKANTestApp, department: dict[str, Any], other: dict[str, Any]
    ) -> None:
        officer = call_action(
            "nd47_focal_point_create",
            agency=department["id"],
            role="feedback",
            full_name="Nguyễn Thị Thật",
            email="that@tinh.example",
        )
        contact = {"name": "Kẻ giả", "email": "evil@evil.example", "uri": officer["uri"]}
        graph = of_dataset(app, dataset(other, contact=[contact])["name"])
        assert URIRef(officer["uri"]) not in set(graph.subjects())
        referring = dataset(other, contact=[{"identifier": officer["id"]}])
        graph = of_dataset(app, referring["name"])
        node = URIRef(f"{SITE}/organization/{department['id']}#contact-feedback")
        assert URIRef("mailto:that@tinh.example") in set(graph.objects(node, VCARD.hasEmail))

    def test_contact_keeps_a_foreign_iri(
        self, app: CKANTestApp, department: dict[str, Any], other: dict[str, Any]
    ) -> None:
        """Several datasets of one harvest share a contact."""
        contact = {"name": "Trung tâm", "email": "tt@tinh.example", "uri": elsewhere()}
        for owner in (department, other):
            graph = of_dataset(app, dataset(owner, contact=[contact])["name"])
            assert (URIRef(contact["uri"]), VCARD.fn, None) in graph

    def test_contact_cannot_bear_the_iri_of_a_harvested_dataset(
        self, app: CKANTestApp, department: dict[str, Any], other: dict[str, Any]
    ) -> None:
        iri = elsewhere()
        entry(dataset(department, extras=extras(iri))["id"])
        contact = {"name": "Kẻ giả", "email": "evil@evil.example", "uri": iri}
        graph = of_dataset(app, dataset(other, contact=[contact])["name"])
        assert URIRef(iri) not in set(graph.subjects())

    def test_place_cannot_bear_the_iri_of_a_dataset(
        self, app: CKANTestApp, other: dict[str, Any], target: dict[str, Any]
    ) -> None:
        claim = f"{SITE}/dataset/{target['id']}"
        place = {"uri": claim, "text": "Nơi giả"}
        graph = of_dataset(app, dataset(other, spatial_coverage=[place])["name"])
        assert URIRef(claim) not in set(graph.subjects())

    @pytest.mark.parametrize("field", ["publisher", "creator"])
    def test_other_agents_cannot_bear_the_iri_of_an_agency(
        self, app: CKANTestApp, department: dict[str, Any], other: dict[str, Any], field: str
    ) -> None:
        claim = f"{SITE}/organization/{department['id']}"
        keys = [
            {"key": f"{field}_uri", "value": claim},
            {"key": f"{field}_name", "value": "Cơ quan giả"},
        ]
        one = dataset(other, extras=keys)
        graph = of_dataset(app, one["name"])
        assert Literal("Cơ quan giả") not in set(graph.objects(URIRef(claim), FOAF.name))
        assert "Cơ quan giả" not in {str(name) for name in graph.objects(URIRef(claim), None)}

    def test_a_link_to_a_record_does_not_say_what_it_is(
        self, app: CKANTestApp, other: dict[str, Any], target: dict[str, Any]
    ) -> None:
        claim = URIRef(f"{SITE}/dataset/{target['id']}")
        one = dataset(other, documentation=[str(claim)], conforms_to=[str(claim)])
        graph = of_dataset(app, one["name"])
        assert (None, FOAF.page, claim) in graph
        assert (claim, None, None) not in graph
        assert (claim, RDFS.label, None) not in graph

    def test_a_part_of_the_dataset_says_what_it_is(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        made = dataset(department, provenance="Tổng hợp từ báo cáo của các xã.")
        graph = of_dataset(app, made["name"])
        [statement] = graph.objects(None, DCTERMS.provenance)
        assert (statement, RDF.type, DCTERMS.ProvenanceStatement) in graph
