"""Readers never write, on no route: they serve what the commits have written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import InternalError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.store import maintenance, render
from ckanext.nd47.lib.calendar import dates
from tests.agencies.conftest import focal_point
from tests.dcat.portal import dataset, statements
from tests.dcat.serve.test_changes import follow, read_to_end

pytestmark = pytest.mark.usefixtures("portal")

ROUTES = (
    *(f"/catalog.{form}" for form in ("ttl", "nt", "xml", "rdf", "jsonld", "n3")),
    "/catalog.ttl?page=2",
    "/catalog.ttl?modified_since=2020-01-01",
    "/catalog.ttl?q=*:*",
    "/catalog",
    "/catalog/changes",
    "/catalog/changes.trig",
    "/catalog/changes.json",
    "/catalog/dump.json",
    "/catalog/dump.nt.gz",
    "/dataset/{id}.ttl",
    "/dataset/{name}.xml",
    "/dataset/{name}.jsonld",
    "/focal-point/{officer}",
)


@pytest.fixture(scope="module")
def renamed(portal: None) -> dict[str, str]:
    """A dataset that repeats the name which its agency had before."""
    owner = factories.Organization(title="Ủy ban nhân dân tỉnh cũ", email="ubnd@tinh.example")
    officer = focal_point(owner["id"])
    made = dataset(owner)
    for _ in range(4):
        dataset(owner)
    call_action("organization_patch", id=owner["id"], title="Ủy ban nhân dân tỉnh mới")
    return {"id": made["id"], "name": made["name"], "officer": officer["id"], "owner": owner["id"]}


@pytest.fixture
def with_dump(renamed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tk.config, "ckan.storage_path", str(tmp_path))
    dump.write()


@pytest.fixture
def read_only(with_dump: None) -> Iterator[None]:
    """The database refuses every change, as a standby does."""
    model.Session.remove()
    engine: Any = model.meta.engine

    def refuse(connection: Any) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    event.listen(engine, "begin", refuse)
    yield
    event.remove(engine, "begin", refuse)
    model.Session.remove()


@pytest.mark.parametrize("route", ROUTES)
def test_a_database_that_takes_no_changes_is_served(
    app: CKANTestApp, renamed: dict[str, str], read_only: None, route: str
) -> None:
    with pytest.raises(InternalError, match="read-only"):
        model.Session.execute(sa.text("UPDATE nd47_dcat_state SET seq = seq"))
    model.Session.rollback()
    app.get(route.format(**renamed), status=200)


@pytest.mark.parametrize("route", ROUTES)
def test_no_statement_changes_anything(
    app: CKANTestApp, renamed: dict[str, str], with_dump: None, route: str
) -> None:
    sent = statements(app, route.format(**renamed))
    assert [
        statement for statement in sent if statement.split()[0].upper() not in ("SELECT", "WITH")
    ] == []
    assert not [one for one in sent if "FOR UPDATE" in one]


def test_many_readers_after_a_rename_cost_no_rendering(
    app: CKANTestApp, renamed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[str] = []
    monkeypatch.setattr(render, "dataset", lambda data: rendered.append(data["id"]))
    monkeypatch.setattr(render, "node", lambda *given: rendered.append(str(given)))

    def get(_number: int) -> tuple[int, str]:
        reply = app.flask_app.test_client().get("/catalog.nt")
        return reply.status_code, reply.text

    with ThreadPoolExecutor(8) as pool:
        replies = set(pool.map(get, range(24)))
    assert rendered == []
    ((status, text),) = replies
    assert status == 200
    assert "Ủy ban nhân dân tỉnh mới" in text


class TestFeedOnly:
    """A client that reads nothing but the feed learns of everything."""

    def test_of_a_new_name(self, app: CKANTestApp) -> None:
        owner = factories.Organization(title="Sở Cũ")
        made = dataset(owner)
        after = read_to_end(app)[1]
        call_action("organization_patch", id=owner["id"], title="Sở Mới")
        told, after = read_to_end(app, after)
        assert [one["kind"] for one in told if owner["id"] in one["iri"]] != []
        maintenance.refresh()
        assert made["id"] in [change["id"] for change in follow(app, after)]

    def test_of_another_setting(
        self, app: CKANTestApp, renamed: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        maintenance.refresh()
        after = read_to_end(app)[1]
        monkeypatch.setitem(tk.config, "ckanext.nd47.attribution_template", "Theo {agency}")
        maintenance.refresh()
        assert renamed["id"] in [change["id"] for change in follow(app, after)]
        monkeypatch.undo()
        maintenance.refresh()

    def test_of_what_the_register_no_longer_makes_public(
        self, app: CKANTestApp, renamed: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        after = read_to_end(app)[1]
        monkeypatch.setitem(tk.config, "ckanext.nd47.focal_point_public_fields", "position")
        maintenance.refresh()
        assert [change for change in follow(app, after) if change["kind"] == "contact"]
        monkeypatch.undo()
        maintenance.refresh()

    def test_of_a_save_in_the_same_moment(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        after = read_to_end(app)[1]
        made = dataset(department)
        assert [change["id"] for change in follow(app, after) if change["kind"] == "dataset"] == [
            made["id"]
        ]

    def test_of_two_datasets_with_one_foreign_iri_only_the_deleted_is_told(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        extras = [{"key": "uri", "value": "https://noi-khac.example/bo/chung"}]
        one, other = dataset(department, extras=extras), dataset(department, extras=extras)
        call_action("package_delete", id=one["id"])
        told = {change["id"]: change for change in follow(app)}
        assert told[one["id"]]["change"] == "delete"
        assert told[other["id"]]["change"] != "delete"
        assert told[one["id"]]["iri"] != told[other["id"]]["iri"]


class TestRestoredBackup:
    """Numbers come again after a restored backup; a client of the other history starts again."""

    TABLES = ("nd47_dcat_entry", "nd47_dcat_node", "nd47_dcat_state", "nd47_dcat_commit")

    @pytest.fixture
    def backup(self, renamed: dict[str, str]) -> Iterator[None]:
        for table in self.TABLES:
            self.run(f"CREATE TABLE backup_{table} AS SELECT * FROM {table}")
        yield
        for table in self.TABLES:
            self.run(f"DROP TABLE backup_{table}")
        maintenance.repair()

    def restore(self) -> None:
        for table in self.TABLES:
            self.run(f"DELETE FROM {table}")
            self.run(f"INSERT INTO {table} SELECT * FROM backup_{table}")

    @staticmethod
    def run(statement: str) -> None:
        model.Session.execute(sa.text(statement))
        model.Session.commit()

    @pytest.mark.parametrize("edits", [0, 2, 3, 12])
    def test_however_far_it_has_gone_since(
        self, app: CKANTestApp, renamed: dict[str, str], backup: None, edits: int
    ) -> None:
        before = read_to_end(app)[1]
        for number in range(3):
            call_action("package_patch", id=renamed["id"], version=f"mất {number}")
        after = read_to_end(app)[1]
        self.restore()
        for number in range(edits):
            call_action("package_patch", id=renamed["id"], version=f"mới {number}")
        for form in ("json", "trig"):
            reply = app.get(f"/catalog/changes.{form}?after={after}", status=410)
            assert "start again" in reply.text
            app.get(f"/catalog/changes.{form}?after={before}", status=200)

    def test_one_that_has_read_the_middle_of_a_commit_is_told_too(
        self,
        app: CKANTestApp,
        renamed: dict[str, str],
        backup: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("ckanext.nd47.dcat.serve.feed.PAGE", 1)
        before = read_to_end(app)[1]
        ids = model.Session.scalars(sa.text("SELECT id FROM nd47_dcat_entry WHERE state = 'live'"))
        for one in list(ids)[:3]:
            package: Any = model.Package.get(one)
            package.version = "cùng lúc"
        model.Session.commit()
        first = json.loads(app.get(f"/catalog/changes.json?after={before}").text)
        assert first["next"]
        middle = first["next"].partition("after=")[2]
        app.get(f"/catalog/changes.json?after={middle}", status=200)
        self.restore()
        call_action("package_patch", id=renamed["id"], version="sau")
        call_action("package_patch", id=renamed["id"], version="sau nữa")
        app.get(f"/catalog/changes.json?after={middle}", status=410)

    def test_the_address_of_the_manifest_is_one_of_its_history(
        self, app: CKANTestApp, renamed: dict[str, str], backup: None, with_dump: None
    ) -> None:
        address = json.loads(app.get("/catalog/dump.json").text)["changes"]
        path = address.removeprefix("http://test.ckan.net")
        assert json.loads(app.get(path, status=200).text)["changes"] == []
        self.run("DELETE FROM nd47_dcat_commit")
        app.get(path, status=410)


def test_the_place_of_the_feed_names_the_day(app: CKANTestApp, renamed: dict[str, str]) -> None:
    assert f"-{dates.today():%Y%m%d}-" in read_to_end(app)[1]
