"""A browser on a running portal, in both themes of CKAN.

`ND47_BROWSER` names portals that run already: classic, midnight blue and one without `nd47_portal`,
in this order (`http://127.0.0.1:5000`, or several addresses with commas): quicker while working on
a page. Accounts come from the run folder.
"""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dev.local.instances import PORTAL, account
from dev.local.machine import browser as browser_program
from dev.local.run_folder import REPOSITORY, RUN, next_free, own_environment
from dev.local.servers import http_status
from dev.picture import QUIET
from tests.browser import midnight_blue
from tests.support.running import Portal

RESULTS = REPOSITORY / "test-results"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 20_000
"""Maximum milliseconds to wait for anything, enough for a busy machine."""
HTTP_OK = 200
MIDNIGHT_BLUE = "tests.browser.midnight_blue:application()"


@dataclass(frozen=True)
class Site:
    """A portal in one theme.

    Attributes:
        url: its address.
        theme: classic, midnight-blue, or bare for one without `nd47_portal`.
        portal: its accounts; all themes show the same portal.
    """

    url: str
    theme: str
    portal: Portal

    def action(self, action: str, /, **data: Any) -> Any:
        """Call an action of CKAN's API as a system administrator."""
        token = self.portal.sysadmin["token"]
        address = f"{self.url}/api/3/action/{action}"
        answer = requests.post(address, json=data, headers={"Authorization": token}, timeout=120)
        assert answer.status_code == HTTP_OK, answer.text
        return answer.json()["result"]


def running() -> list[str]:
    """Return the addresses of portals that the tester has started."""
    return [address for address in os.environ.get("ND47_BROWSER", "").split(",") if address]


@pytest.fixture(scope="session")
def portal(request: pytest.FixtureRequest) -> Portal:
    """The portal under test."""
    if addresses := running():
        roles = ("sysadmin", "editor", "leader", "approver")
        accounts = (account(PORTAL.name, role) for role in roles)
        return Portal(addresses[0], PORTAL.ini, *accounts)
    return request.getfixturevalue("province")


@pytest.fixture(scope="session")
def classic(portal: Portal) -> Site:
    """The portal in CKAN's default theme."""
    return Site(portal.url, "classic", portal)


@pytest.fixture(scope="session")
def midnight(portal: Portal) -> Iterator[Site]:
    """The same portal in the theme midnight blue: a second web server on the same data."""
    addresses = running()
    if len(addresses) > 1:
        yield Site(addresses[1], "midnight-blue", portal)
        return
    if not midnight_blue.is_installed():
        pytest.fail("no theme midnight blue: call the tests with `make test`, which installs it")
    with _served(portal, "midnight-blue", _in_midnight_blue, MIDNIGHT_BLUE) as url:
        yield Site(url, "midnight-blue", portal)


@pytest.fixture(scope="session")
def bare(portal: Portal) -> Iterator[Site]:
    """The same portal without `nd47_portal`, as one with a theme of its own."""
    addresses = running()
    if len(addresses) > 2:  # noqa: PLR2004 - classic, midnight blue, bare
        yield Site(addresses[2], "bare", portal)
        return
    with _served(portal, "bare", _without_portal, "dev.local.wsgi:application") as url:
        yield Site(url, "bare", portal)


@contextmanager
def _served(
    portal: Portal, name: str, change: Callable[[dict[str, str]], None], application: str
) -> Iterator[str]:
    """Serve the portal with another configuration at an address of its own."""
    port = next_free(15100, set())
    url = f"http://127.0.0.1:{port}"
    ini = _changed(portal.ini, url, name, change)
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            f"--bind=127.0.0.1:{port}",
            "--threads=4",
            "--no-control-socket",
            "--timeout=120",
            application,
        ],
        env={**own_environment(), "CKAN_INI": str(ini)},
        cwd=REPOSITORY,
        stdout=(RUN / "logs" / name).open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(lambda: http_status(f"{url}/api/3/action/status_show") == HTTP_OK, server, name)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=60)


