"""Requests for one dataset, for a part of the catalogue, or with parameters nobody understands."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

import pytest
import rdflib
import sqlalchemy as sa
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import DCAT

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.rdf.statements import from_rdflib
from ckanext.nd47.dcat.store import fingerprint, maintenance
from ckanext.nd47.lib import config
from tests.dcat.portal import PAGE, dataset, entry
from tests.dcat.serve.catalogue import PARSERS, datasets, iris, members, page, walk

__all__ = ["datasets"]


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


@pytest.mark.parametrize(
    "option", [config.PORTAL_NEWS_VI, config.APPROVAL, config.REPORT_CLOSE_DAY, config.MAP_TILES]
)
def test_the_fingerprint_does_not_follow_what_only_other_pages_show(
    option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint.current()
    monkeypatch.setitem(tk.config, option, "another value")
    assert fingerprint.current() == before


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
