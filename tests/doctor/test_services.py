"""Broken services: nothing listens, another schema, no account, no worker; each is diagnosed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk

from ckanext.nd47.doctor.check import Check, Needs
from ckanext.nd47.doctor.checks import database as checks_database
from ckanext.nd47.doctor.checks import services as checks_services
from ckanext.nd47.doctor.diagnosis import diagnose
from ckanext.nd47.doctor.portal import Portal
from tests.doctor.setups import SOUND, ids
from tests.support.databases import empty_database
from tests.support.loaded import only

pytestmark = pytest.mark.usefixtures("services")

CLOSED = "127.0.0.1:1"
"""An address at which nothing listens."""


def portal(**options: str) -> Portal:
    """A portal with the services of the tests, but for these options."""
    own = {key: str(tk.config[key]) for key in ("sqlalchemy.url", "ckan.redis.url", "solr_url")}
    changed = {key.replace("__", "."): value for key, value in options.items()}
    return Portal(None, {}, {}, {**SOUND, **own, **changed})


def one(look: Callable[..., Any]) -> list[Check]:
    """Return the check of a function."""
    known = (*checks_services.CHECKS, *checks_database.CHECKS)
    return [check for check in known if check.look is look]


@contextmanager
def serving(status: int, body: str) -> Iterator[str]:
    """Answer every request with the same, as a Solr that is not CKAN's would."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/solr/ckan"
    finally:
        server.shutdown()
        server.server_close()


class TestReachability:
    @pytest.mark.parametrize(
        ("wanted", "option", "value"),
        [
            ("database-unset", "sqlalchemy__url", ""),
            ("database-unreachable", "sqlalchemy__url", f"postgresql://a:b@{CLOSED}/ckan"),
            ("database-unreachable", "sqlalchemy__url", "khong phai dia chi"),
            ("database-unreachable", "sqlalchemy__url", "khac://a@b/c"),
            ("redis-unreachable", "ckan__redis__url", f"redis://{CLOSED}/0"),
            ("redis-unreachable", "ckan__redis__url", "http://khong-phai-redis"),
            ("solr-unset", "solr_url", ""),
            ("solr-unreachable", "solr_url", f"http://{CLOSED}/solr/ckan"),
            ("solr-unreachable", "solr_url", "khong phai dia chi"),
            ("mail-unreachable", "smtp__server", CLOSED),
            ("mail-unreachable", "smtp__server", "may-thu.haison.invalid:587"),
        ],
    )
    def test_service_that_does_not_answer(self, wanted, option, value):
        looks = (
            checks_services.database,
            checks_services.redis,
            checks_services.solr,
            checks_services.mail_server,
        )
        checks = [check for look in looks for check in one(look)]
        broken = portal(**{"smtp__server": "", option: value})
        if wanted == "mail-unreachable" and value == CLOSED:
            broken.config = {**broken.config, "smtp.server": "[::ffff:7f00:1]:1"}
        assert wanted in ids(diagnose(broken, checks))

    def test_services_that_answer(self):
        looks = (checks_services.database, checks_services.redis, checks_services.solr)
        checks = [check for look in looks for check in one(look)]
        assert ids(diagnose(portal(), checks)) == []

    def test_nothing_ends_in_a_traceback_when_nothing_answers(self):
        broken = portal(
            sqlalchemy__url=f"postgresql://a:b@{CLOSED}/ckan",
            ckan__redis__url=f"redis://{CLOSED}/0",
            solr_url=f"http://{CLOSED}/solr/ckan",
            smtp__server="",
        )
        broken.ask_workers = True
        result = diagnose(broken, needs=(Needs.SERVICES, Needs.DATABASE, Needs.WORKERS))
        assert sorted(ids(result)) == [
            "database-unreachable",
            "redis-unreachable",
            "solr-unreachable",
        ]
        assert {"migrations", "jobs_come_back"} <= set(result.skipped)


class TestSolr:
    @pytest.mark.parametrize(
        ("wanted", "status", "body"),
        [
            ("solr-refuses", 401, ""),
            ("solr-refuses", 403, ""),
            ("solr-unreachable", 404, ""),
            ("solr-unreachable", 500, "loi"),
            ("solr-schema", 200, "<schema name='ckan-1.8' version='1.6'>"),
            ("solr-schema", 200, "<schema name='default-config' version='1.6'>"),
            ("solr-schema", 200, "{}"),
        ],
    )
    def test_answer_that_is_not_of_a_solr_for_ckan(self, wanted, status, body):
        with serving(status, body) as address:
            result = diagnose(portal(solr_url=address), one(checks_services.solr))
        assert ids(result) == [wanted]

    @pytest.mark.parametrize("name", ["ckan-2.12", "ckan-2.10"])
    def test_schema_that_ckan_takes(self, name):
        with serving(200, f'<schema version="1.6" name="{name}">') as address:
            assert ids(diagnose(portal(solr_url=address), one(checks_services.solr))) == []


