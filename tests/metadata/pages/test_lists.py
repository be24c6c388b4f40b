"""Lists of datasets and focal points, and the names of agencies, as a visitor reads them."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.metadata.conftest import Create

pytestmark = pytest.mark.usefixtures("portal", "without_rules")

ENGLISH = "Department of Education"


@pytest.fixture(scope="module")
def english(province: dict[str, Any]) -> dict[str, Any]:
    """An agency with a name in English."""
    return factories.Organization(title="Sở Giáo dục", identifier="H99.07", title_en=ENGLISH)


@pytest.fixture(scope="module")
def group(portal: None) -> str:
    return factories.Group(title="Giáo dục")["name"]


class TestPageBeyondTheEnd:
    @pytest.mark.parametrize(
        ("path", "order"),
        [
            ("/dataset/", "title_string"),
            ("/organization/{name}", "title_string"),
            ("/group/{group}", "title_string"),
            ("/organization/", "title"),
            ("/group/", "title"),
        ],
    )
    def test_it_says_so_and_leads_back(
        self, create: Create, browse, department, group, path, order
    ):
        create(groups=[{"name": group}])
        there = path.format(name=department["name"], group=group)
        page = browse(f"{there}?page=9999&sort={order}+asc")
        notice = page.select_one(".nd47-beyond")
        assert notice
        first, last = (str(link["href"]) for link in notice.select("a"))
        assert "page=" not in first
        assert "page=1" in last
        assert "sort=" in first

    @pytest.mark.parametrize("path", ["/dataset/", "/organization/", "/group/"])
    def test_a_page_with_something_on_it_does_not(self, create: Create, browse, group, path):
        create()
        assert not browse(path).select_one(".nd47-beyond")

    def test_a_search_that_finds_nothing_does_not(self, browse):
        assert not browse("/dataset/?q=khongcogi&page=3").select_one(".nd47-beyond")


class TestOrder:
    def test_without_words_the_newest_come_first(self, create: Create, browse):
        create()
        options = browse("/dataset/").select("#field-order-by option")
        assert not [one for one in options if str(one["value"]).startswith("score")]
        chosen = [str(option["value"]) for option in options if option.has_attr("selected")]
        assert chosen == ["metadata_modified desc"]

    def test_with_words_the_most_relevant_do(self, create: Create, browse):
        create()
        chosen = browse("/dataset/?q=a").select("#field-order-by option[selected]")
        assert [str(one["value"]).split()[0] for one in chosen] == ["score"]


class TestNamesOfAgencies:
    @pytest.mark.parametrize(("prefix", "shown"), [("/en", ENGLISH), ("/vi", "Sở Giáo dục")])
    def test_they_are_in_the_language_of_the_page(self, create, browse, english, prefix, shown):
        dataset = create(owner_org=english["id"])
        panel = browse(f"{prefix}/dataset/{dataset['name']}").select_one(".nd47-panel dl")
        assert panel
        assert shown in panel.get_text(" ")
        heading = browse(f"{prefix}/organization/{english['name']}").select_one("#nd47-agency-name")
        assert heading
        assert heading.get_text(strip=True) == shown

    def test_one_without_an_english_name_has_its_own(self, create, browse, department):
        dataset = create()
        panel = browse(f"/en/dataset/{dataset['name']}").select_one(".nd47-panel dl")
        assert department["title"] in panel.get_text(" ")


class TestFocalPoints:
    @pytest.fixture(scope="class")
    def both(self, english: dict[str, Any]) -> dict[str, Any]:
        """An agency with one office for both roles."""
        for role in ("feedback", "sharing"):
            call_action(
                "nd47_focal_point_create",
                agency=english["id"],
                role=role,
                function="Văn phòng Sở",
                email="vp@sgd.haison.example",
                valid_from="2020-01-01",
            )
        return english

    def test_one_office_with_two_roles_is_named_once(self, browse, both):
        told = browse(f"/vi/organization/{both['name']}").select_one(".nd47-people")
        assert told
        assert len(told.select(".nd47-contact")) == 1
        assert len(told.select("dt[id^=focal-point-]")) == 2

    def test_the_list_has_one_row_with_both_roles(self, browse, both):
        rows = browse("/vi/focal-points").select("tbody tr")
        assert len(rows) == 1
        assert ";" in rows[0].select("td")[0].get_text()
