"""The sentence to cite a dataset by: template, page, API."""

from __future__ import annotations

from typing import Any

import pytest

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.lib import config
from ckanext.nd47.metadata import citation
from tests.metadata.conftest import PLUGINS

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    # No rule stands in the way of a dataset that says only what a test is about.
    pytest.mark.ckan_config("ckanext.nd47.rules_from", "2999-01-01"),
    pytest.mark.usefixtures("with_plugins"),
]

FIELD = "attribution_statement"
TEMPLATE = "{agency}, “{title}”, {identifier}, {url}, {date}. {license}."
FACTS = {
    "agency": "Sở A",
    "title": "Trường",
    "identifier": "H99-000001",
    "url": "http://x/d",
    "date": "31/12/2026",
    "license": "Giấy phép",
}


class TestFill:
    def test_every_place_is_filled(self):
        assert citation.fill(TEMPLATE, FACTS) == (
            "Sở A, “Trường”, H99-000001, http://x/d, 31/12/2026. Giấy phép."
        )

    @pytest.mark.parametrize(
        ("missing", "sentence"),
        [
            ("agency", "“Trường”, H99-000001, http://x/d, 31/12/2026. Giấy phép."),
            ("title", "Sở A, H99-000001, http://x/d, 31/12/2026. Giấy phép."),
            ("identifier", "Sở A, “Trường”, http://x/d, 31/12/2026. Giấy phép."),
            ("date", "Sở A, “Trường”, H99-000001, http://x/d, Giấy phép."),
            ("license", "Sở A, “Trường”, H99-000001, http://x/d, 31/12/2026."),
        ],
    )
    def test_place_with_nothing_to_say_takes_its_punctuation_along(self, missing, sentence):
        assert citation.fill(TEMPLATE, {**FACTS, missing: ""}) == sentence

    def test_nothing_known_gives_nothing(self):
        assert citation.fill(TEMPLATE, {}) == ""

    def test_braces_in_a_title_stay(self):
        facts = {**FACTS, "title": "{agency} {0} {{"}
        assert citation.fill("{title}", facts) == "{agency} {0} {{"

    def test_line_breaks_in_a_title_become_blanks(self):
        assert citation.fill("{title}", {"title": "a\r\nb"}) == "a b"

    def test_doubled_braces_are_braces(self):
        assert citation.fill("{{{title}}}", FACTS) == "{Trường}"

    @pytest.mark.parametrize(
        "template",
        [
            "{nguon}",
            "{}",
            "{0}",
            "{title",
            "title}",
            "{title!r}",
            "{title:>99999999}",
            "{title.__class__}",
            "{title[0]}",
            "{ title }",
        ],
    )
    def test_template_with_anything_but_plain_places_is_refused(self, template):
        with pytest.raises(citation.TemplateError):
            citation.fill(template, FACTS)


@pytest.mark.usefixtures("non_clean_db")
class TestSentence:
    def test_names_the_responsible_agency_and_the_licence(self, create, province):
        made = create(title="Danh sách trường", modified="2026-01-05", license_id="nd47-open-data")
        assert citation.statement(made, "vi") == (
            f"{province['title']}, “Danh sách trường”, {made['identifier']}, "
            f"http://test.ckan.net/dataset/{made['name']}, 05/01/2026. "
            "Dữ liệu mở của cơ quan nhà nước (Nghị định 47/2020/NĐ-CP, Điều 18)."
        )

    def test_own_sentence_of_the_dataset_goes_first(self, create):
        made = create(attribution="Nguồn: Sở Giáo dục")
        assert citation.statement(made) == "Nguồn: Sở Giáo dục"

    @pytest.mark.ckan_config("ckanext.nd47.attribution_template", "{license}")
    def test_language_may_be_asked_for(self, create):
        made = create(license_id="nd47-open-data")
        assert citation.statement(made, "en").startswith("Open data of Vietnamese state")

    @pytest.mark.ckan_config("ckanext.nd47.attribution_template", "Nguồn: {nguon}")
    def test_broken_template_of_the_file_gives_way_to_the_default(self, create, app, caplog):
        made = create(title="Trường", modified="2026-01-05")
        assert "“Trường”" in citation.statement(made)
        assert "attribution template: nguon" in caplog.text
        assert app.get(f"/dataset/{made['name']}").status_code == 200

    def test_default_is_the_one_declared(self):
        assert config.declared_default(config.ATTRIBUTION_TEMPLATE) == TEMPLATE


