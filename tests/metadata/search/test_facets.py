"""Facets, update states and lines of the lists of datasets, as the API and the pages give them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from freezegun import freeze_time
from sqlalchemy import event

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from tests.metadata.conftest import PROPOSED

pytestmark = pytest.mark.usefixtures("portal")

STATE = "nd47_update_state"
THEME = "vocab_nd47_theme"
PLACE = "vocab_nd47_place"
YEAR = "vocab_nd47_year"

TODAY = "2026-07-01T03:00:00Z"
"""The first of July, in Vietnam as in Greenwich."""

DATASETS: dict[str, dict[str, Any]] = {
    "qua-han": {"frequency": "hang-quy", "modified": "2026-03-31", "theme": ["giao-duc"]},
    "sap-den-han": {
        "frequency": "hang-quy",
        "modified": "2026-04-01",
        "theme": ["giao-duc", "y-te"],
        "temporal_coverage": [{"start": "2023-01-01", "end": "2024-12-31"}],
    },
    "dung-han": {
        "frequency": "hang-nam",
        "modified": "2026-01-05",
        "spatial_coverage": [{"text": "Tỉnh Bắc Giang"}],
        "resources": [
            {"url": "https://a.example/a.csv", "format": "CSV", "period": "20251"},
            {"url": "https://a.example/b.csv", "format": "CSV"},
        ],
    },
    "khi-doi": {"frequency": "khi-co-thay-doi", "modified": "2001-01-01"},
    "khong-ro": {"frequency": "khong-xac-dinh", "modified": "2001-01-01"},
    "khong-tan-suat": {},
}


@pytest.fixture(scope="module", autouse=True)
def datasets(portal: None, create: Callable[..., dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Make the datasets of this module, before the rules were in force."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tk.config, "ckanext.nd47.rules_from", "2999-01-01")
        yield {
            name: create(name=name, title=f"Bộ {name}", **{**PROPOSED, **fields})
            for name, fields in DATASETS.items()
        }


def names(**search: Any) -> set[str]:
    return {found["name"] for found in call_action("package_search", rows=100, **search)["results"]}


def values(field: str, **search: Any) -> dict[str, int]:
    """Return how many datasets each value of a facet has."""
    found = call_action("package_search", **{"facet.field": [field], **search})
    return {item["name"]: item["count"] for item in found["search_facets"][field]["items"]}


@freeze_time(TODAY)
class TestUpdateState:
    @pytest.mark.parametrize(
        ("state", "expected"),
        [
            ("overdue", {"qua-han"}),
            ("due-soon", {"sap-den-han"}),
            ("on-time", {"dung-han"}),
            ("not-periodic", {"khi-doi", "khong-ro", "khong-tan-suat"}),
            ("late", set()),
        ],
    )
    def test_filters_a_search(self, state, expected):
        assert names(fq=f'{STATE}:"{state}"') == expected

    def test_filters_by_several_states(self):
        assert names(fq=f"{STATE}:(overdue OR due-soon)") == {"qua-han", "sap-den-han"}

    def test_filters_by_what_a_dataset_is_not(self):
        assert "qua-han" not in names(fq=f"-{STATE}:overdue")
        assert "dung-han" in names(fq=f"-{STATE}:overdue")

    def test_is_counted(self):
        assert values(STATE) == {"overdue": 1, "due-soon": 1, "on-time": 1, "not-periodic": 3}

    def test_is_counted_among_what_was_found(self):
        assert values(STATE, fq="name:qua-han") == {"overdue": 1}

    def test_is_not_counted_where_nothing_was_found(self):
        assert values(STATE, fq="name:nirgends") == {}

    def test_changes_on_the_next_day_without_indexing(self):
        with freeze_time("2026-07-01T17:00:00Z"):
            assert names(fq=f"{STATE}:overdue") == {"qua-han", "sap-den-han"}

    def test_is_counted_anew_on_the_next_day_without_indexing(self):
        with freeze_time("2026-07-01T17:00:00Z"):
            assert values(STATE) == {"overdue": 2, "on-time": 1, "not-periodic": 3}

    def test_search_and_dataset_agree(self):
        for state in values(STATE):
            for name in names(fq=f"{STATE}:{state}"):
                assert call_action("package_show", id=name)["update_state"] == state

    def test_is_shown_with_the_day(self):
        shown = call_action("package_show", id="qua-han")
        assert (shown["update_state"], shown["next_due"]) == ("overdue", "2026-06-30")

    def test_has_no_day_without_a_period(self):
        shown = call_action("package_show", id="khi-doi")
        assert (shown["update_state"], shown["next_due"]) == ("not-periodic", None)

    def test_of_search_results_is_of_today(self):
        found = call_action("package_search", fq="name:sap-den-han")["results"][0]
        assert found["update_state"] == "due-soon"
        with freeze_time("2026-07-01T17:00:00Z"):
            found = call_action("package_search", fq="name:sap-den-han")["results"][0]
        assert found["update_state"] == "overdue"

    def test_is_dropped_on_saving(self):
        shown = call_action("package_show", id="qua-han")
        saved = call_action("package_update", **{**shown, "update_state": "on-time"})
        assert saved["update_state"] == "overdue"
        stored: Any = model.Package.get("qua-han")
        assert not {"update_state", "next_due"} & set(stored.extras)

    def test_private_datasets_are_not_counted(self, create, without_rules):
        made = create(frequency="hang-ngay", modified="2026-01-01", private=True)
        assert values(STATE)["overdue"] == 1
        call_action("dataset_purge", id=made["id"])


class TestValues:
    def test_several_values_count_one_by_one(self):
        assert values(THEME) == {"giao-duc": 2, "y-te": 1}

    def test_one_of_several_values_is_found(self):
        assert names(fq=f'{THEME}:"y-te"') == {"sap-den-han"}

    def test_a_part_of_a_value_is_not_found(self):
        assert names(fq=f'{THEME}:"giao"') == set()

    def test_years_come_from_the_coverage_and_the_files(self):
        assert values(YEAR) == {"2023": 1, "2024": 1, "2025": 1}

    def test_a_former_place_leads_to_the_new_one(self):
        assert names(fq=f"{PLACE}:24") == names(fq=f"{PLACE}:bac-giang") == {"dung-han"}

    def test_a_former_place_does_not_lead_to_others_of_the_same_merger(self):
        assert names(fq=f"{PLACE}:bac-ninh") == set()

    @pytest.mark.parametrize(
        ("lang", "label"), [("vi", "Giáo dục đào tạo"), ("en", "Education and training")]
    )
    def test_labels_are_in_the_language_of_the_request(self, lang, label, app):
        address = f'/{lang}/api/3/action/package_search?facet.field=["{THEME}"]'
        found = app.get(address).json["result"]["search_facets"][THEME]["items"]
        assert label in {item["display_name"] for item in found}


@freeze_time(TODAY)
class TestPages:
    def titles(self, page: BeautifulSoup) -> list[str]:
        return [
            " ".join(t.get_text().split()) for t in page.select(".nd47-filters .module-heading")
        ]

    def test_facets_stand_in_their_order_and_empty_ones_do_not(self, browse):
        assert self.titles(browse("/vi/dataset/")) == [
            "Lĩnh vực",
            "Cơ quan",
            "Tình trạng cập nhật",
            "Năm của dữ liệu",
            "Định dạng",
            "Giấy phép",
            "Địa bàn",
            "Tần suất cập nhật",
            "Mức độ công khai",
        ]

    def test_a_portal_chooses_and_orders_them(self, browse, ckan_config):
        ckan_config["ckanext.nd47.facets"] = "frequency theme nonsense"
        assert self.titles(browse("/vi/dataset/")) == ["Tần suất cập nhật", "Lĩnh vực"]

    def test_without_a_choice_they_are_those_of_ckan(self, browse, ckan_config):
        ckan_config["ckanext.nd47.facets"] = ""
        assert "Lĩnh vực" not in self.titles(browse("/vi/dataset/"))

    def test_the_page_of_an_agency_has_them_without_that_of_the_agency(self, browse, department):
        found = self.titles(browse(f"/vi/organization/{department['name']}"))
        assert "Tình trạng cập nhật" in found
        assert "Cơ quan" not in found

    def test_labels_are_whole(self, browse):
        shown = [
            element.get_text().strip() for element in browse("/vi/dataset/").select(".item-label")
        ]
        assert shown
        assert not [label for label in shown if label.endswith("...")]

    @pytest.mark.parametrize("code", ["overdue", "due-soon", "on-time", "not-periodic"])
    def test_a_filter_says_its_state_in_words(self, code, browse):
        page = browse(f"/vi/dataset/?q=khongcogi&{STATE}={code}")
        assert code not in page.select_one(".filter-list").get_text()

    def test_a_vietnamese_page_has_no_english_value(self, browse):
        text = browse("/vi/dataset/").select_one(".main").get_text(" ")
        english = r"Overdue|Due soon|On time|Not periodic|Quarterly|Update|Field|Agency|\bfiles?\b"
        assert not re.search(english, text)

    def test_an_english_page_has_english_values(self, browse):
        text = browse("/en/dataset/").select_one(".main").get_text(" ")
        for label in ("Overdue", "Due soon", "Quarterly", "Update state"):
            assert label in text

    def test_a_list_says_whose_how_new_and_whether_late(self, browse):
        page = browse(f"/vi/dataset/?{STATE}=overdue")
        item = " ".join(page.select_one(".dataset-item").get_text(" ").split())
        for told in ("Sở Giáo dục và Đào tạo", "31/03/2026", "Quá hạn", "0 tệp"):
            assert told in item

    def test_a_list_says_periods_and_number_of_files(self, browse):
        page = browse(f"/vi/dataset/?{STATE}=on-time")
        item = " ".join(page.select_one(".dataset-item").get_text(" ").split())
        assert "quý 1/2025" in item
        assert "2 tệp" in item

    def test_a_dataset_that_is_not_periodic_has_no_state_in_a_list(self, browse):
        page = browse(f"/vi/dataset/?{STATE}=not-periodic")
        assert page.select(".dataset-item")
        assert not page.select(".dataset-item .nd47-state")

    def test_the_page_of_a_dataset_says_that_it_is_late(self, browse):
        assert "Quá hạn" in browse("/vi/dataset/qua-han").select_one(".nd47-panel").get_text()
        assert not browse("/vi/dataset/khi-doi").select(".nd47-panel .nd47-state")

    def test_relevance_is_an_order_only_with_words(self, browse):
        def orders(path: str) -> list[str]:
            return [str(o["value"]) for o in browse(path).select("#field-order-by option")]

        assert not [one for one in orders("/vi/dataset/") if "score" in one]
        assert [order for order in orders("/vi/dataset/?q=bo") if "score" in order]
        assert "nd47_data_date desc" in orders("/vi/dataset/")

    def test_the_newest_data_come_first(self):
        some = "name:(qua-han OR dung-han OR khi-doi)"
        found = call_action("package_search", sort="nd47_data_date desc", fq=some)
        assert [result["name"] for result in found["results"]] == ["qua-han", "dung-han", "khi-doi"]

    def test_a_list_takes_the_same_statements_for_one_as_for_many(self, app):
        def statements(path: str) -> int:
            noted: list[str] = []

            def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
                noted.append(statement)

            engine = model.meta.engine
            event.listen(engine, "before_cursor_execute", note)
            try:
                app.get(path, status=200)
            finally:
                event.remove(engine, "before_cursor_execute", note)
            return len(noted)

        statements("/vi/dataset/")  # what is read once for the process
        assert statements("/vi/dataset/?name=qua-han") == statements("/vi/dataset/")
