"""Pages of the catalogue as harvesters read them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyoxigraph
import pytest
import sqlalchemy as sa
from rdflib import RDF, Graph, URIRef

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.store import maintenance
from tests.dcat.portal import PAGE, dataset, entry, statements
from tests.dcat.serve.catalogue import HYDRA, PARSERS, datasets, iris, members, page, walk

__all__ = ["datasets"]


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