@pytest.mark.usefixtures("non_clean_db")
class TestApi:
    def test_dataset_shows_it(self, create):
        made = create(title="Danh sách trường")
        shown = call_action("package_show", id=made["id"])
        assert "“Danh sách trường”" in shown[FIELD]
        assert shown[FIELD] == made[FIELD]

    def test_nothing_is_stored(self, create):
        made = create()
        call_action("package_update", **{**made, FIELD: "Kẻ khác"})
        package = model.Package.get(made["id"])
        assert package
        assert FIELD not in package.extras

    def test_what_is_sent_back_is_ignored(self, create):
        made = create()
        saved = call_action("package_update", **{**made, FIELD: "Kẻ khác", "title": "Mới"})
        assert saved[FIELD] == made[FIELD].replace(made["title"], "Mới")

    @pytest.mark.parametrize("sent", ["", None, 7, ["x"], {"a": "b"}])
    def test_nonsense_that_is_sent_back_is_no_error(self, create, sent):
        made = create()
        saved = call_action("package_patch", id=made["id"], **{FIELD: sent})
        assert saved[FIELD] == made[FIELD]

    def test_saving_what_was_shown_changes_nothing(self, create):
        shown = call_action("package_show", id=create()["id"])
        assert call_action("package_update", **shown) == shown

    def test_adding_a_resource_leaves_it(self, create):
        made = create()
        call_action("resource_create", package_id=made["id"], url="http://x.example/a.csv")
        assert call_action("package_show", id=made["id"])[FIELD] == made[FIELD]

    def test_search_gives_it_as_it_is_now(self, create, ckan_config):
        made = create()
        ckan_config["ckanext.nd47.attribution_template"] = "Nguồn: {title}"
        found = call_action("package_search", fq=f"name:{made['name']}")["results"]
        assert [one[FIELD] for one in found] == [f"Nguồn: {made['title']}"]

    def test_search_for_single_fields_is_left_alone(self, create):
        made = create()
        found = call_action("package_search", fq=f"name:{made['name']}", fl="id,name")["results"]
        assert found == [{"id": made["id"], "name": made["name"]}]

    @pytest.mark.ckan_config("ckanext.nd47.attribution_template", "{license}")
    def test_is_in_the_language_of_the_data_whoever_asks(self, app, create):
        made = create(license_id="nd47-open-data")
        asked = f"/en/api/3/action/package_show?id={made['id']}"
        assert app.get(asked).json["result"][FIELD].startswith("Dữ liệu mở")

    @pytest.mark.ckan_config("ckan.locale_default", "vi")
    @pytest.mark.parametrize(("lang", "title"), [("vi", "Dữ liệu mở"), ("en", "Open data")])
    def test_title_of_the_licence_is_in_the_language_of_the_request(self, app, create, lang, title):
        """CKAN would give it as it was when the dataset was saved."""
        made = create(license_id="nd47-open-data")
        asked = f"/{lang}/api/3/action/package_show?id={made['id']}"
        assert app.get(asked).json["result"]["license_title"].startswith(title)

    def test_dataset_of_a_licence_that_is_gone_keeps_what_ckan_says(self, create):
        made = create()
        package = model.Package.get(made["id"])
        assert package
        package.license_id = "giay-phep-cu"
        model.Session.commit()
        shown = call_action("package_show", {"use_cache": False}, id=made["id"])
        assert (shown["license_title"], shown["isopen"]) == ("giay-phep-cu", False)


@pytest.mark.usefixtures("non_clean_db")
class TestPage:
    def test_shows_the_sentence_and_the_files(self, app, create):
        made = create(title="Danh sách trường")
        page = app.get(f"/dataset/{made['name']}").body
        assert "“Danh sách trường”" in page
        for extension in ("txt", "bib", "ris", "json"):
            assert f"/dataset/{made['name']}/citation.{extension}" in page

    @pytest.mark.parametrize(
        "title", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}"]
    )
    def test_hostile_title_is_shown_as_text(self, app, create, title):
        made = create(title=title)
        page = app.get(f"/dataset/{made['name']}").body
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "“49”" not in page

    def test_html_in_the_own_sentence_is_shown_as_text(self, app, create):
        made = create(attribution="<b>đậm</b><script>alert(1)</script>")
        page = app.get(f"/dataset/{made['name']}").body
        assert "&lt;b&gt;đậm&lt;/b&gt;" in page
        assert "<script>alert(1)" not in page

    def test_licence_leads_to_its_page_in_the_same_language(self, app, create):
        made = create(license_id="nd47-open-data")
        assert 'href="/en/license/nd47-open-data"' in app.get(f"/en/dataset/{made['name']}").body


@pytest.mark.usefixtures("non_clean_db")
class TestDownload:
    def page(self, app: Any, create: Any, **fields: Any) -> str:
        """Return the page of a resource of a new dataset."""
        made = create(resources=[{"url": "http://x.example/a.csv", "format": "CSV"}], **fields)
        return app.get(f"/en/dataset/{made['name']}/resource/{made['resources'][0]['id']}").body

    def test_terms_stand_beside_it_once(self, app, create):
        page = self.page(app, create, license_id="nd47-open-data")
        assert page.count("You may not resell the data as they are") == 1
        assert page.count("nd47-terms-short") == 1

    def test_law_in_force_says_nothing_of_resale(self, app, create):
        page = self.page(app, create, license_id="vn-open-data-2023")
        assert "You must cite the source" in page
        assert "resell" not in page

    def test_nothing_is_asked_before_it(self, app, create):
        page = self.page(app, create, license_id="nd47-open-data")
        beside = page.split('class="nd47-terms-short"')[1].split("</div>")[0]
        for gate in ("<form", "<input", "<button", "checkbox"):
            assert gate not in beside
        assert 'href="http://x.example/a.csv"' in page

    def test_another_licence_is_named_with_its_link(self, app, create):
        page = self.page(app, create, license_id="cc-by")
        beside = page.split('class="nd47-terms-short"')[1].split("</div>")[0]
        assert "https://creativecommons.org/licenses/by/4.0/" in beside
        assert "<li>" not in beside

    def test_dataset_without_licence_has_no_terms(self, app, create):
        made = create(resources=[{"url": "http://x.example/a.csv", "format": "CSV"}])
        call_action("package_patch", id=made["id"], license_id="")
        page = app.get(f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}").body
        assert "nd47-terms-short" not in page
