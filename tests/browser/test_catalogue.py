"""Catalogues, plans, reports: every page in both themes, by keys, and on one sheet of paper."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Site
from tests.browser.test_accessibility import AXE, GRAVE, ONLY_VIOLATIONS, is_of_the_theme
from tests.browser.test_keyboard import focus
from tests.browser.test_narrow import BEYOND

pytestmark = pytest.mark.browser

DATASET = "bang-gia-dat-2026"
A4 = (210, 297)
PAGES: dict[str, tuple[str, str]] = {
    "catalogues of everybody": ("", "/catalogues"),
    "edition of everybody": ("", "/catalogues/{issued}"),
    "item of everybody": ("", "/catalogues/{issued}/items/{line}"),
    "dataset of an item": ("", "/dataset/{dataset}"),
    "score of a dataset": ("", "/dataset/{dataset}/quality"),
    "catalogues": ("leader", "/work/catalogues"),
    "edition": ("sysadmin", "/work/catalogues/{issued}"),
    "draft": ("sysadmin", "/work/catalogues/{draft}"),
    "form of an edition": ("sysadmin", "/work/catalogues/{draft}/edit"),
    "item": ("sysadmin", "/work/catalogues/{draft}/items/{line}"),
    "proposals": ("sysadmin", "/work/catalogues/{draft}/proposals"),
    "table of a draft": ("sysadmin", "/work/catalogues/{draft}/import"),
    "comparison": ("sysadmin", "/work/catalogues/{draft}/compare?other={issued}"),
    "history": ("sysadmin", "/work/catalogues/{issued}/history"),
    "matching": ("sysadmin", "/work/catalogues/{issued}/matching"),
    "listed, not published": ("editor", "/work/catalogues/gaps"),
    "published, not listed": ("editor", "/work/catalogues/gaps?view=unlisted"),
    "plans": ("leader", "/work/plans"),
    "plan": ("sysadmin", "/work/plans/{plan}"),
    "entry of a plan": ("sysadmin", "/work/plans/entries/{entry}"),
    "page of the leader": ("leader", "/work/leader"),
    "report": ("sysadmin", "/work/reports"),
    "report by field": ("leader", "/work/reports?group=field"),
    "points to gain": ("editor", "/work/score"),
    "datasets without points": ("editor", "/work/score/datasets?metric=keyword"),
    "points at work": ("editor", "/work?kind=points"),
    "hand-over": ("sysadmin", "/work/handover"),
}
WIDTHS = (1280, 768, 360)
"""At the widest and the narrowest, a page is also looked at by axe."""


@pytest.fixture(scope="module")
def names(classic: Site) -> Mapping[str, str]:
    """What the addresses name: an issued edition, its draft, an item, a plan and its entry."""
    editions = classic.action("nd47_catalogue_list", kind="province", limit=50)["results"]
    by_state = {one["state"]: one["name"] for one in editions}
    item = classic.action(
        "nd47_catalogue_item_list", catalogue=by_state["issued"], status="late", limit=1
    )
    plan = classic.action("nd47_plan_list", limit=1)["results"][0]["name"]
    entries = classic.action("nd47_plan_entries", id=plan, state="late", limit=1)
    return {
        "issued": by_state["issued"],
        "draft": by_state["draft"],
        "line": item["results"][0]["line_id"],
        "plan": plan,
        "entry": entries["results"][0]["id"],
        "dataset": DATASET,
    }


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


def grave(page: Page, site: Site) -> list[str]:
    """Return the grave faults that axe finds on a page as it is."""
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['html']}"
        for violation in AXE.run(page, options=ONLY_VIOLATIONS).response["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
        if not is_of_the_theme(site, violation["id"], node["html"])
    ]


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_grave_fault_and_does_not_scroll_sideways(
    site: Site, open_page: Callable[..., Page], names: Mapping[str, str], name: str
):
    role, path = PAGES[name]
    page = open_page(site, role)
    answer = page.goto(f"/vi{path.format(**names)}")
    assert answer is not None
    assert answer.ok
    found: dict[int, list[str]] = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[width] = page.evaluate(BEYOND)
        if width != WIDTHS[1]:
            found[width] = found.get(width, []) + grave(page, site)
    assert {width: what for width, what in found.items() if what} == {}


@pytest.mark.parametrize("path", ["/work/leader", "/en/work/leader"])
def test_the_page_of_the_leader_is_one_sheet_of_paper(
    site: Site, open_page: Callable[..., Page], path: str
):
    page = open_page(site, "sysadmin")
    page.goto(path)
    sheets = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert len(sheets) == 1
    millimetres = [round(float(side) * 25.4 / 72) for side in sheets[0].mediabox[2:]]
    assert millimetres == list(A4)
    printed = " ".join(sheets[0].extract_text().split())
    assert page.locator(".nd47-sheet h2").last.inner_text().split()[0] in printed


def test_two_sheets_would_be_noticed(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic, "sysadmin")
    page.goto("/work/leader")
    page.evaluate("document.querySelector('.nd47-sheet').style.minHeight = '320mm'")
    assert len(pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages) > 1


def test_nothing_is_cut_off_on_the_sheet(site: Site, open_page: Callable[..., Page]):
    page = open_page(site, "sysadmin", {"width": 718, "height": 1000})
    page.emulate_media(media="print")
    page.goto("/work/leader")
    # A sheet without its margins has 190 mm, which are 718 pixels.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")


def test_a_figure_of_the_plan_is_the_same_on_both_pages(
    classic: Site, open_page: Callable[..., Page], names: Mapping[str, str]
):
    shown = classic.action("nd47_plan_show", id=names["plan"])
    assert 0 < shown["items"]["done"] < shown["items"]["total"]
    page = open_page(classic, "sysadmin")
    page.goto("/work/leader")
    reached = f"{shown['items']['done']}/{shown['items']['total']}"
    expect(page.locator("section[aria-labelledby=plan-title]")).to_contain_text(reached)


def test_the_list_and_the_plan_are_used_by_keys_alone(
    classic: Site, open_page: Callable[..., Page], names: Mapping[str, str]
):
    page = open_page(classic, "sysadmin")
    page.goto("/work/reports")
    focus(page, "#report-group")
    page.keyboard.press("ArrowDown")
    focus(page, ".nd47-filters button[type=submit]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#report-group")).to_have_value("field")
    focus(page, ".nd47-wide")
    width = page.locator(":focus").evaluate("e => getComputedStyle(e).outlineWidth")
    assert float(width.removesuffix("px")) >= 1


def test_the_button_of_points_leads_to_the_form_of_a_dataset(
    classic: Site, open_page: Callable[..., Page]
):
    page = open_page(classic, "sysadmin", DESK)
    page.goto("/work?kind=points")
    button = page.locator("tbody .btn").first
    with page.expect_navigation():
        button.click()
    expect(page).to_have_url(re.compile(r"/work/score/datasets\?"))
    row = page.locator("tbody tr").first
    with page.expect_navigation():
        row.locator(".btn").click()
    expect(page.locator("form.dataset-form, #dataset-edit, form").first).to_be_visible()
    assert "/dataset/" in page.url
