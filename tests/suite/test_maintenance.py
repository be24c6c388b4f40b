"""`docs/maintenance.md`: upgrades on a running portal, a restored backup, other settings."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli.db import db
from ckan.cli.search_index import search_index
from ckan.tests import factories
from ckan.tests.helpers import call_action

import ckanext.nd47
from ckanext.nd47.doctor.checks import database as checks_database
from ckanext.nd47.doctor.portal import running
from ckanext.nd47.lib.plugins import nd47
from tests.dcat.portal import dataset, entry
from tests.support.fixtures import portal_and_app

PLUGINS = "nd47 nd47_dcat dcat scheming_datasets scheming_organizations"
PAGE = Path(__file__).parents[2] / "docs" / "maintenance.md"
VERSIONS = Path(next(iter(ckanext.nd47.__path__))) / "migration" / "nd47" / "versions"
NEXT = "4799z9"
"""The version of tables that this release does not know."""

ADDITIONS = frozenset({"create_table", "create_index", "add_column", "execute"})
"""What a migration may do while the release before it still works on the tables."""


portal, app = portal_and_app(PLUGINS)


@pytest.fixture(scope="module")
def department(portal: None) -> dict[str, Any]:
    return factories.Organization(name="so-bao-tri", title="Sở Bảo trì", identifier="H99.10")


def commands(heading: str) -> list[list[str]]:
    """The commands of a section of the page, by its blocks."""
    section = PAGE.read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^ *```sh\n(.*?)^ *```", section, re.M | re.S)
    assert found, heading
    return [[line.strip() for line in block.splitlines()] for block in found]


def run(line: str, codes: Collection[int] = (0,)) -> None:
    """Run a command of the page in this process, on the portal that it has loaded."""
    words = line.split()
    assert words[:3] == ["ckan", "-c", "ckan.ini"], line
    for name in ("nd47", "nd47_dcat"):
        plugin: Any = p.get_plugin(name)
        plugin.get_commands()
    ckan = click.Group(commands={"nd47": nd47, "db": db, "search-index": search_index})
    done = CliRunner().invoke(ckan, words[3:])
    assert done.exit_code in codes, (line, done.output, done.exception)


def run_all(heading: str, codes: Collection[int] = (0,)) -> None:
    for block in commands(heading):
        for line in block:
            run(line, codes)


def execute(statement: str) -> None:
    model.Session.execute(sa.text(statement))
    model.Session.commit()


def text(app: Any, address: str, **arguments: Any) -> str:
    return app.get(address, status=200, **arguments).get_data(as_text=True)


class TestRollingUpgrade:
    """The tables of the next release, and this one at work on them."""

    @pytest.fixture
    def newer_tables(self, department: dict[str, Any]) -> Iterator[list[str]]:
        """Every table has a column that this release does not know, and there is a new table."""
        tables = sorted(checks_database.own_tables())
        (held,) = model.Session.scalars(sa.text("SELECT version_num FROM nd47_alembic_version"))
        for table in tables:
            execute(f"ALTER TABLE {table} ADD COLUMN future text NOT NULL DEFAULT 'mới'")
        execute("CREATE TABLE nd47_future (id text PRIMARY KEY)")
        execute(f"UPDATE nd47_alembic_version SET version_num = '{NEXT}'")
        yield tables
        model.Session.rollback()
        execute(f"UPDATE nd47_alembic_version SET version_num = '{held}'")
        execute("DROP TABLE nd47_future")
        for table in tables:
            execute(f"ALTER TABLE {table} DROP COLUMN future")

    def test_register_is_read_and_changed(self, newer_tables, department):
        call_action("nd47_agency_update", id=department["id"], address="Số 1, phố Mới")
        shown = call_action("nd47_agency_show", id=department["id"])
        assert shown["address"] == "Số 1, phố Mới"
        assert "future" not in shown
        admin = {"user": factories.Sysadmin()["name"]}
        made = call_action("nd47_agency_create", admin, organization=f"so-{uuid4().hex[:8]}")
        assert call_action("nd47_agency_list")["count"] >= 2
        call_action("nd47_agency_delete", id=made["id"])

    def test_datasets_are_saved_exported_and_deleted(self, newer_tables, department, app):
        made = dataset(department)
        call_action("package_patch", id=made["id"], title="Hồ chứa, bản hai")
        assert "Hồ chứa, bản hai" in text(app, f"/dataset/{made['id']}.ttl")
        assert made["id"] in text(app, "/catalog/changes.json")
        call_action("package_delete", id=made["id"])
        app.get(f"/dataset/{made['id']}.ttl", status=410)

    @pytest.mark.parametrize("page", ["/", "/dataset", "/organization", "/catalog.ttl"])
    def test_pages_answer(self, newer_tables, app, page):
        app.get(page, status=200)

    def test_commands_work(self, newer_tables, department):
        dataset(department)
        for line in ("nd47 dcat rebuild --stale", "nd47 dcat check", "nd47 dcat stats"):
            run(f"ckan -c ckan.ini {line}")

    def test_doctor_says_that_the_tables_are_newer(self, newer_tables):
        found = [(one.id, one.facts.get("plugin")) for one in checks_database.migrations(running())]
        assert ("migration-newer", "nd47") in found

    def test_the_migration_of_the_page_does_nothing_twice(self, department):
        before = entry(dataset(department)["id"])
        (block, *_) = commands("Upgrade without a break")
        run(block[0])
        assert entry(before.id) == before


def additions(tree: ast.AST) -> set[str]:
    """What the functions of a migration call of alembic, but for `downgrade`."""
    functions = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name != "downgrade"
    )
    return {
        node.func.attr
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "op"
    }


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("4*.py")), ids=lambda path: path.stem)
def test_migrations_only_add(path: Path):
    """A node of the release before works on while the tables are already those of the next."""
    tree = ast.parse(path.read_text("utf-8"))
    called = additions(tree)
    assert called
    if not path.stem.endswith("_baseline"):
        assert called <= ADDITIONS
        assert not re.search(
            # A trigger that refuses to empty a table takes nothing away.
            r"\b(DROP|RENAME|(?<!OR )(?<!BEFORE )TRUNCATE)\b",
            ast.unparse(tree).partition("def downgrade")[0],
        )


@pytest.mark.parametrize("call", ["drop_column", "alter_column", "drop_table", "rename_table"])
def test_a_migration_that_takes_something_away_is_noticed(call: str):
    tree = ast.parse(f"def upgrade():\n    op.create_table('a')\n    op.{call}('a', 'b')\n")
    assert not additions(tree) <= ADDITIONS


class TestBackup:
    """`pg_dump` and `pg_restore` with the lines of the page."""

    @pytest.fixture
    def shell(self, tmp_path: Path, portal: None) -> Any:
        environment = {
            "PATH": os.environ["PATH"],
            "CKAN_SQLALCHEMY_URL": str(tk.config["sqlalchemy.url"]),
        }

        def call(line: str) -> None:
            # A restore waits for every connection that has the tables open.
            model.Session.remove()
            model.ensure_engine().dispose()
            done = subprocess.run(
                ["/bin/sh", "-ec", line],
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
                timeout=200,
            )
            assert done.returncode == 0, done.stderr

        return call

    def test_restores_what_was_there_and_nothing_since(self, shell, department, app):
        (dump,), (restore, *after) = commands("Backup and restore")
        kept = dataset(department, title="Trước khi sao lưu")
        call_action("nd47_agency_update", id=department["id"], address="Trước khi sao lưu")
        shell(dump)
        call_action("package_patch", id=kept["id"], title="Sau khi sao lưu")
        call_action("nd47_agency_update", id=department["id"], address="Sau khi sao lưu")
        lost = dataset(department)
        read = json.loads(text(app, "/catalog/changes.json"))["resume"].partition("after=")[2]
        shell(restore)
        for line in after:
            run(line)
        assert call_action("package_show", id=kept["id"])["title"] == "Trước khi sao lưu"
        assert "Trước khi sao lưu" in text(app, f"/dataset/{kept['id']}.ttl")
        shown = call_action("nd47_agency_show", id=department["id"])
        assert shown["address"] == "Trước khi sao lưu"
        assert model.Package.get(lost["id"]) is None
        names = call_action("package_search", q=f"name:{lost['name']}")
        assert names["count"] == 0
        # Who has read the lost changes is told to start again.
        app.get(f"/catalog/changes.json?after={read}", status=410)


class TestProxyHeaders:
    HOSTILE: Mapping[str, str] = {
        "Host": "ke-gian.example",
        "X-Forwarded-Host": "ke-gian.example",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-For": "203.0.113.7",
        "Forwarded": "host=ke-gian.example;proto=gopher",
    }

    @pytest.mark.parametrize(
        "address",
        ["/catalog.ttl", "/catalog/changes.json", "/plain/api/3/action/package_search"],
    )
    def test_what_everybody_shares_never_holds_them(self, app, department, address):
        dataset(department)
        plain, sent = text(app, address), text(app, address, headers=dict(self.HOSTILE))
        assert "ke-gian" not in sent
        assert "gopher" not in sent
        assert sent == plain

    def test_what_is_stored_never_holds_them(self, app, department):
        token = factories.APIToken(user=factories.Sysadmin()["name"])["token"]
        given = {
            "name": f"bo-{uuid4().hex[:10]}",
            "title": "Hồ",
            "owner_org": department["id"],
            "resources": [{"url": "https://tep.example/ho.csv", "format": "CSV"}],
        }
        answer: Any = app.post(
            "/api/3/action/package_create",
            json=given,
            headers={**self.HOSTILE, "Authorization": token},
            status=200,
        )
        made = json.loads(answer.get_data(as_text=True))["result"]
        stored = json.dumps(call_action("package_show", id=made["id"]), ensure_ascii=False)
        assert "ke-gian" not in stored + text(app, f"/dataset/{made['id']}.ttl")


class TestOtherSettings:
    def test_another_province(self, app, department, monkeypatch):
        made = dataset(department)
        own = dataset(department, spatial_coverage=[{"uri": "79"}])
        monkeypatch.setitem(tk.config, "ckanext.nd47.dcat_place", "48")
        run_all("Another province")
        assert "vocabulary/province/48" in text(app, f"/dataset/{made['id']}.ttl")
        assert "vocabulary/province/79" in text(app, f"/dataset/{own['id']}.ttl")
        monkeypatch.setitem(tk.config, "ckanext.nd47.dcat_place", "01")
        run_all("Another province")
        shown = text(app, f"/dataset/{made['id']}.ttl")
        assert "vocabulary/province/01" in shown
        assert "vocabulary/province/48" not in shown
        assert call_action("package_show", id=made["id"])["identifier"] == made["identifier"]

    def test_another_legal_edition(self, department, monkeypatch):
        old = {"applicable_legislation": ["nd-47-2020"], "license_id": "nd47-open-data"}
        made = dataset(department, **old)
        before = call_action("package_show", id=made["id"])
        proposals = {}
        for edition in ("nd-47-2020", "luat-20-2023"):
            monkeypatch.setitem(tk.config, "ckanext.nd47.legal_edition", edition)
            fields = tk.h.scheming_get_dataset_schema("dataset")["dataset_fields"]
            proposals[edition] = tk.h.nd47_proposed(fields, {}, "dataset")
            # It ends with 1 where a published dataset would be refused today.
            run_all("Another legal edition", {0, 1})
            assert call_action("package_show", id=made["id"]) == before
        old, new = (proposals[one]["applicable_legislation"] for one in proposals)
        assert old != new

    def test_another_code_list(self, app, department, tmp_path, monkeypatch):
        made = dataset(department, frequency="hang-nam")
        monkeypatch.setitem(tk.config, "ckanext.nd47.vocabulary_folder", str(tmp_path))
        (tmp_path / "frequency.yaml").write_text(OWN_LIST, encoding="utf-8")
        run_all("Other code lists")
        assert "Mỗi năm một lần" in text(app, f"/vi/dataset/{made['id']}")
        call_action("package_patch", id=made["id"], version="2")
        assert call_action("package_show", id=made["id"])["frequency"] == "hang-nam"


OWN_LIST = """\
id: frequency
merge: true
title: {vi: Tần suất, en: Frequency}
source: Quy chế của tỉnh
status: design
terms:
- code: hang-nam
  label: {vi: Mỗi năm một lần, en: Once a year}
  status: design
"""
