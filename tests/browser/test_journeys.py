"""What people come for, with the clicks that it takes counted.

Journeys from a list of datasets hold in both themes and on a portal without `nd47_portal`; those
from the home page hold on a portal that has it. Typing and choosing from a list with the keys is
no click.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE, Site

pytestmark = pytest.mark.browser

DATASET = "bang-gia-dat-2026"
AGENCY = "so-tai-chinh"
AGENCY_TITLE = "Sở Tài chính"
STATE = "nd47_update_state"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
SITES = ("classic", "midnight", "bare")


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each theme, and without `nd47_portal`."""
    return request.getfixturevalue(request.param)


@dataclass
class Journey:
    """A page with a count of the clicks on it."""

    page: Page
    clicks: int = 0

    def click(self, target: Locator) -> None:
        """Click on what a person would, and wait until another page is there.

        A page may exchange its parts alone, so only its address tells.
        """
        address = self.page.url
        target.first.click()
        self.page.wait_for_url(lambda url: url != address)
        self.clicks += 1

    def open(self, target: Locator) -> None:
        """Click on what opens a part of the page."""
        target.first.click()
        self.clicks += 1

    def facet(self, name: str) -> Locator:
        """Return a facet by the name of its field."""
        return self.page.locator(f"[data-nd47-facet='{name}']")

    def value(self, name: str, label: str) -> Locator:
        """Return a value of a facet by its label."""
        link = self.facet(name).locator("li a")
        return link.filter(has=self.page.locator(".item-label", has_text=label))

    def query(self) -> dict[str, list[str]]:
        """Return the parameters of the address."""
        return parse_qs(urlsplit(self.page.url).query)

    def titles(self) -> list[str]:
        """Return the titles of the datasets of a list."""
        return self.page.locator(".dataset-item .dataset-heading a").all_inner_texts()


@pytest.fixture
def start(open_page: Callable[..., Page]) -> Callable[..., Journey]:
    """Begin a journey at a page of a site."""

    def begin(site: Site, path: str, viewport: dict[str, int] | None = None) -> Journey:
        page = open_page(site, "", viewport or DESK)
        page.goto(path)
        return Journey(page)

    return begin


