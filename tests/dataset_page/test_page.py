"""The dataset page: files before the law, related datasets, sharing."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("portal")

FILE = {"url": "https://xa.example/2024.csv", "name": "Năm 2024"}


def related(page: Any) -> list[str]:
    return [link["href"].rpartition("/")[2] for link in page.select(".nd47-related li > a")]


def test_files_stand_before_contact_citation_and_details(browse, create):
    made = create(resources=[FILE], catalogue_entry=[{"code": "GD-1"}])
    page = browse(f"/vi/dataset/{made['name']}")
    order = [
        page.select_one(selector).sourceline
        for selector in (".nd47-panel", ".resource-list", ".nd47-reach", ".nd47-section")
    ]
    assert order == sorted(order)


def test_it_names_the_period_of_the_data(browse, create):
    made = create(temporal_coverage=[{"start": "2024", "end": "2025"}])
    assert (
        "2024 - 2025" in browse(f"/vi/dataset/{made['name']}").select_one(".nd47-panel").get_text()
    )


class TestRelated:
    def test_what_shares_more_comes_first(self, browse, create):
        field, keyword = ["giao-duc"], [{"name": "trường mầm non"}]
        made = create(theme=field, tags=keyword)
        same_keyword = create(theme=field, tags=keyword)
        same_field = create(theme=field)
        stranger = create(theme=["y-te"])
        names = related(browse(f"/vi/dataset/{made['name']}"))
        assert names[:2] == [same_keyword["name"], same_field["name"]]
        assert stranger["name"] not in names
        assert made["name"] not in names

    def test_hidden_datasets_are_not_named(self, browse, create):
        keyword = [{"name": "từ khóa kín"}]
        made = create(tags=keyword)
        create(tags=keyword, private=True)
        assert related(browse(f"/vi/dataset/{made['name']}")) == []

    def test_keywords_are_text(self, browse, create):
        keyword = [{"name": "ô tô - xe_máy."}]
        made, other = create(tags=keyword), create(tags=keyword)
        assert related(browse(f"/vi/dataset/{made['name']}")) == [other["name"]]

    def test_without_subjects_there_is_no_section(self, browse, create):
        create()
        assert not browse(f"/vi/dataset/{create()['name']}").select(".nd47-related")


class TestSharing:
    def test_a_letter_has_title_and_address(self, browse, create):
        made = create(title="Giá đất & nhà “2025” 100 %")
        link = browse(f"/vi/dataset/{made['name']}").select_one("a[href^='mailto:?subject']")
        query = parse_qs(urlsplit(link["href"]).query)
        assert query["subject"] == [made["title"]]
        assert f"{tk.config['ckan.site_url']}/dataset/{made['name']}" in query["body"][0]

    def test_a_private_dataset_is_not_shared(self, app, browse, create, sysadmin):
        made = create(private=True)
        token = call_action("api_token_create", {"user": sysadmin}, user=sysadmin, name="t")
        page = browse(f"/vi/dataset/{made['name']}", headers={"Authorization": token["token"]})
        assert not page.select("a[href^='mailto:?subject']")
