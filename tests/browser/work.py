"""Somebody at work in the browser, with clicks and typed values counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from tests.browser.conftest import Site


@dataclass
class Work:
    """Somebody at work: counts clicks, and values typed or chosen."""

    page: Page
    clicks: int = 0
    values: list[str] = field(default_factory=list)

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def go(self, target: Locator) -> None:
        with self.page.expect_navigation():
            self.click(target)

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)
        self.values.append(label)

    def choose(self, label: str, value: str) -> None:
        self.page.get_by_label(label).first.select_option(value)
        self.values.append(label)


def logged_in(page: Page, site: Site, role: str) -> None:
    """Log in by the form, as somebody who begins to work."""
    who = getattr(site.portal, role)
    page.goto("/user/login")
    page.fill("input[name=login]", who["name"])
    page.fill("input[name=password]", who["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_selector(".account.authed")
