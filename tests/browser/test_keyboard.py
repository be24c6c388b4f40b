"""Everything that the mouse can do, the keys can."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FileChooser, Page, expect
from playwright.sync_api import TimeoutError as Late

from tests.browser.conftest import PATIENCE, Site

pytestmark = pytest.mark.browser

NAME = "chi-dung-ban-phim"
ATTEMPTS = 4
FAR = 120
"""Presses of the tab key after which a field is held to be out of reach."""


def focus(page: Page, selector: str) -> None:
    """Go to an element by the tab key alone."""
    for _ in range(FAR):
        if page.evaluate("s => !!document.activeElement?.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the tab key does not lead to {selector}")


def opened(page: Page, selector: str) -> FileChooser:
    """Open the list of files; a page whose scripts still start may take the first press away."""
    for _ in range(ATTEMPTS):
        focus(page, selector)
        try:
            with page.expect_file_chooser(timeout=PATIENCE / ATTEMPTS) as found:
                page.keyboard.press("Enter")
        except Late:
            continue
        return found.value
    pytest.fail(f"the enter key does not open the list of files of {selector}")


def test_dataset_is_published_by_keys_alone(
    classic: Site, open_page: Any, tmp_path: Path, created: list[str]
):
    created.append(NAME)
    table = tmp_path / "so-lieu.csv"
    table.write_text("ma,gia_tri\n1,2\n", encoding="utf-8")
    page = open_page(classic, "editor")
    keys = page.keyboard
    page.goto("/dataset/new")

    focus(page, "#field-title")
    keys.type("Chỉ dùng bàn phím")
    focus(page, ".slug-preview button")
    keys.press("Enter")
    focus(page, "#field-name")
    keys.press("Control+a")
    keys.type(NAME)
    focus(page, "#field-notes")
    keys.type("Số liệu nhập bằng bàn phím.")
    focus(page, "#field-tag_string")
    keys.type("bàn phím")
    keys.press("Escape")
    focus(page, "#field-open_data_category")
    keys.press("ArrowDown")
    focus(page, "[name=theme][type=checkbox]")
    keys.press("Space")
    focus(page, "#field-frequency")
    keys.press("ArrowDown")
    with page.expect_navigation():
        focus(page, ".nd47-actions .btn-primary")
        keys.press("Enter")

    focus(page, "details:has(#field-responsible_agency) > summary")
    keys.press("Enter")
    focus(page, "#field-responsible_agency")
    keys.type("tinh vinh khue")
    expect(page.get_by_role("option", name="Ủy ban nhân dân tỉnh Vĩnh Khuê")).to_be_visible()
    keys.press("Enter")
    expect(page.get_by_role("listbox", name="Cơ quan chủ quản")).to_be_hidden()
    focus(page, "[data-nd47-add]")
    keys.press("Space")
    expect(page.locator("#field-contact-1-name, #field-contact-0-name").last).to_be_focused()
    with page.expect_navigation():
        focus(page, ".nd47-actions .btn-primary")
        keys.press("Enter")

    opened(page, "#field-resource-upload").set_files(table)
    expect(page.locator("#field-name")).to_have_value("so-lieu")
    with page.expect_navigation():
        focus(page, ".nd47-actions .btn-primary")
        keys.press("Enter")
    with page.expect_navigation():
        focus(page, "button[name=publish]")
        keys.press("Enter")
    expect(page).to_have_url(re.compile(f"/dataset/{NAME}$"))
    assert classic.action("package_show", id=NAME)["state"] == "active"


def test_focus_can_be_seen(classic: Site, open_page: Any):
    """Each input and button of the form shows that it has the focus."""
    page = open_page(classic, "editor")
    page.goto("/dataset/new")
    for selector in ("#field-notes", "#field-frequency", ".nd47-actions .btn-primary"):
        focus(page, selector)
        width = page.locator(selector).evaluate("e => getComputedStyle(e).outlineWidth")
        assert float(width.removesuffix("px")) >= 2


def test_sections_of_a_dataset_open_by_keys(classic: Site, open_page: Any):
    page = open_page(classic)
    page.goto("/dataset/bang-gia-dat-2026")
    focus(page, "[data-nd47-details-all]")
    page.keyboard.press("Enter")
    expect(page.locator("details.nd47-section:not([open])")).to_have_count(0)
