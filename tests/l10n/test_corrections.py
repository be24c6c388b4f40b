"""Other words for a query that finds little, and suggestions while typing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action, reset_db

from tests.l10n import corpus
from tests.support.loaded import client, only

PLUGINS = "nd47_l10n"
LANGUAGES = {"": "Did you mean:", "/vi": "Có phải bạn tìm:"}


@pytest.fixture(scope="module")
def portal() -> Iterator[None]:
    """A CKAN with this plugin alone, public and private datasets, and an agency."""
    with only(PLUGINS):
        reset_db()
        corpus.empty()
        member = factories.User(name="thanh-vien")
        factories.Organization(
            name="so-y-te",
            title="Sở Y tế",
            users=[{"name": member["name"], "capacity": "editor"}],
        )
        for name, title, tags, private in (
            ("thuy-loi", "Công trình thủy lợi", ["hồ chứa"], False),
            ("khong-khi", "Chất lượng không khí <b>", ["quan trắc"], False),
            ("xe-buyt", "Tuyến xe buýt", ["trạm dừng"], False),
            ("bi-mat", "Kiểm kê uranium", ["plutonium"], True),
        ):
            factories.Dataset(
                name=name,
                title=title,
                owner_org="so-y-te",
                private=private,
                tags=[{"name": tag} for tag in tags],
            )
        yield
    corpus.empty()


@pytest.fixture(autouse=True)
def loaded(portal: None, ckan_config: Any) -> None:
    """Keep the plugin named, whatever the configuration was reset to."""
    tk.config["ckan.plugins"] = [PLUGINS]


@pytest.fixture
def browser() -> CKANTestApp:
    return client(PLUGINS)


def asked(typed: str, user: str = "") -> list[str]:
    context = {"user": user, "ignore_auth": False}
    found = call_action("nd47_search_corrections", context=context, q=typed)
    return [one["text"] for one in found]


def completed(typed: str, user: str = "", **more: Any) -> dict[str, list[str]]:
    context = {"user": user, "ignore_auth": False}
    found = call_action("nd47_search_autocomplete", context=context, q=typed, **more)
    return {kind: [item["title"] for item in items] for kind, items in found.items()}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("thuye lợi", "thủy lợi"),
        ("thuryj loi", "thủy lợi"),
        ("khogn khi", "không khí"),
        ("khôngkhí", "không khí"),
        ("xe buyts", "xe buýt"),
        ("tuyeens xe byt", "tuyến xe buýt"),
        ("hoof chuwas", "hồ chứa"),
        ("chaast luowngj khoong khis", "chất lượng không khí"),
    ],
)
def test_typing_error_is_corrected_in_the_spelling_of_the_data(typed, meant):
    assert asked(typed)[0] == meant


def test_words_that_are_nowhere_together_are_suggested_in_parts():
    assert "thủy lợi" in asked("thủy lợi xe buýt sông hồ")


@pytest.mark.parametrize(
    "typed", ["thủy lợi", "khong khi", "", "  ", "???", "zzzzzzzzzz", "title:thuye"]
)
def test_nothing_is_suggested_where_there_is_nothing_better(typed):
    assert asked(typed) == []


@pytest.mark.parametrize("typed", ["xe bus", "tuyến xe bus", "bus"])
def test_nothing_is_suggested_for_another_word_of_what_is_found(typed):
    assert call_action("package_search", q=typed)["count"] == 1
    assert asked(typed) == []


def test_every_suggestion_finds_what_it_says():
    for typed in ("thuye lợi", "khogn", "xe buyt hồ chứa thuỷ"):
        for one in call_action("nd47_search_corrections", q=typed):
            found = call_action("package_search", q=one["text"], fq="dataset_type:dataset")
            assert found["count"] == one["count"] > 0


@pytest.mark.parametrize("typed", ["uraniun", "plutoniun", "kiem ke uraniun"])
def test_words_of_private_datasets_are_suggested_to_nobody_else(typed):
    assert not any("uranium" in one or "plutonium" in one for one in asked(typed))
    outsider = factories.User()
    assert not any("uranium" in one or "plutonium" in one for one in asked(typed, outsider["name"]))


def test_query_that_is_no_text_is_refused():
    with pytest.raises(tk.ValidationError):
        call_action("nd47_search_corrections", q=["a"])


@pytest.mark.parametrize("address", sorted(LANGUAGES))
def test_page_without_results_asks_in_the_language_of_the_page(browser, address):
    page = browser.get(f"{address}/dataset/?q=thuye+l%E1%BB%A3i")
    assert LANGUAGES[address] in page.body
    assert "/dataset/?q=th%E1%BB%A7y+l%E1%BB%A3i" in page.body


def test_page_with_good_results_does_not_ask(browser):
    assert "nd47-did-you-mean" not in browser.get("/dataset/?q=xe+bu%C3%BDt").body


def test_page_escapes_what_it_suggests(browser):
    page = browser.get("/dataset/?q=khogn+khi+%3Cb%3E")
    assert "nd47-did-you-mean" in page.body
    assert "khí <b>" not in page.body


def test_box_for_datasets_suggests_and_that_for_agencies_does_not(browser):
    assert "data-nd47-suggest" in browser.get("/dataset/").body
    assert "data-nd47-suggest" not in browser.get("/organization/").body


@pytest.mark.parametrize("typed", ["thuy", "Thủy l", "THUỶ LỢI", "công trình thu"])
def test_datasets_are_suggested_in_every_spelling(typed):
    assert completed(typed)["datasets"] == ["Công trình thủy lợi"]


def test_agencies_and_keywords_are_suggested():
    assert completed("so y")["agencies"] == ["Sở Y tế"]
    assert completed("quan tr")["keywords"] == ["quan trắc"]


def test_private_datasets_and_their_keywords_are_not_suggested():
    assert not any(completed("uran").values())
    assert not any(completed("pluto").values())


def test_members_see_private_datasets_but_no_keyword_of_them():
    found = completed("uran", "thanh-vien")
    assert found["datasets"] == ["Kiểm kê uranium"]
    assert completed("pluto", "thanh-vien")["keywords"] == []


@pytest.mark.parametrize("typed", ["", "a", "   ", "%", "_", "\\", '"', "(", "không có gì"])
def test_nothing_is_suggested_for_nothing(typed):
    assert not any(completed(typed).values())


def test_number_of_suggestions_is_limited():
    assert len(completed("t", limit=1)["datasets"]) <= 1
    assert len(completed("xe", limit=10**9)["datasets"]) <= 10  # noqa: PLR2004 - the maximum


@pytest.mark.parametrize("limit", ["-1", "x", [1]])
def test_wrong_number_of_suggestions_is_refused(limit):
    with pytest.raises(tk.ValidationError):
        call_action("nd47_search_autocomplete", q="xe", limit=limit)


def test_route_groups_suggestions_with_titles_and_addresses(browser):
    groups = browser.get("/vi/search/suggestions?q=thuy").get_json()["groups"]
    assert [group["title"] for group in groups] == ["Bộ dữ liệu"]
    assert groups[0]["items"][0]["url"].endswith("/vi/dataset/thuy-loi")


@pytest.mark.parametrize("query", ["", "?q=", "?q=%25", "?q=" + "x" * 5000, "?q=%ED%A0%80"])
def test_route_answers_whatever_is_typed(browser, query):
    assert browser.get(f"/search/suggestions{query}").get_json() == {"groups": []}


def test_route_is_refused_where_search_is(browser):
    with mock.patch("ckan.plugins.toolkit.check_access", side_effect=tk.NotAuthorized):
        browser.get("/search/suggestions?q=thuy", status=403)
