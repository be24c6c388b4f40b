"""What a first visit loads over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser

DATASET = "bang-gia-dat-2026"
MOST_BYTES = 300_000
CKANS = ("_main.css", "_jquery.js", "_vendor.js", "_bootstrap.js", "_fontawesome.css", "_htmx.js")
SECONDS_OF_A_YEAR = 365 * 24 * 3600
PAGES = {
    "home": "/",
    "search": "/dataset/?q=gia+dat",
    "dataset": f"/dataset/{DATASET}",
    "dataset with a map": "/dataset/tram-sac-xe-dien",
    "file": f"/dataset/{DATASET}/resource/{{resource}}",
    "agency": "/organization/{agency}",
}


class Wire:
    """The answers that a page loads: bytes as sent, by address."""

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, float] = {}
        self._addresses: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._begin)
        session.on("Network.loadingFinished", self._end)

    def _begin(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["response"]["url"]

    def _end(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"]) or event["requestId"]
        self.bytes[address] = event["encodedDataLength"]

    def of_ckan(self) -> list[str]:
        """Return what was loaded of CKAN's bundles."""
        return [address for address in self.bytes if address.endswith(CKANS)]


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def addresses(classic: Site) -> dict[str, str]:
    """The path of each page."""
    dataset = classic.action("package_show", id=DATASET)
    places = {
        "resource": dataset["resources"][0]["id"],
        "agency": dataset["organization"]["name"],
    }
    return {name: path.format(**places) for name, path in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_first_visit_is_light(
    classic: Site, open_page: Callable[..., Page], addresses: dict[str, str], name: str
):
    page = open_page(classic, viewport=PHONE)
    wire = Wire(page)
    page.goto(addresses[name], wait_until="networkidle")
    assert 0 < sum(wire.bytes.values()) <= MOST_BYTES, wire.bytes


@pytest.mark.parametrize("name", PAGES)
def test_visitor_loads_no_bundle_of_ckan(
    site: Site, open_page: Callable[..., Page], addresses: dict[str, str], name: str
):
    page = open_page(site)
    wire = Wire(page)
    page.goto(addresses[name], wait_until="networkidle")
    assert wire.of_ckan() == []


def test_logged_in_user_has_ckans_bundle(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic, "editor")
    wire = Wire(page)
    page.goto("/dataset/", wait_until="networkidle")
    assert wire.of_ckan()


def test_first_view_of_a_file_stands_in_its_page(
    classic: Site, open_page: Callable[..., Page], addresses: dict[str, str]
):
    page = open_page(classic)
    page.goto(addresses["file"], wait_until="networkidle")
    assert page.frames[1:] == []
    expect(page.locator(".nd47-view").first).to_be_visible()


def test_styles_and_scripts_are_compressed_and_kept_for_a_year(
    classic: Site, open_page: Callable[..., Page]
):
    page = open_page(classic)
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/", wait_until="networkidle")
    files = [answer for answer in answers if "/webassets/" in answer.url]
    assert files
    for answer in files:
        assert f"max-age={SECONDS_OF_A_YEAR}" in answer.headers["cache-control"], answer.url
    large = [answer for answer in files if answer.url.endswith("_visitors.css")]
    assert [answer.headers.get("content-encoding") for answer in large] == ["gzip"]


def test_pages_are_not_kept_by_shared_caches(classic: Site, open_page: Callable[..., Page]):
    answer = open_page(classic).goto("/dataset/")
    assert answer is not None
    assert "public" not in answer.headers.get("cache-control", "")
    assert "max-age" not in answer.headers.get("cache-control", "")
