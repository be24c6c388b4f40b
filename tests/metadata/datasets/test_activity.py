"""Former versions of a dataset and what changed between them, as people read them."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.activity.model import Activity

from ckanext.nd47.metadata.pages import activity
from tests.metadata.conftest import PROPOSED, Create
from tests.support.fixtures import portal_and_app

PLUGINS = "nd47 nd47_l10n activity scheming_datasets scheming_organizations"

pytestmark = pytest.mark.usefixtures("portal", "without_rules")


portal, app = portal_and_app(PLUGINS)


@pytest.fixture(scope="module")
def author(portal: None) -> str:
    """The stream does not show what the system itself did."""
    return factories.Sysadmin()["name"]


@pytest.fixture(scope="module")
def headers(author: str) -> dict[str, str]:
    return {"Authorization": factories.APIToken(user=author)["token"]}


def change(dataset: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    """Change a dataset and return the entries of its activity stream, the newest first."""
    context = {"user": dataset["by"]}
    call_action("package_patch", context={**context}, id=dataset["id"], **fields)
    return call_action("package_activity_list", context={**context}, id=dataset["id"])


def text(app: Any, path: str, headers: dict[str, str], selector: str) -> str:
    page = BeautifulSoup(app.get(path, headers=headers, status=200).body, "html.parser")
    for technical in page.select("#metadata_diff"):
        technical.decompose()
    found = page.select_one(selector)
    assert found, f"nothing for {selector}"
    return " ".join(found.get_text(" ").split())


@pytest.fixture
def made(create: Create, author: str) -> dict[str, Any]:
    dataset = create(
        context={"user": author},
        **PROPOSED,
        frequency="hang-nam",
        modified="2025-02-03",
        contact=[{"name": "Phòng Dữ liệu", "email": "phong.dl@haison.example"}],
        resources=[{"name": "Bảng", "url": "https://haison.example/a.csv", "language": ["vi"]}],
    )
    return {**dataset, "by": author}


def changes(app, made: dict[str, Any], headers: dict[str, str], **fields: Any) -> str:
    newest = change(made, **fields)[0]
    return text(app, f"/vi/dataset/changes/{newest['id']}", headers, "article")


class TestChanges:
    def test_a_code_is_shown_by_its_label(self, app, made, headers):
        told = changes(app, made, headers, frequency="hang-thang")
        assert "Hằng tháng" in told
        assert "hang-thang" not in told
        assert "frequency" not in told

    def test_a_day_is_shown_day_first(self, app, made, headers):
        told = changes(app, made, headers, modified="2025-06-07")
        assert "07/06/2025" in told
        assert "2025-06-07" not in told

    def test_groups_are_shown_by_the_labels_of_their_subfields(self, app, made, headers):
        contact = [{"name": "Văn thư", "email": "van.thu@haison.example"}]
        told = changes(app, made, headers, contact=contact)
        assert "Văn thư" in told
        assert "{'" not in told
        assert "contact" not in told

    def test_a_field_of_a_file_is_shown_by_its_label(self, app, made, headers):
        resources = [{**made["resources"][0], "language": ["en"]}]
        told = changes(app, made, headers, resources=resources)
        assert "Tiếng Anh" in told
        assert "language" not in told

    def test_a_licence_of_the_same_id_in_another_language_is_no_change(self, app, made, headers):
        told = changes(app, made, headers, frequency="hang-quy")
        assert "giấy phép" not in told.lower()

    def test_another_licence_is_a_change(self, app, made, headers):
        assert "CC" in changes(app, made, headers, license_id="cc-by-4.0")

    def test_markup_in_a_value_is_text(self, app, made, headers):
        newest = change(made, spatial_coverage=[{"text": "<b id=x>Hải Sơn</b>"}])
        newest = change(made, spatial_coverage=[{"text": "<b id=y>Hải Sơn</b>"}])[0]
        page = app.get(f"/vi/dataset/changes/{newest['id']}", headers=headers).body
        assert "<b id=" not in page


class TestFormerVersion:
    def of(self, app, made: dict[str, Any], headers: dict[str, str]) -> str:
        entries = change(made, title="Tên mới", license_id="cc-by-4.0", contact=[], modified="")
        path = f"/vi/dataset/{made['name']}/history/"
        former = text(app, path + entries[1]["id"], headers, ".nd47-former-version")
        self.newest = text(app, path + entries[0]["id"], headers, ".nd47-former-version")
        return former

    def test_it_shows_what_it_recorded(self, app, made, headers):
        former = self.of(app, made, headers)
        for one in ("Sở Giáo dục và Đào tạo", "Phòng Dữ liệu", "phong.dl@haison", "03/02/2025"):
            assert one in former
        assert "dữ liệu mở" in former.lower()

    def test_it_says_what_it_did_not_record(self, app, made, headers):
        self.of(app, made, headers)
        assert "không được ghi trong phiên bản này" in self.newest
        assert "dulieu@sgd.haison.example" not in self.newest  # today's, of the register


class TestAccounts:
    """Who changed a dataset is for accounts, where the portal does not show accounts to all."""

    @pytest.fixture(autouse=True)
    def hidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(tk.config, "ckan.auth.public_user_details", False)

    def test_visitors_see_no_account(self, app, made, headers):
        change(made, frequency="hang-thang")
        path = f"/vi/dataset/activity/{made['name']}"
        told = app.get(path, status=200).get_data(as_text=True)
        assert made["by"] not in told
        assert "Tài khoản của cổng" in told
        assert f"/user/{made['by']}" in app.get(path, headers=headers).get_data(as_text=True)

    def test_visitors_see_accounts_where_these_are_public(self, app, made, monkeypatch):
        monkeypatch.setitem(tk.config, "ckan.auth.public_user_details", True)
        change(made, frequency="hang-thang")
        told = app.get(f"/vi/dataset/activity/{made['name']}", status=200).get_data(as_text=True)
        assert f"/user/{made['by']}" in told

    def test_no_entry_holds_the_name(self, made):
        entries = change(made, frequency="hang-thang")
        for entry in entries:
            shown = call_action("activity_show", id=entry["id"], include_data=True)
            assert "actor" not in shown["data"]

    def test_older_entries_lose_it(self, made):
        entry = change(made, frequency="hang-thang")[0]
        row: Any = model.Session.get(Activity, entry["id"])
        row.data = {**row.data, "actor": made["by"]}
        model.Session.commit()
        assert activity.clean_stored_entries()
        model.Session.refresh(row)
        assert "actor" not in row.data
