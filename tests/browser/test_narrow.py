"""No page scrolls sideways on a telephone, in both themes; small things of CKAN that people saw."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

DATASET = "bang-gia-dat-2026"
AGENCY = "so-nong-nghiep-va-moi-truong"
WIDTHS = (360, 390)
"""Those of the telephones that most people have, in CSS pixels."""

PAGES: dict[str, tuple[str, str]] = {
    "home": ("", "/"),
    "agencies": ("", "/organization/"),
    "agencies in English": ("", "/en/organization/"),
    "agency": ("", f"/organization/{AGENCY}"),
    "groups": ("", "/group/"),
    "datasets": ("", "/dataset/"),
    "search": ("", "/dataset/?q=gia+dat&res_format=CSV"),
    "dataset": ("", f"/dataset/{DATASET}"),
    "focal points": ("", "/focal-points"),
    "code lists": ("", "/vocabulary"),
    "code list": ("", "/vocabulary/frequency"),
    "licence": ("", "/license/vn-open-data-2023"),
    "login": ("", "/user/login"),
    "not found": ("", "/dataset/khong-co-trang-nay"),
    "work of an editor": ("editor", "/dashboard/datasets"),
    "new dataset": ("editor", "/dataset/new"),
    "form of a dataset": ("sysadmin", f"/dataset/edit/{DATASET}/2"),
    "register": ("sysadmin", f"/organization/register/{AGENCY}"),
    "alerts": ("sysadmin", "/focal-points/alerts"),
    "settings": ("sysadmin", "/ckan-admin/nd47"),
    "doctor": ("sysadmin", "/ckan-admin/nd47-doctor"),
}
BEYOND = """
() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 5)
  .map(e => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)
"""
"""What reaches over the edge, for the message of a failure."""


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


def overhang(page: Page) -> dict[int, list[str]]:
    """Return what reaches over the edge, by the widths at which the page scrolls sideways."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[width] = page.evaluate(BEYOND)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_page_does_not_scroll_sideways(site: Site, open_page: Callable[..., Page], name: str):
    role, path = PAGES[name]
    page = open_page(site, role, {"width": WIDTHS[0], "height": 800})
    assert page.goto(path) is not None
    assert overhang(page) == {}


def test_page_of_a_file_with_its_table_does_not(site: Site, open_page: Callable[..., Page]):
    resource = site.action("package_show", id=DATASET)["resources"][0]["id"]
    page = open_page(site, "", {"width": WIDTHS[0], "height": 800})
    page.goto(f"/dataset/{DATASET}/resource/{resource}")
    assert overhang(page) == {}


def test_words_of_the_table_have_one_colon_at_most(classic: Site, open_page: Callable[..., Page]):
    resource = classic.action("package_show", id=DATASET)["resources"][0]["id"]
    page = open_page(classic)
    page.goto(f"/dataset/{DATASET}/resource/{resource}")
    labels = page.frame_locator("iframe").first.locator(".dataTables_wrapper label")
    expect(labels.first).to_be_visible()
    after = labels.evaluate_all("all => all.map(e => getComputedStyle(e, '::after').content)")
    assert set(after) == {"none"}


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
