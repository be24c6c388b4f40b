"""The report of a closed month is sent once to each account that answers for an agency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.reports import mailing
from ckanext.nd47.catalogue.reports.cli import report_commands
from ckanext.nd47.catalogue.reports.data import snapshot
from ckanext.nd47.catalogue.reports.model import ReportMail
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from tests.catalogue.reports.conftest import Create, World
from tests.desk.reminders.mail_server import Inbox, free_port, serving

pytestmark = pytest.mark.usefixtures("world")

MONTH = dt.date(2026, 10, 1)
DAY = dt.date(2026, 11, 6)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """A mail server, and the day on which reports are sent."""
    monkeypatch.setitem(tk.config, config.REPORT_MAIL_DAY, 6)
    port = free_port()
    monkeypatch.setitem(tk.config, "smtp.server", f"127.0.0.1:{port}")
    monkeypatch.setitem(tk.config, "smtp.mail_from", "cong@tinh.example")
    accepted = Inbox()
    with serving(accepted, port):
        yield accepted


@pytest.fixture(autouse=True)
def closed(create: Create) -> None:
    """A closed month."""
    create()
    with dates.on(MONTH):
        snapshot.take(MONTH)
    snapshot.take(snapshot.closing_day(MONTH))


def states() -> dict[str, str]:
    query = sa.select(model.User.name, ReportMail.state).join(
        model.User, model.User.id == ReportMail.user_id
    )
    return dict(model.Session.execute(query).tuples().all())


def test_leaders_and_the_compiling_agency_get_it_once(world: World, inbox: Inbox):
    assert mailing.run(DAY)["sent"] == 2
    assert mailing.run(DAY)["sent"] == 0
    assert mailing.run(DAY + dt.timedelta(days=3))["sent"] == 0
    assert set(states()) == {world.accounts["leader"], world.accounts["compiler"]}
    assert len(inbox.mails) == 2


def test_the_message_has_the_figures_and_the_table(inbox: Inbox):
    mailing.run(DAY)
    message = inbox.mails[0]
    body: Any = message.get_body(("plain",))
    assert "10/2026" in body.get_content()
    assert "/work/reports?period=2026-10" in body.get_content()
    attachment = next(iter(message.iter_attachments()))
    assert attachment.get_filename() == "bao-cao-du-lieu-mo-2026-10-agency.csv"


@pytest.mark.usefixtures("inbox")
@pytest.mark.parametrize("day", [dt.date(2026, 11, 5), dt.date(2026, 12, 20)])
def test_nothing_is_sent_before_the_day_or_of_a_month_that_is_not_closed(day):
    assert mailing.run(day)["month"] == ""


def test_nothing_is_sent_where_no_day_is_set(inbox: Inbox, monkeypatch):
    monkeypatch.setitem(tk.config, config.REPORT_MAIL_DAY, 0)
    assert mailing.run(DAY)["month"] == ""
    assert inbox.mails == []


def test_what_the_server_does_not_take_now_is_sent_later(inbox: Inbox):
    inbox.reply = "451 try again"
    outcome = mailing.run(DAY)
    assert (outcome["sent"], outcome["waiting"]) == (0, 2)
    inbox.reply = "250 OK"
    assert mailing.run(DAY)["sent"] == 2


def test_a_message_that_a_killed_process_was_sending_is_not_sent_again(inbox: Inbox):
    mailing.run(DAY)
    model.Session.execute(
        sa.update(ReportMail).values(state="sending", changed=sa.func.now() - dt.timedelta(hours=2))
    )
    model.Session.commit()
    outcome = mailing.run(DAY)
    assert (outcome["unknown"], outcome["sent"]) == (2, 0)
    assert len(inbox.mails) == 2


def test_a_message_that_another_process_is_sending_is_left_to_it(inbox: Inbox):
    mailing.run(DAY)
    model.Session.execute(sa.update(ReportMail).values(state="sending"))
    model.Session.commit()
    assert mailing.run(DAY)["sent"] == 0
    assert len(inbox.mails) == 2


def test_the_command_of_each_day(create: Create):
    create()
    result = CliRunner().invoke(report_commands, ["take"])
    assert result.exit_code == 0, result.output
    assert f"{dates.today():%Y-%m} stored." in result.output
    again = CliRunner().invoke(report_commands, ["take"])
    assert "stored today already" in again.output
