"""The facet of agencies, an agency with those below it, and the whole of long facets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.agencies.directory import AgencyInfo
from ckanext.nd47.metadata.search import agency_tree, facets
from tests.metadata.conftest import PROPOSED

pytestmark = pytest.mark.usefixtures("portal")

AGENCY = "nd47_agency"
TAGS = 60
"""More than CKAN counts of one facet where it is not asked for more."""


@pytest.fixture(scope="module", autouse=True)
def agencies(
    portal: None, create: Callable[..., Any], province: dict[str, Any], department: dict[str, Any]
) -> Iterator[dict[str, str]]:
    """Make a tree of agencies: province, department with a school, and a commune."""
    school = factories.Organization(
        name="truong-tieu-hoc",
        title="Trường Tiểu học Nguyễn Thị Minh Khai",
        groups=[{"name": department["name"]}],
    )
    commune = factories.Organization(
        name="xa-nam-khue",
        title="Ủy ban nhân dân xã Nậm Khuê",
        groups=[{"name": province["name"]}],
    )
    names = {
        "province": province["name"],
        "department": department["name"],
        "school": school["name"],
        "commune": commune["name"],
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tk.config, "ckanext.nd47.rules_from", "2999-01-01")
        for owner, number in (("department", 2), ("school", 1), ("commune", 3)):
            for position in range(number):
                create(
                    name=f"{owner}-{position}",
                    owner_org=names[owner],
                    **PROPOSED,
                    tags=[{"name": f"từ khóa {tag:03d}"} for tag in range(TAGS)],
                )
        yield names


def found(condition: str) -> set[str]:
    search = call_action("package_search", fq=condition, rows=100)
    return {dataset["name"] for dataset in search["results"]}


def counts(**search: Any) -> dict[str, int]:
    result = call_action("package_search", **{"facet.field": [AGENCY], **search})
    return {item["name"]: item["count"] for item in result["search_facets"][AGENCY]["items"]}


class TestSearch:
    def test_an_agency_is_found_with_those_below_it(self, agencies):
        expected = {"department-0", "department-1", "school-0"}
        assert found(f'{AGENCY}:"{agencies["department"]}"') == expected

    def test_the_top_of_the_tree_finds_everything(self, agencies):
        assert len(found(f'{AGENCY}:"{agencies["province"]}"')) == 6

    def test_an_agency_without_others_below_it_finds_its_own(self, agencies):
        assert found(f"{AGENCY}:{agencies['school']}") == {"school-0"}

    def test_several_agencies_are_found_together(self, agencies):
        condition = f"{AGENCY}:({agencies['school']} OR {agencies['commune']})"
        assert len(found(condition)) == 4

    @pytest.mark.parametrize("value", ["khong-co", '""', '"a b*"', "*"])
    def test_an_unknown_agency_finds_nothing(self, value):
        assert found(f"{AGENCY}:{value}") == set()

    def test_the_field_of_ckan_finds_the_agency_alone(self, agencies):
        assert found(f"organization:{agencies['department']}") == {"department-0", "department-1"}

    def test_the_counts_are_those_of_the_searches(self, agencies):
        counted = counts()
        assert counted == {name: len(found(f'{AGENCY}:"{name}"')) for name in counted}
        assert counted == {
            agencies["province"]: 6,
            agencies["department"]: 3,
            agencies["school"]: 1,
            agencies["commune"]: 3,
        }

    def test_private_datasets_are_not_counted(self, agencies, create, without_rules):
        hidden = create(owner_org=agencies["school"], private=True)
        assert counts()[agencies["school"]] == 1
        call_action("dataset_purge", id=hidden["id"])

    def test_an_agency_that_moves_is_found_elsewhere_at_once(self, agencies):
        school, commune = (agencies[name] for name in ("school", "commune"))
        call_action("organization_patch", id=school, groups=[{"name": commune}])
        try:
            assert len(found(f"{AGENCY}:{commune}")) == 4
            assert len(found(f"{AGENCY}:{agencies['department']}")) == 2
        finally:
            back = [{"name": agencies["department"]}]
            call_action("organization_patch", id=school, groups=back)


class TestTree:
    """Cases that a portal cannot be brought into through its actions."""

    def test_a_loop_has_an_end(self):
        tree = agency_tree.Tree(
            {
                "a": AgencyInfo("1", "a", "A", model.State.ACTIVE, parent_id="2"),
                "b": AgencyInfo("2", "b", "B", model.State.ACTIVE, parent_id="1"),
            }
        )
        assert set(tree.within("a")) == {"a", "b"}
        assert tree.totals({"a": 1}) == {"a": 1, "b": 1}

    def test_more_agencies_than_a_query_may_name_are_not_counted_either(self, monkeypatch):
        monkeypatch.setattr(agency_tree, "MOST_CLAUSES", 2)
        units = {f"u{n}": AgencyInfo(f"{n}", f"u{n}", "U", "active", parent_id="x") for n in (1, 2)}
        tree = agency_tree.Tree({"x": AgencyInfo("x", "x", "X", "active"), **units})
        assert tree.within("x") == ["x"]
        assert tree.totals({"u1": 5}) == {"u1": 5}


class TestPages:
    def items(self, page: Any, field: str = AGENCY) -> list[tuple[str, int, str]]:
        """Return name, level and number of the values of a facet."""
        return [
            (
                item.select_one(".item-label").get_text(strip=True),
                int(item["data-nd47-level"]),
                item.select_one(".item-count").find(string=True, recursive=False).strip(),
            )
            for item in page.select(f"[data-nd47-facet={field}] li")
        ]

    def test_agencies_stand_below_their_superior_agencies(self, browse):
        assert self.items(browse("/vi/dataset/")) == [
            ("Ủy ban nhân dân tỉnh Hải Sơn", 0, "6"),
            ("Sở Giáo dục và Đào tạo", 1, "3"),
            ("Trường Tiểu học Nguyễn Thị Minh Khai", 2, "1"),
            ("Ủy ban nhân dân xã Nậm Khuê", 1, "3"),
        ]

    def test_a_chosen_value_is_removed_by_its_own_link(self, browse, agencies):
        page = browse(f"/vi/dataset/?{AGENCY}={agencies['school']}&q=danh")
        link = page.select_one(f"[data-nd47-facet={AGENCY}] li.active a")
        assert AGENCY not in link["href"]
        assert "q=danh" in link["href"]

    def test_all_filters_are_removed_by_one_link(self, browse, agencies):
        kept = "q=danh&sort=title_string+asc"
        path = f"/vi/dataset/?{AGENCY}={agencies['school']}&res_format=CSV&{kept}"
        links = {str(link["href"]) for link in browse(path).select(".nd47-filters-clear a")}
        assert links == {f"/vi/dataset/?{kept}"}

    def test_without_a_filter_there_is_none_to_remove(self, browse):
        assert not browse("/vi/dataset/?q=danh").select(".nd47-filters-clear")

    def test_a_filter_by_the_field_of_ckan_is_named_too(self, browse, agencies):
        page = browse(f"/vi/dataset/?organization={agencies['school']}")
        told = " ".join(page.select_one(".filter-list").get_text(" ").split())
        assert told.startswith("Cơ quan: Trường Tiểu học Nguyễn Thị Minh Khai")

    def test_a_long_facet_shows_its_first_values_and_leads_to_all(self, browse):
        page = browse("/vi/dataset/")
        assert len(self.items(page, "tags")) == 10
        more = page.select_one("[data-nd47-facet=tags] .read-more")
        whole = browse(str(more["href"]))
        assert len(self.items(whole, "tags")) == TAGS
        assert whole.select_one("[data-nd47-facet=tags] details").has_attr("open")
        assert "_tags_limit" not in whole.select_one("[data-nd47-facet=tags] .read-more")["href"]

    @pytest.mark.parametrize("limit", ["0", "-5", "999999999", "nhieu"])
    def test_no_address_makes_a_page_show_more_than_the_most(self, browse, monkeypatch, limit):
        monkeypatch.setattr(facets, "MOST_VALUES", 30)
        page = browse(f"/vi/dataset/?_tags_limit={limit}")
        assert 0 < len(self.items(page, "tags")) <= 30

    def test_a_list_that_is_cut_says_so(self, browse, monkeypatch):
        monkeypatch.setattr(facets, "MOST_VALUES", 30)
        page = browse("/vi/dataset/?_tags_limit=0")
        footer = page.select_one("[data-nd47-facet=tags] .module-footer")
        assert "Danh sách chỉ có những giá trị" in footer.get_text()

    def test_a_chosen_value_is_shown_beyond_the_first_ones(self, browse):
        page = browse("/vi/dataset/?tags=từ+khóa+045")
        assert page.select_one("[data-nd47-facet=tags] li.active")

    def test_a_short_facet_has_no_box_to_find_in(self, browse):
        page = browse("/vi/dataset/")
        assert not page.select(f"[data-nd47-facet={AGENCY}] input")
        assert page.select("[data-nd47-facet=tags] input")

    def test_numbers_are_written_as_in_the_language_of_the_page(self, browse, monkeypatch):
        monkeypatch.setattr(facets, "_count", lambda params: {AGENCY: {"truong-tieu-hoc": 12345}})
        assert self.items(browse("/vi/dataset/"))[0][2] == "12.345"
        assert self.items(browse("/en/dataset/"))[0][2] == "12,345"
