"""Who is reminded of what, and in which words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.reminders import mailing
from ckanext.nd47.desk.work_list import kinds
from ckanext.nd47.desk.work_list.kinds import drafts
from ckanext.nd47.desk.work_list.kinds.kind import Kind
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates, working_days
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import update_state
from tests.desk.conftest import Create, World
from tests.desk.reminders.mail_server import (
    WEDNESDAY,
    Inbox,
    mailbox,
    no_reminders,
    no_server,
    part,
    running_server,
    send,
)
from tests.support.statements import statements

__all__ = ["no_reminders", "no_server", "running_server"]

pytestmark = pytest.mark.usefixtures("world")


def due(day: dt.date = WEDNESDAY) -> dict[str, tuple[list[str], list[str]]]:
    """Return by account the kinds of what it is to do, and of what others left undone."""
    with dates.on(day), vocabulary.preloaded():
        return {
            letter.account.name: (
                sorted({thing.kind for thing in letter.own}),
                sorted({thing.kind for thing in letter.late}),
            )
            for letter in mailing.due(day)
        }


def due_day(dataset: dict[str, Any]) -> dt.date:
    day = update_state.next_due(dataset)
    assert day is not None
    return day


def working_days_after(day: dt.date, number: int) -> dt.date:
    """Return the day on which so many working days have gone by since a day."""
    while number:
        day += dt.timedelta(days=1)
        number -= working_days.is_working_day(day)
    return day


def set_user(name: str, column: str, value: str) -> None:
    """Give an account a value that no form would accept."""
    model.Session.execute(
        sa.text(f'UPDATE "user" SET {column} = :value WHERE name = :name'),  # noqa: S608 - of a test
        {"value": value, "name": name},
    )
    model.Session.commit()
    model.Session.remove()


@pytest.fixture
def account(world: World) -> Iterator[str]:
    """Another editor of the department, for tests that change it."""
    name = str(factories.User(fullname="Trần Văn Bình")["name"])
    membership = {"id": world.agencies["own"]["id"], "username": name}
    world.call("sysadmin", "organization_member_create", **membership, role="editor")
    yield name
    set_user(name, "state", "active")
    world.call("sysadmin", "organization_member_delete", **membership)


class TestRecipients:
    def test_nobody_is_written_to_without_need(self, inbox: Inbox):
        assert send()["sent"] == 0
        assert inbox.mails == []

    def test_those_who_edit_are_told_and_nobody_else(self, world: World, overdue: Create):
        overdue(modified=(WEDNESDAY - dt.timedelta(days=400)).isoformat())
        assert set(due()) == {world.accounts["editor"], world.accounts["admin"]} | {
            world.accounts["leader"]
        }

    def test_each_message_is_for_one_person(self, inbox: Inbox, world: World, overdue: Create):
        overdue()
        send()
        assert all(len(envelope) == 1 for envelope in inbox.envelopes)
        assert len(set(inbox.to)) == len(inbox.to) >= 2  # noqa: PLR2004
        for mail, envelope in zip(inbox.mails, inbox.envelopes, strict=True):
            addresses = [one.addr_spec for one in mail["To"].addresses]
            assert addresses == envelope
            assert mail["Cc"] is None
            assert mail["Bcc"] is None

    def test_the_administrator_is_told_of_the_agency_and_the_editor_is_not(
        self, world: World, create: Create
    ):
        create()
        found = due()
        assert found == {world.accounts["admin"]: (["no-focal-point"], [])}

    def test_what_is_due_is_told_within_the_days_of_notice(self, world: World, overdue: Create):
        dataset = overdue(modified=WEDNESDAY.isoformat(), frequency="hang-nam")
        last = due_day(dataset)
        near, far = last - dt.timedelta(days=5), last - dt.timedelta(days=9)
        editor = world.accounts["editor"]
        assert due(near)[editor] == (["due-soon"], [])
        assert editor not in due(far)

    def test_the_days_of_notice_are_an_option(self, world: World, overdue: Create, monkeypatch):
        last = due_day(overdue(modified=WEDNESDAY.isoformat(), frequency="hang-nam"))
        monkeypatch.setitem(tk.config, config.REMINDER_NOTICE_DAYS, 2)
        assert world.accounts["editor"] not in due(last - dt.timedelta(days=5))

    def test_the_leader_is_told_after_some_working_days(self, world: World, overdue: Create):
        last = due_day(overdue(modified=WEDNESDAY.isoformat(), frequency="hang-nam"))
        leader = world.accounts["leader"]
        early, late = working_days_after(last, 4), working_days_after(last, 5)
        assert leader not in due(early)
        assert due(late)[leader] == ([], ["overdue"])

    def test_the_compiling_agency_is_told_last(self, world: World, overdue: Create, monkeypatch):
        compiler = str(factories.User()["name"])
        foreign = world.agencies["foreign"]
        call_action("organization_member_create", id=foreign["id"], username=compiler, role="admin")
        last = due_day(overdue(modified=WEDNESDAY.isoformat(), frequency="hang-nam"))
        day = working_days_after(last, 15)
        assert compiler not in due(day)
        for reference in (foreign["name"], foreign["id"], "H99.03"):
            monkeypatch.setitem(tk.config, config.COMPILING_AGENCY, reference)
            assert compiler not in due(working_days_after(last, 14))
            assert due(day)[compiler] == ([], ["overdue"])

    def test_a_leader_above_is_told_where_nobody_could_do_it(self, world: World, overdue: Create):
        last = due_day(overdue("below", modified=WEDNESDAY.isoformat(), frequency="hang-nam"))
        found = due(last + dt.timedelta(days=1))
        assert found == {world.accounts["leader"]: ([], ["no-focal-point", "overdue"])}

    def test_what_has_no_day_is_brought_to_the_leader_after_it_was_told(
        self, inbox: Inbox, world: World, create: Create
    ):
        create()
        leader = world.accounts["leader"]
        send()
        assert leader not in due(working_days_after(WEDNESDAY, 4))
        assert due(working_days_after(WEDNESDAY, 5))[leader] == ([], ["no-focal-point"])

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("state", "deleted"),
            ("state", "pending"),
            ("email", ""),
            ("email", "a@so.example, b@so.example"),
            ("email", "a@so.example\r\nBcc: b@so.example"),
            ("email", "không có"),
        ],
    )
    def test_accounts_that_cannot_be_reached_get_none(
        self, overdue: Create, account: str, column, value
    ):
        overdue()
        assert account in due()
        set_user(account, column, value)
        assert account not in due()

    def test_who_left_the_agency_is_told_no_more(self, world: World, overdue: Create, account: str):
        overdue()
        membership = {"id": world.agencies["own"]["id"], "username": account}
        world.call("sysadmin", "organization_member_delete", **membership)
        assert account not in due()


class TestKinds:
    def test_drafts_and_rules_are_no_reason_to_write(self, world: World, draft: Create):
        draft()
        assert due() == {}

    def test_which_kinds_are_none_is_an_option(self, world: World, draft: Create, monkeypatch):
        draft()
        monkeypatch.setitem(tk.config, config.REMINDER_KINDS_OFF, "")
        assert due(WEDNESDAY)[world.accounts["editor"]] == (["draft"], [])

    def test_what_is_not_published_never_leaves_those_who_edit(
        self, world: World, draft: Create, monkeypatch
    ):
        draft()
        monkeypatch.setitem(tk.config, config.REMINDER_KINDS_OFF, "")
        monkeypatch.setitem(tk.config, config.REMINDER_LEADER_DAYS, 0)
        assert set(due()) == {world.accounts["editor"], world.accounts["admin"]}

    def test_a_new_kind_comes_in_by_itself(
        self, inbox: Inbox, world: World, draft: Create, monkeypatch
    ):
        def statement() -> sa.Select[Any]:
            found = drafts.DRAFTS.statement().subquery()
            columns = [c for c in found.c if c.name != "kind"]
            return sa.select(sa.literal("waiting", sa.Text).label("kind"), *columns)

        new = Kind("waiting", lambda: "Chờ duyệt", statement, drafts.DRAFTS.describe)
        monkeypatch.setitem(kinds.KINDS, "waiting", new)
        draft()
        send()
        text = part(inbox.of(mailbox(world.accounts["editor"])), "plain")
        assert "Chờ duyệt (1)" in text
        assert "Bản thảo" in text

    def test_a_kind_can_be_done_without(self, world: World, overdue: Create):
        overdue()
        world.call("editor", "nd47_reminder_choice_update", kinds_off=["overdue"])
        world.call("admin", "nd47_reminder_choice_update", kinds_off=["overdue"])
        found = due()
        assert world.accounts["editor"] not in found
        assert found[world.accounts["admin"]] == (["no-focal-point"], [])

    def test_so_can_all_of_them(self, world: World, overdue: Create):
        overdue()
        world.call("admin", "nd47_reminder_choice_update", all_off=True)
        assert world.accounts["admin"] not in due()
        assert world.accounts["editor"] in due()


class TestWords:
    def test_a_thing_has_its_title_and_the_link_that_mends_it(
        self, inbox: Inbox, world: World, overdue: Create
    ):
        dataset = overdue(title="Giá đất & nhà ở")
        send()
        mail = inbox.of(mailbox(world.accounts["editor"]))
        link = f"/dataset/{dataset['name']}/new-period"
        assert mail.get_content_type() == "multipart/alternative"
        assert "Giá đất & nhà ở" in part(mail, "plain")
        assert "Giá đất &amp; nhà ở" in part(mail, "html")
        for kind in ("plain", "html"):
            assert link in part(mail, kind)
            assert "Quá hạn cập nhật (1)" in part(mail, kind)

    def test_vietnamese_is_the_language_of_the_portal(
        self, inbox: Inbox, world: World, overdue: Create
    ):
        overdue()
        send()
        mail = inbox.of(mailbox(world.accounts["editor"]))
        assert "1 việc cần làm" in mail["Subject"]
        assert mail["Content-Language"] == "vi"

    def test_another_language_can_be_chosen(self, inbox: Inbox, world: World, overdue: Create):
        overdue()
        world.call("editor", "nd47_reminder_choice_update", language="en")
        send()
        mail = inbox.of(mailbox(world.accounts["editor"]))
        assert "1 thing to do" in mail["Subject"]
        assert "/new-period" in part(mail, "html")
        assert "/en/dataset/" in part(mail, "html")
        assert "việc cần làm" in inbox.of(mailbox(world.accounts["admin"]))["Subject"]

    def test_the_agency_is_named_where_there_are_several(
        self, inbox: Inbox, world: World, overdue: Create
    ):
        overdue()
        send()
        assert "Sở Giáo dục và Đào tạo" in part(inbox.of(mailbox(world.accounts["leader"])), "html")
        assert "1 việc để quá lâu" in inbox.of(mailbox(world.accounts["leader"]))["Subject"]
        editor = part(inbox.of(mailbox(world.accounts["editor"])), "html")
        assert "Sở Giáo dục và Đào tạo" not in editor

    def test_long_lists_lead_to_the_work_list(self, inbox: Inbox, world: World, overdue: Create):
        for number in range(23):
            overdue(title=f"Số liệu {number}")
        send()
        text = part(inbox.of(mailbox(world.accounts["editor"])), "plain")
        assert text.count("- Số liệu") == 10  # noqa: PLR2004
        assert "/work?kind=overdue" in text

    def test_markup_in_a_title_stays_text(self, inbox: Inbox, world: World, overdue: Create):
        overdue(title="<img src=x onerror=alert(1)> {{7*7}}")
        send()
        mail = inbox.of(mailbox(world.accounts["editor"]))
        assert "<img" not in part(mail, "html")
        assert "&lt;img src=x" in part(mail, "html")
        assert "{{7*7}}" in part(mail, "plain")

    @pytest.mark.parametrize("name", ["A\r\nBcc: b@so.example", "B\nX: y", '"C" <c@so.example>, d'])
    def test_a_name_makes_no_header(self, inbox: Inbox, overdue: Create, account: str, name):
        overdue()
        set_user(account, "fullname", name)
        send()
        mail = inbox.of(mailbox(account))
        assert mail["Bcc"] is None
        assert mail["X"] is None
        assert [one.addr_spec for one in mail["To"].addresses] == [mailbox(account)]

    def test_line_breaks_in_a_title_make_no_line(self, inbox: Inbox, world: World, overdue: Create):
        dataset = overdue()
        model.Session.execute(
            sa.text("UPDATE package SET title = :title WHERE id = :id"),
            {"title": "Giá đất\r\n\r\nBấm vào: https://xau.example", "id": dataset["id"]},
        )
        model.Session.commit()
        send()
        text = part(inbox.of(mailbox(world.accounts["editor"])), "plain")
        assert "- Giá đất Bấm vào: https://xau.example\n" in text


class TestCost:
    def test_statements_do_not_grow_with_accounts(self, world: World, overdue: Create):
        overdue()
        with statements() as few:
            assert len(due()) == 3  # noqa: PLR2004
        add_editors(world, 200)
        try:
            with statements() as many:
                assert len(due()) == 203  # noqa: PLR2004
        finally:
            remove_editors()
        assert len(many) == len(few) <= 14  # noqa: PLR2004


def add_editors(world: World, number: int) -> None:
    """Add accounts that edit the datasets of the department."""
    for line in (
        'INSERT INTO "user" (id, name, fullname, email, state, sysadmin)'
        " SELECT 'copy-' || n, 'copy-' || n, 'Cán bộ ' || n, 'copy' || n || '@so.example',"
        " 'active', false FROM generate_series(1, :number) n",
        "INSERT INTO member (id, table_id, group_id, state, table_name, capacity)"
        " SELECT 'copy-' || n, 'copy-' || n, :agency, 'active', 'user', 'editor'"
        " FROM generate_series(1, :number) n",
    ):
        values = {"number": number, "agency": world.agencies["own"]["id"]}
        model.Session.execute(sa.text(line), values)
    model.Session.commit()


def remove_editors() -> None:
    """Remove them."""
    model.Session.rollback()
    for line in (
        "DELETE FROM member WHERE id LIKE 'copy-%'",
        "DELETE FROM \"user\" WHERE id LIKE 'copy-%'",
    ):
        model.Session.execute(sa.text(line))
    model.Session.commit()
    model.Session.remove()
