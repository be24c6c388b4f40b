"""Pages of the catalogue as harvesters read them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote, urlsplit

import pyoxigraph
import pytest
import rdflib
import sqlalchemy as sa
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import DCAT, Namespace

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.rdf.statements import from_rdflib
from ckanext.nd47.dcat.store import fingerprint, maintenance
from tests.dcat.portal import PAGE, dataset, entry, statements

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
PARSERS = {
    "ttl": ("turtle", pyoxigraph.RdfFormat.TURTLE),
    "xml": ("xml", pyoxigraph.RdfFormat.RDF_XML),
    "rdf": ("xml", pyoxigraph.RdfFormat.RDF_XML),
    "jsonld": ("json-ld", pyoxigraph.RdfFormat.JSON_LD),
    "nt": ("nt", pyoxigraph.RdfFormat.N_TRIPLES),
    "n3": ("n3", pyoxigraph.RdfFormat.N3),
}


@pytest.fixture(scope="module", autouse=True)
def datasets(department: dict[str, Any]) -> list[dict[str, Any]]:
    """Seven datasets: three pages, the last with one."""
    return [
        dataset(department, title=f"Bộ {n} \"<&>'\r\n\t]]>", notes="Dòng\nhai 🙂")
        for n in range(2 * PAGE + 1)
    ]


def page(app: CKANTestApp, address: str) -> Graph:
    parts = urlsplit(address)
    reply = app.get(f"{parts.path}?{parts.query}", status=200)
    return Graph().parse(data=reply.text, format="turtle")


def members(graph: Graph) -> list[str]:
    return sorted(str(node) for node in graph.objects(None, DCAT.dataset))


def walk(app: CKANTestApp, address: str = "/catalog.ttl") -> list[str]:
    """Follow the links of all pages and return the datasets, each as often as it came."""
    found: list[str] = []
    while address:
        graph = page(app, address)
        found += members(graph)
        address = str(next(graph.objects(None, HYDRA.next), ""))
    return found


def iris() -> list[str]:
    query = "SELECT iri FROM nd47_dcat_entry WHERE state = 'live'"
    return sorted(model.Session.scalars(sa.text(query)))


class TestFormats:
    @pytest.mark.parametrize("extension", PARSERS)
    def test_every_format_says_the_same(self, app: CKANTestApp, extension: str) -> None:
        reply = app.get(f"/catalog.{extension}", status=200)
        for_rdflib, for_oxigraph = PARSERS[extension]
        graph = Graph().parse(data=reply.text, format=for_rdflib)
        again = list(pyoxigraph.parse(reply.data, format=for_oxigraph))
        assert len(members(graph)) == PAGE
        assert len(again) >= len(graph) > 50
        turtle = page(app, "/catalog.ttl")
        here = set(graph.subjects(RDF.type, HYDRA.PartialCollectionView))
        there = set(turtle.subjects(RDF.type, HYDRA.PartialCollectionView))

        def comparable(one: Graph, views: set[Any]) -> set[Any]:
            return {t for t in one if t[0] not in views}

        assert comparable(graph, here) == comparable(turtle, there)

    @pytest.mark.parametrize(
        ("extension", "media_type"),
        [
            ("ttl", "text/turtle; charset=utf-8"),
            ("n3", "text/n3; charset=utf-8"),
            ("xml", "application/rdf+xml; charset=utf-8"),
            ("rdf", "application/rdf+xml; charset=utf-8"),
            ("jsonld", "application/ld+json"),
            ("nt", "application/n-triples"),
        ],
    )
    def test_the_type_is_said(self, app: CKANTestApp, extension: str, media_type: str) -> None:
        assert app.get(f"/catalog.{extension}").headers["Content-Type"] == media_type

    def test_an_unknown_format_is_not_found(self, app: CKANTestApp) -> None:
        app.get("/catalog.csv", status=404)
        app.get("/dataset/khong-co.csv", status=404)

    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            ("text/turtle", "text/turtle"),
            ("application/rdf+xml;q=0.5, application/ld+json", "application/ld+json"),
            ("application/n-triples", "application/n-triples"),
            ("*/*", "text/turtle"),
            ("application/rdf+xml", "application/rdf+xml"),
            ('application/ld+json;profile="https://a.example/p"', "application/ld+json"),
            ("text/html;q=0.3, application/n-triples; charset=utf-8", "application/n-triples"),
        ],
    )
    def test_without_extension_the_client_chooses(
        self, app: CKANTestApp, accept: str, media_type: str
    ) -> None:
        reply = app.get("/catalog", headers={"Accept": accept})
        assert reply.headers["Content-Type"].startswith(media_type)
        assert "Accept" in reply.headers["Vary"]

    def test_what_no_format_serves_is_not_acceptable(self, app: CKANTestApp) -> None:
        app.get("/catalog", headers={"Accept": "image/png"}, status=406)

    def test_the_iri_of_a_dataset_leads_to_its_rdf(
        self, app: CKANTestApp, datasets: list[dict[str, Any]]
    ) -> None:
        address = f"/dataset/{datasets[0]['id']}"
        reply = app.get(address, headers={"Accept": "text/turtle"}, follow_redirects=False)
        assert reply.status_code == 303
        assert reply.headers["Location"].endswith(f"{address}.ttl")
        people = app.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
        assert people.headers["Content-Type"].startswith("text/html")

    def test_head_says_the_same_without_content(self, app: CKANTestApp) -> None:
        got, head = app.get("/catalog.ttl"), app.flask_app.test_client().head("/catalog.ttl")
        assert head.data == b""
        for name in ("ETag", "Content-Type", "Content-Length"):
            assert head.headers[name] == got.headers[name]


class TestPaging:
    def test_links_lead_through_all_pages_once(self, app: CKANTestApp) -> None:
        assert sorted(walk(app)) == iris()

    def test_counting_leads_through_all_pages_once(self, app: CKANTestApp) -> None:
        found: list[str] = []
        number = 1
        while listed := members(page(app, f"/catalog.ttl?page={number}")):
            found += listed
            number += 1
        assert sorted(found) == iris()

    def test_an_edit_moves_nothing(self, app: CKANTestApp, datasets: list[dict[str, Any]]) -> None:
        before = [members(page(app, f"/catalog.ttl?page={n}")) for n in (1, 2, 3)]
        call_action("package_patch", id=datasets[5]["id"], title="Sửa giữa chừng")
        assert [members(page(app, f"/catalog.ttl?page={n}")) for n in (1, 2, 3)] == before

    def test_a_withdrawn_dataset_moves_nothing(
        self, app: CKANTestApp, datasets: list[dict[str, Any]]
    ) -> None:
        before = [members(page(app, f"/catalog.ttl?page={n}")) for n in (2, 3)]
        gone = entry(datasets[0]["id"]).iri
        call_action("package_patch", id=datasets[0]["id"], private=True)
        assert gone not in members(page(app, "/catalog.ttl"))
        assert [members(page(app, f"/catalog.ttl?page={n}")) for n in (2, 3)] == before
        call_action("package_patch", id=datasets[0]["id"], private=False)
        assert gone in members(page(app, "/catalog.ttl"))

    def test_a_page_that_is_all_gone_ends_neither_kind_of_walk(
        self, app: CKANTestApp, datasets: list[dict[str, Any]]
    ) -> None:
        middle = [one["id"] for one in datasets[PAGE : 2 * PAGE]]
        for one in middle:
            call_action("package_patch", id=one, private=True)
        assert sorted(walk(app)) == iris()
        assert members(page(app, "/catalog.ttl?page=2"))
        for one in middle:
            call_action("package_patch", id=one, private=False)

    def test_the_links_are_iris_in_both_words_of_hydra(self, app: CKANTestApp) -> None:
        graph = page(app, "/catalog.ttl?page=2")
        view = next(graph.subjects(RDF.type, HYDRA.PartialCollectionView))
        base = tk.config["ckan.site_url"]
        for name, number in (("first", 1), ("last", 3), ("next", 3), ("previous", 1)):
            wanted = URIRef(f"{base}/catalog.ttl?page={number}")
            assert list(graph.objects(view, HYDRA[name])) == [wanted]
            assert list(graph.objects(view, HYDRA[f"{name}Page"])) == [wanted]
        assert (view, RDF.type, HYDRA.PagedCollection) in graph

    def test_the_next_page_is_also_in_the_header(self, app: CKANTestApp) -> None:
        assert 'page=2>; rel="next"' in app.get("/catalog.ttl").headers["Link"]

    @pytest.mark.parametrize("extension", ["ttl", "jsonld"])
    def test_the_number_of_statements_does_not_grow(
        self, app: CKANTestApp, monkeypatch: pytest.MonkeyPatch, extension: str
    ) -> None:
        address = f"/catalog.{extension}"
        app.get(address)
        few = statements(app, address)
        monkeypatch.setitem(tk.config, "ckanext.dcat.datasets_per_page", 100)
        many = statements(app, address)
        assert len(few) == len(many) <= 6


class TestConditional:
    def test_an_unchanged_page_is_not_made(
        self, app: CKANTestApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tag = app.get("/catalog.ttl").headers["ETag"]
        monkeypatch.setattr("ckanext.nd47.dcat.serve.pages.write", None)
        reply = app.get("/catalog.ttl", headers={"If-None-Match": tag}, status=304)
        assert reply.text == ""
        assert len(statements(app, "/catalog.ttl", **{"If-None-Match": tag})) <= 4

    @pytest.mark.parametrize("extension", PARSERS)
    def test_equal_metadata_gives_equal_bytes(self, app: CKANTestApp, extension: str) -> None:
        before = app.get(f"/catalog.{extension}").data
        assert app.get(f"/catalog.{extension}").data == before
        maintenance.rebuild()
        assert app.get(f"/catalog.{extension}").data == before

    def test_each_format_has_its_own_tag(self, app: CKANTestApp) -> None:
        formats = ("ttl", "xml", "jsonld", "nt")
        tags = {app.get(f"/catalog.{extension}").headers["ETag"] for extension in formats}
        assert len(tags) == len(formats)

    def test_an_edit_changes_its_page_alone(
        self, app: CKANTestApp, datasets: list[dict[str, Any]]
    ) -> None:
        tags = [app.get(f"/catalog.ttl?page={n}").headers["ETag"] for n in (1, 2)]
        call_action("package_patch", id=datasets[1]["id"], notes="Mô tả mới")
        after = [app.get(f"/catalog.ttl?page={n}").headers["ETag"] for n in (1, 2)]
        assert after[0] != tags[0]
        assert after[1] == tags[1]

    def test_an_edit_of_the_agency_changes_the_page(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        tag = app.get("/catalog.ttl").headers["ETag"]
        call_action("organization_patch", id=department["id"], url="https://so.example/moi")
        assert app.get("/catalog.ttl").headers["ETag"] != tag

    def test_a_new_title_of_the_portal_changes_the_page(
        self, app: CKANTestApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tag = app.get("/catalog.ttl").headers["ETag"]
        monkeypatch.setitem(tk.config, "ckan.site_title", "Cổng mới")
        reply = app.get("/catalog.ttl", headers={"If-None-Match": tag}, status=200)
        assert "Cổng mới" in reply.text

    def test_a_date_of_the_same_second_is_never_answered_by_304(
        self, app: CKANTestApp, datasets: list[dict[str, Any]]
    ) -> None:
        call_action("package_patch", id=datasets[0]["id"], version="1.1")
        date = app.get("/catalog.ttl").headers["Last-Modified"]
        call_action("package_patch", id=datasets[0]["id"], version="1.2")
        app.get("/catalog.ttl", headers={"If-Modified-Since": date}, status=200)

    def test_an_old_page_is_answered_by_its_date(
        self, app: CKANTestApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ckanext.nd47.dcat.serve.conditional.FRESH", dt.timedelta(0))
        date = app.get("/catalog.ttl").headers["Last-Modified"]
        app.get("/catalog.ttl", headers={"If-Modified-Since": date}, status=304)


class TestNeverShown:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE package SET private = true WHERE id = :id",
            "UPDATE package SET state = 'deleted' WHERE id = :id",
            "UPDATE package SET state = 'draft' WHERE id = :id",
            "UPDATE package SET type = 'harvest' WHERE id = :id",
        ],
    )
    def test_not_even_where_the_store_was_not_told(
        self, app: CKANTestApp, department: dict[str, Any], statement: str
    ) -> None:
        made = dataset(department, title="Không được lộ")
        model.Session.execute(sa.text(statement), {"id": made["id"]})
        model.Session.commit()
        assert not any(made["id"] in one for one in walk(app))
        for extension in ("ttl", "xml", "jsonld", "nt"):
            reply = app.get(f"/dataset/{made['id']}.{extension}", status=410)
            assert "Không được lộ" not in reply.text
        found = maintenance.check()
        assert found.left == [made["id"]]
        maintenance.repair()
        assert maintenance.check().sound
        assert entry(made["id"]).state == "gone"


class TestOneDataset:
    @pytest.mark.parametrize("extension", PARSERS)
    def test_by_id_and_by_name_it_is_the_same(
        self, app: CKANTestApp, datasets: list[dict[str, Any]], extension: str
    ) -> None:
        one = datasets[2]
        by_id = app.get(f"/dataset/{one['id']}.{extension}", status=200)
        assert app.get(f"/dataset/{one['name']}.{extension}").text == by_id.text
        graph = Graph().parse(data=by_id.text, format=PARSERS[extension][0])
        assert (URIRef(entry(one["id"]).iri), RDF.type, DCAT.Dataset) in graph
        assert set(graph) <= set(page(app, "/catalog.ttl"))

    def test_unchanged_it_is_304(self, app: CKANTestApp, datasets: list[dict[str, Any]]) -> None:
        address = f"/dataset/{datasets[2]['id']}.ttl"
        tag = app.get(address).headers["ETag"]
        app.get(address, headers={"If-None-Match": tag}, status=304)

    def test_a_withdrawn_one_is_gone_since_a_moment(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        one = dataset(department)
        call_action("package_delete", id=one["id"])
        for reference in (one["id"], one["name"]):
            reply = app.get(f"/dataset/{reference}.ttl", status=410)
            assert entry(one["id"]).modified.isoformat() in reply.text
            assert reply.headers["Last-Modified"]

    def test_one_that_takes_the_name_of_a_withdrawn_one_is_found(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        old = dataset(department)
        call_action("dataset_purge", id=old["id"])
        new = dataset(department, name=old["name"])
        assert new["id"] in app.get(f"/dataset/{old['name']}.ttl", status=200).text

    def test_one_that_was_never_public_is_not_found(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        hidden = dataset(department, private=True)
        app.get(f"/dataset/{hidden['id']}.ttl", status=404)
        app.get("/dataset/chua-bao-gio.ttl", status=404)


class TestParameters:
    @pytest.mark.parametrize(
        "query",
        [
            "page=-1",
            "page=0",
            "page=abc",
            "page=1.5",
            "page=" + "9" * 40,
            "page=²",
            "modified_since=hôm+qua",
            "modified_since=2026-13-01",
            "modified_since=0000-00-00",
            "profiles=khong_co",
            "profiles=euro_dcat_ap_3,khong_co",
            "after=%27%3B--",
            "after=abc",
            "after=" + "9" * 20,
            "after=9223372036854775807",
            "modified_since=2024-01-01&after=" + "9" * 20,
            "after=" + "9" * 101,
            "page=" + "1" + "0" * 30,
            "profiles=euro_dcat_ap_3,schemaorg,euro_dcat_ap_2",
            "q=" + "a" * 3000,
            "fq=title:%5B",
            "fq=%7B!join+from=id+to=id%7Dx",
        ],
    )
    def test_what_cannot_be_understood_is_said(self, app: CKANTestApp, query: str) -> None:
        reply = app.get(f"/catalog.ttl?{query}", status=400)
        assert reply.headers["Content-Type"].startswith("text/plain")
        assert len(reply.text) < 300

    @pytest.mark.parametrize("number", [10**6, 10**9, 10**14])
    def test_a_page_behind_the_last_is_empty(self, app: CKANTestApp, number: int) -> None:
        assert members(page(app, f"/catalog.ttl?page={number}")) == []

    @pytest.mark.parametrize(
        "moment",
        [
            "2000-01-01",
            "2000-01-01T00:00:00",
            "2000-01-01T00:00:00Z",
            "2000-01-01T00:00:00%2B07:00",
            "2000-01-01T00:00:00+07:00",
            "2000-01-01T00:00:00.123456-05:30",
            "20000101T000000Z",
        ],
    )
    def test_every_form_of_a_moment_is_read(self, app: CKANTestApp, moment: str) -> None:
        assert sorted(walk(app, f"/catalog.ttl?modified_since={moment}")) == iris()

    def test_only_what_changed_since_is_given(
        self, app: CKANTestApp, datasets: list[dict[str, Any]]
    ) -> None:
        call_action("package_patch", id=datasets[4]["id"], version="2")
        changed = entry(datasets[4]["id"])
        utc = changed.modified.astimezone(dt.timezone.utc)
        hanoi = utc.astimezone(dt.timezone(dt.timedelta(hours=7)))
        for moment in (utc, hanoi):
            address = f"/catalog.ttl?modified_since={quote(moment.isoformat())}"
            assert walk(app, address) == [changed.iri]
        later = quote((utc + dt.timedelta(seconds=1)).isoformat())
        assert walk(app, f"/catalog.ttl?modified_since={later}") == []

    @pytest.mark.parametrize("words", ["thủy lợi", '"dấu nháy', "{ngoặc}", "a & b=c#d", "x:y"])
    def test_words_of_any_kind_give_a_page(self, app: CKANTestApp, words: str) -> None:
        reply = app.get(f"/catalog.ttl?q={quote(words)}")
        assert reply.status_code in (200, 400)

    def test_a_search_is_followed_to_its_end(self, app: CKANTestApp, datasets: Any) -> None:
        assert sorted(walk(app, '/catalog.ttl?q=*:*&fq=title:"Bộ"')) != []
        assert sorted(walk(app, "/catalog.xml?q=*:*".replace("xml", "ttl"))) == iris()

    @pytest.mark.parametrize("address", ["/catalog.ttl", "/dataset/{name}.ttl"])
    def test_another_profile_is_refused(
        self, app: CKANTestApp, datasets: list[dict[str, Any]], address: str
    ) -> None:
        """It would be written for each request, by anybody, at a thousand times the cost."""
        path = address.format(**datasets[0])
        reply = app.get(f"{path}?profiles=euro_dcat_ap_2", status=400)
        assert "nd47_dcat_ap" in reply.text

    def test_a_line_break_in_a_name_is_led_on_encoded(self, app: CKANTestApp) -> None:
        reply = app.get(
            "/dataset/a%0d%0aX-Evil:1",
            headers={"Accept": "text/turtle"},
            follow_redirects=False,
        )
        assert reply.status_code == 303
        assert "a%0D%0AX-Evil%3A1.ttl" in reply.headers["Location"]
        assert "X-Evil" not in reply.headers

    def test_the_name_that_a_dataset_got_in_private_tells_nothing(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        made = dataset(department)
        entry(made["id"])
        call_action("package_patch", id=made["id"], private=True)
        new = f"{made['name']}-moi"
        call_action("package_patch", id=made["id"], name=new)
        assert app.get(f"/dataset/{made['name']}.ttl").status_code == 410
        assert app.get(f"/dataset/{new}.ttl").status_code == 404

    def test_the_own_profile_may_be_named(self, app: CKANTestApp) -> None:
        assert app.get("/catalog.ttl?profiles=nd47_dcat_ap").text == app.get("/catalog.ttl").text


class TestUnfilled:
    def test_until_it_is_complete_the_store_is_not_served(
        self, app: CKANTestApp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An empty store would tell harvesters that everything was deleted."""
        model.Session.execute(sa.text("UPDATE nd47_dcat_state SET complete = false"))
        model.Session.execute(sa.text("DELETE FROM nd47_dcat_entry"))
        model.Session.commit()
        monkeypatch.setitem(tk.config, "ckanext.dcat.datasets_per_page", 100)
        listed = members(page(app, "/catalog.ttl"))
        assert len(listed) >= 2 * PAGE + 1
        maintenance.rebuild()
        assert set(members(page(app, "/catalog.ttl"))) == set(iris()) <= set(listed)


