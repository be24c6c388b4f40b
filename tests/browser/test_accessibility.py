"""axe-core finds no serious or critical fault on any page of the suite, in both themes, on a desk
and on a phone; no page scrolls sideways on a telephone or tablet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site
from tests.browser.test_narrow import NARROWEST, overhang

pytestmark = pytest.mark.browser

AXE = Axe()
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
GRAVE = frozenset({"serious", "critical"})
DATASET = "bang-gia-dat-2026"
AGENCY = "so-nong-nghiep-va-moi-truong"

NOT_OURS = {
    "button-name": "fa-sign-out",  # log-out button of the theme's header: an icon without a name
    "list": '<ul class="list-unstyled">',  # its footer has links directly in a list
    "select-name": 'name="sort"',  # its search form has a label that names no field
}
"""Faults of midnight blue outside of what the suite draws: rule, and part of the element's HTML."""

PAGES: dict[str, tuple[str, str]] = {
    "home": ("", "/"),
    "home in English": ("", "/en/"),
    "fields": ("", "/field"),
    "field": ("", "/field/moi-truong"),
    "field in English": ("", "/en/field/moi-truong"),
    "page beyond the end": ("", "/field/moi-truong?page=9999"),
    "terms of use": ("", "/terms-of-use"),
    "accessibility": ("", "/accessibility"),
    "contact": ("", "/contact"),
    "developers": ("", "/developers"),
    "list of agencies": ("", "/organization/?sort=title+asc"),
    "datasets": ("", "/dataset/"),
    "dataset": ("", f"/dataset/{DATASET}"),
    "dataset in English": ("", f"/en/dataset/{DATASET}"),
    "agencies": ("", "/organization/"),
    "agency": ("", f"/organization/{AGENCY}"),
    "about an agency": ("", f"/organization/about/{AGENCY}"),
    "search": ("", "/dataset/?q=thuy+loi&res_format=CSV"),
    "focal points": ("", "/focal-points"),
    "licence": ("", "/license/vn-open-data-2023"),
    "licence of the decree": ("", "/license/nd47-open-data"),
    "licence of others": ("", "/license/cc-by"),
    "code lists": ("", "/vocabulary"),
    "code list": ("", "/vocabulary/frequency"),
    "code of a list": ("", "/vocabulary/frequency/hang-nam"),
    "dataset of an editor": ("sysadmin", f"/dataset/{DATASET}"),
    "new dataset": ("editor", "/dataset/new"),
    "main information": ("sysadmin", f"/dataset/edit/{DATASET}/1"),
    "new resource": ("sysadmin", f"/dataset/{DATASET}/resource/new"),
    "new agency": ("sysadmin", "/organization/new"),
    "form of an agency": ("sysadmin", f"/organization/edit/{AGENCY}"),
    "register of an agency": ("sysadmin", f"/organization/register/{AGENCY}"),
    "entry of an agency": ("sysadmin", f"/organization/register/{AGENCY}/entry"),
    "new focal point": ("sysadmin", f"/organization/register/{AGENCY}/focal-point"),
    "alerts": ("sysadmin", "/focal-points/alerts"),
    "settings": ("sysadmin", "/ckan-admin/nd47"),
    "not found": ("", "/dataset/khong-co-trang-nay"),
}

ERRORS = {"not found"}
"""Those of them that answer with an error."""


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


def faults(page: Page, site: Site) -> list[str]:
    """Return the grave faults of a page, on a desk and on a phone."""
    found = []
    for name, size in (("desk", DESK), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict will do
        found += [
            f"{name}: {violation['id']} at {' '.join(map(str, node['target']))}: {node['html']}"
            for violation in AXE.run(page, options=ONLY_VIOLATIONS).response["violations"]
            if violation["impact"] in GRAVE
            for node in violation["nodes"]
            if not is_of_the_theme(site, violation["id"], node["html"])
        ]
    return found


def is_of_the_theme(site: Site, rule: str, html: str) -> bool:
    """Say whether a fault is one of midnight blue's own."""
    return site.theme == "midnight-blue" and NOT_OURS.get(rule, "-") in html


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_grave_fault_and_does_not_scroll_sideways(
    site: Site, visit: Callable[..., Page], name: str
):
    role, path = PAGES[name]
    page = visit(site, role)
    answer = page.goto(path)
    assert answer is not None
    assert answer.ok or name in ERRORS
    assert faults(page, site) == []
    page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]  # a plain dict will do
    page.reload()
    assert overhang(page) == {}


def test_resource_has_no_grave_fault(site: Site, visit: Callable[..., Page]):
    resource = site.action("package_show", id=DATASET)["resources"][0]["id"]
    page = visit(site)
    page.goto(f"/dataset/{DATASET}/resource/{resource}")
    assert faults(page, site) == []


def test_form_of_a_resource_has_no_grave_fault(site: Site, visit: Callable[..., Page]):
    resource = site.action("package_show", id=DATASET)["resources"][0]["id"]
    page = visit(site, "sysadmin")
    page.goto(f"/dataset/{DATASET}/resource/{resource}/edit")
    assert faults(page, site) == []


def test_open_sections_and_lists_have_no_grave_fault(site: Site, open_page: Callable[..., Page]):
    """What is folded away is not looked at otherwise."""
    page = open_page(site, "sysadmin")
    page.goto(f"/dataset/edit/{DATASET}/2")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    # The script replaces the drop-down once CKAN has fetched its translations.
    page.locator("input#field-responsible_agency").click()
    expect(page.get_by_role("listbox", name="Cơ quan chủ quản")).to_be_visible()
    assert faults(page, site) == []


def test_errors_have_no_grave_fault(site: Site, open_page: Callable[..., Page]):
    page = open_page(site, "editor")
    page.goto("/dataset/new")
    with page.expect_navigation():
        page.locator(".nd47-actions .btn-primary").click()
    expect(page.locator(".nd47-problems")).to_be_visible()
    assert faults(page, site) == []
