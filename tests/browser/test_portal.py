"""What the accessibility statement of `nd47_portal` claims, and how many clicks visitors need."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_keyboard import focus

pytestmark = pytest.mark.browser

DATASET = "bang-gia-dat-2026"
AGENCY = "so-nong-nghiep-va-moi-truong"
ZOOMED = {"width": 640, "height": 450}
"""What a window of 1280 x 900 pixels shows at 200 %, in CSS pixels."""

PUBLIC = (
    "/",
    "/en/",
    "/dataset/",
    f"/dataset/{DATASET}",
    "/field",
    "/field/moi-truong",
    "/organization/",
    f"/organization/{AGENCY}",
    "/focal-points",
    "/about",
    "/terms-of-use",
    "/accessibility",
    "/contact",
    "/developers",
    "/dataset/khong-co",
)


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


def test_pages_do_not_scroll_sideways_at_twice_their_size(
    site: Site, open_page: Callable[..., Page]
):
    page = open_page(site, "", ZOOMED)
    wide = []
    for path in PUBLIC:
        page.goto(path, wait_until="domcontentloaded")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    assert wide == []


def test_one_line_of_the_footer_names_the_software(site: Site, open_page: Callable[..., Page]):
    page = open_page(site)
    named = {}
    for path in PUBLIC:
        page.goto(path, wait_until="domcontentloaded")
        page.locator(".nd47-software").evaluate("e => e.remove()")
        text = page.locator("body").inner_text()
        if found := re.findall(r".{0,30}ckan.{0,30}", text, re.IGNORECASE):
            named[path] = found
    assert named == {}


def test_a_file_is_reached_by_keys_alone(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic)
    page.goto("/")
    focus(page, "#field-main-search")
    page.keyboard.type("gia dat")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    link = f'a[href$="/dataset/{DATASET}"]'
    focus(page, link)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    focus(page, 'a[href*="/download/"]')


def test_a_file_is_reached_without_scripts(classic: Site, chromium: Browser):
    context = chromium.new_context(base_url=classic.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("#field-main-search", "gia dat")
    page.press("#field-main-search", "Enter")
    page.locator(f'a[href$="/dataset/{DATASET}"]').first.click()
    address = page.locator('a[href*="/download/"]').first.get_attribute("href") or ""
    assert context.request.get(address).ok
    context.close()


class Clicks:
    """Counts the clicks of a way through the portal."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def __call__(self, locator: Any) -> None:
        """Click, and wait for the page that it leads to."""
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            locator.click()
        self.count += 1


def test_from_home_to_the_file_of_land_prices_it_takes_three_clicks(
    classic: Site, open_page: Callable[..., Page]
):
    page = open_page(classic)
    click = Clicks(page)
    page.goto("/")
    page.fill("#field-main-search", "giá đất")
    click(page.locator(".nd47-search-large button"))
    click(page.locator(f'a[href$="/dataset/{DATASET}"]').first)
    with page.expect_download() as download:
        page.locator('a[href$=".csv"]').first.click()
    assert download.value.suggested_filename.endswith(".csv")
    assert click.count + 1 <= 3  # noqa: PLR2004 - the promise


def test_everything_about_education_is_one_click_away(
    classic: Site, open_page: Callable[..., Page]
):
    page = open_page(classic)
    click = Clicks(page)
    page.goto("/")
    tile = page.locator(".nd47-tiles a", has_text="Giáo dục")
    number = re.search(r"\d+", tile.inner_text())
    click(tile)
    assert click.count == 1
    assert number is not None
    expect(page.locator(".nd47-fields-page > .nd47-count")).to_contain_text(
        f"{number[0]} bộ dữ liệu"
    )


def test_keyboard_shows_where_it_is(site: Site, open_page: Callable[..., Page]):
    page = open_page(site)
    page.goto("/")
    for selector in (".nd47-menu a", "#field-main-search", ".nd47-tiles a", ".nd47-foot a"):
        focus(page, selector)
        width = page.locator(f"{selector}:focus").evaluate("e => getComputedStyle(e).outlineWidth")
        assert float(width.removesuffix("px")) >= 2, selector  # noqa: PLR2004 - pixels
