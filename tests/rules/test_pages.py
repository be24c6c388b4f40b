"""The rules in the browser: advice for those who may edit, and refusals that say why."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.rules import helpers
from tests.metadata.conftest import Create

from .conftest import stored

pytestmark = pytest.mark.usefixtures("portal")

CSV = {"url": "https://du-lieu.example/truong.csv", "name": "Danh sách", "format": "CSV"}


@pytest.fixture(scope="module")
def sysadmin(portal: None) -> dict[str, str]:
    """The headers of a system administrator."""
    user = factories.SysadminWithToken()
    return {"Authorization": user["token"]}


@pytest.fixture
def in_force(ckan_config: Any) -> None:
    ckan_config["ckanext.nd47.rules_from"] = ""


def text_of(body: str) -> str:
    """Return what a page says, in one line."""
    return " ".join(BeautifulSoup(body, "html.parser").get_text(" ").split())


class TestAdvice:
    def test_the_weightiest_rules_come_first(self, create: Create) -> None:
        found = helpers.nd47_rule_results(create(license_id="other-closed"))
        assert [one["level"] for one in found] == sorted(
            (one["level"] for one in found), key=["error", "warning", "advice"].index
        )
        assert {"Resources", "Licence"} <= {one["label"] for one in found}

    def test_a_form_is_judged_by_the_licence_that_it_holds(self, create: Create) -> None:
        stored = create(license_id="other-closed")
        typed = {**stored, "license_id": "cc-by"}
        assert "open-licence" not in {result["rule"] for result in helpers.nd47_rule_results(typed)}

    def test_the_form_of_a_draft_shows_it(
        self, app: CKANTestApp, sysadmin: dict[str, str], create: Create
    ) -> None:
        draft = create(state="draft")
        page = app.get(f"/dataset/edit/{draft['name']}/1", headers=sysadmin).text
        assert "The update frequency is not stated" in text_of(page)

    def test_draft_without_a_sharing_class_is_judged_as_when_it_is_published(
        self, create: Create
    ) -> None:
        draft = create(state="draft", sharing_class="", license_id="")
        rules = {result["rule"] for result in helpers.nd47_rule_results(draft)}
        published = {
            one["rule"]
            for one in helpers.nd47_rule_results({**draft, "sharing_class": "du-lieu-mo"})
        }
        assert "open-licence" in rules
        assert rules == published

    def test_private_dataset_is_asked_for_nothing(
        self, app: CKANTestApp, sysadmin: dict[str, str], create: Create
    ) -> None:
        made = create(private=True)
        page = text_of(app.get(f"/en/dataset/{made['name']}", headers=sysadmin).text)
        assert "nothing here has to be done before it is shown to everybody" in page
        assert "Required to publish" not in page

    def test_an_empty_form_does_not(self, app: CKANTestApp, sysadmin: dict[str, str]) -> None:
        page = app.get("/dataset/new", headers=sysadmin).text
        assert "The update frequency is not stated" not in text_of(page)

    def test_it_is_in_the_language_of_the_page(
        self, app: CKANTestApp, sysadmin: dict[str, str], create: Create
    ) -> None:
        draft = create(state="draft")
        page = app.get(f"/vi/dataset/edit/{draft['name']}/1", headers=sysadmin).text
        assert "Chưa nêu tần suất cập nhật" in text_of(page)

    def test_the_page_of_a_dataset_shows_it_to_who_may_edit(
        self, app: CKANTestApp, sysadmin: dict[str, str], create: Create
    ) -> None:
        dataset = create(resources=[CSV])
        address = f"/dataset/{dataset['name']}"
        words = "The update frequency is not stated"
        assert words in text_of(app.get(address, headers=sysadmin).text)
        assert words not in text_of(app.get(address).text)

    def test_markup_in_a_record_stays_text(
        self, app: CKANTestApp, sysadmin: dict[str, str], create: Create
    ) -> None:
        markup = "<script>alert(47)</script>"
        dataset = create(resources=[{**CSV, "name": markup}])
        page = app.get(f"/dataset/{dataset['name']}", headers=sysadmin).text
        words = f"Size or checksum is missing, or the file is not whole: {markup}"
        assert words in text_of(page)
        assert markup not in page


@pytest.mark.usefixtures("in_force")
class TestRefusals:
    def test_publishing_from_the_last_step_says_what_is_missing(
        self, app: CKANTestApp, sysadmin: dict[str, str], create: Create
    ) -> None:
        draft = create(state="draft", license_id="other-closed")
        page = app.post(
            f"/dataset/{draft['name']}/resource/new",
            data={"id": "", "save": "go-metadata", **CSV},
            headers=sysadmin,
        )
        words = text_of(page.text)
        assert "has no licence that lets everybody copy" in words
        assert "Article 43(4)" in words
        assert stored(draft).state == "draft"
        assert len(call_action("package_show", id=draft["id"])["resources"]) == 1

    def test_a_published_dataset_shows_it_at_the_field(
        self, app: CKANTestApp, sysadmin: dict[str, str], create: Create
    ) -> None:
        dataset = create(resources=[CSV])
        page = app.post(
            f"/dataset/edit/{dataset['name']}",
            data={**typed(dataset), "license_id": "other-closed", "save": "save"},
            headers=sysadmin,
        )
        assert "has no licence that lets everybody copy" in text_of(page.text)
        assert stored(dataset).license_id != "other-closed"

    def test_many_at_once_are_refused_on_their_page(
        self,
        app: CKANTestApp,
        sysadmin: dict[str, str],
        create: Create,
        department: dict[str, Any],
    ) -> None:
        """CKAN's page catches no message about a dataset."""
        hidden = create(private=True, title="Chưa có tệp")
        page = app.post(
            f"/organization/bulk_process/{department['name']}",
            data={f"dataset_{hidden['id']}": "on", "bulk_action.public": "public"},
            headers=sysadmin,
        )
        assert "Chưa có tệp: The open dataset has no resource" in text_of(page.text)
        assert stored(hidden).private is True

    def test_deleting_the_last_resource_is_refused_with_the_reason(
        self, app: CKANTestApp, sysadmin: dict[str, str], create: Create
    ) -> None:
        dataset = create(resources=[CSV])
        page = app.post(
            f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}/delete",
            headers=sysadmin,
        )
        assert "The open dataset has no resource" in text_of(page.text)


def typed(dataset: dict[str, Any]) -> dict[str, str]:
    """Return the fields of a dataset that a form sends as text."""
    names = ("name", "title", "owner_org", "sharing_class", "access_rights")
    return {name: dataset[name] for name in names}
