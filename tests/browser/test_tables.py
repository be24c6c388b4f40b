"""What people and officers see of a file is for everybody, in both themes; rows of a table."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, HTTP_OK, Site
from tests.browser.test_accessibility import faults
from tests.browser.test_form import editors_agency
from tests.browser.test_keyboard import focus
from tests.browser.test_narrow import overhang
from tests.browser.test_views import view_of

pytestmark = pytest.mark.browser

PRICES = "bang-gia-dat-2026"
STATIONS = "tram-sac-xe-dien"
AIR = "chat-luong-khong-khi-tu-dong"
RULES = "ke-hoach-phong-chong-thien-tai-2026"
PHONE = {"width": 360, "height": 780}
PRICE, PRICE_NAME = "Vị trí 1 (nghìn đồng/m²)", "vi_tri_1_nghin_dong_m2"
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
NARROWEST = 100
"""Pixels of a column of numbers with three digits."""

PEOPLE = """Họ và tên,Số CCCD,Số tiền
Nguyễn Thị Hoa,042185001234,1200000
Trần Văn Bình,042090005678,900000
Lê Thị Cúc,001192004321,1500000
Tổng,,3600000
"""

PAGES: dict[str, tuple[str, str]] = {
    "table in its file": ("", "/dataset/{prices}/resource/{table}"),
    "table": ("", "/dataset/{prices}/resource/{table}/table"),
    "table, filtered": (
        "",
        f"/dataset/{{prices}}/resource/{{table}}/table?q=ky+lam&filter:{PRICE_NAME}=>+1000",
    ),
    "table, misunderstood": (
        "",
        f"/dataset/{{prices}}/resource/{{table}}/table?filter:{PRICE_NAME}=nhiều",
    ),
    "table alone": ("", "/embed/{nd47_table}"),
    "map": ("", "/dataset/{stations}/resource/{map}?view_id={nd47_map_view}"),
    "map alone": ("", "/embed/{nd47_map_view}"),
    "places": ("", "/dataset/{stations}/resource/{map}/places"),
    "chart": ("", "/dataset/{prices}/resource/{table}?view_id={nd47_chart_view}"),
    "chart alone": ("", "/embed/{nd47_chart_view}"),
    "text": ("", "/dataset/{stations}/resource/{map}?view_id={nd47_document_view}"),
    "text alone": ("", "/embed/{nd47_document_view}"),
    "JSON": ("", "/dataset/{air}/resource/{json}"),
    "PDF": ("", "/dataset/{rules}/resource/{pdf}"),
    "API of the table": ("", "/developers/table/{table}"),
    "check of a file": ("editor", "/dataset/{doubtful}/resource/{people}/check"),
    "data dictionary": ("editor", "/dataset/{doubtful}/resource/{people}/columns"),
    "file first": ("editor", "/dataset/new-from-file"),
}
"""Role and address. What the check of the file found has to be decided on its page too."""

VIEWS = {
    "nd47_table": "table",
    "nd47_chart_view": "table",
    "nd47_map_view": "map",
    "nd47_document_view": "map",
}
"""Views of the pages, and their files."""


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def doubtful(classic: Site) -> Iterator[dict[str, str]]:
    """A dataset of the editor's agency with a file that has personal data, checked."""
    dataset = classic.action(
        "package_create",
        name="ho-tro-nguoi-dan-thu-nghiem",
        title="Danh sách hỗ trợ thử nghiệm",
        owner_org=editors_agency(classic),
        private=True,
    )
    answer = requests.post(
        f"{classic.url}/api/3/action/resource_create",
        data={"package_id": dataset["id"], "name": "Danh sách hỗ trợ", "format": "CSV"},
        files={"upload": ("danh-sach.csv", PEOPLE.encode())},
        headers={"Authorization": classic.portal.sysadmin["token"]},
        timeout=120,
    )
    assert answer.status_code == HTTP_OK, answer.text
    resource = answer.json()["result"]["id"]
    _wait_for_table(classic, resource)
    yield {"doubtful": dataset["name"], "people": resource}
    classic.action("package_delete", id=dataset["id"])
    classic.action("dataset_purge", id=dataset["id"])


