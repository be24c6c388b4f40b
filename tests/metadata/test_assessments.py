"""What was found when data were assessed is for those who may edit them, and is never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search.common import make_connection
from ckan.tests.helpers import CKANTestApp, call_action
from ckan.types import Context

from tests.agencies.conftest import (
    People,
    agency,
    api,
    app,
    dataset,
    people,
    portal,
    result_of,
    stored,
)

__all__ = ["app", "people", "portal"]

pytestmark = pytest.mark.usefixtures("portal")

SECRET = "Cổng quản trị mở ra Internet ở địa chỉ xqzzy"
UNIT = "Trung tâm Chuyển đổi số Thử"
ASSESSMENT = {"assessed_by": UNIT, "date": "2026-09-10", "content": SECRET}
SHOWN = {"assessed_by": UNIT, "date": "2026-09-10"}
FIELDS = ("personal_data_assessment", "security_assessment")


@pytest.fixture
def made(people: People) -> dict[str, Any]:
    owner = agency("Sở Đánh Giá", users=[{"name": people.editor["name"], "capacity": "editor"}])
    return dataset(owner, **{name: [ASSESSMENT] for name in FIELDS})


def _extra(shown: dict[str, Any], name: str) -> str:
    return next(extra["value"] for extra in shown["extras"] if extra["key"] == name)


class TestEverybody:
    @pytest.mark.parametrize("role", ["anonymous", "foreign", "nobody"])
    def test_the_api_says_when_and_by_which_unit(
        self, app: CKANTestApp, people: People, made: dict[str, Any], role: str
    ) -> None:
        user = None if role == "anonymous" else getattr(people, role)
        shown = result_of(api(app, user, "package_show", id=made["id"]))
        assert [shown[name] for name in FIELDS] == [[SHOWN], [SHOWN]]
        plain = api(app, user, "package_show", id=made["id"], use_default_schema=True)
        assert "xqzzy" not in plain.text
        query = {"q": f"id:{made['id']}"}
        stock = api(app, user, "package_search", **query, use_default_schema=True)
        [found] = result_of(stock)["results"]
        assert [json.loads(_extra(found, name)) for name in FIELDS] == [[SHOWN], [SHOWN]]
        [found] = result_of(api(app, user, "package_search", **query))["results"]
        assert [found[name] for name in FIELDS] == [[SHOWN], [SHOWN]]

    def test_page_and_rdf_say_the_same(self, app: CKANTestApp, made: dict[str, Any]) -> None:
        for path in (f"/dataset/{made['name']}", f"/dataset/{made['name']}.ttl", "/catalog.nt"):
            text = app.get(path).text
            assert "xqzzy" not in text, path
        assert UNIT in app.get(f"/dataset/{made['name']}").text
        assert UNIT in app.get(f"/dataset/{made['name']}.ttl").text

    def test_the_index_holds_no_more_and_finds_no_more(self, made: dict[str, Any]) -> None:
        [document] = make_connection().search(f"id:{made['id']}", fl="*")
        assert "xqzzy" not in repr(document)
        assert call_action("package_search", q="xqzzy")["count"] == 0

    @pytest.mark.ckan_config("ckanext.nd47.public_assessments", "true")
    def test_a_portal_may_tell_everything(
        self, app: CKANTestApp, ckan_config: Any, made: dict[str, Any]
    ) -> None:
        shown = result_of(api(app, None, "package_show", id=made["id"]))
        assert [shown[name] for name in FIELDS] == [[ASSESSMENT], [ASSESSMENT]]
        assert "xqzzy" in app.get(f"/dataset/{made['name']}.ttl").text


class TestEditors:
    @pytest.mark.parametrize("role", ["editor", "sysadmin"])
    def test_they_read_and_send_back_the_whole(
        self, app: CKANTestApp, people: People, made: dict[str, Any], role: str
    ) -> None:
        user = getattr(people, role)
        shown = result_of(api(app, user, "package_show", id=made["id"]))
        assert [shown[name] for name in FIELDS] == [[ASSESSMENT], [ASSESSMENT]]
        before = stored(made["id"])["security_assessment"]
        assert api(app, user, "package_update", **shown).status_code == 200
        assert api(app, user, "package_patch", id=made["id"], version="3").status_code == 200
        model.Session.rollback()
        assert stored(made["id"])["security_assessment"] == before

    def test_one_without_unit_and_day_is_theirs_too(self, app: CKANTestApp, people: People) -> None:
        users = [{"name": people.editor["name"], "capacity": "editor"}]
        bare = [{"content": SECRET}]
        made = dataset(agency("Sở Không Ngày", users=users), security_assessment=bare)
        shown = result_of(api(app, people.editor, "package_show", id=made["id"]))
        assert shown["security_assessment"] == bare
        assert api(app, people.editor, "package_update", **shown).status_code == 200
        model.Session.rollback()
        assert "xqzzy" in stored(made["id"])["security_assessment"]
        assert "xqzzy" not in api(app, None, "package_show", id=made["id"]).text

    def test_the_form_shows_it(
        self, app: CKANTestApp, people: People, made: dict[str, Any]
    ) -> None:
        headers = {"Authorization": people.editor["token"]}
        pages = [
            app.get(f"/dataset/edit/{made['name']}/{number}", headers=headers).text
            for number in (1, 2, 3)
        ]
        assert [page.count(SECRET) for page in pages] != [0, 0, 0]

    def test_what_a_search_gave_may_be_sent_back(self, made: dict[str, Any]) -> None:
        context = Context(ignore_auth=True)
        [found] = tk.get_action("package_search")(context, {"q": f"id:{made['id']}"})["results"]
        assert found["security_assessment"] == [SHOWN]
        call_action("package_update", **found)
        assert "xqzzy" in stored(made["id"])["security_assessment"]

    def test_nothing_is_said_of_one_without_unit_and_day(self, app: CKANTestApp) -> None:
        bare = dataset(agency("Sở Không Lời"), security_assessment=[{"content": SECRET}])
        query = {"q": f"id:{bare['id']}"}
        answers = [
            result_of(api(app, None, "package_show", id=bare["id"])),
            *result_of(api(app, None, "package_search", **query))["results"],
        ]
        for shown in answers:
            assert "security_assessment" not in shown
        stock = {"use_default_schema": True}
        answers = [
            result_of(api(app, None, "package_show", id=bare["id"], **stock)),
            *result_of(api(app, None, "package_search", **query, **stock))["results"],
        ]
        for shown in answers:
            assert "security_assessment" not in {extra["key"] for extra in shown["extras"]}

    @pytest.mark.parametrize("groups", [[{"content": SECRET}], [{"content": SECRET}, ASSESSMENT]])
    def test_a_part_that_a_search_does_not_show_is_not_lost(self, groups: list[Any]) -> None:
        bare = dataset(agency("Sở Có Một Phần"), security_assessment=groups)
        context = Context(ignore_auth=True)
        [found] = tk.get_action("package_search")(context, {"q": f"id:{bare['id']}"})["results"]
        call_action("package_update", **found)
        assert json.loads(stored(bare["id"])["security_assessment"]) == groups
        call_action("package_patch", id=bare["id"], security_assessment=[])
        assert not stored(bare["id"]).get("security_assessment")

    def test_it_is_cleared_by_an_empty_text(self, made: dict[str, Any]) -> None:
        empty = [{**SHOWN, "content": ""}]
        call_action("package_patch", id=made["id"], security_assessment=empty)
        assert "xqzzy" not in stored(made["id"])["security_assessment"]
        call_action("package_patch", id=made["id"], personal_data_assessment=[])
        assert not stored(made["id"]).get("personal_data_assessment")

    def test_what_does_not_match_is_not_mixed(self, made: dict[str, Any]) -> None:
        other = [{"assessed_by": "Đơn vị khác", "date": "2026-10-01"}]
        call_action("package_patch", id=made["id"], security_assessment=other)
        assert "xqzzy" not in stored(made["id"])["security_assessment"]


def test_the_rules_judge_the_whole_whoever_asks(app: CKANTestApp, made: dict[str, Any]) -> None:
    # The rule is about open data.
    opened = {"license_id": "cc-by", "sharing_class": "du-lieu-mo", "access_rights": "cong-khai"}
    call_action("package_patch", id=made["id"], **opened)
    found = result_of(api(app, None, "nd47_rule_check", id=made["id"]))
    met = {result["rule"]: result["met"] for result in found["results"]}
    assert met["security-assessment"] is True
    assert "xqzzy" not in repr(found)
