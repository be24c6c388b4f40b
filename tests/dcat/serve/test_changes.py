"""The feed of changes, the files of the whole catalogue, and the rehearsal of a harvest."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph
import pytest
from rdflib import Graph
from rdflib.namespace import DCAT, VOID

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat import dump, rehearse
from ckanext.nd47.dcat.serve import feed as feed_module
from tests.dcat.portal import dataset, entry
from tests.dcat.serve.catalogue import iris, page

FORMS = {"nt": "nt", "ttl": "turtle", "jsonld": "json-ld", "xml": "xml"}
AS = "https://www.w3.org/ns/activitystreams#"


@pytest.fixture(scope="module", autouse=True)
def datasets(department: dict[str, Any]) -> list[dict[str, Any]]:
    return [dataset(department, title=f"Bộ {n}") for n in range(4)]


def feed(app: CKANTestApp, query: str = "") -> dict[str, Any]:
    return json.loads(app.get(f"/catalog/changes.json?{query}", status=200).text)


def follow(app: CKANTestApp, after: str = "") -> list[dict[str, Any]]:
    """Read all pages of the feed behind a place."""
    return read_to_end(app, after)[0]


def read_to_end(app: CKANTestApp, after: str = "") -> tuple[list[dict[str, Any]], str]:
    """Read all pages of the feed behind a place; return the changes and the place reached."""
    found: list[dict[str, Any]] = []
    while True:
        read = feed(app, f"after={after}")
        found += read["changes"]
        after = parse_qs(urlsplit(read["resume"]).query)["after"][0]
        if read["next"] is None:
            return found, after
        assert read["next"] == read["resume"]


class TestChanges:
    def test_a_copy_made_from_the_feed_is_the_catalogue(
        self, app: CKANTestApp, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed_module, "PAGE", 2)
        gone = dataset(department)
        call_action("package_delete", id=gone["id"])
        copy: dict[str, str] = {}
        for change in follow(app):
            if change["kind"] == "dataset" and change["change"] != "delete":
                copy[change["iri"]] = change["etag"]
        assert sorted(copy) == iris()

    def test_only_what_came_after_is_given(
        self, app: CKANTestApp, datasets: list[dict[str, Any]]
    ) -> None:
        last = read_to_end(app)[1]
        assert feed(app, f"after={last}")["changes"] == []
        call_action("package_patch", id=datasets[1]["id"], version="3")
        (change,) = feed(app, f"after={last}")["changes"]
        assert (change["change"], change["id"]) == ("update", datasets[1]["id"])
        assert change["etag"] == entry(datasets[1]["id"]).etag

    def test_a_deletion_stays_after_a_purge(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        one = dataset(department)
        call_action("dataset_purge", id=one["id"])
        (change,) = [one_ for one_ in follow(app) if one_["id"] == one["id"]]
        assert change["change"] == "delete"

    def test_modified_since_is_read_with_a_zone(
        self, app: CKANTestApp, datasets: list[dict[str, Any]]
    ) -> None:
        assert feed(app, "modified_since=2000-01-01T00:00:00%2B07:00")["changes"] == follow(app)
        assert feed(app, "modified_since=2999-01-01")["changes"] == []

    @pytest.mark.parametrize(
        "query",
        [
            "after=-1",
            "after=x",
            "after=999999999",
            "after=12-20261128",
            "after=12-20261399-ab",
            "after=12-20261128-ab%00",
            f"after={'9' * 40}-20261128-ab",
            "modified_since=x",
        ],
    )
    def test_what_cannot_be_understood_is_said(self, app: CKANTestApp, query: str) -> None:
        app.get(f"/catalog/changes.json?{query}", status=400)

    def test_trig_has_an_event_and_the_content_of_each(
        self, app: CKANTestApp, department: dict[str, Any], datasets: list[dict[str, Any]]
    ) -> None:
        gone = dataset(department)
        call_action("package_delete", id=gone["id"])
        reply = app.get("/catalog/changes", headers={"Accept": "application/trig"})
        assert reply.headers["Content-Type"] == "application/trig"
        store = pyoxigraph.Store()
        store.load(reply.data, format=pyoxigraph.RdfFormat.TRIG)
        query = f"""
            SELECT ?kind ?object (COUNT(?s) AS ?size) WHERE {{
                ?feed <https://w3id.org/tree#member> ?event .
                ?event a ?kind ; <{AS}object> ?object ; <{AS}published> ?moment .
                OPTIONAL {{ GRAPH ?event {{ ?s ?p ?o }} }}
            }} GROUP BY ?kind ?object"""
        found: Any = store.query(query)
        sizes = {row["object"].value: (row["kind"].value, int(row["size"].value)) for row in found}
        assert sizes[entry(gone["id"]).iri] == (f"{AS}Delete", 0)
        assert sizes[entry(datasets[2]["id"]).iri][1] > 10
        described = sorted(address for address in sizes if "/organization/" in address)
        assert [one.partition("#")[2] for one in described] == ["", "contact-feedback"]

    def test_unchanged_it_is_304(self, app: CKANTestApp) -> None:
        tag = app.get("/catalog/changes.json").headers["ETag"]
        app.get("/catalog/changes.json", headers={"If-None-Match": tag}, status=304)
        app.get("/catalog/changes", headers={"Accept": "image/png"}, status=406)


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(tk.config, "ckan.storage_path", str(tmp_path))
    model.Session.rollback()
    return tmp_path / "nd47_dcat"


class TestDump:
    @pytest.mark.parametrize("extension", FORMS)
    def test_a_file_has_what_the_pages_have(
        self, app: CKANTestApp, storage: Path, monkeypatch: pytest.MonkeyPatch, extension: str
    ) -> None:
        dump.write()
        reply = app.get(f"/catalog/dump.{extension}.gz", status=200)
        assert reply.headers["Content-Type"] == "application/gzip"
        checksum = app.get(f"/catalog/dump.{extension}.gz.sha256").text.split()[0]
        assert hashlib.sha256(reply.data).hexdigest() == checksum
        graph = Graph().parse(data=gzip.decompress(reply.data), format=FORMS[extension])
        assert sorted(map(str, graph.objects(None, DCAT.dataset))) == iris()
        monkeypatch.setitem(tk.config, "ckanext.dcat.datasets_per_page", 1000)
        whole = page(app, "/catalog.ttl")
        paging = {t for t in whole if "hydra" in str(t[1]) or "hydra" in str(t[2])}
        assert set(graph) == set(whole) - paging

    def test_the_manifest_names_every_dataset(self, app: CKANTestApp, storage: Path) -> None:
        dump.write()
        known = json.loads(app.get("/catalog/dump.json", status=200).text)
        assert sorted(one["iri"] for one in known["datasets"]) == iris()
        assert known["count"] == len(iris())
        assert known["files"]["nt"]["url"].endswith("/catalog/dump.nt.gz")

    def test_it_is_written_only_when_something_changed(
        self, app: CKANTestApp, storage: Path, datasets: list[dict[str, Any]]
    ) -> None:
        assert dump.write() is not None
        assert dump.write() is None
        model.Session.rollback()
        call_action("package_patch", id=datasets[0]["id"], version="9")
        assert dump.write() is not None

    def test_equal_catalogues_give_equal_files(self, app: CKANTestApp, storage: Path) -> None:
        first, second = dump.write(always=True), dump.write(always=True)
        assert first is not None
        assert second is not None
        for form in FORMS:
            assert first["files"][form]["sha256"] == second["files"][form]["sha256"]

    def test_old_runs_are_removed_and_nothing_half_stays(
        self, app: CKANTestApp, storage: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(4):
            dump.write(always=True)
        assert len(list(storage.glob("catalog-*.gz"))) == 2 * len(FORMS)
        before = dump.manifest()

        def fail(*_: Any) -> None:
            raise OSError(28, "đầy đĩa")

        monkeypatch.setattr(gzip.GzipFile, "write", fail)
        with pytest.raises(OSError, match="đầy đĩa"):
            dump.write(always=True)
        assert dump.manifest() == before
        assert not [path for path in storage.iterdir() if path.name.startswith(".")]

    def test_drafts_of_killed_processes_are_removed(self, app: CKANTestApp, storage: Path) -> None:
        storage.mkdir(parents=True)
        names = (".catalog-20260101T000000000000Z.nt.gz.4711", ".manifest.json.9")
        left = [storage / name for name in names]
        for path in left:
            path.write_bytes(b"half")
        dump.write()
        assert not any(path.exists() for path in left)

    def test_one_process_writes_at_a_time(self, app: CKANTestApp, storage: Path) -> None:
        engine: Any = model.meta.engine
        with engine.begin() as other:
            assert other.execute(dump.LOCK).scalar()
            assert dump.write(always=True) is None
            assert dump.manifest() is None
        assert dump.write() is not None

    def test_the_catalogue_lists_its_files(self, app: CKANTestApp, storage: Path) -> None:
        assert list(page(app, "/catalog.ttl").objects(None, VOID.dataDump)) == []
        before = app.get("/catalog.ttl").headers["ETag"]
        dump.write()
        reply = app.get("/catalog.ttl", headers={"If-None-Match": before}, status=200)
        found = Graph().parse(data=reply.data, format="turtle").objects(None, VOID.dataDump)
        for address in found:
            app.get(str(address).removeprefix("http://test.ckan.net"), status=200)
        assert len(set(page(app, "/catalog.nt").objects(None, VOID.dataDump))) == len(FORMS)

    def test_without_a_dump_it_is_not_found(self, app: CKANTestApp, storage: Path) -> None:
        for address in ("dump.nt.gz", "dump.json", "dump.nt.gz.sha256"):
            app.get(f"/catalog/{address}", status=404)


class TestRehearsal:
    def test_it_tells_what_a_harvest_would_do(
        self, app: CKANTestApp, storage: Path, datasets: list[dict[str, Any]]
    ) -> None:
        first = rehearse.run(app.flask_app)
        assert first.created == iris()
        assert not first.failed
        assert first.present["title"] == len(iris())
        assert first.lost["title"] == 0
        call_action("package_patch", id=datasets[0]["id"], notes="Mô tả khác")
        call_action("package_patch", id=datasets[3]["id"], private=True)
        second = rehearse.run(app.flask_app)
        assert second.updated == [entry(datasets[0]["id"]).iri]
        assert second.deleted == [entry(datasets[3]["id"]).iri]
        assert second.created == []
        call_action("package_patch", id=datasets[3]["id"], private=False)

    def test_a_missing_dataset_is_told(
        self, app: CKANTestApp, storage: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        empty = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
        monkeypatch.setattr("ckanext.nd47.dcat.serve.pages.answer", lambda *_: (empty, 200))
        report = rehearse.run(app.flask_app)
        assert report.missing == iris()
        assert report.failed

    def test_a_page_that_cannot_be_had_is_an_error(
        self, app: CKANTestApp, storage: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ckanext.nd47.dcat.serve.pages.answer", lambda *_: ("hỏng", 500))
        with pytest.raises(RuntimeError, match="500"):
            rehearse.run(app.flask_app)
