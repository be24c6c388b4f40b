"""The pages of the public face: both languages, no product names, the portal's own texts."""

from __future__ import annotations

import re
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config

TEXTS = ("/about", "/terms-of-use", "/accessibility", "/contact", "/developers")
PAGES = ("/", "/dataset/", "/field", "/field/giao-duc", "/organization/", "/focal-points", *TEXTS)
HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1))"
VIETNAMESE_LETTERS = re.compile("[ăâđêôơưạảấầậắặẹếềệịọốồộớờợụứừựáàãíìúù]", re.IGNORECASE)


def fill(agency: dict[str, Any]) -> None:
    """Record a focal point of an agency, if it has none."""
    if not call_action("nd47_focal_point_list", agency=agency["id"])["count"]:
        call_action(
            "nd47_focal_point_create",
            agency=agency["id"],
            role="feedback",
            position="Văn phòng",
            email="dulieu@haison.example",
        )


def visible(page: Any) -> str:
    """Return what people read on a page, but the line of the footer that names the software."""
    for part in page.select("script, style, .nd47-software"):
        part.decompose()
    return page.get_text(" ", strip=True)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PAGES)
class TestEveryPage:
    def test_is_there_in_the_language(self, browse, create, path, language):
        create()
        page = browse(f"/{language}{path}")
        assert page.html["lang"] == language
        assert page.select_one("title").get_text(strip=True)

    def test_names_no_software(self, browse, path, language, monkeypatch):
        monkeypatch.setitem(tk.config, "ckan.site_title", "Cổng dữ liệu mở")
        page = browse(f"/{language}{path}")
        assert "CKAN" in page.select_one(".nd47-software").get_text()
        assert "ckan" not in visible(page).replace(config.site_base(), "").lower()
        assert page.select_one("meta[name=generator]") is None

    def test_names_agencies_as_such(self, browse, path, language):
        assert "Organizations" not in visible(browse(f"/{language}{path}"))

    def test_has_one_heading_of_the_first_level(self, browse, path, language):
        assert len(browse(f"/{language}{path}").select("h1")) == 1

    def test_has_what_search_engines_need(self, browse, path, language):
        page = browse(f"/{language}{path}")
        (described,) = page.select("meta[name=description]")
        assert described["content"]
        for name in ("og:title", "og:description", "og:url", "og:site_name"):
            (one,) = page.select(f'meta[property="{name}"]')
            assert one["content"]
        alternates = {
            element["hreflang"]: element["href"] for element in page.select("link[hreflang]")
        }
        assert {"vi", "en", "x-default"} <= alternates.keys()
        assert page.select_one("link[rel=canonical]")["href"] == alternates[language]


class TestSearchEngines:
    def test_a_filtered_list_has_no_address_of_its_own(self, browse):
        assert browse("/vi/dataset/?q=abc").select("link[rel=canonical]") == []

    def test_an_error_is_not_to_be_listed(self, app):
        body = app.get("/vi/dataset/khong-co", status=404).body
        assert '<meta name="robots" content="noindex">' in body
        assert 'rel="canonical"' not in body

    def test_a_dataset_is_described_by_its_text(self, browse, create):
        dataset = create(notes="Danh sách & địa chỉ các trường.")
        page = browse(f"/vi/dataset/{dataset['name']}")
        described = page.select_one("meta[name=description]")["content"]
        assert described == "Danh sách & địa chỉ các trường."

    def test_pages_are_described_each_by_itself(self, browse):
        described = [
            browse(f"/vi{path}").select_one("meta[name=description]")["content"] for path in PAGES
        ]
        assert len(described) == len(set(described))

    def test_english_pages_are_described_in_english(self, browse, monkeypatch):
        monkeypatch.setitem(tk.config, config.PORTAL_TITLE_EN, "Open data portal")
        monkeypatch.setitem(tk.config, config.PORTAL_OPERATOR_EN, "Department of Science")
        monkeypatch.setitem(tk.config, "ckan.site_description", "Dữ liệu mở của tỉnh")
        for path in PAGES:
            described = browse(f"/en{path}").select_one("meta[name=description]")["content"]
            assert not VIETNAMESE_LETTERS.search(described), described

    def test_a_file_is_described_by_its_own_text(self, browse, create):
        file = {"url": "https://haison.example/a.csv", "name": "A", "description": "Riêng của tệp"}
        dataset = create(resources=[file], notes="Của bộ dữ liệu")
        path = f"/vi/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}"
        described = browse(path).select_one("meta[name=description]")["content"]
        assert described == "Riêng của tệp"


