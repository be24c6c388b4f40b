"""Maps, charts and documents in a browser: what they show, keyboard, weight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}
STATIONS = "tram-sac-xe-dien"
PRICES = "bang-gia-dat-2026"
MOST_BYTES = 300_000


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def made(classic: Site) -> dict[str, str]:
    """Addresses of the map of the charging stations, a chart and a text."""
    found = {}
    for dataset, format_, view, name in (
        (STATIONS, "GeoJSON", "nd47_map_view", "map"),
        (PRICES, "CSV", "nd47_chart_view", "chart"),
        (STATIONS, "GeoJSON", "nd47_document_view", "text"),
    ):
        shown = classic.action("package_show", id=dataset)
        resource = next(one for one in shown["resources"] if one["format"] == format_)
        one = view_of(classic, resource["id"], view)
        found[name] = f"/dataset/{dataset}/resource/{resource['id']}?view_id={one}"
    return found


def view_of(site: Site, resource: str, kind: str) -> str:
    """Return the id of the view of a file, which is made if it is missing."""
    views = site.action("resource_view_list", id=resource)
    found = next((one for one in views if one["view_type"] == kind), None)
    if found is None:
        found = site.action(
            "resource_view_create", resource_id=resource, view_type=kind, title=kind
        )
    return found["id"]


def ready(page: Page) -> None:
    """Wait for a map."""
    expect(page.locator('.nd47-map[data-ready="true"]')).to_be_visible()


class TestMap:
    def test_it_shows_the_charging_stations(
        self, site: Site, open_page: Callable[..., Page], made: dict[str, str]
    ):
        page = open_page(site, viewport=DESK)
        page.goto(made["map"])
        ready(page)
        assert page.locator(".nd47-map-canvas path.leaflet-interactive").count() == 38
        expect(page.locator(".nd47-map-note")).to_have_text("38 vị trí")

    def test_a_place_opens_from_the_keyboard(
        self, classic: Site, open_page: Callable[..., Page], made: dict[str, str]
    ):
        page = open_page(classic, viewport=DESK)
        page.goto(made["map"])
        ready(page)
        summary = page.locator("details.nd47-map-list > summary")
        summary.focus()
        page.keyboard.press("Enter")
        page.locator("details.nd47-map-list button").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".leaflet-popup dl")).to_be_visible()

    def test_the_address_has_the_legend(
        self, classic: Site, open_page: Callable[..., Page], made: dict[str, str]
    ):
        page = open_page(classic, viewport=DESK)
        page.goto(made["map"])
        ready(page)
        select = page.locator("#nd47-legend")
        last = select.locator("option").last.get_attribute("value") or ""
        select.select_option(last)
        expect(page.locator(".nd47-map-legend li").first).to_be_visible()
        page.goto(page.url)
        ready(page)
        expect(page.locator("#nd47-legend")).to_have_value(last)


@pytest.mark.parametrize("name", ["map", "chart", "text"])
def test_a_visit_is_light(
    classic: Site, open_page: Callable[..., Page], made: dict[str, str], name: str
):
    page = open_page(classic, viewport=NARROW)
    sizes: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(made[name], wait_until="networkidle")
    assert 0 < sum(sizes) <= MOST_BYTES


def test_a_chart_needs_no_script(classic: Site, chromium: Browser, made: dict[str, str]):
    context = chromium.new_context(java_script_enabled=False, base_url=classic.url)
    page = context.new_page()
    page.goto(made["chart"])
    picture = page.locator(".nd47-chart img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    page.locator(".nd47-chart-figures > summary").click()
    expect(page.locator(".nd47-chart-figures td").first).to_be_visible()
    context.close()


def test_another_chart_is_chosen_by_label(
    classic: Site, open_page: Callable[..., Page], made: dict[str, str]
):
    page = open_page(classic, viewport=DESK)
    page.goto(made["chart"])
    page.get_by_label("Theo").select_option(index=0)
    page.get_by_role("button", name="Vẽ").click()
    expect(page.locator(".nd47-chart img")).to_be_visible()
    assert "x=" in page.url
