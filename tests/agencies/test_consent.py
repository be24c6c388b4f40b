"""Nobody makes an agency, puts one above another or lets one answer without its agreement."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.lib import config
from tests.agencies.conftest import People, agency, api, result_of

BOTH = ("parent", "successor")


def _named(entry: dict[str, Any], field: str) -> Any:
    return result_of_show(entry)[field]


def result_of_show(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an agency as everybody sees it."""
    model.Session.rollback()
    return call_action("nd47_agency_show", id=entry["id"])


@pytest.fixture
def office(people: People) -> dict[str, Any]:
    """An agency without a place in the tree, administered by the foreign administrator."""
    return agency("Văn phòng", users=[{"name": people.foreign["name"], "capacity": "admin"}])


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
    def test_another_agency_is_not_named_without_its_consent(
        self,
        app: CKANTestApp,
        people: People,
        office: dict[str, Any],
        department: dict[str, Any],
        field: str,
    ) -> None:
        data = {"id": office["id"], field: department["id"]}
        reply = api(app, people.foreign, "nd47_agency_update", **data)
        assert reply.status_code == 409
        message = reply.json["error"][field][0]
        assert "Sở Giáo dục và Đào tạo" in message
        assert _named(office, field) == ""

    @pytest.mark.parametrize("field", BOTH)
    def test_who_administers_both_agrees_for_both(
        self,
        app: CKANTestApp,
        people: People,
        office: dict[str, Any],
        neighbour: dict[str, Any],
        field: str,
    ) -> None:
        data = {"id": office["id"], field: neighbour["id"]}
        assert api(app, people.foreign, "nd47_agency_update", **data).status_code == 200
        assert _named(office, field) == neighbour["id"]

    @pytest.mark.parametrize("field", BOTH)
    def test_system_administrators_name_any(
        self,
        app: CKANTestApp,
        people: People,
        office: dict[str, Any],
        department: dict[str, Any],
        field: str,
    ) -> None:
        data = {"id": office["id"], field: department["id"]}
        assert api(app, people.sysadmin, "nd47_agency_update", **data).status_code == 200

    def test_an_agency_above_ones_own_may_be_named(
        self,
        app: CKANTestApp,
        people: People,
        office: dict[str, Any],
        department: dict[str, Any],
        province: dict[str, Any],
    ) -> None:
        call_action("nd47_agency_update", id=office["id"], parent=department["id"])
        data = {"id": office["id"], "parent": province["id"], "successor": department["id"]}
        assert api(app, people.foreign, "nd47_agency_update", **data).status_code == 200
        assert _named(office, "parent") == province["id"]

    def test_what_is_entered_already_may_be_sent_again(
        self, app: CKANTestApp, people: People, office: dict[str, Any], department: dict[str, Any]
    ) -> None:
        named = {"parent": department["id"], "successor": department["id"]}
        call_action("nd47_agency_update", id=office["id"], **named)
        data = {"id": office["id"], "short_name": "VP", **named}
        assert api(app, people.foreign, "nd47_agency_update", **data).status_code == 200
        assert _named(office, "short_name") == "VP"

    def test_an_agency_may_leave(
        self, app: CKANTestApp, people: People, office: dict[str, Any], department: dict[str, Any]
    ) -> None:
        call_action("nd47_agency_update", id=office["id"], parent=department["id"])
        data = {"id": office["id"], "parent": ""}
        assert api(app, people.foreign, "nd47_agency_update", **data).status_code == 200
        assert _named(office, "parent") == ""

    def test_the_action_of_organisations_is_no_way_round(
        self, app: CKANTestApp, people: People, office: dict[str, Any], department: dict[str, Any]
    ) -> None:
        data = {"id": office["id"], "groups": [{"name": department["name"]}]}
        reply = api(app, people.foreign, "organization_patch", **data)
        assert reply.status_code == 409
        assert "groups" in reply.json["error"]
        assert _named(office, "parent") == ""
        assert api(app, people.sysadmin, "organization_patch", **data).status_code == 200
        assert _named(office, "parent") == department["id"]


