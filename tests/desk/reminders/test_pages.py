"""The page of the choices, and the links in the messages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from itsdangerous import URLSafeSerializer

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.reminders import links
from tests.desk.conftest import Create, World
from tests.desk.reminders.mail_server import (
    Inbox,
    mailbox,
    no_reminders,
    no_server,
    part,
    running_server,
    send,
)

__all__ = ["no_reminders", "no_server", "running_server"]

PAGE = "/work/reminders"
OK, FOUND, REFUSED, MISSING = 200, 302, 400, 404


def user_id(world: World, account: str) -> str:
    return str(call_action("user_show", id=world.accounts[account])["id"])


def path(world: World, kind: str = "", account: str = "editor") -> str:
    """Return the address of the link of a message."""
    return f"/vi{PAGE}/unsubscribe/{links.token(user_id(world, account), kind)}"


def choice(world: World, account: str = "editor") -> dict[str, Any]:
    return world.call(account, "nd47_reminder_choice_show")


class TestChoices:
    def test_visitors_are_asked_to_log_in(self, app):
        reply = app.get(PAGE, follow_redirects=False)
        assert reply.status_code == FOUND
        assert "/user/login" in reply.headers["Location"]

    def test_all_kinds_are_chosen_at_first(self, app, world: World):
        body = app.get(f"/vi{PAGE}", headers=world.headers("editor"), status=OK).body
        page: Any = BeautifulSoup(body, "html.parser")
        boxes = page.select("input[name=kind]")
        assert {box["value"] for box in boxes} >= {"overdue", "due-soon", "no-focal-point"}
        assert all(box.has_attr("checked") for box in boxes)
        assert not page.select_one("#all-off").has_attr("checked")
        assert mailbox(world.accounts["editor"]) in page.select_one(".nd47-desk").get_text()

    def test_what_is_saved_is_shown(self, app, world: World):
        data = {"kind": ["overdue"], "language": "en"}
        headers = world.headers("editor")
        app.post(PAGE, data=data, headers=headers, follow_redirects=False, status=FOUND)
        body = app.get(f"/vi{PAGE}", headers=headers).body
        page: Any = BeautifulSoup(body, "html.parser")
        checked = [box["value"] for box in page.select("input[name=kind][checked]")]
        assert checked == ["overdue"]
        assert page.select_one("#reminder-language option[selected]")["value"] == "en"

    def test_a_kind_that_is_not_offered_stays_off(self, app, world: World):
        world.call("editor", "nd47_reminder_choice_update", kinds_off=["draft"])
        data = {"kind": ["overdue", "due-soon", "no-focal-point", "term-ends"]}
        headers = world.headers("editor")
        app.post(PAGE, data=data, headers=headers, follow_redirects=False, status=FOUND)
        assert choice(world)["kinds_off"] == ["draft"]

    def test_each_account_has_its_own(self, app, world: World):
        world.call("editor", "nd47_reminder_choice_update", all_off=True)
        assert choice(world)["all_off"]
        assert not choice(world, "admin")["all_off"]

    def test_what_is_not_given_stays(self, world: World):
        world.call("editor", "nd47_reminder_choice_update", kinds_off=["overdue"], language="en")
        world.call("editor", "nd47_reminder_choice_update", all_off=True)
        expected = {"language": "en", "kinds_off": ["overdue"], "all_off": True}
        assert choice(world) == expected

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("kinds_off", ["khong-co"]),
            ("language", "fr"),
            ("kinds_off", {"a": 1}),
            ("all_off", "x"),
        ],
    )
    def test_wrong_values_are_refused(self, world: World, field, value):
        with pytest.raises(tk.ValidationError) as error:
            world.call("editor", "nd47_reminder_choice_update", **{field: value})
        assert field in error.value.error_dict

    def test_a_wrong_form_says_what_is_wrong(self, app, world: World):
        reply = app.post(f"/vi{PAGE}", data={"language": "fr"}, headers=world.headers("editor"))
        assert reply.status_code == OK
        page: Any = BeautifulSoup(reply.body, "html.parser")
        assert page.select_one("[role=alert]")

    def test_a_form_needs_the_token_of_its_page(self, app, world: World, monkeypatch):
        user = factories.User(password="mat-khau-1234")  # noqa: S106 - of a test
        app.post("/user/login", data={"login": user["name"], "password": "mat-khau-1234"})
        monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", True)
        reply = app.post(PAGE, data={"all_off": "true"}, follow_redirects=False)
        monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", False)
        app.post("/user/_logout", follow_redirects=False)
        assert reply.status_code == REFUSED

    @pytest.mark.parametrize("name", ["nd47_reminder_choice_show", "nd47_reminder_choice_update"])
    def test_visitors_have_none(self, app, world: World, name):
        assert app.post(f"/api/3/action/{name}", json={}).status_code == 403  # noqa: PLR2004

    def test_the_work_list_and_the_dashboard_lead_to_it(self, app, world: World):
        for there in ("/work", "/dashboard/datasets"):
            body = app.get(f"/vi{there}", headers=world.headers("editor")).body
            page = BeautifulSoup(body, "html.parser")
            assert page.select(f"a[href$='{PAGE}']"), there


class TestLinks:
    def test_the_message_names_them(self, inbox: Inbox, app, world: World, overdue: Create):
        overdue()
        send()
        mail = inbox.of(mailbox(world.accounts["editor"]))
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        (all_kinds,) = re.findall(r"<http://[^/]+(/[^>]+)>", mail["List-Unsubscribe"])
        app.get(all_kinds, status=OK)
        found = re.findall(r"/work/reminders/unsubscribe/([^\"\s]+)", part(mail, "html"))
        account = user_id(world, "editor")
        assert {links.read(token) for token in found} == {(account, "overdue"), (account, "")}

    def test_reading_one_changes_nothing(self, app, world: World):
        before = choice(world)
        reply = app.get(path(world, "overdue"), status=OK)
        page: Any = BeautifulSoup(reply.body, "html.parser")
        assert "Quá hạn cập nhật" in page.select_one(".nd47-desk").get_text()
        assert page.select_one(".nd47-desk form[method=post] button")
        assert choice(world) == before

    def test_the_button_unsubscribes_one_kind(self, app, world: World):
        app.post(path(world, "overdue"), status=OK)
        app.post(path(world, "due-soon"), status=OK)
        app.post(path(world, "overdue"), status=OK)
        assert sorted(choice(world)["kinds_off"]) == ["due-soon", "overdue"]
        assert not choice(world)["all_off"]

    def test_a_mail_program_unsubscribes_with_one_click(self, app, world: World, monkeypatch):
        monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", True)
        data = {"List-Unsubscribe": "One-Click"}
        app.post(path(world), data=data, follow_redirects=False, status=OK)
        assert choice(world)["all_off"]

    def test_used_ones_say_so(self, app, world: World):
        app.post(path(world))
        reply = app.get(path(world), status=OK)
        page: Any = BeautifulSoup(reply.body, "html.parser")
        assert page.select_one("[role=status]")
        assert not page.select(".nd47-desk form")

    def test_what_was_off_before_stays_off(self, app, world: World):
        world.call("editor", "nd47_reminder_choice_update", kinds_off=["term-ends"], language="en")
        app.post(path(world, "overdue"), status=OK)
        assert choice(world)["language"] == "en"
        assert sorted(choice(world)["kinds_off"]) == ["overdue", "term-ends"]

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_forged_ones_are_refused(self, app, world: World, method):
        account, secret = user_id(world, "editor"), tk.config["SECRET_KEY"]
        good, other = links.token(account, "overdue"), links.token(account, "due-soon")
        signer = URLSafeSerializer(secret, salt=links.SALT)
        forged = [
            good[:-1],
            good + "a",
            f"{good.rpartition('.')[0]}.{other.rpartition('.')[2]}",
            str(URLSafeSerializer("another key", salt=links.SALT).dumps([account, ""])),
            str(URLSafeSerializer(secret, salt="another use").dumps([account, ""])),
            str(signer.dumps([account])),
            str(signer.dumps({"a": account})),
            str(signer.dumps([account, "khong-co"])),
            str(signer.dumps(["khong-co", ""])),
            "a" * 2_000,
            "%00",
        ]
        for token in forged:
            reply = getattr(app, method)(f"/vi{PAGE}/unsubscribe/{token}")
            assert reply.status_code == MISSING, token
        assert choice(world) == {"language": "", "kinds_off": [], "all_off": False}

    def test_that_of_a_deleted_account_is_refused(self, app, world: World):
        user = factories.User()
        token = links.token(user["id"])
        call_action("user_delete", id=user["id"])
        app.post(f"{PAGE}/unsubscribe/{token}", status=MISSING)

    def test_no_cache_and_no_other_site_gets_them(self, app, world: World):
        reply = app.get(path(world))
        assert "no-store" in reply.headers["Cache-Control"]
        assert "public" not in reply.headers["Cache-Control"]
        assert reply.headers["Referrer-Policy"] == "no-referrer"
