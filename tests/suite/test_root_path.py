"""A portal under a path of its host: `docs/maintenance.md`, "Under a path"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories

from tests.dcat.portal import PLUGINS, dataset
from tests.support.databases import empty_database
from tests.support.loaded import client, loaded

PAGE = Path(__file__).parents[2] / "docs" / "maintenance.md"


def text(app: Any, address: str) -> str:
    """Return what CKAN answers; the web server in front has taken the path off the address."""
    return app.get(address, status=200).get_data(as_text=True)


@pytest.fixture(scope="module")
def moved(services: None) -> Iterator[tuple[dict[str, Any], Any, dict[str, Any]]]:
    with loaded(
        PLUGINS,
        ckan__site_url="https://tinh.example",
        ckan__root_path="/du-lieu/{{LANG}}",
        ckanext__dcat__base_uri="https://tinh.example/du-lieu",
        ckan__favicon="/du-lieu/base/images/ckan.ico",
        ckan__locales_offered="vi en",
    ) as wanted:
        empty_database()
        app = client(PLUGINS)
        # A new client reads the options of the file again.
        tk.config.update(wanted)
        owner = factories.Organization(title="Sở", identifier="H99.11")
        yield wanted, app, dataset(owner)


@pytest.fixture
def below(moved: tuple[dict[str, Any], Any, dict[str, Any]]) -> tuple[Any, dict[str, Any]]:
    """A client and a dataset of the portal, with its options: CKAN resets them for each test."""
    wanted, app, made = moved
    tk.config.update(wanted)
    return app, made


def test_iris_and_links_of_the_export_begin_with_it(below):
    app, made = below
    shown = text(app, "/catalog.ttl")
    assert f"<https://tinh.example/du-lieu/dataset/{made['id']}>" in shown
    assert "https://tinh.example/dataset" not in shown
    assert "https://tinh.example/catalog" not in shown


def test_feed_leads_to_itself(below):
    app, _ = below
    feed = json.loads(text(app, "/catalog/changes.json"))
    assert feed["resume"].startswith("https://tinh.example/du-lieu/catalog/changes.json")


@pytest.mark.parametrize(
    "page",
    [
        "/vi/dataset",
        "/dataset",
        "/en/vocabulary",
        "/organization",
    ],
)
def test_pages_link_below_it(below, page):
    app, _ = below
    links = re.findall(r'(?:href|action)="(/[^/"][^"]*)"', text(app, page))
    assert links
    assert [one for one in links if not one.startswith("/du-lieu")] == []


def test_harvesters_of_the_api_find_the_plain_address(below):
    app, made = below
    shown = json.loads(text(app, f"/plain/api/3/action/package_show?id={made['id']}"))
    extras = {one["key"]: one["value"] for one in shown["result"]["extras"]}
    assert extras["uri"] == f"https://tinh.example/du-lieu/dataset/{made['id']}"


def test_page_has_the_options_that_are_tested(moved: tuple[dict[str, Any], Any, Any]):
    section = PAGE.read_text("utf-8").partition("## Under a path\n")[2].partition("\n## ")[0]
    written = dict(re.findall(r"^(ckan\S*\.\S+) = (\S+)", section, re.MULTILINE))
    assert len(written) == 4
    tested = {name: str(moved[0][name]).replace(".example", ".gov.vn") for name in written}
    assert tested == written