@pytest.fixture
def without_scripts(chromium: Browser) -> Iterator[Callable[..., Journey]]:
    """Begin a journey in a browser that runs no JavaScript."""
    contexts = []

    def begin(site: Site, path: str, viewport: dict[str, int] | None = None) -> Journey:
        context = chromium.new_context(
            base_url=site.url,
            java_script_enabled=False,
            locale="vi-VN",
            viewport=viewport or DESK,  # type: ignore[arg-type]  # a plain dict will do
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return Journey(page)

    yield begin
    for context in contexts:
        context.close()


class TestFromHome:
    def test_the_csv_of_land_prices_takes_three_clicks(self, classic: Site, start):
        journey = start(classic, "/")
        journey.page.fill("main input[name=q]", "giá đất")
        journey.click(journey.page.locator("main form[role=search] button[type=submit]"))
        journey.click(journey.page.get_by_role("link", name="Bảng giá đất năm 2026"))
        csv = journey.page.locator(".resource-item", has_text="CSV").get_by_role(
            "link", name="Tải về"
        )
        with journey.page.expect_download() as download:
            csv.first.click()
        assert download.value.suggested_filename.endswith(".csv")
        assert journey.clicks + 1 <= 3

    def test_everything_about_education_takes_one(self, classic: Site, start):
        journey = start(classic, "/")
        journey.click(journey.page.locator("main").get_by_role("link", name="Giáo dục"))
        assert journey.clicks == 1
        expect(journey.page.get_by_role("link", name="Danh sách trường học").first).to_be_visible()

    def test_the_list_of_agencies_takes_one(self, classic: Site, start):
        journey = start(classic, "/")
        journey.click(journey.page.locator("header").get_by_role("link", name="Cơ quan"))
        expect(journey.page.get_by_role("link", name=AGENCY_TITLE).first).to_be_visible()


class TestFromTheList:
    def test_everything_about_education_takes_one_click(self, site: Site, start):
        journey = start(site, "/dataset/")
        journey.click(journey.value("vocab_nd47_theme", "Giáo dục"))
        assert journey.clicks == 1
        assert journey.query()["vocab_nd47_theme"] == ["giao-duc"]
        assert journey.titles()

    def test_all_overdue_datasets_of_an_agency_take_two(self, site: Site, start):
        journey = start(site, "/dataset/")
        journey.click(journey.value("nd47_agency", AGENCY_TITLE))
        journey.click(journey.value(STATE, "Quá hạn"))
        assert journey.clicks == 2
        assert (journey.query()["nd47_agency"], journey.query()[STATE]) == ([AGENCY], ["overdue"])
        states = journey.page.locator(".dataset-item .nd47-state").all_inner_texts()
        assert states
        assert set(states) == {"Quá hạn"}
        expected = site.action("package_search", fq=f"nd47_agency:{AGENCY} {STATE}:overdue", rows=0)
        assert len(states) == expected["count"]

    def test_who_answers_for_a_dataset_with_telephone_takes_two(self, site: Site, start):
        journey = start(site, "/dataset/?q=bảng+giá+đất")
        journey.click(journey.page.locator(".dataset-item").get_by_role("link", name="Bảng giá"))
        journey.click(journey.page.locator(".nd47-panel-contact"))
        assert journey.clicks == 2
        expect(journey.page.locator(".nd47-reach a[href^='tel:']").first).to_be_in_viewport()

    def test_whether_one_may_use_it_commercially_takes_one(self, site: Site, start):
        journey = start(site, "/dataset/?q=bảng+giá+đất", PHONE)
        journey.click(journey.page.locator(".dataset-item").get_by_role("link", name="Bảng giá"))
        assert journey.clicks == 1
        expect(journey.page.locator(".nd47-panel")).to_contain_text("mục đích thương mại")

    def test_an_overdue_dataset_says_so_before_any_click(self, site: Site, start):
        journey = start(site, f"/dataset/?{STATE}=overdue")
        expect(journey.page.locator(".dataset-item .nd47-state").first).to_have_text("Quá hạn")

    def test_one_filter_is_removed_by_one_click_and_the_others_stay(self, site: Site, start):
        journey = start(site, f"/dataset/?{STATE}=on-time&res_format=CSV&q=giá")
        journey.click(journey.page.locator(".filter-list .filtered", has_text="CSV").locator("a"))
        assert journey.query() == {"q": ["giá"], STATE: ["on-time"]}

    def test_all_filters_are_removed_by_one_click(self, site: Site, start):
        journey = start(site, f"/dataset/?{STATE}=on-time&res_format=CSV&q=giá")
        journey.click(journey.page.locator("#search-results .nd47-filters-clear a"))
        assert journey.query() == {"q": ["giá"]}


class TestBox:
    """The box above a long facet."""

    @pytest.mark.parametrize("typed", ["nong nghiep", "Nông nghiệp", "NÔNG NGHIỆP", "so nong"])
    def test_it_finds_an_agency_in_any_spelling(self, classic: Site, start, typed: str):
        journey = start(classic, "/dataset/")
        box = journey.facet("nd47_agency").locator("input")
        box.fill(typed)
        shown = journey.facet("nd47_agency").locator("li:not([hidden]) .item-label")
        expect(shown.first).to_have_text("Sở Nông nghiệp và Môi trường")

    def test_it_finds_values_that_the_list_does_not_show_at_first(self, site: Site, start):
        journey = start(site, "/dataset/")
        labels = journey.facet("nd47_agency").locator("li .item-label")
        assert "Ủy ban nhân dân xã Lộc Thuỷ" not in labels.all_inner_texts()
        journey.facet("nd47_agency").locator("input").fill("loc thuy")
        found = journey.value("nd47_agency", "Lộc Th")
        expect(found).to_be_visible()
        journey.click(found)
        assert journey.clicks == 1
        assert journey.titles()

    def test_what_fits_nothing_is_said(self, classic: Site, start):
        journey = start(classic, "/dataset/")
        journey.facet("nd47_agency").locator("input").fill("zzzz")
        expect(journey.facet("nd47_agency").locator("li:not([hidden])")).to_have_count(0)
        expect(journey.facet("nd47_agency").get_by_role("status")).not_to_be_empty()

    def test_the_enter_key_chooses_the_first_that_fits(self, classic: Site, start):
        journey = start(classic, "/dataset/")
        box = journey.facet("nd47_agency").locator("input")
        box.fill("tai chinh")
        box.press("Enter")
        journey.page.wait_for_url("**nd47_agency=*")
        assert journey.query()["nd47_agency"] == [AGENCY]


class TestWithoutScripts:
    def test_a_long_facet_is_a_list_that_leads_to_all_values(self, site: Site, without_scripts):
        journey = without_scripts(site, "/dataset/")
        expect(journey.facet("nd47_agency").locator("input")).to_be_hidden()
        before = journey.facet("nd47_agency").locator("li").count()
        journey.click(journey.facet("nd47_agency").locator(".read-more"))
        assert journey.facet("nd47_agency").locator("li").count() > before

    def test_facets_open_above_the_list_on_a_phone(self, site: Site, without_scripts):
        journey = without_scripts(site, "/dataset/", PHONE)
        summary = journey.page.locator(".nd47-filters-summary")
        expect(journey.value(STATE, "Quá hạn")).to_be_hidden()
        first = journey.page.locator(".dataset-item").first.bounding_box()
        box = summary.bounding_box()
        assert box is not None
        assert first is not None
        assert box["y"] < first["y"]
        journey.open(summary)
        journey.click(journey.value(STATE, "Quá hạn"))
        assert journey.query()[STATE] == ["overdue"]

    def test_facets_are_open_on_a_desk(self, site: Site, without_scripts):
        journey = without_scripts(site, "/dataset/")
        expect(journey.value(STATE, "Quá hạn")).to_be_visible()


class TestKeys:
    def test_a_facet_is_opened_and_a_value_chosen_by_keys_alone(self, classic: Site, start):
        journey = start(classic, "/dataset/")
        journey.facet("res_format").locator("summary").focus()
        journey.page.keyboard.press("Enter")
        journey.page.keyboard.press("Tab")
        journey.page.keyboard.press("Enter")
        journey.page.wait_for_url("**res_format=*")
        assert journey.titles()


@pytest.mark.parametrize("width", [360, 1440])
def test_labels_of_facets_are_whole_and_no_syllable_is_broken(site: Site, start, width: int):
    journey = start(site, "/dataset/?_nd47_agency_limit=0", {"width": width, "height": 900})
    if width == PHONE["width"]:
        journey.open(journey.page.locator(".nd47-filters-summary"))
    labels = journey.facet("nd47_agency").locator(".item-label")
    assert labels.count() > 10
    assert not [text for text in labels.all_inner_texts() if text.endswith(("…", "..."))]
    assert labels.evaluate_all(BROKEN_SYLLABLES) == []


BROKEN_SYLLABLES = """
all => all.flatMap(e => {
  const node = e.firstChild;
  return [...node.textContent.matchAll(/[^\\s]+/g)].filter(word => {
    const range = document.createRange();
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1;
  }).map(word => word[0]);
})
"""
