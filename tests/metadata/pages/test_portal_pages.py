"""What the suite changes on every page of the portal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

import ckanext.nd47

pytestmark = pytest.mark.usefixtures("portal", "without_rules")

STYLES = Path(ckanext.nd47.__file__).parent / "assets" / "portal.css"


class TestGroups:
    """A portal without groups shows no way to them."""

    def ways(self, browse: Any, dataset: str) -> list[str]:
        pages = [browse("/en/"), browse(f"/en/dataset/{dataset}")]
        links = [str(a["href"]) for page in pages for a in page.select("nav a, .nav-tabs a")]
        return [link for link in links if re.search(r"/group/?$|/dataset/groups/", link)]

    def test_no_menu_and_no_tab_without_a_group(self, create: Any, browse: Any) -> None:
        assert self.ways(browse, create()["name"]) == []

    def test_menu_and_tab_once_there_is_one(self, create: Any, browse: Any) -> None:
        group = factories.Group()
        try:
            ways = self.ways(browse, create()["name"])
            assert [way for way in ways if "/dataset/groups/" in way]
            assert [way for way in ways if way.rstrip("/").endswith("/group")]
        finally:
            call_action("group_delete", id=group["id"])

    def test_agencies_are_no_groups(self, browse: Any, province: Any) -> None:
        links = [str(a["href"]) for a in browse("/en/").select("nav a")]
        assert any(link.rstrip("/").endswith("/organization") for link in links)


class TestTitles:
    def test_the_home_page_is_called_like_the_portal(self, browse: Any) -> None:
        title = browse("/en/").select_one("title")
        assert title is not None
        assert title.get_text(strip=True) == "CKAN"  # ckan.site_title of the tests

    @pytest.mark.parametrize(("language", "name"), [("en", "Open data"), ("vi", "Dữ liệu mở")])
    @pytest.mark.parametrize("path", ["/", "/dataset/", "/organization/", "/dataset/{dataset}"])
    def test_pages_have_the_name_in_their_language(
        self,
        create: Any,
        browse: Any,
        monkeypatch: pytest.MonkeyPatch,
        path: str,
        language: str,
        name: str,
    ) -> None:
        monkeypatch.setitem(tk.config, "ckan.site_title", "Dữ liệu mở")
        monkeypatch.setitem(tk.config, "ckanext.nd47.portal_title_en", "Open data")
        page = browse(f"/{language}" + path.format(dataset=create()["name"]))
        parts = ("title", "a.logo", ".site-footer", "meta[property='og:title']")
        shown = [part.get("content") or str(part) for part in page.select(", ".join(parts))]
        assert len(shown) >= len(parts) - 1
        assert all(name in text for text in shown)

    def test_without_an_english_name_there_is_the_other(
        self, browse: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(tk.config, "ckan.site_title", "Dữ liệu mở")
        assert browse("/en/").select_one("title").get_text(strip=True) == "Dữ liệu mở"

    def test_the_api_has_the_name_of_the_portal(
        self, app: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(tk.config, "ckan.site_title", "Dữ liệu mở")
        monkeypatch.setitem(tk.config, "ckanext.nd47.portal_title_en", "Open data")
        answer = app.get("/en/api/3/action/status_show").json["result"]
        assert answer["site_title"] == "Dữ liệu mở"

    def test_the_list_of_agencies_speaks_to_its_readers(self, browse: Any) -> None:
        beside = browse("/en/organization/").select_one("aside")
        assert beside is not None
        assert "Choose one to see its datasets" in beside.get_text()
        assert "CKAN" not in beside.get_text()


class TestErrors:
    @pytest.mark.parametrize("path", ["/en/khong-co-trang-nay", "/en/dataset/khong-co"])
    def test_a_page_that_is_not_there_leads_on(self, app: Any, path: str) -> None:
        page = BeautifulSoup(app.get(path, status=404).body, "html.parser")
        search = page.select_one(".nd47-ways-on form[role=search]")
        assert search is not None
        assert str(search["action"]).endswith("/dataset/")
        assert page.select_one(".nd47-ways-on a[href='/en/']")


class TestFiles:
    def test_the_day_of_a_file_is_told_apart_from_that_of_the_data(
        self, create: Any, browse: Any
    ) -> None:
        made = create(
            modified="2026-02-01",
            resources=[{"url": "https://tep.example/a.csv", "format": "CSV", "period": "2025"}],
        )
        text = " ".join(browse(f"/en/dataset/{made['name']}").get_text(" ").split())
        assert "Data updated on 01/02/2026" in text
        assert re.search(r"File put on the portal on \d\d/\d\d/\d{4}", text)

    def test_headings_of_its_page_follow_each_other(self, create: Any, browse: Any) -> None:
        name = "Danh sách trường tiểu học trên địa bàn tỉnh năm học 2024-2025, theo xã, phường"
        made = create(
            notes="Gồm tên trường và địa chỉ.",
            resources=[{"url": "https://tep.example/a.csv", "format": "CSV", "name": name}],
        )
        file = made["resources"][0]["id"]
        page = browse(f"/en/dataset/{made['name']}/resource/{file}")
        headings = page.select(".module-resource h1, .module-resource h3")
        assert [heading.get_text(strip=True) for heading in headings] == [name]
        assert "Gồm tên trường và địa chỉ." in page.get_text()


class TestStyles:
    def test_every_page_has_them(self, app: Any) -> None:
        for path in ("/en/", "/en/dataset/", "/en/organization/", "/en/about"):
            assert "portal.css" in app.get(path).body, path

    def test_no_syllable_is_broken(self) -> None:
        css = STYLES.read_text(encoding="utf-8")
        assert "break-all" not in css
        for selector in (".media-heading", ".media-description", ".context-info .description"):
            assert re.search(rf"{re.escape(selector)},[^}}]*word-break: normal", css)

    @pytest.mark.parametrize(
        ("selector", "ground"),
        [
            (".account-masthead .account ul li a i", (0, 54, 71)),
            (".form-group.error .error-block", None),
        ],
    )
    def test_words_stand_out_from_their_ground(
        self, selector: str, ground: tuple[int, int, int] | None
    ) -> None:
        css = STYLES.read_text(encoding="utf-8")
        found = re.search(rf"{re.escape(selector)}(?:,[^{{}}]*)? \{{(?P<rules>[^}}]*)\}}", css)
        assert found
        rules = dict(re.findall(r"([\w-]+): ([^;]+);", found["rules"]))
        behind = ground or colour(rules["background-color"])
        assert contrast(colour(rules["color"]), behind) >= 4.5

    def test_paper_has_the_content_and_not_the_menus(self) -> None:
        css = STYLES.read_text(encoding="utf-8")
        paper = css[css.index("@media print") :]
        hidden = paper[: paper.index("display: none")]
        for selector in (".masthead", ".site-footer", ".toolbar", ".nav-tabs", ".nd47-aside"):
            assert selector in hidden
        assert "details::details-content" in paper


def colour(text: str) -> tuple[int, int, int]:
    """Return red, green and blue of a colour in hexadecimal digits."""
    digits = text.strip().lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return red, green, blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Return the contrast ratio of two colours as WCAG 2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(rgb: tuple[int, int, int]) -> float:
    linear = [
        c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