def _wait_for_table(site: Site, resource: str) -> None:
    end = time.monotonic() + 180
    while True:
        check = site.action("nd47_file_check", id=resource)
        shown = site.action("resource_show", id=resource)
        if check["state"] == "done" and shown.get("datastore_active"):
            return
        assert time.monotonic() < end, check["state"]
        time.sleep(0.5)


@pytest.fixture(scope="module")
def names(classic: Site) -> dict[str, str]:
    """Names of datasets, ids of files and ids of views, as the addresses of the pages need them."""
    found = {"prices": PRICES, "stations": STATIONS, "air": AIR, "rules": RULES}
    files = {"table": (PRICES, "CSV"), "map": (STATIONS, "GeoJSON")}
    files |= {"json": (AIR, "JSON"), "pdf": (RULES, "PDF")}
    for name, (dataset, kind) in files.items():
        shown = classic.action("package_show", id=dataset)
        found[name] = next(one["id"] for one in shown["resources"] if one["format"] == kind)
    _wait_for_table(classic, found["table"])
    for kind, file in VIEWS.items():
        found[kind] = view_of(classic, found[file], kind)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_shut_out(
    site: Site,
    visit: Callable[..., Page],
    names: dict[str, str],
    doubtful: dict[str, str],
    name: str,
):
    """No grave fault, no scrolling sideways from a phone to a desk, no other host is asked."""
    role, path = PAGES[name]
    page = visit(site, role, DESK)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.format(**names, **doubtful), wait_until="networkidle")
    assert not page.evaluate(SIDEWAYS)
    assert overhang(page) == {}
    assert faults(page, site) == []
    # The viewer of documents is a part of the browser.
    own = (site.url, "data:", "blob:", "chrome:", "chrome-extension:")
    assert [url for url in asked if not url.startswith(own)] == []


def cells(page: Page) -> list[list[str]]:
    """Return the cells of the table of a page."""
    rows = page.locator(".nd47-rows tbody tr")
    found: list[list[str]] = rows.evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )
    return found


def numbers(rows: list[list[Any]], column: int = 0) -> list[float]:
    """Return a column of numbers, from a page or a download."""
    return [float(str(row[column]).replace(".", "").replace(",", ".")) for row in rows]


def downloaded(page: Page, label: str) -> list[list[Any]]:
    """Return the rows of a download without its headings."""
    with page.expect_download() as begun:
        page.get_by_role("link", name=label, exact=True).click()
    content = Path(begun.value.path()).read_bytes()
    if label == "CSV":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]


