"""Publication and the next period, with clicks and typed values counted; nothing typed is lost."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import HTTP_OK, Site
from tests.browser.test_accessibility import faults
from tests.browser.test_form import editors_agency
from tests.browser.test_narrow import overhang
from tests.browser.work import Work

pytestmark = pytest.mark.browser

ROWS = "ma,ten,muc_nuoc_m\n1,Cống Đồng Lệ,2.4\n2,Hồ Khe Lá,11.8\n"
MOST_CLICKS, MOST_VALUES = 9, 7
PHONE = {"width": 360, "height": 740}
KEPT = "[data-nd47-kept]"


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


def table(folder: Path, kind: str) -> Path:
    """Write a small file of an officer."""
    path = folder / f"diem-do-muc-nuoc.{kind}"
    if kind == "csv":
        path.write_text(ROWS, encoding="utf-8")
        return path
    book = openpyxl.Workbook()
    for row in ROWS.splitlines():
        book.active.append(row.split(","))  # type: ignore[union-attr]  # a new book has a sheet
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(content.getvalue())
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_dataset_is_published_with_nine_clicks_and_seven_values(
    classic: Site, open_page: Callable[..., Page], created: list[str], tmp_path: Path, kind: str
):
    name = f"diem-do-thu-nghiem-{kind}"
    created.append(name)
    page = open_page(classic, "editor")
    page.goto("/dataset/")
    work = Work(page)
    work.go(page.get_by_role("link", name=re.compile("(Thêm|Tạo) bộ dữ liệu")).first)
    work.type("Tên bộ dữ liệu", f"Điểm đo thử nghiệm {kind}")
    work.type("Mô tả", "Mực nước tại các điểm đo thủy lợi trên địa bàn tỉnh.")
    page.get_by_role("combobox", name="Từ khóa").fill("thủy lợi, mực nước")
    work.values.append("Từ khóa")
    work.choose("Loại dữ liệu mở", "quan-trac-iot")
    work.click(page.get_by_label("Môi trường"))
    work.values.append("Lĩnh vực")
    work.choose("Tần suất cập nhật", "hang-nam")
    work.go(page.locator(".nd47-actions .btn-primary"))
    work.go(page.locator(".nd47-actions .btn-primary"))
    page.locator("#field-resource-upload").set_input_files(table(tmp_path, kind))
    work.clicks += 1
    work.values.append("Tệp")
    work.go(page.locator(".nd47-actions .btn-primary"))
    expect(page.locator("h1")).to_contain_text("Kiểm tra và công bố")
    expect(page.locator(".nd47-review-files").first).to_contain_text(kind.upper())
    work.go(page.get_by_role("button", name="Công bố ngay"))
    expect(page.locator(".alert-success")).to_contain_text(f"/dataset/{name}")
    assert work.clicks <= MOST_CLICKS, work
    assert len(work.values) <= MOST_VALUES, work
    assert classic.action("package_show", id=name)["state"] == "active"


@pytest.fixture
def monthly(classic: Site, created: list[str]) -> dict[str, Any]:
    """A dataset of the editor's agency with an uploaded file of April."""
    made = classic.action(
        "package_create",
        name="muc-nuoc-hang-thang-thu",
        title="Mực nước hằng tháng thử",
        notes="Mực nước tại các hồ chứa.",
        owner_org=editors_agency(classic),
        frequency="hang-thang",
        modified="2026-04-30",
        license_id="cc-by",
        state="draft",
    )
    created.append(made["id"])
    answer = requests.post(
        f"{classic.url}/api/3/action/resource_create",
        data={"package_id": made["id"], "name": "Mực nước 04/2026", "period": "202604"},
        files={"upload": ("muc-nuoc-04.csv", ROWS.encode())},
        headers={"Authorization": classic.portal.sysadmin["token"]},
        timeout=120,
    )
    assert answer.status_code == HTTP_OK, answer.text
    return made


