"""Takes the README's picture from a running portal: `python -m dev.picture URL FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from dev.machine import browser

# Chromium's own services would look for hosts on the network at each start.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DATASET = "/dataset/bang-gia-dat-2026"
WIDTH, HEIGHT = 1200, 1000


def take(url: str, target: Path) -> None:
    """Save the top of a dataset's page as a PNG."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=QUIET)
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="vi-VN")
        page.goto(url + DATASET, wait_until="networkidle")
        page.screenshot(path=target)
        chromium.close()


if __name__ == "__main__":
    take(sys.argv[1], Path(sys.argv[2]))
