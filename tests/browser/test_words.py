"""A walk through the portal in Vietnamese: no English is left in what people read or hear."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import english
from tests.browser.conftest import Site
from tests.support import injection

pytestmark = pytest.mark.browser

AGENCY = "so-nong-nghiep-va-moi-truong"
DATASET = "bang-gia-dat-2026"
LEAST = 45

VISITOR = (
    "/",
    "/dataset/",
    "/dataset/?q=thuy+loi",
    "/dataset/?q=zzzzqqq",
    "/dataset/?sort=title_string+asc",
    "/dataset/?tags=th%E1%BB%A7y+l%E1%BB%A3i&_tags_limit=0",
    "/organization/",
    "/organization/?q=uy+ban&sort=title+desc",
    "/organization/{agency}",
    "/organization/about/{agency}",
    "/organization/activity/{agency}",
    "/group/",
    "/about",
    "/terms-of-use",
    "/accessibility",
    "/contact",
    "/developers",
    "/field",
    "/field/giao-duc",
    "/field/giao-duc?page=9999",
    "/field/khong-co",
    "/dataset/?page=9999",
    "/organization/?page=9999",
    "/dataset/{dataset}",
    "/dataset/groups/{dataset}",
    "/dataset/activity/{dataset}",
    "/dataset/{dataset}/data-history",
    "/dataset/{dataset}/resource/{resource}/table?q=ky+lam",
    "/developers/table/{resource}",
    "/catalogues",
    "/plans",
    "/focal-points",
    "/focal-points?q=khong-co-ai",
    "/license/vn-open-data-2023",
    "/license/nd47-open-data",
    "/vocabulary",
    "/vocabulary/frequency",
    "/vocabulary/frequency/hang-nam",
    "/user/login",
    "/user/reset",
    "/khong-co",
    "/dataset/khong-co",
    "/organization/khong-co",
    "/dataset/new",
)
EDITOR = (
    "/work",
    "/work/agencies",
    "/work/approvals",
    "/work/catalogues",
    "/work/changes",
    "/work/datasets",
    "/work/plans",
    "/work/reminders",
    "/work/score",
    "/work/spreadsheet",
    "/dashboard/",
    "/dashboard/datasets",
    "/dashboard/organizations",
    "/dashboard/groups",
    "/dataset/new",
    "/ckan-admin/",
    "/user/edit",
)
SYSADMIN = (
    "/dataset/edit/{dataset}",
    "/dataset/edit/{dataset}/1",
    "/dataset/edit/{dataset}/2",
    "/dataset/{dataset}/resource/new",
    "/dataset/{dataset}/resource/{resource}/edit",
    "/dataset/{dataset}/resource/{resource}/views",
    "/dataset/resources/{dataset}",
    "/organization/new",
    "/organization/edit/{agency}",
    "/organization/members/{agency}",
    "/organization/member_new/{agency}",
    "/organization/bulk_process/{agency}",
    "/organization/register/{agency}",
    "/organization/register/{agency}/entry",
    "/organization/register/{agency}/focal-point",
    "/focal-points/alerts",
    "/group/new",
    "/user/",
    "/user/{sysadmin}",
    "/user/edit/{sysadmin}",
    "/user/{sysadmin}/api-tokens",
    "/ckan-admin/",
    "/ckan-admin/config",
    "/ckan-admin/trash",
    "/ckan-admin/nd47",
    "/ckan-admin/nd47-dcat",
    "/ckan-admin/nd47-doctor",
    "/ckan-admin/agency-register",
    "/user/register",
    "/ckan-admin/nd47-export",
    "/ckan-admin/nd47-work/approval",
    "/ckan-admin/nd47-work/leaders",
    "/ckan-admin/nd47-work/rules",
    "/dataset/{dataset}/quality",
    "/dataset/{dataset}/resource/{resource}/check",
    "/dataset/{dataset}/resource/{resource}/columns",
    "/work/catalogues/gaps",
    "/work/catalogues/new",
    "/work/handover",
    "/work/leader",
    "/work/plans/new",
    "/work/reports",
)


def previews(site: Site) -> Iterator[str]:
    """Yield the page of one resource of each format, where a preview of its own is shown."""
    found = site.action("package_search", rows=100)["results"]
    by_format: dict[str, str] = {}
    for dataset in found:
        for resource in dataset["resources"]:
            path = f"/dataset/{dataset['name']}/resource/{resource['id']}"
            by_format.setdefault(resource["format"], path)
    yield from by_format.values()


def forms_with_errors(page: Page) -> Iterator[str]:
    """Send forms empty or wrong, and yield what was done."""
    for path, button in (
        ("/organization/new", "form.dataset-form button[type=submit], form button[name=save]"),
        ("/group/new", "form button[name=save]"),
    ):
        page.goto(path)
        page.locator(button).last.click()
        page.wait_for_load_state()
        yield f"{path}, sent empty"


def walk(page: Page, who: str, paths: Any) -> Iterator[tuple[str, list[str]]]:
    for path in paths:
        # What a preview draws comes late; a page of the portal itself is complete before.
        page.goto(path, wait_until="load" if "/resource/" in path else "domcontentloaded")
        yield f"{who} {path}", [*english.left_in(page), *repeated(page.title())]


def repeated(title: str) -> list[str]:
    """Return the parts of the title of a page that stand in it more than once."""
    parts = title.split(" - ")
    return [part for part in parts if parts.count(part) > 1]


def test_no_english_is_left(classic: Site, open_page: Callable[..., Page]):
    dataset = classic.action("package_show", id=DATASET)
    names = {
        "agency": AGENCY,
        "dataset": DATASET,
        "resource": dataset["resources"][0]["id"],
        "sysadmin": classic.portal.sysadmin["name"],
    }
    states: dict[str, list[str]] = {}
    for role, paths in (("", VISITOR), ("editor", EDITOR), ("sysadmin", SYSADMIN)):
        page = open_page(classic, role)
        filled = [path.format(**names) for path in paths]
        states |= dict(walk(page, role or "visitor", filled))
        if not role:
            states |= dict(walk(page, "visitor", previews(classic)))
    states |= {state: english.left_in(page) for state in forms_with_errors(page)}
    assert len(states) >= LEAST
    users = {user["name"] for user in classic.action("user_list", include_site_user=True)}
    # Plans and catalogues that a test of markup has made are not deleted with it.
    left = [
        f"{state}: {text}"
        for state, texts in states.items()
        for text in texts
        if text not in users and injection.ATTRIBUTE not in text
    ]
    assert not left, "\n".join(left)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Add a new dataset", True),
        ("There was an error", True),
        ("Sort by", True),
        ("Thêm bộ dữ liệu", False),
        ("Dữ liệu theo chuẩn DCAT", False),
        ("CSV", False),
        ("name = Tên dữ liệu mở", False),
        ("name = Title of the data", True),
        ("https://example.com/dataset/new", False),
        ("", False),
    ],
)
def test_english_is_told_from_vietnamese(text: str, expected: bool):
    assert english.is_english(text) is expected


def test_page_in_english_would_be_caught(classic: Site, open_page: Callable[..., Page]):
    page = open_page(classic)
    page.goto("/en/dataset/?q=zzzzqqq")
    assert len(english.left_in(page)) > 5
