"""Deleted agencies and persons: who still knows of them, and what erasure removes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies.model import Agency, FocalPoint
from dev.local.supervision import LOGS
from tests.agencies.conftest import People, agency, api, dataset, focal_point, result_of

pytestmark = pytest.mark.usefixtures("portal")

NAME = "Lương Thị Cẩm Vân"


@pytest.fixture
def own(people: People) -> dict[str, Any]:
    """An agency with an administrator and an editor."""
    return agency(
        "Sở Xóa Bỏ",
        users=[
            {"name": people.admin["name"], "capacity": "admin"},
            {"name": people.editor["name"], "capacity": "editor"},
        ],
    )


class TestDeletedAgency:
    @pytest.fixture
    def officer(self, own: dict[str, Any]) -> dict[str, Any]:
        call_action("nd47_agency_update", id=own["id"], code=f"H98.{own['name'][-10:].upper()}")
        officer = focal_point(own["id"])
        call_action("organization_delete", id=own["id"])
        return officer

    @pytest.mark.parametrize("role", ["anonymous", "nobody", "foreign", "editor", "admin"])
    @pytest.mark.parametrize("by", ["id", "name"])
    def test_nobody_finds_it_or_its_focal_points(
        self,
        app: CKANTestApp,
        people: People,
        own: dict[str, Any],
        officer: dict[str, Any],
        role: str,
        by: str,
    ) -> None:
        user = None if role == "anonymous" else getattr(people, role)
        assert api(app, user, "nd47_agency_show", id=own[by]).status_code == 404
        assert api(app, user, "nd47_focal_point_show", id=officer["id"]).status_code == 404
        assert api(app, user, "nd47_register_history", agency=own[by]).status_code == 403
        assert api(app, user, "nd47_focal_point_list", agency=own[by]).status_code == 409

    def test_a_system_administrator_finds_and_erases_them(
        self, app: CKANTestApp, people: People, own: dict[str, Any], officer: dict[str, Any]
    ) -> None:
        shown = result_of(api(app, people.sysadmin, "nd47_agency_show", id=own["name"]))
        assert shown["title"] == "Sở Xóa Bỏ"
        listed = api(
            app, people.sysadmin, "nd47_focal_point_list", agency=own["id"], all_terms=True
        )
        assert [result["id"] for result in result_of(listed)["results"]] == [officer["id"]]
        page = app.get(
            f"/organization/register/{own['name']}",
            headers={"Authorization": people.sysadmin["token"]},
        )
        assert officer["id"] in page.text
        erased = api(app, people.sysadmin, "nd47_focal_point_delete", id=officer["id"])
        assert erased.status_code == 200
        assert model.Session.get(FocalPoint, officer["id"]) is None

    @pytest.mark.usefixtures("officer")
    def test_its_members_lose_their_rights_however_it_was_deleted(
        self, app: CKANTestApp, people: People
    ) -> None:
        other = agency("Sở Vá", users=[{"name": people.admin["name"], "capacity": "admin"}])
        officer = focal_point(other["id"])
        call_action("organization_patch", id=other["id"], state="deleted")
        assert api(app, people.admin, "nd47_focal_point_show", id=officer["id"]).status_code == 404


class TestReading:
    @pytest.mark.parametrize(
        ("action", "given"),
        [
            ("nd47_agency_show", lambda one: {"id": one}),
            ("nd47_agency_list", lambda one: {"parent": one}),
            ("nd47_focal_point_list", lambda one: {"agency": one}),
            ("nd47_focal_point_alerts", lambda one: {"agency": one}),
            ("nd47_register_history", lambda one: {"agency": one}),
        ],
    )
    def test_it_writes_nothing(
        self,
        app: CKANTestApp,
        people: People,
        action: str,
        given: Callable[[str], dict[str, str]],
    ) -> None:
        one = agency("Sở Chưa Ghi")
        model.Session.execute(sa.delete(Agency).where(Agency.id == one["id"]))
        model.Session.commit()
        sent: list[str] = []

        def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
            sent.append(statement)

        event.listen(model.meta.engine, "before_cursor_execute", note)
        try:
            reply = app.get(
                f"/api/3/action/{action}",
                query_string=given(one["id"]),
                headers={"Authorization": people.sysadmin["token"]},
            )
        finally:
            event.remove(model.meta.engine, "before_cursor_execute", note)
        assert reply.status_code == 200
        writing = [
            statement
            for statement in sent
            if not statement.lstrip().upper().startswith(("SELECT", "WITH"))
        ]
        # CKAN notes when a token and an account were last used.
        own = [one for one in writing if "nd47" in one]
        assert own == []


class TestErasure:
    def test_the_history_forgets_with_the_record(self, own: dict[str, Any]) -> None:
        officer = focal_point(own["id"], full_name=NAME, email="cv@xb.example", telephone="0203 1")
        call_action("nd47_focal_point_update", id=officer["id"], email="cv2@xb.example")
        kept = focal_point(own["id"], role="sharing", full_name="Người Ở Lại")
        told = repr(call_action("nd47_register_history", agency=own["id"]))
        assert NAME in told
        call_action("nd47_focal_point_delete", id=officer["id"])
        entries = call_action("nd47_register_history", agency=own["id"])["results"]
        mine = [entry for entry in entries if entry["subject_id"] == officer["id"]]
        assert [one["action"] for one in mine] == ["delete", "update", "create"]
        assert not [word for word in (NAME, "cv@xb", "cv2@xb", "0203 1") if word in repr(entries)]
        assert mine[2]["after"]["role"] == "feedback"
        assert "Người Ở Lại" in repr([one for one in entries if one["subject_id"] == kept["id"]])

    def test_a_dataset_of_the_agency_still_refuses_it(self, own: dict[str, Any]) -> None:
        officer = focal_point(own["id"], valid_to="2025-02-01")
        made = dataset(own, contact=[{"identifier": officer["id"]}])
        with pytest.raises(tk.ValidationError) as refused:
            call_action("nd47_focal_point_delete", id=officer["id"])
        assert made["name"] in str(refused.value.error_dict)

    def test_a_dataset_of_another_agency_neither_refuses_it_nor_is_named(
        self, app: CKANTestApp, people: People, own: dict[str, Any]
    ) -> None:
        other = agency("Sở Người Ngoài", email="vanthu@sn.example")
        officer = focal_point(own["id"], valid_to="2025-02-01")
        made = dataset(other, private=True, contact=[{"identifier": officer["id"]}])
        reply = api(app, people.admin, "nd47_focal_point_delete", id=officer["id"])
        assert reply.status_code == 200
        assert made["name"] not in reply.text
        model.Session.rollback()
        shown = call_action("package_show", id=made["id"])
        # The reference is dead: the agency of the dataset answers.
        assert [contact_point["email"] for contact_point in shown["contact_points"]] == [
            "vanthu@sn.example"
        ]
        call_action("package_patch", id=made["id"], private=False)
        turtle = app.get(f"/dataset/{made['name']}.ttl").text
        assert officer["id"] not in turtle
        assert "vanthu@sn.example" in turtle

    def test_a_contact_that_says_more_than_a_dead_reference_stays(
        self, own: dict[str, Any]
    ) -> None:
        officer = focal_point(own["id"], valid_to="2025-02-01")
        other = agency("Sở Giữ Lại")
        spelled = {"identifier": officer["id"], "name": "Tổ một cửa", "email": "mc@gl.example"}
        made = dataset(other, contact=[spelled])
        call_action("nd47_focal_point_delete", id=officer["id"])
        [shown] = call_action("package_show", id=made["id"])["contact_points"]
        assert shown["email"] == "mc@gl.example"

    def test_what_an_adoption_noted_goes_and_its_undoing_restores_nothing_hidden(
        self, own: dict[str, Any]
    ) -> None:
        made = dataset(own, contact=[{"name": NAME, "email": "cv@adopt.example"}])
        run = call_action("nd47_focal_point_adopt", mode="apply")["run"]
        [officer] = call_action("nd47_focal_point_list", agency=own["id"])["results"]
        other = agency("Sở Nhận Chuyển")
        call_action("package_owner_org_update", id=made["id"], organization_id=other["id"])
        call_action("nd47_focal_point_delete", id=officer["id"])
        told = model.Session.scalars(sa.text("SELECT h::text FROM nd47_history h")).all()
        assert not [row for row in told if "cv@adopt.example" in row]
        undone = call_action("nd47_focal_point_adopt", mode="undo", run=run)
        assert made["id"] in undone["kept"]
        package: Any = model.Package.get(made["id"])
        assert "•••" not in str(package.extras)


class TestRefusalOfTheDatabase:
    def test_neither_answer_nor_log_quotes_the_row(
        self,
        app: CKANTestApp,
        people: People,
        own: dict[str, Any],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        model.Session.execute(
            sa.text("ALTER TABLE nd47_focal_point ADD CONSTRAINT ck_test CHECK (rank <> 'deputy')")
        )
        model.Session.commit()
        try:
            with caplog.at_level(0):
                reply = api(
                    app,
                    people.admin,
                    "nd47_focal_point_create",
                    agency=own["id"],
                    role="feedback",
                    rank="deputy",
                    full_name=NAME,
                    personal_telephone="0911 222 333",
                    personal_email="log@rieng.example",
                )
        finally:
            model.Session.rollback()
            model.Session.execute(sa.text("ALTER TABLE nd47_focal_point DROP CONSTRAINT ck_test"))
            model.Session.commit()
        assert reply.status_code == 409
        assert "ck_test" in caplog.text
        of_the_server = (LOGS / "postgres.log").read_text(errors="replace")
        assert "ck_test" in of_the_server
        assert not [word for word in (NAME, "0911 222 333") if word in of_the_server]
        for word in (NAME, "0911 222 333", "log@rieng.example"):
            assert word not in caplog.text
            assert word not in reply.text

    def test_statements_that_fail_are_logged_without_values(self) -> None:
        with pytest.raises(DBAPIError) as failed:
            model.Session.execute(sa.text("SELECT 1 / (:one - :one)"), {"one": 99711})
        model.Session.rollback()
        assert "99711" not in str(failed.value)


class TestCaches:
    def test_what_an_account_is_given_stays_out_of_caches(
        self, app: CKANTestApp, people: People, own: dict[str, Any]
    ) -> None:
        made = dataset(own, private=True)
        public = dataset(own)
        own_paths = [
            "/ckan-admin/agency-register",
            "/ckan-admin/agency-register/csv/focal-points",
            f"/organization/register/{own['name']}",
            "/focal-points/alerts",
            f"/dataset/{made['name']}/citation.txt",
            f"/dataset/{made['name']}.ttl",
            f"/dataset/{public['name']}.ttl",
            "/focal-points.csv",
            f"/api/3/action/package_show?id={made['id']}",
            "/ckan-admin/nd47",
        ]
        for path in own_paths:
            reply = app.get(path, headers={"Authorization": people.sysadmin["token"]})
            told = reply.headers["Cache-Control"]
            assert "no-store" in told, path
            assert "private" in told, path
            assert "public" not in told, path

    def test_every_own_route_keeps_to_it(self, app: CKANTestApp, people: People) -> None:
        views = app.flask_app.view_functions
        own = [
            rule
            for rule in app.flask_app.url_map.iter_rules()
            if views[rule.endpoint].__module__.startswith("ckanext.nd47.")
            and "GET" in (rule.methods or ())
            and not rule.arguments
        ]
        assert len(own) > 5
        for rule in own:
            reply = app.get(rule.rule, headers={"Authorization": people.sysadmin["token"]})
            assert "no-store" in reply.headers["Cache-Control"], rule.rule
            assert "public" not in reply.headers["Cache-Control"], rule.rule

    def test_what_everybody_is_given_may_be_kept(self, app: CKANTestApp) -> None:
        for path in ("/focal-points.csv", "/api/3/action/nd47_agency_list", "/catalog.ttl"):
            assert "no-store" not in app.get(path).headers.get("Cache-Control", "")