def test_the_next_period_takes_three_clicks_and_a_file(
    classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any], tmp_path: Path
):
    classic.action("package_patch", id=monthly["id"], private=True, state="active")
    page = open_page(classic, "editor")
    page.goto(f"/dataset/{monthly['name']}")
    work = Work(page)
    work.go(page.get_by_role("link", name="Cập nhật kỳ mới"))
    expect(page.locator("#field-period")).to_have_value("05/2026")
    expect(page.locator("#field-modified")).to_have_value("31/05/2026")
    page.locator("#field-upload").set_input_files(table(tmp_path, "csv"))
    work.clicks += 1
    work.go(page.locator(".nd47-actions .btn-primary"))
    expect(page.locator(".alert-success")).to_contain_text("05/2026")
    assert work.clicks <= 3
    assert work.values == []
    shown = classic.action("package_show", id=monthly["id"])
    assert [one["period"] for one in shown["resources"]] == ["202604", "202605"]
    expect(page.locator(".nd47-former")).to_contain_text("04/2026")


def test_the_file_says_its_period_and_changed_columns_are_shown(
    classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any], tmp_path: Path
):
    page = open_page(classic, "editor")
    page.goto(f"/dataset/{monthly['name']}/new-period")
    changed = tmp_path / "muc-nuoc-thang-6-2026.csv"
    changed.write_text("ma,ten,luong_mua\n1,Cống,2\n", encoding="utf-8")
    page.locator("#field-upload").set_input_files(changed)
    expect(page.locator("#field-period")).to_have_value("06/2026")
    expect(page.locator("[data-nd47-notes]")).to_contain_text("luong_mua")
    with page.expect_navigation():
        page.locator(".nd47-actions .btn-primary").click()
    expect(page.locator(".alert-success")).to_contain_text("06/2026")


