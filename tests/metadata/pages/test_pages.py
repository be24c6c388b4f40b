"""Pages and forms of datasets, organisations and resources, as a browser gets them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.scheming.helpers import scheming_get_dataset_form_pages

from tests.metadata.conftest import PROPOSED, new_name
from tests.metadata.datasets.test_datasets import FULL
from tests.metadata.datasets.test_earlier_datasets import store

pytestmark = pytest.mark.usefixtures("portal", "without_rules")


def one(page: BeautifulSoup, selector: str) -> Tag:
    """Return the first element that a selector finds."""
    found = page.select_one(selector)
    assert found, f"nothing on the page for {selector}"
    return found


def main_text(page: BeautifulSoup) -> str:
    return " ".join(one(page, "[role=main]").get_text(" ").split())


def form_data(page: BeautifulSoup) -> dict[str, Any]:
    """Return what a browser would send of the form of a dataset as it stands."""
    form = one(page, "form#dataset-edit, form#resource-edit")
    for template in form.select("template"):
        template.decompose()  # no part of the page
    data: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(field["name"]), field.get("type")
        if field.name == "select":
            values = [str(o.get("value", "")) for o in field.select("option[selected]")]
            if not values and not field.has_attr("multiple") and field.select_one("option"):
                values = [str(field.select("option")[0]["value"])]
        elif field.name == "textarea":
            values = [field.get_text().removeprefix("\n")]  # as browsers read it
        elif kind in {"checkbox", "radio"}:
            values = [str(field["value"])] if field.has_attr("checked") else []
        elif kind in {"file", "submit", "button"}:
            values = []
        else:
            values = [str(field.get("value", ""))]
        for value in values:
            data.setdefault(name, []).append(value)
    return data


def form_pages() -> list[dict[str, Any]]:
    return scheming_get_dataset_form_pages("dataset") or []


def page_of(field_name: str) -> int:
    """Return the number of the page of the form that a field stands on."""
    return next(
        number
        for number, page in enumerate(form_pages(), start=1)
        if any(field["field_name"] == field_name for field in page["fields"])
    )


def every_page() -> list[int]:
    return list(range(1, len(form_pages()) + 1))


class TestDatasetPage:
    def test_shows_labels_and_no_codes(self, create, browse):
        made = create(**PROPOSED, **FULL)
        text = main_text(browse(f"/vi/dataset/{made['name']}"))
        for label in ("Giáo dục", "Hằng năm", "Cần hoàn thiện", "Tiếng Việt", "07/07/2026"):
            assert label in text
        for code in ("giao-duc", "hang-nam", "can-hoan-thien", "thong-ke-dung-chung", "luat-20"):
            assert code not in text

    def test_hides_empty_fields(self, create, browse):
        text = main_text(browse(f"/vi/dataset/{create()['name']}"))
        for label in ("Quy chế khai thác", "Kiểm tra, đánh giá hằng năm", "Phiên bản"):
            assert label not in text

    def test_is_english_for_an_english_reader(self, create, browse):
        text = main_text(browse(f"/en/dataset/{create(**PROPOSED, **FULL)['name']}"))
        for label in ("Open data", "Update frequency", "Annual", "Education"):
            assert label in text

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({}, "Open data"),
            ({"license_id": "cc-nc"}, "Published, not open data"),
            ({"access_rights": "cong-khai-co-dieu-kien"}, "Published, not open data"),
            ({"sharing_class": "du-lieu-mo-co-dieu-kien"}, "Open under conditions"),
            ({"sharing_class": "du-lieu-dung-chung"}, "Shared between agencies"),
            ({"sharing_class": "du-lieu-dung-rieng"}, "Not public"),
        ],
    )
    def test_says_what_kind_of_data_it_is(self, create, browse, fields, said):
        made = create(**{**PROPOSED, **fields})
        page = browse(f"/en/dataset/{made['name']}")
        badge = one(page, "h1 .nd47-openness")
        assert badge.get_text(strip=True) == said

    def test_names_the_agency_above_the_provider(self, create, browse, department, province):
        panel = one(browse(f"/en/dataset/{create()['name']}"), ".nd47-panel")
        facts = " ".join(panel.get_text(" ").split())
        assert f"Responsible agency {province['title']}" in facts
        assert f"Providing agency {department['title']}" in facts

    def test_gives_the_mailbox_of_the_agency_where_there_is_no_contact(self, create, browse):
        panel = one(browse(f"/en/dataset/{create()['name']}"), ".nd47-reach")
        assert panel.select_one('a[href="mailto:dulieu@sgd.haison.example"]')

    def test_gives_the_contact_of_the_dataset(self, create, browse):
        panel = one(browse(f"/en/dataset/{create(**FULL)['name']}"), ".nd47-reach")
        assert panel.select_one('a[href="mailto:kh@sgd.example"]')
        assert not panel.select_one('a[href="mailto:dulieu@sgd.haison.example"]')

    def test_each_number_and_mailbox_of_a_contact_is_a_link(self, create, browse):
        numbers, mailboxes = "(0236) 3822999 máy lẻ 5; 1022", "Văn thư <a@x.example>; b@x.example"
        made = create(contact=[{"name": "A", "telephone": numbers, "email": mailboxes}])
        panel = one(browse(f"/en/dataset/{made['name']}"), ".nd47-reach")
        links = [str(link["href"]) for link in panel.select(".nd47-contact a")]
        assert links == [
            "mailto:a@x.example",
            "mailto:b@x.example",
            "tel:02363822999;ext=5",
            "tel:1022",
        ]
        assert "(0236) 3822999 máy lẻ 5; 1022" in " ".join(panel.get_text().split())

    def test_says_how_to_cite(self, create, browse):
        made = create()
        panel = one(browse(f"/en/dataset/{made['name']}"), ".nd47-citation [data-nd47-copy-source]")
        for part in (made["title"], made["identifier"], f"/dataset/{made['name']}"):
            assert part in panel.get_text()

    def test_html_of_a_field_is_shown_as_text(self, create, browse):
        made = create(
            title="<b>Tên</b>",
            attribution="<img src=x onerror=alert(1)>",
            catalogue_entry=[{"issuer": "<script>alert(1)</script>"}],
        )
        page = browse(f"/en/dataset/{made['name']}")
        main = one(page, "[role=main]")
        assert not main.select("script, img[onerror], b")

    def test_address_of_an_old_dataset_is_no_script(self, create, browse):
        old = store(create(), {"usage_regulation": "javascript:alert(1)"})
        page = browse(f"/en/dataset/{old['name']}")
        assert not page.select('a[href^="javascript:alert"]')
        assert "javascript:alert(1)" in main_text(page)

    def test_old_values_are_shown_as_they_are(self, create, browse):
        old = store(
            create(),
            {
                "frequency": "mỗi vụ",
                "theme": "nông sản",
                "contact": "không phải JSON",
                "issued": "x",
            },
        )
        text = main_text(browse(f"/en/dataset/{old['name']}"))
        assert "mỗi vụ" in text
        assert "nông sản" in text


class TestResourcePage:
    def test_shows_labels_and_hides_what_ckan_keeps_for_itself(self, create, browse):
        made = create(**FULL)
        path = f"/en/dataset/{made['name']}/resource/{made['resources'][0]['id']}"
        text = main_text(browse(path))
        assert "Packaged data for download" in text
        for internal in ("goi-tai-ve", "Package id", "Has views", "Position"):
            assert internal not in text


class TestForms:
    def new_dataset(self, app, officer, department, **fields):
        given = {
            "title": "Dữ liệu mới",
            "name": new_name(),
            "owner_org": department["id"],
            "_ckan_phase": "1",
            "pkg_name": "",
            "save": "",
            **fields,
        }
        return given["name"], app.post(
            "/en/dataset/new", headers=officer, data=given, follow_redirects=False
        )

    def test_first_page_saves_a_draft_and_goes_on(self, app, officer, department):
        name, response = self.new_dataset(app, officer, department)
        assert response.status_code == 302
        assert response.location.endswith(f"/dataset/new/{name}/2")
        draft = call_action("package_show", id=name)
        assert draft["state"] == "draft"
        assert not {*PROPOSED} & {key for key, value in draft.items() if value}

    def test_error_is_shown_beside_its_field(self, app, officer, department):
        _, response = self.new_dataset(app, officer, department, name="Không hợp lệ")
        page = BeautifulSoup(response.body, "html.parser")
        assert "Must be purely lowercase" in one(page, ".error-explanation").get_text()
        assert one(page, "#field-title")["value"] == "Dữ liệu mới"

    def test_pages_saved_as_they_stand_change_nothing(self, app, browse, create, officer):
        made = create(**FULL)
        for number in every_page():
            path = f"/en/dataset/edit/{made['name']}/{number}"
            data = form_data(browse(path, headers=officer))
            saved = app.post(path, headers=officer, data=data, follow_redirects=False)
            assert saved.status_code == 302
        shown = call_action("package_show", id=made["id"])
        shown["metadata_modified"] = made["metadata_modified"]
        shown["tags"] = made["tags"]
        assert shown == made

    def test_edited_group_is_saved(self, app, browse, create, officer):
        """On forms of several pages ckanext-scheming 3.1 loses it."""
        made = create(**FULL)
        path = f"/en/dataset/edit/{made['name']}/{page_of('contact')}"
        data = form_data(browse(path, headers=officer))
        data["contact-0-name"] = "Tên khác"
        app.post(path, headers=officer, data=data, follow_redirects=False)
        contacts = call_action("package_show", id=made["id"])["contact"]
        assert [contact["name"] for contact in contacts] == ["Tên khác", "Văn phòng"]

    def test_lines_are_saved_as_several_values(self, app, browse, create, officer):
        made = create(**FULL)
        path = f"/en/dataset/edit/{made['name']}/{page_of('conforms_to')}"
        data = form_data(browse(path, headers=officer))
        data["conforms_to"] = "TCVN 7980-1:2024\r\n\r\nISO 19115-1:2014\r\n"
        app.post(path, headers=officer, data=data, follow_redirects=False)
        shown = call_action("package_show", id=made["id"])
        assert shown["conforms_to"] == ["TCVN 7980-1:2024", "ISO 19115-1:2014"]

    def test_removed_group_is_gone(self, app, browse, create, officer):
        made = create(**FULL)
        path = f"/en/dataset/edit/{made['name']}/{page_of('contact')}"
        data = form_data(browse(path, headers=officer))
        kept = {key: value for key, value in data.items() if not key.startswith("contact-0-")}
        app.post(path, headers=officer, data=kept, follow_redirects=False)
        contacts = call_action("package_show", id=made["id"])["contact"]
        assert [contact["name"] for contact in contacts] == ["Văn phòng"]

    def test_last_group_can_be_removed(self, app, browse, create, officer):
        made = create(**FULL)
        path = f"/en/dataset/edit/{made['name']}/{page_of('contact')}"
        data = form_data(browse(path, headers=officer))
        kept = {key: value for key, value in data.items() if not re.match(r"contact-\d", key)}
        app.post(path, headers=officer, data=kept, follow_redirects=False)
        assert "contact" not in call_action("package_show", id=made["id"])

    def test_unticked_boxes_empty_the_field(self, app, browse, create, officer):
        made = create(**FULL)
        path = f"/en/dataset/edit/{made['name']}/{page_of('theme')}"
        data = {**form_data(browse(path, headers=officer)), "theme": ""}
        app.post(path, headers=officer, data=data, follow_redirects=False)
        assert "theme" not in call_action("package_show", id=made["id"])

    def test_value_of_no_list_stays_selected(self, browse, create, officer):
        old = store(create(), {"frequency": "mỗi vụ"})
        page = browse(f"/en/dataset/edit/{old['name']}/{page_of('frequency')}", headers=officer)
        chosen = one(page, "#field-frequency option[selected]")
        assert chosen["value"] == "mỗi vụ"

    def test_every_input_has_a_label(self, browse, create, officer):
        made = create(**FULL)
        for number in every_page():
            page = browse(f"/en/dataset/edit/{made['name']}/{number}", headers=officer)
            form = one(page, "form#dataset-edit")
            labelled = {str(label["for"]) for label in form.select("label[for]")}
            inputs = form.select("input:not([type=hidden]), select, textarea")
            assert inputs
            assert [field.get("id") for field in inputs if field.get("id") not in labelled] == []

    def test_no_two_elements_share_an_id(self, browse, create, officer):
        made = create(**FULL)
        for number in every_page():
            page = browse(f"/en/dataset/edit/{made['name']}/{number}", headers=officer)
            ids = [str(element["id"]) for element in page.select("form [id]")]
            assert len(ids) == len(set(ids))

    def test_resource_saved_as_it_stands_changes_nothing(self, app, browse, create, officer):
        made = create(**FULL)
        path = f"/en/dataset/{made['name']}/resource/{made['resources'][0]['id']}/edit"
        data = {**form_data(browse(path, headers=officer)), "save": "go-metadata"}
        assert app.post(path, headers=officer, data=data, follow_redirects=False).status_code == 302
        shown = call_action("resource_show", id=made["resources"][0]["id"])
        before = made["resources"][0]
        assert {k: shown[k] for k in FULL["resources"][0]} == {
            k: before[k] for k in FULL["resources"][0]
        }

    def test_resource_of_a_published_dataset_is_saved_and_neither_published_nor_a_draft(
        self, browse, create, officer
    ):
        made = create(**FULL)
        path = f"/vi/dataset/{made['name']}/resource/{made['resources'][0]['id']}/edit"
        page = browse(path, headers=officer)
        offered = [button.get_text(strip=True) for button in page.select("button[name=save]")]
        assert offered == ["Lưu thay đổi"]

    def test_organisation_saved_as_it_stands_changes_nothing(self, app, browse, officer, province):
        admin = {"Authorization": factories.APIToken(user=factories.Sysadmin()["name"])["token"]}
        path = f"/en/organization/edit/{province['name']}"
        page = browse(path, headers=admin)
        one(page, "form.dataset-form")["id"] = "dataset-edit"
        before = call_action("organization_show", id=province["id"])
        app.post(path, headers=admin, data=form_data(page), follow_redirects=False)
        after = call_action("organization_show", id=province["id"])
        for field in ("title", "identifier", "agency_level", "description"):
            assert after[field] == before[field]
