"""Nobody makes an agency, puts one above another or lets one answer without its agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.lib import config
from tests.agencies.conftest import People, agency, api, result_of

BOTH = ("parent", "successor")

Entry = dict[str, Any]


def shown(entry: Entry) -> Entry:
    """Return an agency as everybody sees it."""
    model.Session.rollback()
    return call_action("nd47_agency_show", id=entry["id"])


@dataclass(frozen=True)
class Case:
    """An office whose administrator also administers the neighbour, and agencies of others."""

    app: CKANTestApp
    people: People
    office: Entry
    neighbour: Entry
    department: Entry
    province: Entry

    def as_its_administrator(self, action: str, **data: Any) -> Any:
        """Call an action over the API as the administrator of the office."""
        return api(self.app, self.people.foreign, action, **data)

    def as_system_administrator(self, action: str, **data: Any) -> Any:
        """Call an action over the API as a system administrator."""
        return api(self.app, self.people.sysadmin, action, **data)


@pytest.fixture
def office(people: People) -> Entry:
    """An agency without a place in the tree."""
    return agency("Văn phòng", users=[{"name": people.foreign["name"], "capacity": "admin"}])


@pytest.fixture
def case(
    app: CKANTestApp,
    people: People,
    office: Entry,
    neighbour: Entry,
    department: Entry,
    province: Entry,
) -> Case:
    return Case(app, people, office, neighbour, department, province)


class TestMaking:
    @pytest.mark.parametrize("action", ["organization_create", "nd47_agency_create"])
    @pytest.mark.parametrize("role", ["admin", "editor", "nobody", "anonymous"])
    def test_only_system_administrators_make_agencies(
        self, app: CKANTestApp, people: People, action: str, role: str
    ) -> None:
        name = f"co-quan-{uuid4().hex[:8]}"
        user = None if role == "anonymous" else getattr(people, role)
        reply = api(app, user, action, name=name, organization=name, title="Sở giả mạo")
        assert reply.status_code == 403
        assert model.Group.get(name) is None

    def test_portal_may_leave_it_to_the_option_of_ckan(
        self, app: CKANTestApp, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(tk.config, config.USERS_CREATE_AGENCIES, True)
        monkeypatch.setitem(tk.config, "ckan.auth.user_create_organizations", True)
        name = f"co-quan-{uuid4().hex[:8]}"
        assert api(app, people.nobody, "organization_create", name=name).status_code == 200
        monkeypatch.setitem(tk.config, "ckan.auth.user_create_organizations", False)
        assert api(app, people.nobody, "organization_create", name=f"{name}-2").status_code == 403

    def test_editors_are_not_offered_to_add_an_agency(
        self, app: CKANTestApp, people: People
    ) -> None:
        headers = {"Authorization": people.editor["token"]}
        assert app.get("/organization/new", headers=headers).status_code == 403
        for page in ("/dashboard/organizations", "/organization/"):
            assert "/organization/new" not in app.get(page, headers=headers).text
        headers = {"Authorization": people.sysadmin["token"]}
        assert "/organization/new" in app.get("/organization/", headers=headers).text


class TestNaming:
    @pytest.mark.parametrize("field", BOTH)
    def test_another_agency_is_not_named_without_its_consent(self, case: Case, field: str) -> None:
        data = {"id": case.office["id"], field: case.department["id"]}
        reply = case.as_its_administrator("nd47_agency_update", **data)
        assert reply.status_code == 409
        message = reply.json["error"][field][0]
        assert "Sở Giáo dục và Đào tạo" in message
        assert shown(case.office)[field] == ""

    @pytest.mark.parametrize("field", BOTH)
    def test_who_administers_both_agrees_for_both(self, case: Case, field: str) -> None:
        data = {"id": case.office["id"], field: case.neighbour["id"]}
        assert case.as_its_administrator("nd47_agency_update", **data).status_code == 200
        assert shown(case.office)[field] == case.neighbour["id"]

    @pytest.mark.parametrize("field", BOTH)
    def test_system_administrators_name_any(self, case: Case, field: str) -> None:
        data = {"id": case.office["id"], field: case.department["id"]}
        assert case.as_system_administrator("nd47_agency_update", **data).status_code == 200

    def test_an_agency_above_ones_own_may_be_named(self, case: Case) -> None:
        call_action("nd47_agency_update", id=case.office["id"], parent=case.department["id"])
        named = {"parent": case.province["id"], "successor": case.department["id"]}
        reply = case.as_its_administrator("nd47_agency_update", id=case.office["id"], **named)
        assert reply.status_code == 200
        assert shown(case.office)["parent"] == case.province["id"]

    def test_what_is_entered_already_may_be_sent_again(self, case: Case) -> None:
        named = {"parent": case.department["id"], "successor": case.department["id"]}
        call_action("nd47_agency_update", id=case.office["id"], **named)
        data = {"id": case.office["id"], "short_name": "VP", **named}
        assert case.as_its_administrator("nd47_agency_update", **data).status_code == 200
        assert shown(case.office)["short_name"] == "VP"

    def test_an_agency_may_leave(self, case: Case) -> None:
        call_action("nd47_agency_update", id=case.office["id"], parent=case.department["id"])
        data = {"id": case.office["id"], "parent": ""}
        assert case.as_its_administrator("nd47_agency_update", **data).status_code == 200
        assert shown(case.office)["parent"] == ""

    def test_the_action_of_organisations_is_no_way_round(self, case: Case) -> None:
        data = {"id": case.office["id"], "groups": [{"name": case.department["name"]}]}
        reply = case.as_its_administrator("organization_patch", **data)
        assert reply.status_code == 409
        assert "groups" in reply.json["error"]
        assert shown(case.office)["parent"] == ""
        assert case.as_system_administrator("organization_patch", **data).status_code == 200
        assert shown(case.office)["parent"] == case.department["id"]


class TestAnswering:
    @pytest.fixture
    def data(self, office: Entry) -> dict[str, Any]:
        return {
            "name": f"bo-{uuid4().hex[:10]}",
            "title": "Danh sách",
            "owner_org": office["id"],
            "resources": [{"url": "https://tep.example/a.csv", "format": "CSV"}],
        }

    def test_another_agency_does_not_answer_for_ones_data(
        self, case: Case, data: dict[str, Any]
    ) -> None:
        data["responsible_agency"] = case.department["id"]
        reply = case.as_its_administrator("package_create", **data)
        assert reply.status_code == 409
        assert "Sở Giáo dục và Đào tạo" in reply.json["error"]["responsible_agency"][0]

    def test_a_dataset_of_ones_own_is_no_way_round(self, case: Case, data: dict[str, Any]) -> None:
        dataset = result_of(case.as_its_administrator("package_create", **data))
        change = {"id": dataset["id"], "responsible_agency": case.department["name"]}
        assert case.as_its_administrator("package_patch", **change).status_code == 409

    def test_own_agency_one_above_and_one_that_one_works_for_may_answer(
        self, case: Case, data: dict[str, Any]
    ) -> None:
        call_action("nd47_agency_update", id=case.office["id"], parent=case.department["id"])
        dataset = result_of(case.as_its_administrator("package_create", **data))
        for named in (case.office, case.department, case.province, case.neighbour):
            change = {"id": dataset["id"], "responsible_agency": named["id"]}
            reply = case.as_its_administrator("package_patch", **change)
            assert reply.status_code == 200, named["title"]

    def test_system_administrators_and_harvests_are_free(
        self, case: Case, data: dict[str, Any]
    ) -> None:
        data["responsible_agency"] = case.department["id"]
        assert case.as_system_administrator("package_create", **data).status_code == 200

    def test_what_is_stored_already_may_be_saved_again(
        self, case: Case, data: dict[str, Any]
    ) -> None:
        data["responsible_agency"] = case.department["id"]
        dataset = call_action("package_create", **data)
        change = {"id": dataset["id"], "title": "Danh sách mới"}
        reply = case.as_its_administrator("package_patch", **change)
        assert reply.status_code == 200
        assert result_of(reply)["responsible_agency"] == case.department["id"]


class TestIdentifiers:
    @pytest.fixture
    def office(self, people: People) -> Entry:
        """An agency with a code of its own."""
        return agency(
            "Chi cục",
            identifier=f"H97.{uuid4().hex[:6].upper()}",
            users=[{"name": people.foreign["name"], "capacity": "admin"}],
        )

    def _create(self, case: Case, **more: Any) -> Any:
        dataset = {"name": f"bo-{uuid4().hex[:10]}", "owner_org": case.office["id"], **more}
        return case.as_its_administrator("package_create", **dataset)

    def test_code_of_another_agency_is_refused(self, case: Case) -> None:
        code = shown(case.department)["code"]
        reply = self._create(case, identifier=f"{code}-{9:018d}")
        assert reply.status_code == 409
        assert "Sở Giáo dục và Đào tạo" in reply.json["error"]["identifier"][0]

    def test_own_code_that_above_and_one_of_nobody_are_taken(self, case: Case) -> None:
        call_action("nd47_agency_update", id=case.office["id"], parent=case.province["id"])
        own = shown(case.office)["code"]
        for identifier in (f"{own}-000042", "H99-000777", "X.1/2024", "H12.34-000001"):
            reply = self._create(case, identifier=identifier)
            assert reply.status_code == 200, identifier
            assert result_of(reply)["identifier"] == identifier

    def test_harvest_keeps_the_identifier_of_another_agency(self, case: Case) -> None:
        identifier = f"{shown(case.neighbour)['code']}-700001"
        reply = case.as_system_administrator(
            "package_create",
            name=f"bo-{uuid4().hex[:10]}",
            owner_org=case.office["id"],
            identifier=identifier,
        )
        assert result_of(reply)["identifier"] == identifier

    @pytest.mark.parametrize(
        "number", ["999999999999999999", "1000000000000000000", "999999999", "9" * 40]
    )
    def test_no_identifier_is_given_twice(self, case: Case, number: str) -> None:
        code = shown(case.office)["code"]
        self._create(case, identifier=f"{code}-{number}")
        replies = [self._create(case) for _ in range(3)]
        assert [result_of(reply)["identifier"] for reply in replies] == [
            f"{code}-000001",
            f"{code}-000002",
            f"{code}-000003",
        ]

    def test_next_number_leaves_out_those_that_were_given(self, case: Case) -> None:
        code = shown(case.office)["code"]
        for serial in ("000001", "000002", "999999999"):
            self._create(case, identifier=f"{code}-{serial}")
        replies = [self._create(case) for _ in range(2)]
        assert [result_of(reply)["identifier"] for reply in replies] == [
            f"{code}-000003",
            f"{code}-000004",
        ]


def test_new_portal_has_the_safe_value(portal: None) -> None:
    assert config.declared_default(config.USERS_CREATE_AGENCIES) == "False"
