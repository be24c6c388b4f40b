"""Takes the pictures of the documentation: `python -m dev.picture CREDENTIALS [FILE ...]`.

The pictures show the sample province. Nothing is saved on the portal: forms are filled in and left.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from dev.console import say
from dev.local.machine import browser
from dev.local.run_folder import REPOSITORY

# Chromium's own services would look for hosts on the network at each start.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DOCS = REPOSITORY / "docs"
WIDTH = 1100
COLOURS = 128
LARGEST = 150_000
"""Bytes of a picture; the repository keeps every version of each."""
VISITOR, OFFICER, SYSADMIN = "", "editor", "sysadmin"


@dataclass(frozen=True)
class Picture:
    """One picture of the documentation.

    Attributes:
        file: its name below `docs/`.
        path: page of the portal.
        role: role of the account in the credentials file; empty for a visitor.
        language: language of the page, and of the browser.
        height: how much of the page is shown, in pixels.
        typed: what is filled in before, by the name of the input.
        shown: selector that is scrolled to the top; empty for the top of the page.
    """

    file: str
    path: str
    role: str = VISITOR
    language: str = "vi"
    height: int = 760
    typed: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""


TITLE = {
    "title": "Danh sách điểm truy cập wifi công cộng năm 2026",
    "notes": "Vị trí, đơn vị quản lý và tốc độ của các điểm truy cập wifi trên địa bàn tỉnh.",
}
PICTURES = (
    Picture("portal.png", "/dataset/bang-gia-dat-2026", height=1000),
    Picture("portal-home.png", "/", height=1000),
    Picture("portal-search.png", "/dataset/?q=giá&nd47_update_state=on-time", height=1000),
    Picture("tutorials/dashboard.png", "/dashboard/datasets", OFFICER, height=470),
    Picture("tutorials/form.png", "/dataset/new", OFFICER, height=1000, typed=TITLE),
    Picture("tutorials/form-en.png", "/en/dataset/new", OFFICER, "en", 1000, TITLE),
    Picture("tutorials/dataset.png", "/dataset/bang-gia-dat-2026", OFFICER, height=1000),
    Picture("tutorials/settings.png", "/ckan-admin/nd47", SYSADMIN, height=900),
    Picture("tutorials/settings-en.png", "/en/ckan-admin/nd47", SYSADMIN, "en", 900),
    Picture("tutorials/register-import.png", "/ckan-admin/agency-register", SYSADMIN),
    Picture("tutorials/losses.png", "/ckan-admin/nd47-dcat", SYSADMIN, height=460),
)


def main(credentials: Path, names: Sequence[str]) -> None:
    """Take the pictures of these names, or all."""
    portal = json.loads(credentials.read_text(encoding="utf-8"))["portal"]
    pictures = [picture for picture in PICTURES if not names or picture.file in names]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=QUIET)
        for picture in pictures:
            with _page(chromium, portal, picture) as page:
                content = take(page, picture)
            target = DOCS / picture.file
            target.write_bytes(content)
            say(f"written: {target.relative_to(REPOSITORY)} ({len(content) // 1000} KB)")
        chromium.close()


@contextmanager
def _page(chromium: Browser, portal: Mapping[str, Any], picture: Picture) -> Iterator[Page]:
    """Open a window for a picture, logged in if it wants an account."""
    context = chromium.new_context(
        base_url=portal["url"],
        viewport={"width": WIDTH, "height": picture.height},
        locale="vi-VN" if picture.language == "vi" else "en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if picture.role:
        account = portal[picture.role]
        page.goto("/user/login")
        page.fill("input[name=login]", account["name"])
        page.fill("input[name=password]", account["password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/dashboard/**")
    try:
        yield page
    finally:
        context.close()


def take(page: Page, picture: Picture) -> bytes:
    """Return a picture as a small PNG.

    Raises:
        ValueError: the portal did not answer with the page, or the picture is too large.
    """
    answer = page.goto(picture.path, wait_until="networkidle")
    if answer is None or not answer.ok:
        msg = f"{picture.path} answers {answer.status if answer else 'nothing'}"
        raise ValueError(msg)
    for name, text in picture.typed.items():
        page.fill(f"[name={name}]", text)
    if picture.shown:
        page.locator(picture.shown).first.evaluate("node => node.scrollIntoView()")
    content = small(page.screenshot())
    if len(content) > LARGEST:
        msg = f"{picture.file} has {len(content)} bytes; show less of the page"
        raise ValueError(msg)
    return content


def small(content: bytes) -> bytes:
    """Return a PNG with few colours: pages are text on plain ground."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    result = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(result, "PNG", optimize=True)
    return result.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
