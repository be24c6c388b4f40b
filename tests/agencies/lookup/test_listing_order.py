"""Agencies stand in the order of the names that a page shows; the API has one order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.lib.language.text import sort_key
from tests.support.databases import empty_database
from tests.support.loaded import client, only

PLUGINS = "nd47 nd47_l10n scheming_datasets scheming_organizations"
NAMES = {"Ban A": "Zoo", "Sở Z": "Archive", "Đài Đ": ""}


@pytest.fixture(scope="module")
def app() -> Iterator[CKANTestApp]:
    """A portal with agencies whose order differs between the languages."""
    with only(PLUGINS):
        empty_database()
        for title, title_en in NAMES.items():
            one = factories.Organization(title=title)
            call_action("nd47_agency_update", id=one["id"], title_en=title_en)
        yield client(PLUGINS)


def headings(app: CKANTestApp, path: str) -> list[str]:
    page = BeautifulSoup(app.get(path, status=200).data, "html.parser")
    return [element.get_text(strip=True) for element in page.select(".media-heading")]


@pytest.mark.parametrize(
    ("language", "names"),
    [("en", ["Archive", "Đài Đ", "Zoo"]), ("vi", ["Ban A", "Đài Đ", "Sở Z"])],
)
def test_a_page_lists_them_in_the_order_of_what_is_read(app, language, names):
    assert headings(app, f"/{language}/organization/") == names
    assert names == sorted(names, key=sort_key)


def test_a_page_lists_them_backwards(app):
    path = "/en/organization/?sort=title+desc"
    assert headings(app, path) == ["Zoo", "Đài Đ", "Archive"]


def test_the_order_of_the_api_does_not_depend_on_the_language(app):
    path = "/api/3/action/organization_list?all_fields=true"
    answers = [app.get(f"/{language}{path}").json["result"] for language in ("en", "vi")]
    assert answers[0] == answers[1]
    assert [answer["title"] for answer in answers[0]] == sorted(NAMES, key=sort_key)


@pytest.fixture(scope="module")
def focal_points(app: CKANTestApp) -> None:
    """A focal point of each agency."""
    for number, name in enumerate(call_action("organization_list")):
        call_action(
            "nd47_focal_point_create",
            agency=name,
            role="feedback",
            position="Văn phòng",
            email=f"dau-moi-{number}@haison.example",
        )


@pytest.mark.parametrize(
    ("language", "names"),
    [("en", ["Archive", "Đài Đ", "Zoo"]), ("vi", ["Ban A", "Đài Đ", "Sở Z"])],
)
def test_focal_points_stand_in_the_order_of_what_is_read(app, focal_points, language, names):
    page = BeautifulSoup(app.get(f"/{language}/focal-points", status=200).data, "html.parser")
    assert [element.get_text(strip=True) for element in page.select("tbody th")] == names


def test_the_order_of_focal_points_in_the_api_does_not_depend_on_the_language(app, focal_points):
    path = "/api/3/action/nd47_focal_point_list"
    answers = [app.get(f"/{language}{path}").json["result"] for language in ("en", "vi")]
    assert [result["agency_title"] for result in answers[0]["results"]] == sorted(
        NAMES, key=sort_key
    )
    assert answers[0] == answers[1]
