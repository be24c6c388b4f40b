"""A message is sent once for a period, whatever happens to the server or to the process."""

from __future__ import annotations

import datetime as dt
import os
import signal
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from freezegun import freeze_time

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.reminders import delivery, mailing, tasks
from ckanext.nd47.desk.reminders.cli import remind
from ckanext.nd47.lib import config
from tests.dcat.store.test_processes import beside, ended, forked
from tests.desk.conftest import Create, World
from tests.desk.reminders.mail_server import (
    WEDNESDAY,
    Inbox,
    days_later,
    let_retry,
    mailbox,
    no_reminders,
    no_server,
    part,
    running_server,
    send,
    serving,
    states,
)

__all__ = ["no_reminders", "no_server", "running_server"]

pytestmark = pytest.mark.usefixtures("world")

EVERYBODY = 3
"""The editor, the administrator and the leader of the department."""


def work() -> None:
    """Send, in a process of its own."""
    send()


def die(*_given: Any, **_named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class TestOnce:
    def test_a_second_run_sends_nothing(self, inbox: Inbox, overdue: Create):
        overdue()
        assert send()["sent"] == EVERYBODY
        assert send()["sent"] == 0
        assert len(inbox.mails) == EVERYBODY

    def test_nothing_new_is_not_told_each_day(self, inbox: Inbox, overdue: Create):
        overdue()
        send()
        assert send(days_later(1))["sent"] == 0
        assert len(inbox.mails) == EVERYBODY

    def test_something_new_is_told_with_all_that_waits(
        self, inbox: Inbox, world: World, overdue: Create
    ):
        overdue(title="Cũ")
        send()
        overdue(title="Mới")
        inbox.mails.clear()
        inbox.envelopes.clear()
        send(days_later(1))
        text = part(inbox.of(mailbox(world.accounts["editor"])), "plain")
        assert "Cũ" in text
        assert "Mới" in text

    def test_what_still_waits_is_told_again_after_some_days(self, inbox: Inbox, overdue: Create):
        overdue()
        send()
        assert send(days_later(6))["sent"] == 0
        assert send(days_later(7))["sent"] == EVERYBODY

    def test_in_weeks_there_is_one_message_a_week(self, inbox: Inbox, overdue: Create, monkeypatch):
        monkeypatch.setitem(tk.config, config.REMINDER_PERIOD, "week")
        overdue()
        assert send()["sent"] == EVERYBODY
        overdue()
        assert send(days_later(1))["sent"] == 0
        assert send(days_later(2))["sent"] == 0
        assert send(days_later(5))["sent"] == EVERYBODY

    def test_two_processes_at_once_send_one(self, inbox: Inbox, overdue: Create):
        overdue()
        model.Session.commit()
        children = [forked(work), beside(work)]
        assert [ended(child) for child in children] == [0, 0]
        assert len(inbox.to) == len(set(inbox.to)) == EVERYBODY
        assert states() == {"sent": EVERYBODY}


class TestDaysOff:
    @pytest.mark.parametrize(
        "day",
        [dt.date(2027, 3, 6), dt.date(2027, 3, 7), dt.date(2027, 4, 30), dt.date(2027, 9, 2)],
        ids=["Saturday", "Sunday", "reunification day", "national day"],
    )
    def test_nothing_is_sent(self, inbox: Inbox, overdue: Create, day):
        overdue()
        assert send(day)["day_off"]
        assert inbox.mails == []

    def test_the_province_has_days_off_of_its_own(self, inbox: Inbox, overdue: Create, monkeypatch):
        overdue()
        monkeypatch.setitem(tk.config, config.DAYS_OFF, "03/03/2027")
        assert send()["day_off"]
        assert send(days_later(1))["sent"] == EVERYBODY

    def test_a_saturday_that_is_worked_is_none(self, inbox: Inbox, overdue: Create, monkeypatch):
        overdue()
        monkeypatch.setitem(tk.config, config.WORKING_DAYS, "2027-03-06")
        assert send(days_later(3))["sent"] == EVERYBODY

    def test_the_day_is_that_of_viet_nam(self):
        # Friday evening in Greenwich
        with freeze_time("2027-03-05 18:00:00"):
            result = CliRunner().invoke(remind, ["--dry-run"])
        assert "2027-03-06 is a day off" in result.output


class TestServer:
    def test_one_that_is_down_delays_and_loses_nothing(self, down: int, overdue: Create):
        overdue()
        outcome = send()
        assert (outcome["sent"], outcome["waiting"]) == (0, EVERYBODY)
        inbox = Inbox()
        with serving(inbox, down):
            assert send()["sent"] == 0
            let_retry()
            assert send()["sent"] == EVERYBODY
        assert len(set(inbox.to)) == EVERYBODY

    def test_the_message_of_the_next_day_takes_the_place_of_one_that_waits(
        self, down: int, world: World, overdue: Create
    ):
        overdue(title="Hôm trước")
        send()
        overdue(title="Hôm sau")
        inbox = Inbox()
        with serving(inbox, down):
            assert send(days_later(1))["sent"] == EVERYBODY
        text = part(inbox.of(mailbox(world.accounts["editor"])), "plain")
        assert "Hôm trước" in text
        assert "Hôm sau" in text
        assert states() == {"replaced": EVERYBODY, "sent": EVERYBODY}

    def test_what_was_done_meanwhile_is_not_told(self, down: int, overdue: Create):
        dataset = overdue()
        send()
        tk.get_action("package_delete")({"ignore_auth": True}, {"id": dataset["id"]})
        let_retry()
        inbox = Inbox()
        with serving(inbox, down):
            send()
        assert inbox.mails == []
        assert states() == {}

    def test_a_mailbox_that_is_refused_keeps_nobody_from_theirs(
        self, inbox: Inbox, world: World, overdue: Create
    ):
        overdue()
        inbox.refused = {mailbox(world.accounts["editor"])}
        outcome = send()
        assert (outcome["sent"], outcome["failed"]) == (EVERYBODY - 1, 1)
        let_retry()
        assert send()["failed"] == 0

    def test_a_message_keeps_its_id_when_it_is_sent_again(
        self, inbox: Inbox, world: World, overdue: Create, monkeypatch
    ):
        overdue()
        ids: list[str] = []
        real = delivery.mailer.mail_recipient

        def noting(*given: Any) -> None:
            ids.append(given[5]["Message-ID"])
            real(*given)

        monkeypatch.setattr(delivery.mailer, "mail_recipient", noting)
        inbox.reply = "451 try again later"
        assert send()["waiting"] == EVERYBODY
        inbox.reply = "250 OK"
        let_retry()
        assert send()["sent"] == EVERYBODY
        assert len(ids) == 2 * EVERYBODY
        assert len(set(ids)) == EVERYBODY
        assert sorted(mail["Message-ID"] for mail in inbox.mails) == sorted(set(ids))

    def test_where_the_connection_broke_after_the_message_it_is_not_sent_again(
        self, inbox: Inbox, overdue: Create
    ):
        overdue()
        inbox.hangs_up = True
        outcome = send()
        assert (outcome["sent"], outcome["unknown"]) == (0, EVERYBODY)
        assert len(inbox.mails) == EVERYBODY
        inbox.hangs_up = False
        let_retry()
        send()
        assert len(inbox.mails) == EVERYBODY

    def test_the_record_of_a_failure_has_no_address(
        self, inbox: Inbox, world: World, overdue: Create
    ):
        overdue()
        inbox.refused = {mailbox(world.accounts["editor"])}
        send()
        errors = model.Session.scalars(sa.text("SELECT error FROM nd47_reminder")).all()
        assert any(errors)
        assert not any("@" in error for error in errors)


class TestKilled:
    def test_before_the_message_was_sent_the_next_day_has_it(
        self, inbox: Inbox, world: World, overdue: Create
    ):
        overdue(title="Giá đất")

        def work() -> None:
            mailing.delivery.deliver = die  # in a child alone
            send()

        assert ended(forked(work)) == -signal.SIGKILL
        assert states() == {"sending": 1, "pending": EVERYBODY - 1}
        assert send()["sent"] == EVERYBODY - 1
        assert send(days_later(1))["sent"] == 1
        assert len(set(inbox.to)) == len(inbox.to) == EVERYBODY

    def test_after_the_server_accepted_it_nobody_gets_it_twice_on_the_day(
        self, inbox: Inbox, overdue: Create
    ):
        overdue()

        def work() -> None:
            mailing._record = die  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # in a child alone
            send()

        assert ended(forked(work)) == -signal.SIGKILL
        assert len(inbox.mails) == 1
        send()
        assert len(inbox.to) == len(set(inbox.to)) == EVERYBODY

    def test_before_anything_was_claimed_all_are_sent_later(self, inbox: Inbox, overdue: Create):
        overdue()

        def work() -> None:
            mailing._claim = die  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # in a child alone
            send()

        assert ended(forked(work)) == -signal.SIGKILL
        assert send()["sent"] == EVERYBODY

    def test_one_that_hangs_is_given_up(self, inbox: Inbox, overdue: Create):
        overdue()

        def work() -> None:
            mailing.delivery.deliver = die  # in a child alone
            send()

        assert ended(forked(work)) == -signal.SIGKILL
        model.Session.execute(
            sa.text("UPDATE nd47_reminder SET changed = now() - interval '2 hours'")
        )
        model.Session.commit()
        assert send()["unknown"] == 1
        assert states() == {"unknown": 1, "sent": EVERYBODY - 1}

    def test_one_dataset_that_cannot_be_described_keeps_nobody_else_from_theirs(
        self, inbox: Inbox, world: World, overdue: Create, monkeypatch
    ):
        overdue()
        real = mailing.compose.compose

        def failing(letter: Any, reminder_id: str) -> Any:
            if letter.account.name == world.accounts["admin"]:
                raise RuntimeError
            return real(letter, reminder_id)

        monkeypatch.setattr(mailing.compose, "compose", failing)
        outcome = send()
        assert (outcome["sent"], outcome["failed"]) == (EVERYBODY - 1, 1)


class TestCommand:
    def test_dry_run_prints_who_would_get_what_and_sends_nothing(
        self, inbox: Inbox, world: World, overdue: Create
    ):
        overdue()
        result = CliRunner().invoke(remind, ["--dry-run", "--date", "03/03/2027"])
        assert result.exit_code == 0, result.output
        editor = world.accounts["editor"]
        assert f"{editor} <{mailbox(editor)}> vi: overdue 1" in result.output
        assert "overdue 1 (left undone)" in result.output
        assert "3 messages." in result.output
        assert inbox.mails == []
        assert states() == {}

    def test_the_messages_can_be_read_before(self, overdue: Create):
        overdue(title="Giá đất")
        result = CliRunner().invoke(remind, ["--dry-run", "--show", "--date", "2027-03-03"])
        assert "Giá đất" in result.output

    def test_sends_what_is_due(self, inbox: Inbox, overdue: Create):
        overdue()
        result = CliRunner().invoke(remind, ["--date", "2027-03-03"])
        assert result.exit_code == 0, result.output
        assert "3 sent" in result.output
        assert len(inbox.mails) == EVERYBODY

    def test_no_day_is_refused(self):
        result = CliRunner().invoke(remind, ["--date", "31/02/2027"])
        assert result.exit_code != 0
        assert "31/02/2027 is no day" in result.output

    def test_without_a_server_nothing_counts_as_sent(self, overdue: Create, monkeypatch):
        overdue()
        monkeypatch.setitem(tk.config, "smtp.server", "")
        result = CliRunner().invoke(remind, ["--date", "2027-03-03"])
        assert result.exit_code == 1
        assert "smtp.server" in result.output
        assert states() == {}

    def test_a_worker_can_do_it(self, inbox: Inbox, overdue: Create, monkeypatch):
        overdue()
        today = mailing.dates.today().isoformat()
        monkeypatch.setitem(tk.config, config.WORKING_DAYS, today)
        tasks.remind()
        assert len(inbox.mails) == EVERYBODY


def test_the_wednesday_is_a_working_day():
    assert mailing.working_days.is_working_day(WEDNESDAY)
