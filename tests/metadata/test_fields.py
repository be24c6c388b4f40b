"""The pages of the fields (lĩnh vực), on a portal with any theme."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.metadata.conftest import Create

FILE = {"url": "https://haison.example/a.csv", "format": "CSV", "name": "Tệp A"}


@pytest.fixture(autouse=True)
def open_rules(without_rules: None) -> None:
    """Publishing requires nothing."""


def names(page: Any) -> list[str]:
    """Return the titles of the datasets that a page lists."""
    return [a.get_text(strip=True) for a in page.select(".dataset-item h2 a")]


def listed(page: Any, section: str) -> list[str]:
    """Return the entries of a list beside the datasets."""
    return [
        " ".join(li.get_text(" ").split()) for li in page.select(f"[aria-labelledby={section}] li")
    ]


class TestField:
    def test_lists_its_public_datasets_only(self, browse: Any, create: Create):
        shown = create(title="Trạm y tế", theme=["y-te"], private=False)
        for hidden in ({"private": True}, {"state": "draft"}, {"theme": ["tai-chinh"]}):
            create(**{"theme": ["y-te"], "title": "Không hiện", **hidden})
        page = browse("/vi/field/y-te")
        assert page.select_one("h1").get_text() == "Y tế"
        assert names(page) == ["Trạm y tế"]
        assert page.select(f'a[href$="/dataset/{shown["name"]}"]')

    def test_forgets_a_dataset_once_it_is_withdrawn(self, browse: Any, create: Create):
        dataset = create(title="Sắp thu hồi", theme=["nang-luong"], private=False)
        assert names(browse("/vi/field/nang-luong")) == ["Sắp thu hồi"]
        call_action("package_patch", id=dataset["id"], private=True)
        page = browse("/vi/field/nang-luong")
        assert names(page) == []
        assert "Chưa có bộ dữ liệu nào thuộc lĩnh vực này" in page.get_text()

    def test_counts_what_each_agency_has(self, browse: Any, create: Create, department: Any):
        other = factories.Organization(title="Sở Y tế", title_en="Department of Health")
        for owner in (department, department, other):
            create(theme=["lao-dong"], owner_org=owner["id"], private=False)
        create(theme=["lao-dong"], owner_org=other["id"], private=True)
        agencies = listed(browse("/vi/field/lao-dong"), "nd47-field-agencies")
        assert agencies == ["Sở Giáo dục và Đào tạo 2 bộ dữ liệu", "Sở Y tế 1 bộ dữ liệu"]
        english = listed(browse("/en/field/lao-dong"), "nd47-field-agencies")
        assert "Department of Health 1 dataset" in english

    def test_count_of_an_agency_leads_to_as_many_datasets(self, browse: Any, create: Create):
        create(theme=["cong-nghe"], title="Công nghệ", private=False)
        create(theme=["tai-chinh"], title="Tài chính", private=False)
        page = browse("/vi/field/cong-nghe")
        link = page.select_one("[aria-labelledby=nd47-field-agencies] a")["href"]
        assert names(browse(link)) == ["Công nghệ"]

    def test_search_stays_in_the_field(self, browse: Any, create: Create):
        create(theme=["xa-hoi"], title="Bảng xã hội", private=False)
        create(theme=["tai-chinh"], title="Bảng tài chính", private=False)
        form = browse("/vi/field/xa-hoi").select_one(".nd47-field-search")
        hidden = form.select_one("[type=hidden]")
        query = f"{hidden['name']}={hidden['value']}&q=Bảng"
        assert names(browse(f"{form['action']}?{query}")) == ["Bảng xã hội"]

    def test_newest_files_come_first(self, browse: Any, create: Create):
        for number in range(7):
            create(
                theme=["moi-truong"],
                private=False,
                resources=[{**FILE, "name": f"Tệp {number}"}],
            )
        page = browse("/vi/field/moi-truong")
        files = listed(page, "nd47-field-files")
        assert [file.partition(" CSV")[0] for file in files] == [
            f"Tệp {n}" for n in (6, 5, 4, 3, 2)
        ]
        link = page.select_one("[aria-labelledby=nd47-field-files] a")["href"]
        assert "Tệp 6" in browse(link).select_one("h1").get_text()

    def test_edit_of_a_title_makes_no_file_new(self, browse: Any, create: Create):
        old = create(theme=["dia-phuong"], private=False, resources=[{**FILE, "name": "Cũ"}])
        create(theme=["dia-phuong"], private=False, resources=[{**FILE, "name": "Mới"}])
        call_action("package_patch", id=old["id"], title="Đổi tên")
        files = listed(browse("/vi/field/dia-phuong"), "nd47-field-files")
        assert [file.partition(" CSV")[0] for file in files] == ["Mới", "Cũ"]

    def test_dataset_without_files_is_listed(self, browse: Any, create: Create):
        create(theme=["nong-nghiep"], title="Chưa có tệp", private=False, resources=[])
        page = browse("/vi/field/nong-nghiep")
        assert names(page) == ["Chưa có tệp"]
        assert page.select("#nd47-field-files") == []

    def test_page_beyond_the_end_says_so(self, browse: Any, create: Create):
        create(theme=["giao-duc"], private=False)
        page = browse("/vi/field/giao-duc?page=9999")
        assert "Danh sách không có trang này." in page.get_text()
        assert page.select_one(".nd47-beyond a")["href"] == "/vi/field/giao-duc"

    @pytest.mark.parametrize("code", ["khong-co", "GIAO-DUC", "a%22+OR+*:*", "..%2F.."])
    def test_what_is_no_field_is_not_found(self, app: Any, code: str):
        app.get(f"/vi/field/{code}", status=404)

    def test_labels_are_in_the_language_of_the_page(self, browse: Any, create: Create):
        create(theme=["giao-duc"], private=False)
        assert "Education" in browse("/en/field/giao-duc").select_one("h1").get_text()
        assert browse("/vi/field/giao-duc").select_one("h1").get_text() == "Giáo dục đào tạo"


class TestList:
    def test_has_the_fields_with_datasets(self, browse: Any, create: Create):
        create(theme=["tai-chinh", "giao-duc"], private=False)
        create(theme=["co-so-ha-tang"], private=True)
        labels = [
            element.get_text() for element in browse("/vi/field").select(".nd47-tiles a > span")
        ]
        assert {"Tài chính", "Giáo dục đào tạo"} <= set(labels)
        assert "Cơ sở hạ tầng" not in labels

    def test_says_where_nothing_is_published(self, browse: Any):
        for name in call_action("package_list"):
            call_action("dataset_purge", id=name)
        page = browse("/vi/field")
        assert page.select(".nd47-tiles") == []
        assert "Chưa có bộ dữ liệu nào được công bố" in page.get_text()


class TestLinks:
    def test_dataset_page_leads_to_its_fields(self, browse: Any, create: Create):
        dataset = create(theme=["giao-duc", "y-te"], private=False)
        links = browse(f"/vi/dataset/{dataset['name']}").select('.nd47-panel a[href*="/field/"]')
        assert [(a.get_text(), a["href"]) for a in links] == [
            ("Giáo dục đào tạo", "/vi/field/giao-duc"),
            ("Y tế", "/vi/field/y-te"),
        ]

    def test_dataset_without_a_known_field_leads_nowhere(self, browse: Any, create: Create):
        dataset = create(theme=[], private=False)
        assert browse(f"/vi/dataset/{dataset['name']}").select('a[href*="/field/"]') == []

    def test_code_of_a_field_leads_to_its_page(self, browse: Any):
        assert browse("/vi/vocabulary/field-national/y-te").select('a[href="/vi/field/y-te"]')
        assert not browse("/vi/vocabulary/frequency/hang-nam").select('a[href*="/field/"]')
