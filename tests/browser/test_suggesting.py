"""Suggestions while typing: by keys, on a telephone, in both languages; a form without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_accessibility import is_of_the_theme

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 740}
AGENCY = "so-nong-nghiep-va-moi-truong"
BOXES = {
    "home": ("/", "#field-main-search"),
    "header": ("/about", "#field-sitewide-search"),
    "list": ("/dataset/", "#dataset-search-form input[name=q]"),
}
VIETNAMESE_LETTERS = re.compile("[ăâđêôơưạảấầậắặẹếềệịọốồộớờợụứừựáàãíìúù]", re.IGNORECASE)
AXE = Axe()
GRAVE = frozenset({"serious", "critical"})


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=BOXES)
def box(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A page with a search box, and the selector of the box."""
    return BOXES[request.param]


def suggested(page: Page, selector: str, typed: str) -> Locator:
    """Type into a box and return what it suggests."""
    page.focus(selector)
    page.keyboard.type(typed)
    options = page.locator(".nd47-suggestions:visible [role=option]")
    expect(options.first).to_be_visible()
    return options


def test_arrow_and_enter_open_what_is_suggested(
    site: Site, open_page: Callable[..., Page], box: tuple[str, str]
):
    page = open_page(site)
    page.goto(box[0])
    options = suggested(page, box[1], "giao d")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    chosen = options.first.get_attribute("id")
    expect(page.locator(box[1])).to_have_attribute("aria-activedescendant", str(chosen))
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/field/giao-duc"))


def test_escape_closes_the_list_and_keeps_the_words(
    classic: Site, open_page: Callable[..., Page], box: tuple[str, str]
):
    page = open_page(classic)
    page.goto(box[0])
    suggested(page, box[1], "giao d")
    page.keyboard.press("Escape")
    expect(page.locator(".nd47-suggestions:visible")).to_have_count(0)
    expect(page.locator(box[1])).to_have_attribute("aria-expanded", "false")
    expect(page.locator(box[1])).to_have_value("giao d")
    expect(page.locator(box[1])).to_be_focused()


def test_enter_without_a_choice_searches(
    classic: Site, open_page: Callable[..., Page], box: tuple[str, str]
):
    page = open_page(classic)
    page.goto(box[0])
    suggested(page, box[1], "giao d")
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/dataset/\?(.*&)?q=giao"))


def test_an_open_list_has_no_grave_fault(
    site: Site, open_page: Callable[..., Page], box: tuple[str, str]
):
    page = open_page(site)
    page.goto(box[0])
    suggested(page, box[1], "giao d")
    page.keyboard.press("ArrowDown")
    found = AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [
        violation["id"]
        for violation in found
        if violation["impact"] in GRAVE
        and not all(
            is_of_the_theme(site, violation["id"], node["html"]) for node in violation["nodes"]
        )
    ] == []


def test_the_list_fits_on_a_telephone(
    site: Site, open_page: Callable[..., Page], box: tuple[str, str]
):
    page = open_page(site, "", NARROW)
    page.goto(box[0])
    suggested(page, box[1], "giao")
    edges = page.locator(".nd47-suggestions:visible").bounding_box()
    assert edges is not None
    assert edges["x"] >= 0
    assert edges["x"] + edges["width"] <= NARROW["width"]
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_press_of_the_finger_opens_an_agency(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic, "", NARROW)
    page.goto("/")
    options = suggested(page, "#field-main-search", "nong nghiep")
    with page.expect_navigation(wait_until="domcontentloaded"):
        options.filter(has_text="Sở Nông nghiệp và Môi trường").first.click()
    expect(page).to_have_url(re.compile(AGENCY))


def test_english_pages_suggest_english_names(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic)
    page.goto("/en/")
    suggested(page, "#field-main-search", "giao d")
    groups = page.locator(".nd47-suggestions:visible [role=group]")
    named = {
        group.locator(".nd47-suggestions-kind").inner_text(): group.locator(
            "[role=option]"
        ).all_inner_texts()
        for group in groups.all()
    }
    assert {"Themes", "Agencies"} <= named.keys()
    for kind in ("Themes", "Agencies"):
        assert [name for name in named[kind] if VIETNAMESE_LETTERS.search(name)] == []


def test_words_that_nothing_has_open_no_list(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic)
    page.goto("/")
    with page.expect_response(re.compile("/search/suggestions")):
        page.focus("#field-main-search")
        page.keyboard.type("qqqzzz")
    expect(page.locator(".nd47-suggesting [role=status]")).to_have_text("Không có gợi ý.")
    expect(page.locator(".nd47-suggestions:visible")).to_have_count(0)


def test_the_boxes_search_without_scripts(classic: Site, chromium: Browser, box: tuple[str, str]):
    context = chromium.new_context(base_url=classic.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(box[0])
    page.fill(box[1], "gia dat")
    page.press(box[1], "Enter")
    expect(page.locator('a[href$="/dataset/bang-gia-dat-2026"]').first).to_be_visible()
    context.close()
