"""Atom feeds of the portal: their language, titles and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import ckan.plugins.toolkit as tk
from ckan.lib import search
from ckan.tests import factories
from ckan.tests.helpers import reset_db

from tests.support.loaded import client, only

ALONE = "nd47_l10n"
WITH_THE_SUITE = "nd47 nd47_l10n scheming_datasets scheming_organizations"
ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(
    scope="module", params=[ALONE, pytest.param(WITH_THE_SUITE, marks=pytest.mark.whole_suite)]
)
def plugins(request: pytest.FixtureRequest, services: None) -> Iterator[str]:
    """The plugins of a portal without data."""
    with only(request.param):
        if request.param == ALONE:
            reset_db()
            search.clear_all()
        else:
            # It imports what CKAN 2.11 does not have.
            from tests.support.databases import empty_database

            empty_database()
        yield request.param


@pytest.fixture(scope="module")
def agency(plugins: str) -> dict[str, Any]:
    """An agency with three datasets, two to a page."""
    found = factories.Organization(title="Sở Y tế")
    for number in range(3):
        factories.Dataset(title=f"Bảng {number}", owner_org=found["id"])
    return found


@pytest.fixture
def read(agency: dict[str, Any], plugins: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(tk.config, "ckan.feeds.limit", 2)
    monkeypatch.setitem(tk.config, "ckan.site_title", "Cổng A")
    app: Any = client(plugins)

    def fetch(path: str) -> tuple[Any, dict[str, str]]:
        feed = ET.fromstring(app.get(path, status=200).body)
        links = {one.get("rel", ""): one.get("href", "") for one in feed.findall(f"{ATOM}link")}
        return feed, links

    return fetch


def test_it_is_in_the_language_of_the_request(read):
    feed, _ = read("/vi/feeds/dataset.atom")
    assert feed.get(LANG) == "vi"
    assert feed.findtext(f"{ATOM}title") == "Bộ dữ liệu mới hoặc mới cập nhật trên Cổng A"
    feed, _ = read("/en/feeds/dataset.atom")
    assert feed.get(LANG) == "en"


def test_all_links_are_whole_addresses(read, agency):
    for path in ("dataset.atom?page=2", f"organization/{agency['name']}.atom", "tag/a.atom"):
        _, links = read(f"/feeds/{path}")
        assert all(link.startswith("http://") for link in links.values()), links


def test_the_pages_lead_to_each_other(read):
    _, links = read("/feeds/dataset.atom")
    assert re.search(r"dataset\.atom\?page=2$", links["next"])
    assert links["last"] == links["next"]
    assert "prev" not in links
    feed, links = read("/feeds/dataset.atom?page=2")
    assert len(feed.findall(f"{ATOM}entry")) == 1
    assert links["prev"] == links["first"]
    assert "next" not in links


def test_a_page_beyond_the_end_is_not_found(read, plugins):
    app: Any = client(plugins)
    for path in ("dataset.atom?page=3", "dataset.atom?page=9999", "tag/a.atom?page=2"):
        assert "Danh sách không có trang này." in app.get(f"/vi/feeds/{path}", status=404).body


def test_a_feed_without_datasets_has_a_first_page(read):
    feed, links = read("/feeds/tag/a.atom")
    assert feed.findall(f"{ATOM}entry") == []
    assert "next" not in links


def test_a_search_stays_from_page_to_page(read):
    _, links = read("/feeds/custom.atom?q=b%E1%BA%A3ng&page=1")
    assert links["next"].endswith("custom.atom?q=b%E1%BA%A3ng&page=2")


def test_the_feed_of_an_agency_names_it_and_leads_to_it(read, agency):
    feed, links = read(f"/feeds/organization/{agency['name']}.atom")
    assert "Sở Y tế" in (feed.findtext(f"{ATOM}title") or "")
    assert links["alternate"].endswith(f"/organization/{agency['name']}")