@pytest.fixture
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has a moment only."""
    monkeypatch.setattr(checks_services, "WAIT", 1)


class TestWorkers:
    def fresh(self) -> Portal:
        """A portal whose queue nobody knows."""
        fresh = portal(ckan__site_id=f"nd47.{uuid4().hex}")
        fresh.ask_workers = True
        return fresh

    def test_no_worker(self):
        assert ids(diagnose(self.fresh(), one(checks_services.workers))) == ["workers-none"]

    @pytest.mark.usefixtures("no_wait")
    def test_job_that_does_not_come_back_leaves_nothing_behind(self):
        fresh = self.fresh()
        result = diagnose(fresh, one(checks_services.jobs_come_back))
        assert ids(result) == ["worker-silent"]
        queue = f"rq:queue:ckan:{fresh.text('ckan.site_id')}:default"
        assert fresh.redis().llen(queue) == 0

    def test_workers_are_asked_on_request_only(self):
        fresh = self.fresh()
        fresh.ask_workers = False
        result = diagnose(fresh, one(checks_services.jobs_come_back))
        assert result.skipped == ["jobs_come_back"]

    @pytest.mark.parametrize("scheduler", [True, False])
    def test_job_that_comes_back(self, scheduler, monkeypatch):
        monkeypatch.setattr(checks_services, "WAIT", 30 if scheduler else 6)
        fresh = self.fresh()
        queue = f"ckan:{fresh.text('ckan.site_id')}:default"
        worker = [sys.executable, "-m", "rq.cli", "worker", queue, "-q"]
        worker += ["--url", fresh.text("ckan.redis.url")]
        process = subprocess.Popen([*worker, *(["--with-scheduler"] if scheduler else [])])
        try:
            self.wait_for(fresh)
            result = diagnose(fresh, one(checks_services.jobs_come_back))
        finally:
            process.terminate()
            process.wait()
        assert ids(result) == ([] if scheduler else ["scheduler-silent"])

    def wait_for(self, asked: Portal) -> None:
        """Wait until a worker has registered."""
        for _ in range(150):
            if not ids(diagnose(asked, one(checks_services.workers))):
                return
            time.sleep(0.2)
        pytest.fail("no worker has registered")


@pytest.fixture
def schema(non_clean_db: None) -> Iterator[tuple[Portal, sa.Connection]]:
    """A portal with tables of its own, which CKAN's newest migration has made, and none of ours."""
    name = f"nd47_doctor_{uuid4().hex[:8]}"
    address = str(tk.config["sqlalchemy.url"])
    joined = f"{address}?options={quote(f'-csearch_path={name}')}"
    engine = sa.create_engine(address, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {name}"))
        connection.execute(sa.text(f"SET search_path = {name}"))
        connection.execute(sa.text("CREATE TABLE package (id text)"))
        stamp(
            connection, "alembic_version", heads(Path(checks_database.ckan.migration.__path__[0]))
        )
        try:
            yield portal(sqlalchemy__url=joined, ckan__plugins="nd47"), connection
        finally:
            connection.execute(sa.text(f"DROP SCHEMA {name} CASCADE"))


def heads(folder: Path) -> str:
    """Return the newest revision of a folder of migrations."""
    scripts = checks_database.ScriptDirectory(str(folder))
    return scripts.get_heads()[0]


def ours() -> str:
    """Return our newest revision."""
    return heads(checks_database.plugin_migrations(portal(ckan__plugins="nd47"))["nd47"])


def stamp(connection: sa.Connection, table: str, revision: str) -> None:
    """Say which migration the tables are of."""
    connection.execute(sa.text(f"CREATE TABLE {table} (version_num text)"))
    connection.execute(sa.text(f"INSERT INTO {table} VALUES (:one)"), {"one": revision})


def look_at(asked: Portal) -> list[str]:
    return ids(diagnose(asked, one(checks_database.migrations)))


class TestMigrations:
    def test_missing(self, schema):
        assert look_at(schema[0]) == ["migration-missing"]

    def test_behind(self, schema):
        stamp(schema[1], "nd47_alembic_version", "470001")
        assert look_at(schema[0]) == ["migration-behind"]

    def test_newer(self, schema):
        stamp(schema[1], "nd47_alembic_version", "4799z9")
        assert look_at(schema[0]) == ["migration-newer"]

    def test_half_with_the_version_and_no_tables(self, schema):
        stamp(schema[1], "nd47_alembic_version", ours())
        assert look_at(schema[0]) == ["migration-half"]

    def test_half_with_tables_and_no_version(self, schema):
        schema[1].execute(sa.text("CREATE TABLE nd47_dcat_state (id int)"))
        assert look_at(schema[0]) == ["migration-half"]

    def test_complete(self, schema):
        stamp(schema[1], "nd47_alembic_version", ours())
        for table in checks_database.own_tables():
            schema[1].execute(sa.text(f"CREATE TABLE {table} (id int)"))
        assert look_at(schema[0]) == []

    def test_ckan_itself_behind(self, schema):
        schema[1].execute(sa.text("UPDATE alembic_version SET version_num = '103676e0a497'"))
        stamp(schema[1], "nd47_alembic_version", "4799z9")
        found = look_at(schema[0])
        assert "migration-newer" in found
        assert len(found) == 2

    def test_another_extension(self, schema):
        other = Portal(None, {}, {}, {**schema[0].config, "ckan.plugins": "activity"})
        assert look_at(other) == ["migration-missing"]

    def test_database_without_ckan(self, schema):
        schema[1].execute(sa.text("DROP TABLE package"))
        assert look_at(schema[0]) == ["database-empty"]

    def test_database_with_all_migrations(self):
        with only("nd47 scheming_datasets scheming_organizations"):
            empty_database()
        assert look_at(portal(ckan__plugins="nd47")) == []


class TestDatabase:
    def test_clock_that_agrees(self, non_clean_db):
        assert ids(diagnose(portal(), one(checks_database.clock))) == []

    @pytest.mark.parametrize("apart", [-100, 100])
    def test_clock_that_is_off(self, apart, non_clean_db, monkeypatch):
        now = time.time
        monkeypatch.setattr(checks_database.time, "time", lambda: now() + apart)
        assert ids(diagnose(portal(), one(checks_database.clock))) == ["clock-apart"]

    def test_letters(self, non_clean_db):
        assert ids(diagnose(portal(), one(checks_database.encoding))) == []
