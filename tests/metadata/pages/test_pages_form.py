"""The form of a dataset: two pages and its files, filled in where a value can be known."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.lib.vocabularies import vocabulary
from tests.metadata.conftest import new_name
from tests.metadata.datasets.test_datasets import FULL
from tests.metadata.pages.test_pages import form_data, one

pytestmark = pytest.mark.usefixtures("portal", "without_rules")

FIRST_PAGE = [
    "title",
    "name",
    "notes",
    "tag_string",
    "open_data_category",
    "theme",
    "frequency",
    "owner_org",
]
TECHNICAL = {"_ckan_phase", "pkg_name", "_csrf_token", "save"}


@pytest.fixture
def draft(create):
    """A draft as the first page of the form makes it."""
    return create(state="draft")


def asked(page: BeautifulSoup) -> list[str]:
    """Return the names of the inputs of a form, each once."""
    form = one(page, "form.nd47-form")
    for template in form.select("template"):
        template.decompose()
    names = [str(field["name"]) for field in form.select("input, select, textarea")]
    return [name for name in dict.fromkeys(names) if name not in TECHNICAL]


def text(page: BeautifulSoup, selector: str) -> str:
    return " ".join(one(page, selector).get_text(" ").split())


class TestSteps:
    def test_are_two_pages_and_the_files(self, browse, officer):
        page = browse("/vi/dataset/new", headers=officer)
        steps = [name.get_text(strip=True) for name in page.select(".nd47-stage-name")]
        assert steps == ["Thông tin chính", "Thông tin bổ sung", "Tệp dữ liệu"]

    def test_of_a_new_dataset_lead_nowhere_yet(self, browse, officer):
        page = browse("/en/dataset/new", headers=officer)
        assert not page.select(".nd47-stages a")
        assert one(page, "[aria-current=step]").get_text(strip=True).endswith("Main information")

    def test_of_a_draft_lead_to_every_page(self, browse, officer, draft):
        page = browse(f"/en/dataset/new/{draft['name']}/2", headers=officer)
        links = [str(link["href"]) for link in page.select(".nd47-stages a")]
        assert [re.sub(".*/dataset/", "", link) for link in links] == [
            f"new/{draft['id']}/1",
            f"{draft['id']}/resource/new",
        ]

    def test_first_page_asks_for_what_an_officer_types(self, browse, officer):
        assert asked(browse("/en/dataset/new", headers=officer)) == FIRST_PAGE

    def test_second_page_asks_for_the_rest_in_sections(self, browse, officer, draft):
        page = browse(f"/en/dataset/new/{draft['name']}/2", headers=officer)
        for name in ("license_id", "contact-shown", "issued", "provenance", "quality_plan-shown"):
            assert page.select_one(f"details.nd47-part [name={name}]")
        assert not page.select("details.nd47-part[open]")

    def test_form_of_a_draft_goes_to_its_own_page(self, browse, officer, draft):
        """ckanext-scheming sends it to where the fields of the other pages are lost."""
        for number in (1, 2):
            page = browse(f"/en/dataset/edit/{draft['name']}/{number}", headers=officer)
            action = str(one(page, "form#dataset-edit")["action"])
            assert action.endswith(f"/dataset/new/{draft['id']}/{number}")

    def test_nothing_is_said_of_a_licence_for_metadata(self, browse, officer):
        """CKAN's form binds its user to the Open Database License."""
        page = browse("/en/dataset/new", headers=officer)
        assert "Open Database" not in page.get_text()


