"""Agencies and fields of the plugin nd47 in the searches of nd47_l10n."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from tests.l10n import corpus
from tests.support.databases import empty_database
from tests.support.loaded import client, only

PLUGINS = "nd47 nd47_l10n scheming_datasets scheming_organizations"


@pytest.fixture(scope="module")
def portal() -> Iterator[None]:
    with only(PLUGINS):
        empty_database()
        corpus.empty()
        factories.Organization(
            name="so-xay-dung", title="Sở Xây dựng", title_en="Department of Construction"
        )
        factories.Organization(name="so-y-te", title="Sở Y tế", title_en="Department of Health")
        factories.Dataset(
            name="duong", title="Đường tỉnh", owner_org="so-xay-dung", theme=["giao-duc"]
        )
        factories.Dataset(
            name="kin", title="Kín", owner_org="so-y-te", theme=["y-te"], private=True
        )
        yield
    corpus.empty()


@pytest.fixture(autouse=True)
def loaded(portal: None, ckan_config: Any) -> None:
    tk.config["ckan.plugins"] = PLUGINS.split()


@pytest.fixture
def browser() -> CKANTestApp:
    return client(PLUGINS)


def titles(browser: CKANTestApp, address: str) -> dict[str, list[str]]:
    groups: list[dict[str, Any]] = browser.get(address).get_json()["groups"]
    return {group["title"]: [item["title"] for item in group["items"]] for group in groups}


@pytest.mark.parametrize("typed", ["construction", "Department of Constr", "xay dung", "Xây dựng"])
def test_agency_is_found_by_its_english_name(typed):
    found = call_action("organization_autocomplete", q=typed)
    assert [agency["name"] for agency in found] == ["so-xay-dung"]
    assert call_action("organization_list", q=typed) == ["so-xay-dung"]


def test_page_of_agencies_is_searched_by_english_names(browser):
    page = browser.get("/vi/organization/?q=construction").body
    assert "Sở Xây dựng" in page
    assert "Sở Y tế" not in page


def test_no_other_agency_is_found():
    assert call_action("organization_list", q="education") == []
    assert call_action("organization_autocomplete", q="%") == []


def test_agency_is_suggested_in_the_language_of_the_page(browser):
    assert titles(browser, "/search/suggestions?q=xay")["Agencies"] == [
        "Department of Construction"
    ]
    assert titles(browser, "/vi/search/suggestions?q=construction")["Cơ quan"] == ["Sở Xây dựng"]


def test_field_is_suggested_in_both_languages_with_its_datasets(browser):
    groups = browser.get("/vi/search/suggestions?q=giao+d").get_json()["groups"]
    field = next(group for group in groups if group["title"] == "Lĩnh vực")["items"][0]
    assert field["title"].startswith("Giáo dục")
    assert "Đường tỉnh" in browser.get(field["url"]).body
    assert titles(browser, "/search/suggestions?q=educ")


def test_field_of_private_datasets_only_is_not_suggested(browser):
    assert titles(browser, "/vi/search/suggestions?q=y+te").keys() <= {"Cơ quan"}