class TestAnswering:
    @pytest.fixture
    def data(self, office: dict[str, Any]) -> dict[str, Any]:
        return {
            "name": f"bo-{uuid4().hex[:10]}",
            "title": "Danh sách",
            "owner_org": office["id"],
            "resources": [{"url": "https://tep.example/a.csv", "format": "CSV"}],
        }

    def test_another_agency_does_not_answer_for_ones_data(
        self,
        app: CKANTestApp,
        people: People,
        data: dict[str, Any],
        department: dict[str, Any],
    ) -> None:
        reply = api(
            app, people.foreign, "package_create", **data, responsible_agency=department["id"]
        )
        assert reply.status_code == 409
        assert "Sở Giáo dục và Đào tạo" in reply.json["error"]["responsible_agency"][0]

    def test_a_dataset_of_ones_own_is_no_way_round(
        self,
        app: CKANTestApp,
        people: People,
        data: dict[str, Any],
        department: dict[str, Any],
    ) -> None:
        made = result_of(api(app, people.foreign, "package_create", **data))
        reply = api(
            app,
            people.foreign,
            "package_patch",
            id=made["id"],
            responsible_agency=department["name"],
        )
        assert reply.status_code == 409

    def test_own_agency_one_above_and_one_that_one_works_for_may_answer(
        self,
        app: CKANTestApp,
        people: People,
        data: dict[str, Any],
        office: dict[str, Any],
        department: dict[str, Any],
        neighbour: dict[str, Any],
        province: dict[str, Any],
    ) -> None:
        call_action("nd47_agency_update", id=office["id"], parent=department["id"])
        made = result_of(api(app, people.foreign, "package_create", **data))
        for named in (office, department, province, neighbour):
            reply = api(
                app,
                people.foreign,
                "package_patch",
                id=made["id"],
                responsible_agency=named["id"],
            )
            assert reply.status_code == 200, named["title"]

    def test_system_administrators_and_harvests_are_free(
        self,
        app: CKANTestApp,
        people: People,
        data: dict[str, Any],
        department: dict[str, Any],
    ) -> None:
        given = {**data, "responsible_agency": department["id"]}
        assert api(app, people.sysadmin, "package_create", **given).status_code == 200

    def test_what_is_stored_already_may_be_saved_again(
        self,
        app: CKANTestApp,
        people: People,
        data: dict[str, Any],
        department: dict[str, Any],
    ) -> None:
        made = call_action("package_create", **data, responsible_agency=department["id"])
        reply = api(app, people.foreign, "package_patch", id=made["id"], title="Danh sách mới")
        assert reply.status_code == 200
        assert result_of(reply)["responsible_agency"] == department["id"]


class TestIdentifiers:
    @pytest.fixture
    def office(self, people: People) -> dict[str, Any]:
        """An agency with a code of its own."""
        return agency(
            "Chi cục",
            identifier=f"H97.{uuid4().hex[:6].upper()}",
            users=[{"name": people.foreign["name"], "capacity": "admin"}],
        )

    def _create(self, app: CKANTestApp, user: dict[str, Any], owner: Any, **more: Any) -> Any:
        name = f"bo-{uuid4().hex[:10]}"
        return api(app, user, "package_create", name=name, owner_org=owner["id"], **more)

    def test_code_of_another_agency_is_refused(
        self, app: CKANTestApp, people: People, office: dict[str, Any], department: dict[str, Any]
    ) -> None:
        code = call_action("nd47_agency_show", id=department["id"])["code"]
        reply = self._create(app, people.foreign, office, identifier=f"{code}-{9:018d}")
        assert reply.status_code == 409
        assert "Sở Giáo dục và Đào tạo" in reply.json["error"]["identifier"][0]

    def test_own_code_that_above_and_one_of_nobody_are_taken(
        self, app: CKANTestApp, people: People, office: dict[str, Any], province: dict[str, Any]
    ) -> None:
        call_action("nd47_agency_update", id=office["id"], parent=province["id"])
        own = call_action("nd47_agency_show", id=office["id"])["code"]
        for given in (f"{own}-000042", "H99-000777", "X.1/2024", "H12.34-000001"):
            reply = self._create(app, people.foreign, office, identifier=given)
            assert reply.status_code == 200, given
            assert result_of(reply)["identifier"] == given

    def test_harvest_keeps_the_identifier_of_another_agency(
        self, app: CKANTestApp, people: People, office: dict[str, Any], neighbour: dict[str, Any]
    ) -> None:
        code = call_action("nd47_agency_show", id=neighbour["id"])["code"]
        reply = self._create(app, people.sysadmin, office, identifier=f"{code}-700001")
        assert result_of(reply)["identifier"] == f"{code}-700001"

    @pytest.mark.parametrize(
        "given", ["999999999999999999", "1000000000000000000", "999999999", "9" * 40]
    )
    def test_no_identifier_is_given_twice(
        self, app: CKANTestApp, people: People, office: dict[str, Any], given: str
    ) -> None:
        code = call_action("nd47_agency_show", id=office["id"])["code"]
        self._create(app, people.foreign, office, identifier=f"{code}-{given}")
        replies = [self._create(app, people.foreign, office) for _ in range(3)]
        assert [result_of(one)["identifier"] for one in replies] == [
            f"{code}-000001",
            f"{code}-000002",
            f"{code}-000003",
        ]

    def test_next_number_leaves_out_those_that_were_given(
        self, app: CKANTestApp, people: People, office: dict[str, Any]
    ) -> None:
        code = call_action("nd47_agency_show", id=office["id"])["code"]
        for serial in ("000001", "000002", "999999999"):
            self._create(app, people.foreign, office, identifier=f"{code}-{serial}")
        replies = [self._create(app, people.foreign, office) for _ in range(2)]
        assert [result_of(one)["identifier"] for one in replies] == [
            f"{code}-000003",
            f"{code}-000004",
        ]


def test_new_portal_has_the_safe_value(portal: None) -> None:
    assert config.declared_default(config.USERS_CREATE_AGENCIES) == "False"