class TestKnownValues:
    def test_second_page_is_filled_in(self, browse, officer, draft):
        data = form_data(browse(f"/en/dataset/new/{draft['name']}/2", headers=officer))
        assert data["identifier"] == [draft["identifier"]]
        assert data["license_id"] == ["vn-open-data-2023"]
        assert data["access_rights"] == ["cong-khai"]
        assert data["sharing_class"] == ["du-lieu-mo"]
        assert data["private"] == ["False"]
        assert "vi" in data["language"]
        assert any(data["applicable_legislation"])

    def test_what_holds_by_itself_is_said(self, browse, officer, draft, province):
        page = browse(f"/en/dataset/new/{draft['name']}/2", headers=officer)
        assert "dulieu@sgd.haison.example" in text(page, "#field-contact .nd47-assumed")
        empty = one(page, "#field-responsible_agency option[value='']")
        assert empty.get_text() == province["title"]

    def test_a_retired_field_is_offered_only_to_the_dataset_that_holds_it(
        self, browse, officer, create
    ):
        old = create(state="draft", theme=["nang-luong-ha-tang"])
        new = create(state="draft", theme=["nang-luong"])
        offered = {}
        for made in (old, new):
            page = browse(f"/en/dataset/edit/{made['name']}", headers=officer)
            boxes = page.select("input[name='theme']")
            offered[made["name"]] = {str(box["value"]) for box in boxes}
        assert "nang-luong-ha-tang" in offered[old["name"]]
        assert "nang-luong-ha-tang" not in offered[new["name"]]
        assert {"nang-luong", "co-so-ha-tang"} <= offered[new["name"]]

    def test_own_contact_takes_the_place_of_the_agency(self, browse, officer, create):
        made = create(state="draft", contact=FULL["contact"])
        page = browse(f"/en/dataset/new/{made['name']}/2", headers=officer)
        assert not page.select("#field-contact .nd47-assumed")

    def test_identifier_can_only_be_read(self, browse, officer, draft):
        page = browse(f"/en/dataset/new/{draft['name']}/2", headers=officer)
        assert one(page, "#field-identifier").has_attr("readonly")

    def test_dataset_is_for_everybody_unless_somebody_says_else(self, app, browse, officer, draft):
        path = f"/en/dataset/new/{draft['name']}/2"
        data = form_data(browse(path, headers=officer))
        app.post(path, headers=officer, data=data, follow_redirects=False)
        assert call_action("package_show", id=draft["id"])["private"] is False
        app.post(path, headers=officer, data={**data, "private": "True"}, follow_redirects=False)
        assert call_action("package_show", id=draft["id"])["private"] is True

    def test_form_of_a_resource_sends_nothing_that_was_not_entered(self, browse, officer, draft):
        """CKAN would store a preselected value as a resource without a file."""
        page = browse(f"/en/dataset/{draft['name']}/resource/new", headers=officer)
        data = {key: value for key, value in form_data(page).items() if key not in TECHNICAL}
        assert {key for key, value in data.items() if any(value)} == set()
        assert one(page, "#field-publication_method option").get_text().startswith("Packaged")

    def test_resource_gets_the_publication_method_that_was_shown(self, app, browse, officer, draft):
        path = f"/en/dataset/{draft['name']}/resource/new"
        data = form_data(browse(path, headers=officer))
        data |= {"url": "https://so.example/a.csv", "save": "again"}
        app.post(path, headers=officer, data=data, follow_redirects=False)
        saved = call_action("package_show", id=draft["id"])["resources"][0]
        assert saved["publication_method"] == "goi-tai-ve"
        assert "nd47-assumed" not in saved

    @pytest.mark.ckan_config("ckanext.nd47.legal_edition", "nd-47-2020")
    def test_proposals_follow_the_edition_of_the_portal(self, browse, officer, draft):
        data = form_data(browse(f"/en/dataset/new/{draft['name']}/2", headers=officer))
        assert data["license_id"] == ["nd47-open-data"]
        assert "nd-47-2020" in data["applicable_legislation"]

    @pytest.mark.ckan_config("ckanext.nd47.default_license", "cc-by")
    def test_portal_may_choose_the_licence_that_is_proposed(self, browse, officer, draft):
        data = form_data(browse(f"/en/dataset/new/{draft['name']}/2", headers=officer))
        assert data["license_id"] == ["cc-by"]

    def test_no_licence_is_proposed_for_data_that_are_not_open(self, browse, officer, create):
        made = create(state="draft", sharing_class="du-lieu-dung-chung")
        data = form_data(browse(f"/en/dataset/new/{made['name']}/2", headers=officer))
        assert data["sharing_class"] == ["du-lieu-dung-chung"]
        assert not any(data["license_id"] + data["access_rights"])
        assert not any(data["applicable_legislation"])

    def test_nothing_is_stored_of_a_proposal_that_was_not_sent(self, app, browse, officer, draft):
        browse(f"/en/dataset/new/{draft['name']}/2", headers=officer)
        assert not call_action("package_show", id=draft["id"]).get("license_id")

    def test_what_an_officer_emptied_stays_empty(self, app, browse, officer, draft):
        path = f"/en/dataset/new/{draft['name']}/2"
        data = {**form_data(browse(path, headers=officer)), "license_id": ""}
        app.post(path, headers=officer, data=data, follow_redirects=False)
        assert not call_action("package_show", id=draft["id"]).get("license_id")

    def test_nothing_is_proposed_for_a_published_dataset(self, browse, officer, create):
        page = browse(f"/en/dataset/edit/{create()['name']}/2", headers=officer)
        assert not any(form_data(page)["license_id"])