def test_the_store_says_what_the_profile_says(
    app: CKANTestApp, datasets: list[dict[str, Any]]
) -> None:
    """Nothing is lost or added on the way into the store and out again."""
    from ckanext.dcat.processors import RDFSerializer

    one = call_action("package_show", id=datasets[3]["id"])
    serializer = RDFSerializer(profiles=["nd47_dcat_ap"])
    stock = Graph().parse(data=serializer.serialize_dataset(one, _format="nt"), format="nt")
    ours = app.get(f"/dataset/{one['id']}.nt").text
    assert set(Graph().parse(data=ours, format="nt")) == set(stock)


def test_the_fingerprint_follows_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint.current()
    assert fingerprint.current() == before
    monkeypatch.setitem(tk.config, "ckanext.nd47.attribution_template", "{agency}")
    assert fingerprint.current() != before


def test_blank_nodes_of_two_datasets_stay_apart() -> None:
    graph = Graph()
    graph.add((URIRef("http://x/1"), URIRef("http://x/p"), rdflib.BNode()))
    names = {
        str(one.object)
        for scope in ("http://x/1", "http://x/2")
        for one in from_rdflib(graph, scope)
    }
    assert len(names) == 2
    again = {str(one.object) for one in from_rdflib(graph, "http://x/1")}
    assert again < names
