"""A portal that gets another address: nothing of the old one is left in what it gives out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat import dump, health
from ckanext.nd47.dcat.cli import dcat_commands
from ckanext.nd47.dcat.store import render
from ckanext.nd47.doctor.checks import started as checks_started
from ckanext.nd47.doctor.diagnosis import diagnose
from ckanext.nd47.doctor.portal import running
from tests.dcat.portal import app, dataset, portal
from tests.doctor.setups import ids
from tests.support.databases import empty_database

__all__ = ["app", "portal"]

OLD, NEW = "http://test.ckan.net", "https://dulieu.haison.example"
OPTIONS = ("ckan.site_url", "ckanext.dcat.base_uri", "ckanext.nd47.base_iri")
ADDRESSES = (
    "/catalog.ttl",
    "/catalog.jsonld",
    "/catalog/changes.json",
    "/catalog/changes.trig",
)


def command(*arguments: str) -> Result:
    """Run `ckan nd47 dcat …`."""
    model.Session.rollback()
    return CliRunner().invoke(dcat_commands, list(arguments))


def given_out(app: CKANTestApp, name: str) -> dict[str, str]:
    """Return what the portal gives out, by address."""
    model.Session.rollback()
    found = {address: app.get(address, status=200).text for address in ADDRESSES}
    found["dataset"] = app.get(f"/dataset/{name}.ttl", status=200).text
    for extension in dump.EXTENSIONS:
        packed = app.get(f"/catalog/dump.{extension}.gz", status=200).data
        found[f"dump {extension}"] = gzip.decompress(packed).decode()
    folder = dump.folder()
    assert folder is not None
    found["manifest"] = (folder / dump.MANIFEST).read_text("utf-8")
    return found


def saying(found: dict[str, str], address: str) -> list[str]:
    """Return where an address stands."""
    return sorted(place for place, text in found.items() if address in text)


def moved_findings() -> list[str]:
    """Return what the doctor says of the addresses."""
    checks = [one for one in checks_started.CHECKS if one.look is checks_started.export]
    return [one for one in ids(diagnose(running(), checks)) if one == "export-moved"]


@pytest.fixture
def names(
    portal: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, dict[str, Any]]:
    """A portal at its old address: datasets of two agencies, withdrawn and harvested ones."""
    empty_database()
    monkeypatch.setitem(tk.config, "ckan.storage_path", str(tmp_path))
    parent = factories.Organization(title="Tỉnh", identifier="H99", email="tinh@tinh.example")
    owner = factories.Organization(
        title="Sở Y tế", identifier="H99.31", groups=[{"name": parent["name"]}]
    )
    call_action(
        "nd47_focal_point_create",
        agency=owner["id"],
        role="feedback",
        full_name="Trần Thị B",
        email="b@tinh.example",
        phone="0225 3842111",
    )
    foreign = [{"key": "uri", "value": f"https://khac.example/dataset/{uuid4()}"}]
    made = {
        "public": dataset(owner),
        "of parent": dataset(parent, responsible_agency=owner["id"]),
        "harvested": dataset(owner, extras=foreign),
        "deleted": dataset(owner),
        "purged": dataset(owner),
        "private": dataset(owner),
    }
    model.Session.commit()
    call_action("package_delete", id=made["deleted"]["id"])
    call_action("dataset_purge", id=made["purged"]["id"])
    call_action("package_patch", id=made["private"]["id"], private=True)
    assert command("rebuild").exit_code == 0
    assert command("dump").exit_code == 0
    return made


def move(monkeypatch: pytest.MonkeyPatch, option: str = "ckan.site_url") -> None:
    monkeypatch.setitem(tk.config, option, NEW)


@pytest.mark.parametrize("arguments", [["check", "--repair"], ["rebuild"]])
@pytest.mark.parametrize("option", OPTIONS)
def test_one_command_leaves_nothing_of_the_old_address(
    app: CKANTestApp,
    names: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    arguments: list[str],
) -> None:
    name = names["public"]["name"]
    if option != "ckan.site_url":
        monkeypatch.setitem(tk.config, option, "https://cu.example")
        assert command(*arguments).exit_code == 0
    old = OLD if option == "ckan.site_url" else "https://cu.example"
    before = given_out(app, name)
    assert saying(before, old)
    move(monkeypatch, option)
    done = command(*arguments)
    assert done.exit_code == 0, done.output
    assert "check --repair" not in done.output
    after = given_out(app, name)
    assert saying(after, old) == []
    assert saying(after, NEW) == saying(before, old)
    assert command("check").exit_code == 0


def test_the_state_is_named_with_the_command(
    app: CKANTestApp, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert moved_findings() == []
    move(monkeypatch)
    told = command("check")
    assert told.exit_code == 1
    assert "addresses that the portal had before" in told.output
    assert OLD in told.output
    assert told.output.rstrip().endswith("Run: ckan nd47 dcat check --repair")
    assert moved_findings() == ["export-moved"]
    state = health.look()
    assert state is not None
    assert state.moved == (OLD,)
    assert command("check", "--repair").exit_code == 0
    assert moved_findings() == []


def test_an_interrupted_repair_is_still_named(
    app: CKANTestApp, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    move(monkeypatch)
    with monkeypatch.context() as patched:
        patched.setattr("ckanext.nd47.dcat.store.addresses.replace", _interrupted)
        assert command("rebuild", "--stale").exit_code != 0
    told = command("check")
    assert (told.exit_code, OLD in told.output) == (1, True)
    assert command("check", "--repair").exit_code == 0
    assert saying(given_out(app, names["public"]["name"]), OLD) == []


def _interrupted(*_given: Any) -> None:
    raise KeyboardInterrupt


def test_foreign_and_deleted_records_keep_what_is_theirs(
    app: CKANTestApp, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    [foreign] = names["harvested"]["extras"]
    call_action("package_delete", id=names["harvested"]["id"])
    move(monkeypatch)
    assert command("check", "--repair").exit_code == 0
    changes = json.loads(app.get("/catalog/changes.json").text)["changes"]
    deleted = {change["id"]: change["iri"] for change in changes if change["change"] == "delete"}
    assert deleted == {
        names["harvested"]["id"]: foreign["value"],
        **{
            names[state]["id"]: f"{NEW}/dataset/{names[state]['id']}"
            for state in ("deleted", "purged", "private")
        },
    }


def test_clients_of_the_feed_are_told_to_start_again(
    app: CKANTestApp, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = json.loads(app.get("/catalog/changes.json").text)["resume"].partition("?")[2]
    move(monkeypatch)
    assert command("check", "--repair").exit_code == 0
    assert app.get(f"/catalog/changes.json?{place}", status=None).status_code == 410
    model.Session.rollback()
    place = json.loads(app.get("/catalog/changes.json").text)["resume"].partition("?")[2]
    assert command("check", "--repair").exit_code == 0
    assert app.get(f"/catalog/changes.json?{place}", status=None).status_code == 200


def test_a_dataset_that_cannot_be_exported_does_not_ask_for_another_repair(
    app: CKANTestApp, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = names["public"]["id"]
    written = render.dataset

    def fails(data: dict[str, Any]) -> Any:
        if data["id"] == broken:
            raise ValueError("sai")
        return written(data)

    monkeypatch.setattr(render, "dataset", fails)
    move(monkeypatch)
    done = command("check", "--repair")
    assert done.exit_code == 1
    assert broken in done.output
    assert "Run: " not in done.output