class TestIdentity:
    def test_icon_and_picture_are_those_of_the_options(self, browse, monkeypatch):
        monkeypatch.setitem(tk.config, config.PORTAL_FAVICON, "/icon.png")
        monkeypatch.setitem(tk.config, config.PORTAL_PICTURE, "/picture.png")
        page = browse("/vi/about")
        assert [element["href"] for element in page.select('link[rel~="icon"]')] == ["/icon.png"]
        picture = page.select_one('meta[property="og:image"]')["content"]
        assert picture == f"{config.site_base()}/picture.png"

    def test_without_options_the_icon_is_a_drawing_in_the_colour(self, browse, monkeypatch):
        monkeypatch.setitem(tk.config, config.PORTAL_COLOUR, "#9b1c1c")
        page = browse("/vi/about")
        (icon,) = page.select('link[rel~="icon"]')
        assert icon["href"].startswith("data:image/svg+xml,")
        assert "9b1c1c" in icon["href"]
        assert page.select('meta[property="og:image"]') == []

    @pytest.mark.parametrize("emblem", ["/emblem.svg", "javascript:alert(1)", ""])
    def test_an_emblem_that_other_sites_do_not_show_is_no_picture(
        self, browse, monkeypatch, emblem
    ):
        monkeypatch.setitem(tk.config, config.PORTAL_EMBLEM, emblem)
        assert browse("/vi/").select('meta[property="og:image"]') == []

    def test_an_emblem_serves_as_picture(self, browse, monkeypatch):
        monkeypatch.setitem(tk.config, config.PORTAL_EMBLEM, "/emblem.png")
        picture = browse("/vi/").select_one('meta[property="og:image"]')["content"]
        assert picture.endswith("/emblem.png")


class TestMenu:
    def test_has_groups_only_where_there_are_some(self, browse):
        def menu() -> list[str]:
            return [a["href"] for a in browse("/vi/about").select(".nd47-menu a")]

        assert "/vi/group/" not in menu()
        factories.Group()
        assert "/vi/group/" in menu()


class TestTexts:
    @pytest.mark.parametrize("page", ["about", "terms", "accessibility", "contact", "developers"])
    @pytest.mark.parametrize("language", ["vi", "en"])
    def test_own_text_takes_the_place_of_the_default(self, browse, monkeypatch, page, language):
        path = {"terms": "terms-of-use"}.get(page, page)
        key = f"ckanext.nd47.portal_{page}_{language}"
        monkeypatch.setitem(tk.config, key, "## Riêng\n\nCủa **cổng** này.")
        shown = browse(f"/{language}/{path}").select_one(".nd47-text")
        assert shown.select_one("strong").get_text() == "cổng"
        other = "en" if language == "vi" else "vi"
        assert "Riêng" not in browse(f"/{other}/{path}").select_one(".nd47-text").get_text()

    def test_hostile_markdown_does_nothing(self, browse, monkeypatch):
        monkeypatch.setitem(tk.config, config.PORTAL_ABOUT_VI, HOSTILE)
        shown = browse("/vi/about").select_one(".nd47-text")
        assert shown.select("script, [onerror]") == []
        assert [a for a in shown.select("a") if a.get("href", "").startswith("javascript")] == []

    def test_hostile_settings_do_nothing(self, browse, monkeypatch):
        for key in (config.PORTAL_OPERATOR_VI, config.PORTAL_ADDRESS, config.PORTAL_EMAIL):
            monkeypatch.setitem(tk.config, key, HOSTILE)
        monkeypatch.setitem(tk.config, config.PORTAL_EMBLEM, "javascript:alert(1)")
        for path in ("/vi/contact", "/vi/about", "/vi/"):
            page = browse(path)
            assert page.select("[onerror]") == []
            assert "alert(1)" not in "".join(
                element.get_text() for element in page.select("script")
            )
            assert page.select('[src^="javascript"], [href^="javascript"]') == []

    def test_a_line_about_what_is_not_set_is_left_out(self, browse, monkeypatch):
        assert "Điện thoại" not in browse("/vi/contact").select_one(".nd47-text").get_text()
        monkeypatch.setitem(tk.config, config.PORTAL_TELEPHONE, "0203 3835 123")
        shown = browse("/vi/contact").select_one(".nd47-text").get_text()
        assert "Điện thoại: 0203 3835 123" in shown

    def test_english_pages_have_the_english_names(self, browse, monkeypatch):
        monkeypatch.setitem(tk.config, config.PORTAL_OPERATOR_VI, "Sở Khoa học và Công nghệ")
        monkeypatch.setitem(tk.config, config.PORTAL_OPERATOR_EN, "Department of Science")
        monkeypatch.setitem(tk.config, config.PORTAL_TITLE_EN, "Open data portal")
        english, vietnamese = browse("/en/about"), browse("/vi/about")
        assert "Department of Science" in english.get_text()
        assert "Sở Khoa học" not in english.get_text()
        assert "Sở Khoa học" in vietnamese.get_text()
        assert "Open data portal" in english.select_one("title").get_text()


