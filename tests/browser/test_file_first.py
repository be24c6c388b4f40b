"""An officer begins with the file: clicks and typed values counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_accessibility import faults
from tests.browser.test_narrow import overhang
from tests.browser.test_publishing import PHONE, Work

pytestmark = pytest.mark.browser

MOST_CLICKS, MOST_VALUES = 6, 2
NAME = "Trạm sạc xe điện năm 2026.csv"
ROWS = "Xã,Số trụ,Ngày vận hành\nKỳ Lâm,4,2025-02-01\nLộc Thủy,2,2026-03-15\n"


def test_a_file_of_the_province_is_published_with_two_values_and_six_clicks(
    classic: Site, open_page: Callable[..., Page], created: list[str], tmp_path: Path
):
    path = tmp_path / NAME
    path.write_text(ROWS, encoding="utf-8")
    page = open_page(classic, "editor")
    page.goto("/dataset/new")
    work = Work(page)
    work.go(page.get_by_role("link", name="Bắt đầu từ tệp"))
    page.locator("#field-upload").set_input_files(path)
    work.clicks += 1
    work.go(page.get_by_role("button", name="Xem tệp"))
    created.append(page.url.split("/dataset/")[1].split("/")[0])
    expect(page.locator("#field-title")).to_have_value(re.compile("Trạm sạc xe điện"))
    assert page.locator("[data-nd47-proposed]:visible").count() >= 5  # noqa: PLR2004 - proposals
    assert not faults(page, classic)
    take_back = page.locator("[data-nd47-take-back]").first
    take_back.click()
    expect(page.locator("#field-title")).to_have_value("")
    work.type("Tên bộ dữ liệu", "Trạm sạc xe điện trên địa bàn tỉnh")
    work.go(page.locator("#nd47-proposals .btn-primary"))
    expect(page.locator("h1")).to_contain_text("Kiểm tra và công bố")
    work.go(page.get_by_role("button", name="Công bố ngay"))
    expect(page.locator(".alert-success")).to_contain_text("/dataset/")
    assert work.clicks <= MOST_CLICKS, work
    assert len(work.values) <= MOST_VALUES, work


def test_the_pages_fit_a_phone(
    classic: Site, open_page: Callable[..., Page], created: list[str], tmp_path: Path
):
    path = tmp_path / NAME
    path.write_text(ROWS, encoding="utf-8")
    page = open_page(classic, "editor", PHONE)
    page.goto("/dataset/new-from-file")
    assert not overhang(page)
    assert not faults(page, classic)
    page.locator("#field-upload").set_input_files(path)
    page.get_by_role("button", name="Xem tệp").click()
    page.wait_for_url("**/from-file?**")
    created.append(page.url.split("/dataset/")[1].split("/")[0])
    assert not overhang(page)