class TestNothingIsLost:
    def typed(self, page: Page, name: str, text: str) -> None:
        page.goto(f"/dataset/new/{name}/1")
        page.get_by_label("Mô tả").fill(text)
        page.wait_for_function(
            "text => Object.values(localStorage).some(value => value.includes(text))", arg=text
        )

    def entries(self, page: Page) -> list[Any]:
        kept = page.evaluate(
            "Object.keys(localStorage).filter(key => key.startsWith('nd47-form:'))"
            ".map(key => localStorage[key])"
        )
        return [json.loads(one) for one in kept]

    def test_after_the_session_has_ended(
        self, classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        self.typed(page, monthly["name"], "Gõ lúc phiên đã hết")
        page.context.clear_cookies()
        with page.expect_navigation():
            page.locator(".nd47-actions .btn-primary").click()
        expect(page).to_have_url(re.compile("/user/login"))
        page.fill("input[name=login]", classic.portal.editor["name"])
        page.fill("input[name=password]", classic.portal.editor["password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_selector(KEPT)
        expect(page).to_have_url(re.compile("/dataset/new/[^/]+/1$"))
        page.get_by_role("button", name="Khôi phục").click()
        expect(page.get_by_label("Mô tả")).to_have_value("Gõ lúc phiên đã hết")
        with page.expect_navigation():
            page.locator(".nd47-actions .btn-primary").click()
        shown = classic.action("package_show", id=monthly["id"])
        assert shown["notes"] == "Gõ lúc phiên đã hết"
        assert self.entries(page) == []

    def test_after_the_browser_was_closed(
        self, classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        self.typed(page, monthly["name"], "Gõ rồi đóng trình duyệt")
        context = page.context
        page.close(run_before_unload=False)
        page = context.new_page()
        page.goto(f"/dataset/new/{monthly['name']}/1")
        expect(page.locator(KEPT)).to_be_visible()
        expect(page.get_by_label("Mô tả")).to_have_value("Mực nước tại các hồ chứa.")
        page.get_by_role("button", name="Khôi phục").click()
        expect(page.get_by_label("Mô tả")).to_have_value("Gõ rồi đóng trình duyệt")

    def test_groups_and_lists_come_back(
        self, classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        path = f"/dataset/new/{monthly['name']}/2"
        page.goto(path)
        page.locator("summary", has_text="Cơ quan và đầu mối").click()
        page.get_by_role("button", name="Thêm đầu mối").click()
        page.locator("#field-contact-0-name").fill("Văn phòng thử")
        page.get_by_role("combobox", name="Cơ quan chủ quản").press_sequentially("tinh vinh khue")
        page.get_by_role("combobox", name="Cơ quan chủ quản").press("Enter")
        page.wait_for_timeout(600)
        page.goto(path)
        page.wait_for_selector("[data-nd47-add]:not([hidden])", state="attached")
        page.get_by_role("button", name="Khôi phục").click()
        page.locator("summary", has_text="Cơ quan và đầu mối").click()
        expect(page.locator("#field-contact-0-name")).to_have_value("Văn phòng thử")
        expect(page.get_by_role("combobox", name="Cơ quan chủ quản")).to_have_value(
            "Ủy ban nhân dân tỉnh Vĩnh Khuê"
        )

    def test_another_account_of_the_computer_is_not_offered_it(
        self, classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        self.typed(page, monthly["name"], "Của biên tập viên")
        other = open_page(classic, "sysadmin")
        cookies: Any = other.context.cookies()
        page.context.clear_cookies()
        page.context.add_cookies(cookies)
        page.goto(f"/dataset/new/{monthly['name']}/1")
        expect(page.locator(KEPT)).to_be_hidden()
        assert len(self.entries(page)) == 1

    def test_what_was_saved_is_removed(
        self, classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        self.typed(page, monthly["name"], "Lưu ngay")
        with page.expect_navigation():
            page.get_by_role("button", name="Lưu bản nháp").click()
        expect(page.locator(".alert-success")).to_contain_text("Đã lưu bản nháp")
        expect(page.get_by_label("Mô tả")).to_have_value("Lưu ngay")
        expect(page.locator(KEPT)).to_be_hidden()
        assert self.entries(page) == []

    def test_what_was_refused_is_kept(
        self, classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        page.goto(f"/dataset/new/{monthly['name']}/2")
        page.locator("summary", has_text="Thời gian, địa bàn và ngôn ngữ").click()
        page.get_by_role("textbox", name="Ngày công bố").fill("31/02/2024")
        with page.expect_navigation():
            page.locator(".nd47-actions .btn-primary").click()
        expect(page.locator(".nd47-problems")).to_be_visible()
        page.goto(f"/dataset/new/{monthly['name']}/2")
        expect(page.locator(KEPT)).to_be_visible()

    def test_it_can_be_thrown_away(
        self, classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        self.typed(page, monthly["name"], "Không cần nữa")
        page.goto(f"/dataset/new/{monthly['name']}/1")
        page.get_by_role("button", name="Bỏ đi").click()
        assert self.entries(page) == []
        page.reload()
        expect(page.locator(KEPT)).to_be_hidden()


class TestDates:
    def test_are_chosen_in_a_calendar_by_keys_and_written_day_first(
        self, classic: Site, open_page: Callable[..., Page], monthly: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        page.goto(f"/dataset/{monthly['name']}/new-period")
        button = page.get_by_role("button", name=re.compile("Chọn ngày"))
        button.wait_for()
        page.locator("#field-modified").focus()
        page.keyboard.press("Tab")
        expect(button).to_be_focused()
        # The calendar is the browser's own; it is told what was typed, and writes the choice.
        page.keyboard.press("Enter")
        calendar = page.locator(".nd47-date-calendar")
        expect(calendar).to_have_value("2026-05-31")
        calendar.evaluate("e => { e.value = '2026-06-05'; e.dispatchEvent(new Event('change')); }")
        expect(page.locator("#field-modified")).to_have_value("05/06/2026")
        expect(button).to_be_focused()


PAGES: dict[str, tuple[str, str]] = {
    "review": ("editor", "/dataset/{name}/publish"),
    "next period": ("editor", "/dataset/{name}/new-period"),
    "form": ("editor", "/dataset/new/{name}/1"),
    "export": ("sysadmin", "/ckan-admin/nd47-export?dataset={name}"),
}


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_grave_fault_and_does_not_scroll_sideways(
    site: Site,
    visit: Callable[..., Page],
    monthly: dict[str, Any],
    name: str,
    viewport: dict[str, int] | None,
):
    role, path = PAGES[name]
    page = visit(site, role, viewport)
    answer = page.goto(path.format(name=monthly["name"]))
    assert answer is not None
    assert answer.ok
    assert faults(page, site) == []
    assert overhang(page) == {}
