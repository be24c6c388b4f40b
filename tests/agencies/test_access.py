"""Who may do what: the whole matrix of role, action and agency."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.logic import auth
from tests.agencies.conftest import People, agency, api, focal_point, result_of

DENIED = 403
READERS = {"sysadmin", "admin", "editor"}
KEEPERS = {"sysadmin", "admin"}
ROLES = ("sysadmin", "admin", "editor", "member", "foreign", "nobody", "anonymous")
"""`foreign` is the administrator of another agency."""

Prepare = Callable[[dict[str, Any]], dict[str, Any]]


def _officer(own: dict[str, Any]) -> dict[str, Any]:
    return {"id": focal_point(own["id"], rank="deputy", full_name=f"Người {own['next']()}")["id"]}


MATRIX: list[tuple[str, set[str], Prepare]] = [
    ("nd47_agency_show", set(ROLES), lambda own: {"id": own["id"]}),
    ("nd47_agency_list", set(ROLES), lambda own: {}),
    ("nd47_agency_create", KEEPERS, lambda own: {"organization": own["id"], "short_name": "A"}),
    ("nd47_agency_update", KEEPERS, lambda own: {"id": own["id"], "short_name": "B"}),
    ("nd47_agency_delete", {"sysadmin"}, lambda own: {"id": own["empty"]()}),
    ("nd47_focal_point_show", set(ROLES), _officer),
    ("nd47_focal_point_list", set(ROLES), lambda own: {"agency": own["id"]}),
    (
        "nd47_focal_point_list",
        READERS,
        lambda own: {"agency": own["id"], "all_terms": True},
    ),
    (
        "nd47_focal_point_create",
        KEEPERS,
        lambda own: {
            "agency": own["id"],
            "role": "sharing",
            "rank": "deputy",
            "full_name": f"Người {own['next']()}",
        },
    ),
    ("nd47_focal_point_update", KEEPERS, lambda own: {**_officer(own), "position": "Phó phòng"}),
    (
        "nd47_focal_point_succeed",
        KEEPERS,
        lambda own: {**_officer(own), "full_name": f"Người {own['next']()}"},
    ),
    ("nd47_focal_point_delete", KEEPERS, _officer),
    ("nd47_focal_point_document", READERS, lambda own: {"id": own["documented"]()}),
    ("nd47_focal_point_alerts", READERS, lambda own: {"agency": own["id"]}),
    ("nd47_focal_point_alerts", {"sysadmin"}, lambda own: {}),
    ("nd47_register_history", READERS, lambda own: {"agency": own["id"]}),
    ("nd47_focal_point_adopt", {"sysadmin"}, lambda own: {}),
    ("nd47_register_import", {"sysadmin"}, lambda own: {"kind": "focal-points", "rows": []}),
    ("nd47_agency_create", {"sysadmin"}, lambda own: {"organization": f"moi-{own['next']()}"}),
    ("member_list", set(ROLES), lambda own: {"id": own["id"]}),
    ("organization_create", {"sysadmin"}, lambda own: {"name": f"moi-{own['next']()}"}),
]


@pytest.fixture(scope="module")
def own(department: dict[str, Any]) -> dict[str, Any]:
    """The department, with what each case needs."""
    count = iter(range(10_000))
    return {
        "id": department["id"],
        "next": lambda: next(count),
        "empty": lambda: agency(f"Trung tâm {next(count)}")["id"],
        "documented": lambda: focal_point(
            department["id"],
            rank="deputy",
            full_name=f"Người {next(count)}",
            document_upload=FileStorage(io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "a.pdf"),
        )["id"],
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("action", "allowed", "prepare"),
    MATRIX,
    ids=[f"{number}-{row[0]}" for number, row in enumerate(MATRIX)],
)
def test_matrix(
    app: CKANTestApp,
    people: People,
    neighbour: dict[str, Any],
    own: dict[str, Any],
    action: str,
    allowed: set[str],
    prepare: Prepare,
    role: str,
) -> None:
    """Each action is open to its roles and closed to all others."""
    data = prepare(own)
    model.Session.commit()
    user = None if role == "anonymous" else getattr(people, role)
    status = api(app, user, action, **data).status_code
    assert (status == 200) == (role in allowed), status
    if role not in allowed:
        assert status == DENIED


def test_every_action_is_in_the_matrix() -> None:
    assert {row[0] for row in MATRIX} == set(auth.__all__)


@pytest.fixture(scope="module")
def officer(department: dict[str, Any]) -> dict[str, Any]:
    return focal_point(department["id"])


class TestSeen:
    @pytest.mark.parametrize("role", ["member", "foreign", "nobody", "anonymous"])
    def test_the_public_sees_mailbox_and_position_only(
        self, app: CKANTestApp, people: People, officer: dict[str, Any], role: str
    ) -> None:
        user = None if role == "anonymous" else getattr(people, role)
        shown = result_of(api(app, user, "nd47_focal_point_show", id=officer["id"]))
        assert set(shown) == {"id", "agency_id", "role", "rank", "position", "email", "uri"}

    def test_editors_see_all_but_what_is_personal(
        self, app: CKANTestApp, people: People, officer: dict[str, Any]
    ) -> None:
        shown = result_of(api(app, people.editor, "nd47_focal_point_show", id=officer["id"]))
        assert shown["full_name"] == "Nguyễn Thị Ánh"
        assert not set(permissions.PERSONAL) & set(shown)

    @pytest.mark.parametrize("role", ["admin", "sysadmin"])
    def test_administrators_see_everything(
        self, app: CKANTestApp, people: People, officer: dict[str, Any], role: str
    ) -> None:
        user = getattr(people, role)
        shown = result_of(api(app, user, "nd47_focal_point_show", id=officer["id"]))
        assert shown["personal_telephone"] == "0912 345 678"

    @pytest.mark.ckan_config(
        "ckanext.nd47.focal_point_public_fields",
        "full_name position function telephone email personal_telephone personal_email",
    )
    def test_no_setting_makes_personal_fields_public(
        self, app: CKANTestApp, ckan_config: Any, officer: dict[str, Any]
    ) -> None:
        shown = result_of(api(app, None, "nd47_focal_point_show", id=officer["id"]))
        assert shown["full_name"] == "Nguyễn Thị Ánh"
        assert shown["telephone"] == "0203 3835 123"
        assert not set(permissions.PERSONAL) & set(shown)

    @pytest.mark.usefixtures("officer")
    def test_hidden_names_cannot_be_searched_for(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        found = result_of(api(app, None, "nd47_focal_point_list", q="nguyen thi anh"))
        assert found["count"] == 0

    def test_a_past_term_is_not_found_by_the_public(
        self, app: CKANTestApp, people: People, department: dict[str, Any]
    ) -> None:
        past = focal_point(
            department["id"], role="sharing", valid_from="2020-01-01", valid_to="2020-12-31"
        )
        assert api(app, None, "nd47_focal_point_show", id=past["id"]).status_code == 404
        assert api(app, people.editor, "nd47_focal_point_show", id=past["id"]).status_code == 200
        listed = result_of(api(app, None, "nd47_focal_point_list", agency=department["id"]))
        assert past["id"] not in [result["id"] for result in listed["results"]]

    def test_the_history_tells_no_personal_number(self, department: dict[str, Any]) -> None:
        focal_point(department["id"], rank="deputy", full_name="Trần Văn Bí Mật")
        told = str(call_action("nd47_register_history", agency=department["id"]))
        assert "0912 345 678" not in told
        assert "anh@rieng.example" not in told

    def test_the_history_of_a_deleted_one_tells_not_who_it_was(
        self, neighbour: dict[str, Any]
    ) -> None:
        made = focal_point(neighbour["id"], full_name="Lê Thị Xóa")
        call_action("nd47_focal_point_delete", id=made["id"])
        newest = call_action("nd47_register_history", agency=neighbour["id"])["results"][0]
        assert newest["action"] == "delete"
        assert "Lê Thị Xóa" not in str(newest)


class TestMembers:
    """Names of accounts are for accounts, where the portal does not show them to everybody."""

    @pytest.fixture(autouse=True)
    def hidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(tk.config, "ckan.auth.public_user_details", False)

    @pytest.mark.parametrize("more", [{}, {"object_type": "user"}])
    def test_visitors_get_no_list(
        self, app: CKANTestApp, department: dict[str, Any], more: dict[str, str]
    ) -> None:
        assert api(app, None, "member_list", id=department["id"], **more).status_code == DENIED

    def test_visitors_get_no_page(self, app: CKANTestApp, department: dict[str, Any]) -> None:
        reply = app.get(f"/organization/members/{department['name']}", follow_redirects=False)
        assert reply.status_code in {302, DENIED}

    def test_visitors_see_no_way_there(self, app: CKANTestApp, department: dict[str, Any]) -> None:
        page = app.get(f"/organization/{department['name']}", status=200).get_data(as_text=True)
        assert f"/organization/about/{department['name']}" in page
        assert "/organization/members/" not in page

    def test_accounts_see_the_way(
        self, app: CKANTestApp, people: People, department: dict[str, Any]
    ) -> None:
        headers = {"Authorization": people.editor["token"]}
        page = app.get(f"/organization/{department['name']}", headers=headers, status=200).get_data(
            as_text=True
        )
        assert f"/organization/members/{department['name']}" in page

    def test_visitors_see_the_way_where_members_are_public(
        self, app: CKANTestApp, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(tk.config, "ckan.auth.public_user_details", True)
        page = app.get(f"/organization/{department['name']}", status=200).get_data(as_text=True)
        assert f"/organization/members/{department['name']}" in page

    def test_accounts_get_both(
        self, app: CKANTestApp, people: People, department: dict[str, Any]
    ) -> None:
        found = result_of(api(app, people.editor, "member_list", id=department["id"]))
        assert people.admin["id"] in [one[0] for one in found]
        headers = {"Authorization": people.editor["token"]}
        app.get(f"/organization/members/{department['name']}", headers=headers, status=200)

    def test_visitors_still_get_the_datasets_of_an_agency(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        given = {"id": department["id"], "object_type": "package"}
        assert api(app, None, "member_list", **given).status_code == 200


class TestApiInABrowser:
    """A session's cookie alone changes nothing by the API: another site can send it too."""

    @pytest.fixture
    def browser(self, app: CKANTestApp, people: People, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", True)
        with app.flask_app.test_client() as client:
            with client.session_transaction() as session:
                session["_user_id"] = people.sysadmin["id"]
                session["_fresh"] = True
            yield client

    def test_call_without_the_token_of_the_page_is_refused_even_after_an_api_token(
        self, app: CKANTestApp, people: People, browser: Any, department: dict[str, Any]
    ) -> None:
        path = "/api/3/action/nd47_agency_update"
        given = {"id": department["id"], "short_name": "Bị đổi"}
        app.post(path, json={}, headers={"Authorization": people.nobody["token"]})
        assert browser.post(path, json=given).status_code == 400
        assert browser.post(path, data=given).status_code == 400
        model.Session.rollback()
        assert call_action("nd47_agency_show", id=department["id"])["short_name"] != "Bị đổi"

    def test_call_with_the_token_of_the_page_is_taken(
        self, browser: Any, department: dict[str, Any]
    ) -> None:
        page = BeautifulSoup(browser.get("/dataset/").text, "html.parser")
        field = page.select_one("meta[name=csrf_field_name]")
        assert field
        token = page.select_one(f"meta[name={field['content']}]")
        assert token
        reply = browser.post(
            "/api/3/action/nd47_agency_update",
            json={"id": department["id"], "short_name": "SGD"},
            headers={"X-CSRFToken": str(token["content"])},
        )
        assert reply.status_code == 200

    def test_programs_need_no_such_token(
        self, app: CKANTestApp, people: People, browser: Any, department: dict[str, Any]
    ) -> None:
        reply = api(app, people.admin, "nd47_agency_update", id=department["id"], short_name="C")
        assert reply.status_code == 200
        assert api(app, None, "package_search", q="x").status_code == 200

    def test_reading_needs_no_such_token(self, browser: Any) -> None:
        assert browser.get("/api/3/action/package_search").status_code == 200


def test_page_that_edits_many_datasets_counts_them_once(
    app: CKANTestApp, people: People, department: dict[str, Any]
) -> None:
    for number in (1, 2):
        factories.Dataset(title=f"Bảng {number}", owner_org=department["id"])
    headers = {"Authorization": people.sysadmin["token"]}
    path = f"/organization/bulk_process/{department['name']}"
    page = app.get(path, headers=headers, status=200).get_data(as_text=True)
    assert page.count("datasets found") == 1
