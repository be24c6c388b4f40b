"""A data officer at the form of a dataset, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from ckanext.nd47.lib.vocabularies import vocabulary
from tests.browser.conftest import HTTP_OK, Site

pytestmark = pytest.mark.browser

TITLE = "Danh sách điểm đo mực nước thủy lợi năm 2026"
NAME = "danh-sach-diem-do-muc-nuoc-thuy-loi-nam-2026"
DATASET = "bang-gia-dat-2026"
ROWS = "ma,ten,muc_nuoc_m\n1,Cống Đồng Lệ,2.4\n2,Hồ Khe Lá,11.8\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A small file of an officer."""
    path = tmp_path / "diem-do-muc-nuoc.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def draft(classic: Site, created: list[str]) -> dict[str, Any]:
    """A draft of the editor's own agency, with values on both pages of the form."""
    agency = editors_agency(classic)
    draft = classic.action(
        "package_create",
        name="ban-nhap-thu",
        title="Bản nháp thử",
        owner_org=agency,
        state="draft",
        license_id="cc-by",
        frequency="hang-nam",
        provenance="Tổng hợp từ báo cáo của các xã.",
        contact=[{"name": "Phòng Dữ liệu", "email": "dulieu@so.example"}],
        resources=[{"url": "https://so.example/so-lieu.csv", "format": "CSV"}],
    )
    created.append(draft["id"])
    return draft


def editors_agency(site: Site) -> str:
    """Return the id of the agency that the editor works for."""
    answer = requests.post(
        f"{site.url}/api/3/action/organization_list_for_user",
        json={"permission": "create_dataset"},
        headers={"Authorization": site.portal.editor["token"]},
        timeout=120,
    )
    return answer.json()["result"][0]["id"]


def begin(page: Page, title: str, name: str = "") -> None:
    """Give a new dataset a title, and a name of its own where the test needs a known one."""
    page.goto("/dataset/new")
    page.get_by_label("Tên bộ dữ liệu").fill(title)
    if name:
        page.locator(".slug-preview button").click()
        page.locator("#field-name").fill(name)


def go_on(page: Page) -> None:
    """Save the page of the form and wait for the next."""
    with page.expect_navigation():
        page.locator(".nd47-actions .btn-primary").click()


def fill_first_page(page: Page) -> int:
    """Type what an officer knows; return how many values that were."""
    begin(page, TITLE, NAME)
    page.get_by_label("Mô tả").fill("Mực nước tại các điểm đo thủy lợi trên địa bàn tỉnh.")
    page.get_by_role("combobox", name="Từ khóa").fill("thủy lợi, mực nước")
    page.get_by_label("Loại dữ liệu mở").select_option("quan-trac-iot")
    page.get_by_label("Môi trường").check()
    page.get_by_label("Tần suất cập nhật").select_option("hang-nam")
    return 6


