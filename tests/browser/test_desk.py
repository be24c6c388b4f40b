"""The work list and the pages of the rules: how they look, how they are used, what stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_accessibility import faults
from tests.browser.test_keyboard import focus
from tests.browser.test_narrow import overhang
from tests.browser.work import logged_in

pytestmark = pytest.mark.browser

PAGES: dict[str, tuple[str, str]] = {
    "work of an editor": ("editor", "/work?kind="),
    "work of a leader": ("leader", "/work?kind=overdue"),
    "work of the portal": ("sysadmin", "/work?kind="),
    "unmet rules": ("sysadmin", "/work?kind=unmet-rules"),
    "no focal point": ("sysadmin", "/work?kind=no-focal-point"),
    "nothing found": ("editor", "/work?q=khongcogi"),
    "many at once": ("sysadmin", "/work/datasets?q=giá"),
    "changes of many": ("sysadmin", "/work/changes"),
    "spreadsheet": ("editor", "/work/spreadsheet"),
    "reminders": ("editor", "/work/reminders"),
    "waiting for approval": ("approver", "/work/approvals?all=1"),
    "approval by agency": ("sysadmin", "/ckan-admin/nd47-work/approval"),
    "work of the agencies": ("leader", "/work/agencies"),
    "levels of rules": ("sysadmin", "/ckan-admin/nd47-work/rules"),
    "leaders": ("sysadmin", "/ckan-admin/nd47-work/leaders"),
    "dashboard": ("editor", "/dashboard/datasets"),
}


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_grave_fault_and_does_not_scroll_sideways(
    site: Site, visit: Callable[..., Page], name: str, language: str
):
    role, path = PAGES[name]
    page = visit(site, role)
    answer = page.goto(f"/{language}{path}")
    assert answer is not None
    assert answer.ok
    assert faults(page, site) == []
    assert overhang(page) == {}


def test_all_that_is_late_in_the_province_is_one_click_after_log_in(
    site: Site, open_page: Callable[..., Page]
):
    page = open_page(site)
    logged_in(page, site, "leader")
    expect(page).to_have_url(re.compile("/work$"))
    box = page.locator(".nd47-counts a", has_text="Quá hạn")
    number = int(box.locator(".nd47-number").inner_text())
    box.click()
    expect(page.locator(".nd47-counts [aria-current=page]")).to_contain_text("Quá hạn")
    late = site.action("nd47_work_list", kind="overdue", limit=1000)["count"]
    assert number == late > 0
    expect(page.locator("main, .primary").first).to_contain_text(f"{late} việc")


def test_every_row_has_one_button_to_where_it_is_mended(
    classic: Site, open_page: Callable[..., Page]
):
    page = open_page(classic, "sysadmin")
    page.goto("/work?kind=overdue")
    rows = page.locator(".nd47-desk tbody tr")
    assert rows.count() > 0
    for place in range(rows.count()):
        expect(rows.nth(place).locator(".btn")).to_have_count(1)
    rows.first.locator(".btn").click()
    expect(page).to_have_url(re.compile("/dataset/.+/new-period$"))
    expect(page.locator("#field-modified")).to_be_visible()


def test_kind_and_order_stay_after_the_next_log_in(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic)
    logged_in(page, classic, "leader")
    page.locator(".nd47-counts a", has_text="Quá hạn").click()
    page.select_option("#work-sort", "title")
    page.locator(".nd47-submit button").click()
    titles = page.locator("tbody .nd47-title").all_inner_texts()
    page.locator("form[action$='/user/_logout'] button").first.click()
    logged_in(page, classic, "leader")
    query = parse_qs(urlsplit(page.url).query)
    assert query == {"kind": ["overdue"], "sort": ["title"]}
    expect(page.locator("#work-sort")).to_have_value("title")
    assert page.locator("tbody .nd47-title").all_inner_texts() == titles
    page.locator(".nd47-counts a").first.click()
    page.locator(".nd47-my-work").first.click()
    expect(page.locator(".nd47-counts a").first).to_have_attribute("aria-current", "page")


def test_the_list_is_used_by_keys_alone(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic, "leader")
    keys = page.keyboard
    page.goto("/work?kind=")
    focus(page, ".nd47-counts a[href*='kind=overdue']")
    width = page.locator(":focus").evaluate("e => getComputedStyle(e).outlineWidth")
    assert float(width.removesuffix("px")) >= 2  # noqa: PLR2004 - as WCAG has it
    with page.expect_navigation():
        keys.press("Enter")
    first = page.locator("tbody .nd47-title").first.inner_text()
    focus(page, "#work-q")
    keys.type(first)
    with page.expect_navigation():
        keys.press("Enter")
    expect(page.locator("tbody .nd47-title").first).to_have_text(first)
    focus(page, "tbody .btn")
    with page.expect_navigation():
        keys.press("Enter")
    expect(page).to_have_url(re.compile("/dataset/"))


def test_the_effect_of_a_level_is_shown_before_it_is_saved(
    classic: Site, open_page: Callable[..., Page]
):
    page = open_page(classic, "sysadmin")
    page.goto("/ckan-admin/nd47-work/rules")
    level = page.locator("select[name^=level-]").first
    level.select_option("error")
    name = level.get_attribute("name")
    page.locator("button[name=preview]").click()
    expect(page.locator(".alert[role=alert]")).to_contain_text("Chưa có gì được lưu")
    expect(page.locator(f"select[name='{name}']")).to_have_value("error")
    page.goto("/ckan-admin/nd47-work/rules")
    expect(page.locator(f"select[name='{name}']")).to_have_value("")