class TestMarkup:
    def test_boxes_are_a_group_with_a_name(self, browse, officer):
        page = browse("/vi/dataset/new", headers=officer)
        boxes = one(page, "fieldset#field-theme")
        assert one(page, "fieldset#field-theme > legend").get_text(strip=True) == "Lĩnh vực"
        assert not boxes.select("h1, h2, h3")
        assert boxes.select("input[type=checkbox]")

    def test_help_and_error_are_tied_to_the_input(self, app, browse, officer, create):
        made = create(state="draft")
        path = f"/en/dataset/new/{made['name']}/2"
        data = {**form_data(browse(path, headers=officer)), "issued": "31/02/2024"}
        page = BeautifulSoup(app.post(path, headers=officer, data=data).body, "html.parser")
        for field in page.select("form.nd47-form [aria-describedby]"):
            for described in str(field["aria-describedby"]).split():
                assert page.find(id=described), described
        assert "field-issued-error" in str(one(page, "#field-issued")["aria-describedby"])
        assert one(page, "details:has(#field-issued)").has_attr("open")

    @pytest.mark.parametrize(
        ("field", "searched"),
        [
            ("responsible_agency", False),
            ("license_id", True),
            ("spatial_coverage-0-uri", True),
            ("access_rights", False),
        ],
    )
    def test_only_long_or_free_lists_are_searched(self, browse, officer, draft, field, searched):
        page = browse(f"/en/dataset/new/{draft['name']}/2", headers=officer)
        module = one(page, f"select[name={field}]").get("data-module")
        assert (module == "nd47-combobox") is searched

    def test_long_list_of_boxes_has_a_filter(self, browse, officer, create):
        """The form offers few instruments, and besides those that the dataset holds already."""
        every = [term.code for term in vocabulary.get("instrument")]
        for held, filtered in ((every, True), (["luat-20-2023"], False)):
            made = create(state="draft", applicable_legislation=held)
            page = browse(f"/en/dataset/new/{made['name']}/2", headers=officer)
            boxes = page.select("input[name='applicable_legislation']")
            assert {str(box["value"]) for box in boxes} >= set(held)
            found = page.select_one("#field-applicable_legislation [data-module=nd47-filter]")
            assert (found is not None) is filtered
            assert not page.select_one("#field-language [data-module=nd47-filter]")


