"""Tables that were loaded as text get the types of their files."""

from __future__ import annotations

from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.cli import tables_commands
from ckanext.nd47.tables.datastore.loading import store
from tests.support.fixtures import portal_and_app
from tests.tables.conftest import stored

portal, app = portal_and_app(
    "nd47_tables nd47 nd47_l10n datastore scheming_datasets scheming_organizations",
    prepare=tables.reset,
)

CONTENT = b'xa,gia,ma\nKy Lam,"1.000,5",007\nMy Khue,900,008\n'


@pytest.fixture(scope="module")
def options(portal: None) -> dict[str, Any]:
    """The configuration of the portal."""
    return dict(tk.config)


@pytest.fixture(autouse=True)
def loaded(options: dict[str, Any], ckan_config: Any) -> None:
    """Keep the options of the DataStore, whatever the configuration was reset to."""
    tk.config.update(options)


@pytest.fixture
def as_text(upload) -> dict[str, Any]:
    """A file whose table was loaded as text, with a label, before the plugin was there."""
    resource = upload("a.csv", CONTENT)
    call_action(
        "datastore_create",
        resource_id=resource["id"],
        force=True,
        fields=[{"id": "xa", "type": "text", "info": {"label": "Xã"}},
                {"id": "gia", "type": "text"}, {"id": "ma", "type": "text"}],
        records=[{"xa": "Ky Lam", "gia": "1.000,5", "ma": "007"}],
    )  # fmt: skip
    model.Session.query(tables.FileCheck).filter_by(resource_id=resource["id"]).delete()
    model.Session.commit()
    return resource


def types(resource: dict[str, Any]) -> dict[str, str]:
    return store.types([resource["id"]])[resource["id"]]


def run(cli: Any, *arguments: str) -> str:
    done = cli.invoke(tables_commands, ["retype", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_dry_run_says_what_would_change_and_changes_nothing(as_text, cli):
    said = run(cli, "--dry-run", as_text["id"])
    assert "gia: text -> numeric" in said
    assert "ma:" not in said
    assert "1 of 1 tables would change." in said
    assert types(as_text)["gia"] == "text"
    assert stored(as_text["id"]) is None


def test_a_run_gives_types_and_keeps_labels(as_text, cli):
    assert "1 of 1 tables changed." in run(cli, as_text["package_id"])
    assert types(as_text) == {"xa": "text", "gia": "numeric", "ma": "text"}
    columns = call_action("nd47_table_columns", id=as_text["id"])
    assert columns[0]["label"] == "Xã"
    assert "0 of 0 tables" in run(cli, as_text["id"])


def test_a_run_that_was_killed_goes_on_with_what_is_left(as_text, upload, cli, monkeypatch):
    other = upload("b.csv", CONTENT)
    run(cli, other["id"])
    replace = store.replace

    def killed(*_given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "replace", killed)
    cli.invoke(tables_commands, ["retype", as_text["id"]])
    model.Session.rollback()
    assert types(as_text)["gia"] == "text"
    monkeypatch.setattr(store, "replace", replace)
    assert "gia: text -> numeric" in run(cli, as_text["id"])


def test_a_file_that_cannot_be_fetched_keeps_its_table(as_text, cli):
    call_action("resource_patch", id=as_text["id"], url="https://127.0.0.1/a.csv", url_type="")
    assert "unchanged: not-public" in run(cli, as_text["id"])
    assert types(as_text)["gia"] == "text"


@pytest.mark.parametrize("arguments", [["khong-co"], ["--dry-run", "khong-co"]])
def test_nothing_happens_to_what_does_not_exist(portal, cli, arguments):
    assert "0 of 0 tables" in run(cli, *arguments)
