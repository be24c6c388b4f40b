"""No page scrolls sideways on a telephone or tablet, in both themes; small things people saw."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

DATASET = "bang-gia-dat-2026"
WIDTHS = (360, 390, 768)
"""Those of the telephones that most people have and of a tablet, in CSS pixels."""

NARROWEST = {"width": WIDTHS[0], "height": 800}

PAGES: dict[str, tuple[str, str]] = {
    "about": ("", "/about"),
    "agencies in English": ("", "/en/organization/"),
    "groups": ("", "/group/"),
    "search": ("", "/dataset/?q=gia+dat&res_format=CSV"),
    "login": ("", "/user/login"),
    "work of an editor": ("editor", "/dashboard/datasets"),
    "form of a dataset": ("sysadmin", f"/dataset/edit/{DATASET}/2"),
    "doctor": ("sysadmin", "/ckan-admin/nd47-doctor"),
    "old datasets": ("sysadmin", "/ckan-admin/nd47-migrate"),
    "import of the register": ("sysadmin", "/ckan-admin/agency-register"),
    "export": ("sysadmin", "/ckan-admin/nd47-dcat"),
}
"""Those that `test_accessibility.py` does not look at, which asks for the same."""
BEYOND = """
() => [...document.querySelectorAll('body *')]
  .filter(e => Math.max(e.getBoundingClientRect().right, e.scrollWidth) > innerWidth + 1)
  .slice(0, 5)
  .map(e => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)
"""
"""What reaches over the edge, for the message of a failure."""


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Waits until the page is laid out for its new width."""


def overhang(page: Page) -> dict[int, list[str]]:
    """Return what reaches over the edge, by the widths at which the page scrolls sideways."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(PAINTED)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[width] = page.evaluate(BEYOND)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_page_does_not_scroll_sideways(site: Site, visit: Callable[..., Page], name: str):
    role, path = PAGES[name]
    page = visit(site, role, NARROWEST)
    assert page.goto(path) is not None
    assert overhang(page) == {}


def test_a_long_path_in_a_finding_of_the_doctor_is_broken(site: Site, visit: Callable[..., Page]):
    """Where the portal stores its files is known to its administrator alone."""
    page = visit(site, "sysadmin", NARROWEST)
    page.goto("/ckan-admin/nd47-doctor")
    heading = page.locator(".nd47-finding h2").first
    heading.evaluate("(e, text) => { e.textContent = text; }", f"/var/lib/{'ckan' * 20}")
    assert overhang(page) == {}


def test_page_of_a_file_with_its_table_does_not(site: Site, visit: Callable[..., Page]):
    resource = site.action("package_show", id=DATASET)["resources"][0]["id"]
    page = visit(site, "", NARROWEST)
    page.goto(f"/dataset/{DATASET}/resource/{resource}")
    assert overhang(page) == {}


@pytest.mark.parametrize("page_name", ["doctor", "old datasets"])
def test_lines_to_paste_and_tables_are_whole(
    site: Site, visit: Callable[..., Page], page_name: str
):
    role, path = PAGES[page_name]
    page = visit(site, role, NARROWEST)
    page.goto(path)
    parts = page.locator("pre, .primary table")
    assert parts.count() > 0
    scrolling = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert parts.evaluate_all(scrolling) == 0
    cut = "all => all.filter(e => e.getBoundingClientRect().right > innerWidth).length"
    assert parts.evaluate_all(cut) == 0


BROKEN_WORDS = """
all => all.flatMap(e => {
  const walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
  const broken = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (const word of node.textContent.matchAll(/[^\\s]+/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1)
        broken.push(word[0]);
    }
  }
  return broken;
})
"""


@pytest.mark.parametrize("width", [360, 800, 1024, 1440])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_no_word_of_a_card_is_broken(
    site: Site, visit: Callable[..., Page], language: str, width: int
):
    page = visit(site, "", {"width": width, "height": 900})
    page.goto(f"/{language}/organization/?sort=title+asc")
    headings = page.locator(".media-heading, .module-content h3")
    assert headings.count() > 0
    assert headings.evaluate_all(BROKEN_WORDS) == []


def test_broken_word_would_be_noticed(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic)
    page.goto("/about")
    page.set_content("<h2 style='width: 5em; overflow-wrap: anywhere'>Chuyển Transformation</h2>")
    assert page.locator("h2").evaluate_all(BROKEN_WORDS) == ["Transformation"]


@pytest.mark.parametrize("width", [360, 1440])
def test_a_card_opens_the_agency_that_it_shows(
    classic: Site, open_page: Callable[..., Page], width: int
):
    page = open_page(classic, "", {"width": width, "height": 900})
    page.goto("/organization/?sort=title+asc")
    cards = page.locator(".media-item")
    card = cards.nth(1)
    card.scroll_into_view_if_needed()
    address = card.locator("a.media-view").get_attribute("href")
    hit = card.evaluate("""e => {
      const box = e.getBoundingClientRect();
      const at = document.elementFromPoint(box.x + box.width / 2, box.y + 20);
      return at.closest('a').getAttribute('href');
    }""")
    assert hit == address


def test_words_of_the_table_have_one_colon_at_most(classic: Site, open_page: Callable[..., Page]):
    resource = classic.action("package_show", id=DATASET)["resources"][0]["id"]
    # The view of a portal that had DataTables before.
    view = classic.action(
        "resource_view_create", resource_id=resource, view_type="datatables_view", title="Bảng cũ"
    )
    try:
        page = open_page(classic)
        page.goto(f"/dataset/{DATASET}/resource/{resource}/view/{view['id']}")
        labels = page.locator(".dataTables_wrapper label")
        expect(labels.first).to_be_visible()
        after = labels.evaluate_all("all => all.map(e => getComputedStyle(e, '::after').content)")
        assert set(after) == {"none"}
    finally:
        classic.action("resource_view_delete", id=view["id"])


@pytest.mark.parametrize("width", [390, 1280])
def test_form_to_log_in_stands_in_the_middle(
    midnight: Site, open_page: Callable[..., Page], width: int
):
    page = open_page(midnight, "", {"width": width, "height": 900})
    page.goto("/user/login")
    box = page.locator(".login-wrapper").bounding_box()
    assert box is not None
    assert abs(box["x"] - (width - box["x"] - box["width"])) <= 1


CKAN_HEADER = """
document.body.insertAdjacentHTML("afterbegin", `<div class="account-masthead"><nav class="account">
<ul><li><form><button><i class="fa fa-sign-out"></i></button></form></li></ul></nav></div>`)
"""
"""The part of CKAN's own header that a portal without `nd47_portal` has."""


def test_sign_to_log_out_is_light_on_its_dark_ground(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic)
    page.goto("/about")
    page.evaluate(CKAN_HEADER)
    sign = page.locator(".account-masthead button .fa-sign-out")
    expect(sign).to_have_css("color", "rgb(230, 241, 244)")