def _changed(ini: Path, url: str, name: str, change: Callable[[dict[str, str]], None]) -> Path:
    """Write a changed configuration of a portal, with its own assets."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign] # keys are case-sensitive
    parser.read(ini, encoding="utf-8")
    main = dict(parser["app:main"])
    main["ckan.site_url"] = url
    main["ckan.webassets.path"] = str(RUN / "storage" / name)
    change(main)
    parser["app:main"] = main
    changed = ini.with_name(f"{name}.ini")
    with changed.open("w", encoding="utf-8") as stream:
        parser.write(stream)
    changed.chmod(0o600)
    return changed


def _in_midnight_blue(main: dict[str, str]) -> None:
    # Behind the suite, as CKAN's own templates are.
    main["ckan.plugins"] = f"{main['ckan.plugins']} {midnight_blue.PLUGINS}"
    main["ckan.ui.theme"] = midnight_blue.THEME


def _without_portal(main: dict[str, str]) -> None:
    plugins = main["ckan.plugins"].split()
    main["ckan.plugins"] = " ".join(plugin for plugin in plugins if plugin != "nd47_portal")


def _wait_for(ready: Callable[[], bool], server: subprocess.Popen[bytes], name: str) -> None:
    end = time.monotonic() + 120
    while not ready():
        if server.poll() is not None or time.monotonic() > end:
            pytest.fail(f"the portal does not start: see logs/{name}")
        time.sleep(0.5)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once per session."""
    program = browser_program()
    if not program:
        pytest.fail("no Chromium on this machine: call the tests with `make test`")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sessions() -> dict[tuple[str, str], Any]:
    """Session cookies, by address and role."""
    return {}


@pytest.fixture
def open_page(chromium: Browser, sessions: dict, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Open a page of a site as a visitor, an editor or a sysadmin who has not been there before.

    A page that is open when a test fails leaves its picture and its HTML in `test-results/`.
    """
    opened: list[Page] = []

    def open_(site: Site, role: str = "", viewport: dict[str, int] | None = None) -> Page:
        context = _context(chromium, site, role, sessions, viewport or DESK)
        opened.append(context.new_page())
        return opened[-1]

    yield open_
    _keep_if_failed(request, opened)
    for page in opened:
        page.context.close()


@pytest.fixture(scope="session")
def visitors() -> Iterator[dict[tuple[str, str], BrowserContext]]:
    """What `visit` keeps from one test to the next, by address and role."""
    contexts: dict[tuple[str, str], BrowserContext] = {}
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture
def visit(
    chromium: Browser,
    sessions: dict,
    visitors: dict[tuple[str, str], BrowserContext],
    request: pytest.FixtureRequest,
) -> Iterator[Any]:
    """Open a page as `open_page` does, with the styles and scripts of earlier visits in the cache.

    Loading them again takes half of the time of a page. For tests that look at many pages and
    change nothing: cookies and what a page stores in the browser remain, too.
    """
    opened: list[Page] = []

    def visit_(site: Site, role: str = "", viewport: dict[str, int] | None = None) -> Page:
        if (site.url, role) not in visitors:
            visitors[site.url, role] = _context(chromium, site, role, sessions, DESK)
        page = visitors[site.url, role].new_page()
        opened.append(page)
        if viewport:
            page.set_viewport_size(viewport)  # type: ignore[arg-type]  # a plain dict will do
        return page

    yield visit_
    _keep_if_failed(request, opened)
    for page in opened:
        page.close()


def _context(
    chromium: Browser, site: Site, role: str, sessions: dict, viewport: dict[str, int]
) -> BrowserContext:
    context = chromium.new_context(
        viewport=viewport,  # type: ignore[arg-type]  # a plain dict will do
        locale="vi-VN",
        base_url=site.url,
        storage_state=_session(chromium, site, role, sessions) if role else None,
    )
    context.set_default_timeout(PATIENCE)
    return context


def _keep_if_failed(request: pytest.FixtureRequest, opened: list[Page]) -> None:
    if getattr(request.node, "failed_call", False):
        for number, page in enumerate(opened):
            _keep(page, request.node.nodeid, number)


def _session(chromium: Browser, site: Site, role: str, sessions: dict) -> Any:
    """Log in by the form once for each address and role; return the cookies."""
    if (site.url, role) not in sessions:
        who = getattr(site.portal, role)
        context = chromium.new_context(base_url=site.url)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto("/user/login")
        page.fill("input[name=login]", who["name"])
        page.fill("input[name=password]", who["password"])
        page.press("input[name=password]", "Enter")
        page.wait_for_selector(".account.authed")
        sessions[site.url, role] = context.storage_state()
        context.close()
    return sessions[site.url, role]


def _keep(page: Page, test: str, number: int) -> None:
    name = re.sub(r"[^\w.-]+", "-", test.removeprefix("tests/browser/"))[:120]
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"{name}-{number}.png", full_page=True)
    (RESULTS / f"{name}-{number}.html").write_text(page.content(), encoding="utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Store on the test item whether the test failed, for the fixtures."""
    report = yield
    if report.when == "call" and report.failed:
        setattr(item, "failed_call", True)  # noqa: B010 - pytest's items take attributes
    return report


@pytest.fixture
def created(classic: Site) -> Iterator[list[str]]:
    """Names of datasets that a test creates; they are purged afterwards."""
    names: list[str] = []
    yield names
    for name in names:
        for action in ("package_delete", "dataset_purge"):
            requests.post(
                f"{classic.url}/api/3/action/{action}",
                json={"id": name},
                headers={"Authorization": classic.portal.sysadmin["token"]},
                timeout=120,
            )