class TestErrors:
    def first_page(self, app, officer, department, **fields) -> BeautifulSoup:
        given = {"owner_org": department["id"], "_ckan_phase": "1", "pkg_name": "", "save": "save"}
        answer = app.post("/vi/dataset/new", headers=officer, data={**given, **fields})
        return BeautifulSoup(answer.body, "html.parser")

    def test_missing_title_is_named_and_not_the_address(self, app, officer, department):
        page = self.first_page(app, officer, department, title="", name="")
        assert [link["href"] for link in page.select(".nd47-problems a")] == ["#field-title"]
        assert one(page, "#field-title-error").get_text(strip=True)

    def test_wrong_address_is_named(self, app, officer, department):
        page = self.first_page(app, officer, department, title="Tên", name="Có dấu")
        assert [link["href"] for link in page.select(".nd47-problems a")] == ["#field-name"]

    def test_wrong_keyword_stands_at_the_keywords(self, app, officer, department):
        fields = {"title": "Tên", "name": new_name(), "tag_string": "x" * 200}
        page = self.first_page(app, officer, department, **fields)
        assert one(page, "#field-tag_string-error").get_text(strip=True)

    def test_typed_groups_stay_with_their_errors(self, app, browse, officer, create):
        """The stored ones would win otherwise, and the error stand at another group."""
        made = create(state="draft", contact=FULL["contact"])
        path = f"/en/dataset/new/{made['name']}/2"
        data = form_data(browse(path, headers=officer))
        data = {key: value for key, value in data.items() if not key.startswith("contact-0-")}
        data |= {"contact-7-name": "Phòng mới", "contact-7-email": "không phải thư"}
        page = BeautifulSoup(app.post(path, headers=officer, data=data).body, "html.parser")
        names = [str(field["value"]) for field in page.select("[data-nd47-list] [id$=-name]")]
        assert "Phòng mới" in names
        wrong = one(page, "[id^=field-contact-][aria-invalid]")
        assert wrong["value"] == "không phải thư"


class TestPublication:
    def test_dataset_can_be_taken_back(self, app, officer, create):
        """On a form of several pages the button of ckanext-scheming 3.1 does nothing."""
        made = create(frequency="hang-nam")
        data = {"title": made["title"], "save": "go-metadata-unpublish"}
        path = f"/en/dataset/edit/{made['name']}/1"
        app.post(path, headers=officer, data=data, follow_redirects=False)
        shown = call_action("package_show", id=made["id"])
        assert (shown["state"], shown["frequency"]) == ("draft", "hang-nam")

    def test_saving_does_not_take_back(self, app, officer, create):
        made = create()
        data = {"title": made["title"], "save": "save"}
        path = f"/en/dataset/edit/{made['name']}/1"
        app.post(path, headers=officer, data=data, follow_redirects=False)
        assert call_action("package_show", id=made["id"])["state"] == "active"

    def test_page_of_a_draft_offers_to_publish(self, app, browse, officer, create):
        made = create(state="draft", resources=[{"url": "https://so.example/a.csv"}])
        page = browse(f"/en/dataset/{made['name']}", headers=officer)
        form = one(page, ".nd47-draft form")
        data = {"id": "", "save": "go-metadata"}
        app.post(str(form["action"]), headers=officer, data=data, follow_redirects=False)
        assert call_action("package_show", id=made["id"])["state"] == "active"

    def test_page_of_a_published_dataset_does_not(self, browse, officer, create):
        page = browse(f"/en/dataset/{create()['name']}", headers=officer)
        assert not page.select(".nd47-draft")


class TestRefusal:
    def test_leads_to_the_page_of_the_form(self, app, officer, draft, monkeypatch, ckan_config):
        """What a rule asks of the dataset is mended where the dataset is, not at its file."""
        monkeypatch.setitem(ckan_config, "ckanext.nd47.rules_from", "")
        path = f"/vi/dataset/{draft['name']}/resource/new"
        data = {"id": "", "save": "go-metadata"}
        page = BeautifulSoup(app.post(path, headers=officer, data=data).body, "html.parser")
        heading = text(page, ".nd47-problems-heading")
        assert heading.startswith(("Chưa công bố", "Not published"))
        assert page.select(".nd47-problems li")


class TestAgencyPage:
    def test_tells_code_level_and_contact(self, browse, department, province):
        page = browse(f"/vi/organization/{department['name']}")
        facts = text(page, ".nd47-agency")
        for part in (department["title"], province["title"], "H99.02", "dulieu@sgd.haison.example"):
            assert part in facts
        assert "department" not in facts

    def test_about_shows_no_codes(self, browse, department):
        page = browse(f"/vi/organization/about/{department['name']}")
        assert "agency_level" not in page.get_text()
        assert "department" not in text(page, "[role=main]")

    def test_agency_without_facts_shows_its_name_alone(self, browse):
        bare = factories.Organization(title="Cơ quan không có gì", description="")
        page = browse(f"/vi/organization/{bare['name']}")
        assert text(page, ".nd47-agency") == "Cơ quan không có gì"
