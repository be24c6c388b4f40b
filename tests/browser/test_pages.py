"""Pages of datasets, resources and agencies as people see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser

DATASET = "bang-gia-dat-2026"
AGENCY = "so-nong-nghiep-va-moi-truong"
SCRIPT = '<script>window.hit = 1</script><img src="x" onerror="window.hit = 1">'
MARKDOWN = f"**đậm** {SCRIPT} [liên kết](javascript:window.hit=1) <a href='javascript:hit=1'>x</a>"


@pytest.fixture(params=["classic", "midnight"])
def site(request: pytest.FixtureRequest) -> Site:
    """The portal in each of the themes."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def hostile(classic: Site, created: list[str]) -> dict[str, Any]:
    """A dataset with a script in every text that takes one."""
    agency = classic.action("organization_show", id=AGENCY)["id"]
    text = SCRIPT + "chữ"
    dataset = classic.action(
        "package_create",
        name="noi-dung-la",
        title=text,
        notes=MARKDOWN,
        owner_org=agency,
        attribution=text,
        provenance=MARKDOWN,
        version=text,
        version_notes=MARKDOWN,
        conforms_to=[text],
        catalogue_entry=[{"decision_number": text, "issuer": text, "code": text}],
        contact=[{"name": text, "position": text, "function": text}],
        source_database=[{"name": text, "purpose": text, "scope": text}],
        yearly_check=[{"result": text, "document": text}],
        resources=[
            {
                "url": "https://so.example/a.csv",
                "name": text,
                "description": MARKDOWN,
                "data_dictionary": text,
                "format": "CSV",
            }
        ],
    )
    created.append(dataset["id"])
    return dataset


class TestDatasetPage:
    @pytest.mark.parametrize(
        "path", [f"/dataset/{DATASET}", f"/organization/{AGENCY}", f"/dataset/groups/{DATASET}"]
    )
    def test_content_comes_before_the_sidebar_on_a_phone(
        self, site: Site, visit: Callable[..., Page], path: str
    ):
        page = visit(site, viewport=PHONE)
        page.goto(path)
        content = page.locator(".primary").bounding_box()
        sidebar = page.locator("aside.secondary").bounding_box()
        assert content is not None
        assert sidebar is not None
        assert content["y"] + content["height"] <= sidebar["y"] + 1

    @pytest.mark.parametrize(
        "path",
        [
            "/dataset/",
            f"/dataset/{DATASET}",
            f"/organization/{AGENCY}",
            "/license/vn-open-data-2023",
            "/vocabulary/frequency",
            "/focal-points",
        ],
    )
    def test_nothing_is_cut_off_on_a_phone(self, site: Site, visit: Callable[..., Page], path: str):
        page = visit(site, viewport=PHONE)
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    def test_title_stands_once(self, site: Site, open_page: Callable[..., Page]):
        page = open_page(site)
        page.goto(f"/dataset/{DATASET}")
        title = site.action("package_show", id=DATASET)["title"]
        expect(page.get_by_role("heading", name=title)).to_have_count(1)

    def test_citation_is_copied(self, classic: Site, open_page: Callable[..., Page]):
        page = open_page(classic)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"/dataset/{DATASET}")
        page.get_by_role("button", name="Sao chép trích dẫn").click()
        expect(page.locator(".nd47-citation [data-nd47-copy-status]")).not_to_be_empty()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator(".nd47-citation [data-nd47-copy-source]").text_content()

    def test_page_without_scripts_says_all(self, classic: Site, chromium: Any):
        context = chromium.new_context(base_url=classic.url, java_script_enabled=False)
        page = context.new_page()
        page.goto(f"/dataset/{DATASET}")
        for button in page.locator("[data-nd47-copy-button]").all():
            expect(button).to_be_hidden()
        expect(page.locator("[data-nd47-share]")).to_be_hidden()
        page.locator("summary", has_text="Cơ quan và đầu mối").click()
        expect(page.get_by_text("Trang giới thiệu")).to_be_visible()
        context.close()


class TestHostileText:
    """HTML in a field is shown as text, or cleaned as CKAN cleans it."""

    def looked_at(self, page: Page, path: str) -> None:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hit") is None
        main = page.locator("[role=main], .module-resource, .module")
        assert main.locator("img[onerror]").count() == 0
        hrefs = page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        # The theme midnight blue repeats a title in the query of an address, where it is harmless.
        # So does the letter that shares a dataset, in its subject and text.
        addresses = [href for href in hrefs if not href.startswith("mailto:?")]
        assert [href for href in addresses if "hit" in href.split("?attrs=")[0]] == []

    def test_nothing_runs_on_the_dataset_page(
        self, site: Site, open_page: Callable[..., Page], hostile: dict[str, Any]
    ):
        page = open_page(site)
        self.looked_at(page, f"/dataset/{hostile['name']}")
        expect(page.locator("[role=main] h1")).to_contain_text("<script>")

    def test_nothing_runs_on_the_resource_page(
        self, site: Site, open_page: Callable[..., Page], hostile: dict[str, Any]
    ):
        resource = hostile["resources"][0]["id"]
        self.looked_at(open_page(site), f"/dataset/{hostile['name']}/resource/{resource}")

    @pytest.mark.parametrize("number", [1, 2])
    def test_nothing_runs_in_the_form(
        self, site: Site, open_page: Callable[..., Page], hostile: dict[str, Any], number: int
    ):
        self.looked_at(open_page(site, "sysadmin"), f"/dataset/edit/{hostile['name']}/{number}")

    def test_markdown_keeps_its_marks(
        self, classic: Site, open_page: Callable[..., Page], hostile: dict[str, Any]
    ):
        page = open_page(classic)
        page.goto(f"/dataset/{hostile['name']}")
        expect(page.locator(".notes strong")).to_have_text("đậm")