class TestPublication:
    def test_file_chosen_before_the_scripts_start_names_the_resource(
        self, classic: Site, open_page: Any, table: Path
    ):
        page = open_page(classic, "sysadmin")
        waiting: list[Any] = []
        page.route("**/api/i18n/**", lambda route: waiting.append(route))
        page.goto(f"/dataset/{DATASET}/resource/new", wait_until="domcontentloaded")
        page.locator("#field-resource-upload").set_input_files(table)
        expect(page.get_by_label("Tên tệp dữ liệu")).to_have_value("")
        while waiting:
            waiting.pop().continue_()
        expect(page.get_by_label("Tên tệp dữ liệu")).to_have_value("diem-do-muc-nuoc")

    def test_officer_publishes_with_seven_values(
        self, classic: Site, open_page: Any, table: Path, created: list[str]
    ):
        """Title, description, keywords, category, field, frequency and the file: no more."""
        created.append(NAME)
        page = open_page(classic, "editor")
        assert fill_first_page(page) + 1 <= 7
        go_on(page)
        expect(page.locator(".nd47-stage-active")).to_have_text(re.compile("Thông tin bổ sung"))
        go_on(page)
        page.locator("#field-resource-upload").set_input_files(table)
        expect(page.get_by_label("Tên tệp dữ liệu")).to_have_value("diem-do-muc-nuoc")
        go_on(page)
        go_on(page)

        expect(page).to_have_url(re.compile(f"/dataset/{NAME}$"))
        expect(page.locator("[role=main] h1")).to_contain_text(TITLE)
        expect(page.locator("[role=main] h1 .nd47-openness")).to_have_text("Dữ liệu mở")
        expect(page.locator(".nd47-resource-facts")).to_contain_text("CSV")
        shown = classic.action("package_show", id=NAME)
        assert shown["state"] == "active"
        assert shown["private"] is False
        assert shown["identifier"]
        assert shown["license_id"]
        assert shown["applicable_legislation"]
        rdf = requests.get(f"{classic.url}/dataset/{NAME}.ttl", timeout=120)
        assert rdf.status_code == HTTP_OK
        assert TITLE in rdf.content.decode()
        assert requests.get(shown["resources"][0]["url"], timeout=120).content.decode() == ROWS

    def test_title_alone_makes_a_draft(self, classic: Site, open_page: Any, created: list[str]):
        created.append("chi-co-ten")
        page = open_page(classic, "editor")
        begin(page, "Chỉ có tên", "chi-co-ten")
        go_on(page)
        page.get_by_role("link", name="Để lại dưới dạng bản nháp").click()
        expect(page.locator("[role=main] h1")).to_contain_text("Chỉ có tên")
        expect(page.locator("[role=main] h1")).to_contain_text("Bản nháp")
        assert classic.action("package_show", id="chi-co-ten")["state"] == "draft"

    def test_published_dataset_becomes_a_draft_again(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        classic.action("package_patch", id=draft["id"], state="active")
        page = open_page(classic, "editor")
        page.goto(f"/dataset/edit/{draft['name']}/1")
        with page.expect_navigation():
            page.get_by_role("button", name="Ngừng công bố").click()
        expect(page.locator("[role=main] h1")).to_contain_text("Bản nháp")
        assert classic.action("package_show", id=draft["id"])["state"] == "draft"

    def test_empty_file_form_publishes_without_an_empty_resource(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        """CKAN takes any value of the form, even a preselected one, for a resource."""
        page = open_page(classic, "editor")
        page.goto(f"/dataset/{draft['name']}/resource/new")
        go_on(page)
        expect(page).to_have_url(re.compile("/publish$"))
        shown = classic.action("package_show", id=draft["id"])
        assert len(shown["resources"]) == 1


class TestDrafts:
    def test_page_saved_again_keeps_the_fields_of_the_other(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        """Left to itself, ckanext-scheming sends a draft's first page to where all else is lost."""
        page = open_page(classic, "editor")
        page.goto(f"/dataset/edit/{draft['name']}")
        page.get_by_label("Tên bộ dữ liệu").fill("Bản nháp đã sửa")
        go_on(page)
        shown = classic.action("package_show", id=draft["id"])
        assert shown["title"] == "Bản nháp đã sửa"
        for field in ("provenance", "contact", "identifier", "license_id"):
            assert shown[field] == draft[field]

    def test_leaving_with_unsaved_changes_asks_first(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        page.goto(f"/dataset/new/{draft['name']}/1")
        # CKAN compares with what the form held when its script came to it.
        page.wait_for_function("jQuery._data(jQuery('#dataset-edit')[0], 'events')?.change")
        page.get_by_label("Mô tả").fill("Chưa lưu")
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.get_by_role("link", name="Thông tin bổ sung").click()
        page.wait_for_url("**/2")
        assert asked == ["beforeunload"]


class TestErrors:
    def wrong(self, page: Page, name: str) -> None:
        """Fill the second page with three wrong values and send it."""
        page.goto(f"/dataset/new/{name}/2")
        section(page, "Thời gian, địa bàn và ngôn ngữ")
        page.get_by_role("textbox", name="Ngày công bố").fill("31/02/2024")
        section(page, "Cơ quan và đầu mối")
        page.get_by_label("Thư điện tử").fill("không phải thư")
        page.get_by_label("Trang giới thiệu").fill("javascript:alert(1)")
        go_on(page)

    def test_wrong_values_are_named_beside_their_fields(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        self.wrong(page, draft["name"])
        for field, said in (
            ("issued", "không phải là ngày"),
            ("contact-0-email", "không phải thư"),
            ("url", "không phải là địa chỉ"),
        ):
            message = page.locator(f"#field-{field}-error")
            expect(message).to_be_visible()
            expect(message).to_contain_text(said)
            expect(page.locator(f"#field-{field}")).to_have_attribute("aria-invalid", "true")

    def test_what_was_typed_is_still_there(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        self.wrong(page, draft["name"])
        expect(page.locator("#field-issued")).to_have_value("31/02/2024")
        expect(page.locator("#field-contact-0-email")).to_have_value("không phải thư")
        expect(page.locator("#field-contact-0-name")).to_have_value("Phòng Dữ liệu")

    def test_summary_has_the_focus_and_leads_to_the_field(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        self.wrong(page, draft["name"])
        summary = page.locator(".nd47-problems")
        expect(summary).to_be_focused()
        expect(summary.locator("li")).to_have_count(3)
        summary.get_by_role("link", name="Ngày công bố").click()
        expect(page.locator("#field-issued")).to_be_focused()

    def test_title_is_asked_for(self, classic: Site, open_page: Any):
        page = open_page(classic, "editor")
        page.goto("/dataset/new")
        page.get_by_label("Mô tả").fill("Không có tên")
        go_on(page)
        expect(page.locator(".nd47-problems")).to_be_visible()
        expect(page.get_by_label("Mô tả")).to_have_value("Không có tên")


class TestFields:
    def test_date_is_typed_day_first(self, classic: Site, open_page: Any, draft: dict[str, Any]):
        page = open_page(classic, "editor")
        page.goto(f"/dataset/new/{draft['name']}/2")
        section(page, "Thời gian, địa bàn và ngôn ngữ")
        page.get_by_role("textbox", name="Ngày công bố").fill("05/04/2025")
        go_on(page)
        assert classic.action("package_show", id=draft["id"])["issued"] == "2025-04-05"
        page.goto(f"/dataset/new/{draft['name']}/2")
        expect(page.locator("#field-issued")).to_have_value("05/04/2025")

    def test_agency_is_found_without_diacritics(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        page.goto(f"/dataset/new/{draft['name']}/2")
        section(page, "Cơ quan và đầu mối")
        box = page.get_by_role("combobox", name="Cơ quan chủ quản")
        box.press_sequentially("tinh vinh khue")
        option = page.get_by_role("option", name="Ủy ban nhân dân tỉnh Vĩnh Khuê")
        expect(option).to_be_visible()
        box.press("Enter")
        expect(box).to_have_value("Ủy ban nhân dân tỉnh Vĩnh Khuê")
        go_on(page)
        agency = classic.action("package_show", id=draft["id"])["responsible_agency"]
        shown = classic.action("organization_show", id=agency)
        assert shown["title"] == "Ủy ban nhân dân tỉnh Vĩnh Khuê"

    def test_half_typed_agency_is_no_choice(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        page = open_page(classic, "editor")
        page.goto(f"/dataset/new/{draft['name']}/2")
        section(page, "Cơ quan và đầu mối")
        box = page.get_by_role("combobox", name="Cơ quan chủ quản")
        box.press_sequentially("không có cơ quan nào tên thế này")
        box.press("Tab")
        expect(box).to_have_value("")

    def test_long_list_of_boxes_is_filtered_without_diacritics(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        held = [term.code for term in vocabulary.get("instrument")]
        classic.action("package_patch", id=draft["id"], applicable_legislation=held)
        page = open_page(classic, "editor")
        page.goto(f"/dataset/new/{draft['name']}/2")
        section(page, "Phân loại và căn cứ pháp lý")
        boxes = page.locator("#field-applicable_legislation .form-check:visible")
        before = boxes.count()
        page.locator("#field-applicable_legislation-filter").fill("giao dich dien tu")
        expect(boxes.first).to_contain_text("Giao dịch điện tử")
        assert 0 < boxes.count() < before

    def test_place_of_no_list_may_be_typed(
        self, classic: Site, open_page: Any, draft: dict[str, Any]
    ):
        """A commune has a code, and there are more of them than any list."""
        page = open_page(classic, "editor")
        page.goto(f"/dataset/new/{draft['name']}/2")
        section(page, "Thời gian, địa bàn và ngôn ngữ")
        # A list until the script has made an input of it.
        place = page.locator("input#field-spatial_coverage-0-uri")
        place.press_sequentially("00004")
        place.press("Tab")
        go_on(page)
        shown = classic.action("package_show", id=draft["id"])
        assert shown["spatial_coverage"][0]["uri"] == "00004"

    def test_group_is_added_and_removed(self, classic: Site, open_page: Any, draft: dict[str, Any]):
        page = open_page(classic, "editor")
        page.goto(f"/dataset/new/{draft['name']}/2")
        section(page, "Cơ quan và đầu mối")
        page.get_by_role("button", name="Thêm đầu mối").click()
        expect(page.locator("#field-contact-1-name")).to_be_focused()
        page.locator("#field-contact-1-name").fill("Văn phòng")
        page.locator("[data-nd47-remove]").first.click()
        expect(page.get_by_role("button", name="Thêm đầu mối")).to_be_focused()
        go_on(page)
        contact = classic.action("package_show", id=draft["id"])["contact"]
        assert [one["name"] for one in contact] == ["Văn phòng"]

    def test_keyword_of_the_portal_is_proposed(self, classic: Site, open_page: Any):
        page = open_page(classic, "editor")
        page.goto("/dataset/new")
        box = page.get_by_role("combobox", name="Từ khóa")
        box.press_sequentially("nước sạch, đất")
        page.get_by_role("option", name="đất đai", exact=True).click()
        expect(box).to_have_value("nước sạch, đất đai, ")


def section(page: Page, title: str) -> None:
    """Open a section of the form."""
    page.locator("summary", has_text=title).click()
