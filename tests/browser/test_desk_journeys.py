"""What officers, approvers and administrators do at the desk, with clicks and values counted.

Each journey begins at the page after log-in. Publication and the next period are in
`test_publishing`, what is late in the province in `test_desk`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Site
from tests.browser.test_accessibility import faults
from tests.browser.test_narrow import overhang
from tests.browser.work import Work, logged_in

pytestmark = pytest.mark.browser

WITH_APPROVAL = "so-tu-phap"
WITHOUT_APPROVAL = "so-noi-vu"
PHONE = {"width": 390, "height": 844}
OWN = ("name", "title", "identifier", "license_title")
"""Fields that a copy of a dataset does not take over."""


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def drafts(classic: Site, created: list[str]) -> Callable[[int], list[str]]:
    """Makes drafts that meet the rules, of an agency that publishes with approval."""

    def make(number: int) -> list[str]:
        schema = classic.action("scheming_dataset_schema_show", type="dataset")
        names = {one["field_name"] for one in schema["dataset_fields"]} - set(OWN)
        found = classic.action("package_search", fq=f"nd47_agency:{WITH_APPROVAL}", rows=1)
        (source,) = found["results"]
        fields = {key: value for key, value in source.items() if key in names and value}
        file = source["resources"][0]
        resource = {"name": file["name"], "url": file["url"], "format": file["format"]}
        ids = []
        for place in range(number):
            made = classic.action(
                "package_create",
                **{**fields, "name": f"cho-phe-duyet-{uuid4().hex}", "resources": [resource]},
                title=f"Chờ phê duyệt thử {place}",
                state="draft",
            )
            created.append(made["id"])
            ids.append(made["id"])
        return ids

    return make


@pytest.fixture
def waiting(classic: Site, drafts: Callable[[int], list[str]]) -> Callable[[int], list[str]]:
    """Makes datasets that wait for the approver."""

    def make(number: int) -> list[str]:
        ids = drafts(number)
        for dataset_id in ids:
            classic.action("nd47_approval_send", id=dataset_id, note="Kính trình phê duyệt.")
        return ids

    return make


@pytest.fixture
def begin(open_page: Callable[..., Page]) -> Callable[..., Work]:
    """Begins a journey: logs in and is at the first page."""

    def start(site: Site, role: str, viewport: dict[str, int] | None = None) -> Work:
        page = open_page(site, "", viewport)
        logged_in(page, site, role)
        expect(page).to_have_url(re.compile("/work"))
        return Work(page)

    return start


def state(site: Site, dataset_id: str) -> str:
    shown: dict[str, Any] = site.action("nd47_approval_show", id=dataset_id)
    return shown["approval"]


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_ten_are_approved_in_four_clicks_with_nothing_typed(
    site: Site, begin, waiting, viewport: dict[str, int] | None
):
    ids = waiting(10)
    work = begin(site, "approver", viewport)
    work.go(work.page.locator(".nd47-counts a", has_text="Chờ tôi phê duyệt"))
    work.go(work.page.locator("a[href$='/work/approvals']"))
    work.go(work.page.locator("a[href*='all=1']"))
    # Cases of the sample province wait as well; they stay for other tests.
    boxes = work.page.locator("input[name=ids]:checked")
    for box in work.page.locator("input[name=ids]").all():
        if box.get_attribute("value") not in ids:
            box.uncheck()
    expect(boxes).to_have_count(len(ids))
    # Ten datasets are saved one after another: on a busy machine that takes a while.
    work.page.set_default_timeout(6 * PATIENCE)
    work.go(work.page.locator("button[value=approve]"))
    expect(work.page.locator(".alert-success")).to_contain_text("10")
    assert work.clicks <= 4, work
    assert work.values == []
    for dataset_id in ids:
        assert not site.action("package_show", id=dataset_id)["private"]
        assert state(site, dataset_id) == "da-duyet"


def test_changes_are_asked_for_with_one_value(classic: Site, begin, waiting):
    (dataset_id,) = waiting(1)
    work = begin(classic, "approver")
    work.go(work.page.locator(".nd47-counts a", has_text="Chờ tôi phê duyệt"))
    row = work.page.locator("tbody tr", has_text="Chờ phê duyệt thử 0")
    work.go(row.locator("td .btn"))
    work.page.locator("#field-reason").fill("Bổ sung kỳ dữ liệu.")
    work.go(work.page.locator("button[value=ask-changes]"))
    expect(work.page.locator(".alert-success")).to_be_visible()
    assert work.clicks <= 3, work
    assert state(classic, dataset_id) == "yeu-cau-chinh-sua"


def test_a_draft_is_sent_for_approval_and_taken_back(site: Site, begin, drafts):
    (dataset_id,) = drafts(1)
    work = begin(site, "sysadmin")
    work.go(work.page.locator(".nd47-counts a", has_text="Bản nháp"))
    row = work.page.locator("tbody tr", has_text="Chờ phê duyệt thử 0")
    work.go(row.locator(".nd47-title"))
    work.go(work.page.locator("a[href$='/approval']").first)
    work.go(work.page.locator("form[action$='/approval/send'] button"))
    assert work.clicks <= 4, work
    assert state(site, dataset_id) == "cho-duyet"
    assert faults(work.page, site) == []
    assert overhang(work.page) == {}
    work.go(work.page.locator("form[action$='/approval/discard'] button"))
    expect(work.page.locator(".alert-success")).to_be_visible()
    assert state(site, dataset_id) == "nhap"
    assert work.values == []


class TestAdministrator:
    def test_switches_the_approval_of_an_agency_on_with_four_clicks_and_a_value(
        self, classic: Site, begin
    ):
        work = begin(classic, "sysadmin")
        work.go(work.page.locator("header a[href*='/ckan-admin']").first)
        work.go(work.page.locator("a[href$='/ckan-admin/nd47-work/rules']").first)
        work.go(work.page.locator("a[href$='/ckan-admin/nd47-work/approval']").first)
        agency = classic.action("organization_show", id=WITHOUT_APPROVAL)
        work.choose("Cơ quan", agency["id"])
        try:
            work.go(work.page.locator("form:has(#field-agency) button[type=submit]"))
            expect(work.page.locator("table")).to_contain_text(agency["title"])
            assert work.clicks <= 4, work
            assert len(work.values) == 1
        finally:
            classic.action("nd47_approval_setting_update", agency=agency["id"], required="")

    def test_sees_the_unmet_rules_of_the_portal_with_one_click(self, classic: Site, begin):
        work = begin(classic, "sysadmin")
        work.go(work.page.locator(".nd47-counts a", has_text="Chưa đạt quy tắc"))
        expect(work.page.locator("tbody tr").first).to_be_visible()
        assert work.clicks == 1

    def test_sees_what_the_national_portal_does_not_get_with_two_clicks(self, classic: Site, begin):
        work = begin(classic, "sysadmin")
        work.go(work.page.locator("header a[href*='/ckan-admin']").first)
        work.go(work.page.locator("a[href$='/ckan-admin/nd47-export']").first)
        expect(work.page.locator("h1").last).to_be_visible()
        assert work.clicks == 2