class TestDevelopers:
    def test_examples_name_data_of_the_portal(self, browse, create, department):
        dataset = create()
        code = "\n".join(element.get_text() for element in browse("/vi/developers").select("pre"))
        assert f"package_show?id={dataset['name']}" in code
        assert f"organization:{department['name']}" in code
        assert "jones" not in code
        assert "Authorization" not in code

    def test_private_data_are_no_example(self, browse, create):
        create()
        hidden = create(private=True)
        assert hidden["name"] not in browse("/vi/developers").get_text()

    def test_every_way_is_named_that_exists(self, app, browse):
        links = [a["href"] for a in browse("/vi/developers").select(".nd47-text a")]
        assert any(link.endswith("/feeds/dataset.atom") for link in links)
        assert not any("catalog" in link for link in links)  # without nd47_dcat


class TestAgencies:
    def test_are_a_tree_with_what_they_published(self, browse, create, province, department):
        create()
        before = call_action("package_search", fq=f"organization:{department['name']}")["count"]
        create(private=True)
        page = browse("/vi/organization/")
        nested = page.select_one(f'.nd47-tree .nd47-tree a[href$="/{department["name"]}"]')
        assert nested.get_text() == department["title"]
        assert nested.find_next("span").get_text().startswith(f"{before} ")

    def test_have_english_names_on_english_pages_only(self, browse, province, department):
        english = browse("/en/organization/").select_one(".nd47-tree").get_text()
        assert "Department of Education and Training" in english
        assert not VIETNAMESE_LETTERS.search(english)
        vietnamese = browse("/vi/organization/").select_one(".nd47-tree").get_text()
        assert "Department" not in vietnamese

    def test_can_be_searched(self, browse, department):
        found = browse("/vi/organization/?q=giáo dục")
        assert department["title"] in found.get_text()
        assert found.select(".nd47-tree") == []


class TestErrors:
    def test_have_search_way_home_and_one_useful_sentence(self, app):
        body = app.get("/vi/dataset/khong-co", status=404).body
        assert 'name="q"' in body
        assert "Về trang chủ" in body
        assert "có thể đã được chuyển" in body

    @pytest.mark.parametrize("path", ["/khong-co", "/field/khong-co", "/organization/khong-co"])
    @pytest.mark.parametrize("language", ["vi", "en"])
    def test_lead_on_wherever_they_are(self, browse, path, language):
        page = browse(f"/{language}{path}", status=404)
        assert page.select("#nd47-error-search")
        assert page.select(f'a[href="/{language}/"]')

    @pytest.mark.parametrize(
        "path", ["/dataset/", "/organization/", "/group/", "/field/giao-duc", "/focal-points"]
    )
    def test_a_page_beyond_the_end_says_so(self, browse, create, department, path):
        create()
        factories.Group()
        fill(department)
        text = browse(f"/vi{path}?page=9999").get_text(" ", strip=True)
        assert "Danh sách không có trang này." in text

    @pytest.mark.parametrize("number", ["0", "-1", "abc", "9" * 30])
    def test_what_is_no_number_of_a_page_is_refused(self, app, number):
        app.get(f"/vi/field/giao-duc?page={number}", status=400)

    def test_empty_search_leads_on(self, browse):
        text = browse("/vi/dataset/?q=khongcogidau").get_text()
        assert "Hãy thử dùng ít từ hơn" in text


class TestAccounts:
    def test_visitors_see_no_profile_by_default(self, app, department, monkeypatch):
        # CKAN fills in defaults once, so that of the plugins loaded before may still be there.
        assert config.declared_default(config.PUBLIC_USER_DETAILS) == "False"
        monkeypatch.setitem(tk.config, config.PUBLIC_USER_DETAILS, False)
        user = call_action(
            "user_create",
            name="can-bo",
            fullname="Nguyễn Thị Lan",
            email="a@b.vn",
            password="mat-khau-1234",
        )
        for path in (f"/user/{user['name']}", f"/organization/members/{department['name']}"):
            answer = app.get(path, follow_redirects=False)
            assert answer.status_code == 403  # noqa: PLR2004
            assert "Nguyễn Thị Lan" not in answer.body
        for action in ("member_list", "user_list"):
            app.post(f"/api/3/action/{action}", json={"id": department["id"]}, status=403)
