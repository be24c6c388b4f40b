"""Suggestions and lists: tags, agencies, groups, users and datasets, in any spelling, in order."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, reset_db

from ckanext.nd47.lib.database import spellings
from ckanext.nd47.lib.language import text
from tests.l10n import corpus
from tests.support.loaded import only

AGENCIES = (
    "Đài Phát thanh",
    "Sở Y tế",
    "Sở Ủy thác",
    "Ủy ban nhân dân xã 10",
    "Ủy ban nhân dân xã 9",
    "Ban Dân tộc",
    "Âm nhạc",
    "an ninh",
    "Ăn uống",
    "Sở Kỹ thuật",
)
IN_ORDER = [
    "an ninh",
    "Ăn uống",
    "Âm nhạc",
    "Ban Dân tộc",
    "Đài Phát thanh",
    "Sở Kỹ thuật",
    "Sở Ủy thác",
    "Sở Y tế",
    "Ủy ban nhân dân xã 9",
    "Ủy ban nhân dân xã 10",
]
TAGS = ("thủy lợi", "thúy kiều", "kỹ thuật", "đất đai", "Đất", "hòa bình", "hoa quả")


def titles(names: list[str]) -> list[str]:
    rows = model.Session.query(model.Group.name, model.Group.title)
    known = {row.name: row.title for row in rows}
    return [known[name] for name in names]


@pytest.fixture(scope="module")
def portal() -> Iterator[None]:
    """A CKAN with this plugin alone, ten agencies, a group and a dataset."""
    with only("nd47_l10n"):
        reset_db()
        corpus.empty()
        for number, title in enumerate(AGENCIES):
            factories.Organization(name=f"co-quan-{number}", title=title)
        factories.Group(name="nhom", title="Nhóm Thủy sản")
        factories.User(name="nguoi-dung", fullname="Nguyễn Thị Thuý")
        factories.Dataset(
            name="mot",
            owner_org="co-quan-1",
            title="Thủy lợi và kỹ thuật",
            tags=[{"name": name} for name in TAGS],
        )
        yield
    corpus.empty()


@pytest.fixture(autouse=True)
def loaded(portal: None, ckan_config: Any) -> None:
    """Keep the plugin named, whatever the configuration was reset to."""
    tk.config["ckan.plugins"] = ["nd47_l10n"]


@pytest.mark.parametrize("typed", ["thuy", "THỦY", "thuỷ", unicodedata.normalize("NFD", "thủy")])
def test_tags_are_suggested_in_every_spelling(typed):
    assert set(call_action("tag_autocomplete", q=typed)) == {"thủy lợi", "thúy kiều"}


def test_own_spelling_of_a_tag_is_suggested_first():
    assert call_action("tag_autocomplete", q="thú") == ["thúy kiều", "thủy lợi", "kỹ thuật"]
    assert call_action("tag_autocomplete", q="hoà") == ["hòa bình", "hoa quả"]


@pytest.mark.parametrize(("typed", "tag"), [("kĩ th", "kỹ thuật"), ("ky", "kỹ thuật")])
def test_i_and_y_are_one_in_tags(typed, tag):
    assert call_action("tag_autocomplete", q=typed) == [tag]


@pytest.mark.parametrize("typed", ["%", "_", "không có", "\\"])
def test_signs_of_the_database_match_nothing_else(typed):
    assert call_action("tag_autocomplete", q=typed) == []


def test_tag_search_counts_and_pages():
    found = call_action("tag_search", query="hoa", limit=1, offset=1)
    assert found["count"] == 2
    assert [tag["name"] for tag in found["results"]] == ["hòa bình"]


def test_tag_list_is_in_order_and_may_be_narrowed():
    assert call_action("tag_list") == [
        "Đất",
        "đất đai",
        "hòa bình",
        "hoa quả",
        "kỹ thuật",
        "thúy kiều",
        "thủy lợi",
    ]
    assert call_action("tag_list", query="dat") == ["Đất", "đất đai"]


def test_tag_list_of_a_vocabulary_that_is_not_there_is_empty_as_in_ckan():
    assert call_action("tag_list", query="dat", vocabulary_id="none") == []


@pytest.mark.parametrize("typed", ["so uy", "“Sở Ủy", "(Sở) Ủy thác,", "sở: ủy?"])
def test_agencies_are_suggested_with_any_punctuation(typed: str):
    found = call_action("organization_autocomplete", q=typed)
    assert [agency["title"] for agency in found] == ["Sở Ủy thác"]


def test_agencies_are_suggested_in_every_spelling():
    found = call_action("organization_autocomplete", q="so uy")
    assert [agency["title"] for agency in found] == ["Sở Ủy thác"]
    found = call_action("organization_autocomplete", q="uỷ", limit=2)
    assert [agency["title"] for agency in found] == [
        "Ủy ban nhân dân xã 9",
        "Ủy ban nhân dân xã 10",
    ]


def test_groups_are_suggested_and_no_agency_among_them():
    assert [one["name"] for one in call_action("group_autocomplete", q="thuy")] == ["nhom"]


def test_users_are_suggested_by_their_full_name():
    found = call_action("user_autocomplete", context={"user": ""}, q="nguyen thi thuy")
    assert [user["name"] for user in found] == ["nguoi-dung"]


def test_user_may_leave_themselves_out():
    context = {"user": "nguoi-dung"}
    assert call_action("user_autocomplete", context=context, q="thuy", ignore_self=True) == []


@pytest.mark.parametrize("typed", ["thuy l", "thuỷ lợi", "ki thuat", "ky", "THUY", "mot"])
def test_datasets_are_suggested_in_every_spelling(typed):
    found = call_action("package_autocomplete", context={"user": ""}, q=typed)
    assert [dataset["name"] for dataset in found] == ["mot"]


@pytest.mark.parametrize("typed", ['"', "(", "a:b", "thuy) OR *:*", "không"])
def test_nothing_is_suggested_for_signs_of_the_index(typed):
    assert call_action("package_autocomplete", context={"user": ""}, q=typed) == []


LISTS = ("organization_autocomplete", "group_autocomplete", "user_autocomplete")


@pytest.mark.parametrize("action", LISTS)
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"q": "a", "limit": "abc"}, "limit"),
        ({"q": "a", "limit": -1}, "limit"),
        ({"q": "a", "limit": [5]}, "limit"),
        ({"q": ["x"]}, "q"),
        ({"q": {"x": 1}}, "q"),
        ({}, "q"),
        ({"q": "\x00"}, "q"),
        ({"q": "\ud800"}, "q"),
    ],
)
def test_what_no_suggestion_can_be_made_of_is_refused_at_its_parameter(action, given, field):
    with pytest.raises(tk.ValidationError) as error:
        call_action(action, **given)
    assert set(error.value.error_dict) == {field}


@pytest.mark.parametrize("action", [*LISTS, "package_autocomplete", "tag_autocomplete"])
@pytest.mark.parametrize("given", [{"q": "ký " * 50_000}, {"q": "a", "limit": 10**30}, {"q": "⑴"}])
def test_suggestions_are_made_of_anything_that_is_text(action, given):
    assert isinstance(call_action(action, **given), list)


def test_of_many_words_ten_are_looked_for():
    agency = "Ủy ban nhân dân xã 10"
    words = f"{agency} a b c d e f g h i j"
    assert call_action("organization_list", q=agency) != []
    assert text.search_words(words).split() == words.split()[:10]
    assert text.search_words("x" * 1000) == "x" * 200


@pytest.mark.parametrize("action", ["tag_list", "tag_autocomplete", "tag_search"])
@pytest.mark.parametrize("asked", [{"q": "bí mật"}, {"query": ["mật"]}, {}])
def test_keyword_of_a_private_dataset_is_not_told_to_strangers(action, asked):
    name = f"bí mật {uuid4().hex}"
    call_action(
        "package_create",
        name=f"rieng-{uuid4().hex}",
        owner_org="co-quan-1",
        private=True,
        tags=[{"name": name}],
    )
    stranger = tk.get_action(action)({"user": ""}, dict(asked))
    assert name not in str(stranger)
    if asked:
        user = factories.User()
        assert name in str(tk.get_action(action)({"user": user["name"]}, dict(asked)))


def test_agencies_are_listed_in_vietnamese_order():
    names = call_action("organization_list")
    assert titles(names) == IN_ORDER


def test_agencies_are_in_order_over_the_pages():
    listed = [
        agency["title"]
        for offset in range(0, 10, 3)
        for agency in call_action("organization_list", all_fields=True, limit=3, offset=offset)
    ]
    assert listed == IN_ORDER


def test_agencies_are_listed_backwards():
    names = call_action("organization_list", sort="title desc")
    assert titles(names) == IN_ORDER[::-1]


def test_agencies_are_filtered_in_every_spelling():
    listed = call_action("organization_list", q="uy ban", all_fields=True)
    assert [agency["title"] for agency in listed] == IN_ORDER[-2:]
    assert call_action("organization_list", q="không có") == []


def test_order_by_datasets_stays_that_of_ckan():
    assert call_action("organization_list", sort="package_count desc", q="so") == ["co-quan-1"]


def test_more_names_than_are_read_are_refused():
    """The names behind the limit would be missing in the list without a word."""
    assert call_action("organization_list", organizations=["co-quan-1"] * 1000) == ["co-quan-1"]
    with pytest.raises(tk.ValidationError):
        call_action("organization_list", organizations=["co-quan-1"] * 1001)


def test_odd_order_is_refused_as_by_ckan():
    with pytest.raises(tk.ValidationError):
        call_action("organization_list", sort="điểm")


@pytest.mark.parametrize("word", ["Đường", "NGUYỄN", "kỹ", "quý", "thuỷ", "Ơ", "ắ", "façade", "y"])
def test_database_folds_as_the_module_does(word):
    for form in ("NFC", "NFD"):
        typed = unicodedata.normalize(form, word)
        folded, common = model.Session.execute(
            sa.select(spellings.folded(typed), spellings.common(typed))
        ).one()
        assert folded == text.fold(word)
        assert common == text.common(word)