class TestRows:
    def test_ky_lam_is_the_same_eleven_rows_in_table_downloads_and_api(
        self, classic: Site, open_page: Callable[..., Page], names: dict[str, str]
    ):
        page = open_page(classic)
        for typed in ("Kỳ Lâm", "ky lam", "KỲ LÂM"):
            page.goto(PAGES["table in its file"][1].format(**names))
            page.get_by_label("Tìm trong mọi cột").fill(typed)
            page.keyboard.press("Enter")
            expect(page.locator(".nd47-rows tbody tr")).to_have_count(11)
            shown = numbers(cells(page))
            assert numbers(downloaded(page, "CSV")) == shown
            assert numbers(downloaded(page, "XLSX")) == shown
            api = classic.action("datastore_search", resource_id=names["table"], q=typed)
            assert [row["stt"] for row in api["records"]] == shown

    def test_prices_are_sorted_as_numbers(
        self, classic: Site, open_page: Callable[..., Page], names: dict[str, str]
    ):
        page = open_page(classic)
        page.goto(PAGES["table, filtered"][1].format(**names))
        column = page.locator(".nd47-rows th").all_text_contents().index(PRICE)
        for order in ("ascending", "descending"):
            page.get_by_role("link", name=PRICE).first.click()
            heading = page.locator(f".nd47-rows th[aria-sort={order}]")
            expect(heading).to_contain_text(PRICE)
            shown = numbers(cells(page), column)
            assert shown == sorted(shown, reverse=order == "descending")
            assert numbers(downloaded(page, "CSV")) == numbers(cells(page))

    def test_first_rows_need_no_script(
        self, classic: Site, chromium: Browser, names: dict[str, str]
    ):
        context = chromium.new_context(java_script_enabled=False, base_url=classic.url)
        page = context.new_page()
        page.goto(PAGES["table in its file"][1].format(**names))
        expect(page.locator(".nd47-rows tbody tr")).to_have_count(20)
        expect(page.get_by_role("columnheader", name=PRICE, exact=True)).to_be_visible()
        context.close()

    def test_rows_are_cards_on_a_phone(
        self, site: Site, open_page: Callable[..., Page], names: dict[str, str]
    ):
        page = open_page(site, "", PHONE)
        page.goto(PAGES["table"][1].format(**names))
        card = page.locator(".nd47-rows tbody tr").first
        expect(card).to_have_css("display", "block")
        label = card.locator("td").first.evaluate("e => getComputedStyle(e, '::before').content")
        assert "STT" in label
        expect(page.locator(".nd47-rows thead")).to_have_css("width", "1px")

    def test_columns_are_as_wide_as_what_they_hold_over_the_whole_page(
        self, site: Site, open_page: Callable[..., Page], names: dict[str, str]
    ):
        page = open_page(site)
        wide = "all => all.map(e => e.offsetWidth)"
        for name in ("table in its file", "table"):
            page.goto(PAGES[name][1].format(**names))
            first, *_ = page.locator(".nd47-rows th").evaluate_all(wide)
            assert first < NARROWEST, name  # running numbers
            (width,) = page.locator(".nd47-rows-frame").evaluate_all(wide)
            assert width > 0.8 * DESK["width"], name

    def test_table_is_searched_filtered_and_sorted_by_keys(
        self, classic: Site, open_page: Callable[..., Page], names: dict[str, str]
    ):
        page = open_page(classic)
        page.goto(PAGES["table"][1].format(**names))
        focus(page, "#table-q")
        page.keyboard.type("ky lam")
        page.keyboard.press("Enter")
        expect(page.locator(".nd47-rows tbody tr")).to_have_count(11)
        focus(page, ".nd47-table-search summary")
        page.keyboard.press("Enter")
        focus(page, f"[name='filter:{PRICE_NAME}']")
        page.keyboard.type("> 30000")
        page.keyboard.press("Enter")
        expect(page.locator(".nd47-rows tbody tr")).to_have_count(3)
        focus(page, ".nd47-rows thead a")
        page.keyboard.press("Enter")
        expect(page.locator(".nd47-rows th[aria-sort=ascending]")).to_have_text("STT ▲")

    def test_links_of_a_frame_leave_it(
        self, classic: Site, open_page: Callable[..., Page], names: dict[str, str]
    ):
        """Pages of the portal do not open in a frame of another site."""
        page = open_page(classic)
        page.goto(PAGES["table alone"][1].format(**names))
        with page.expect_popup() as opened:
            page.get_by_role("link", name="Toàn bộ bảng").click()
        expect(opened.value).to_have_url(f"{classic.url}{PAGES['table'][1].format(**names)}")


def test_personal_data_are_decided_by_keys(
    classic: Site, open_page: Callable[..., Page], names: dict[str, str], doubtful: dict[str, str]
):
    page = open_page(classic, "editor")
    page.goto(PAGES["check of a file"][1].format(**names, **doubtful))
    expect(page.locator(".nd47-decision .alert-warning")).to_be_visible()
    focus(page, "[name=decision]")
    page.keyboard.press("Space")
    focus(page, "#decision-basis")
    page.keyboard.type("Điều 5 Nghị định thử nghiệm")
    focus(page, ".nd47-decision .btn-primary")
    page.keyboard.press("Enter")
    expect(page.locator(".nd47-decision tbody")).to_contain_text("Điều 5 Nghị định thử nghiệm")
    expect(page.locator(".nd47-decision .alert-warning")).to_have_count(0)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_best_view_follows_the_files_and_is_loaded_without_delaying_the_page(
    classic: Site, open_page: Callable[..., Page], viewport: dict[str, int]
):
    page = open_page(classic, "", viewport)
    page.goto(f"/dataset/{STATIONS}")
    frame = page.locator(".nd47-best iframe")
    assert frame.get_attribute("loading") == "lazy"
    assert page.locator("#dataset-resources ~ .nd47-best").count() == 1
    frame.scroll_into_view_if_needed()
    inside = page.frame_locator(".nd47-best iframe")
    expect(inside.locator('.nd47-map[data-ready="true"]')).to_be_visible()
