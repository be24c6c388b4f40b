"""Sends the report of a closed month, once to each account that answers for an agency.

A message is a row, which exists once for a month and an account. A process claims it by changing
its state from `pending` to `sending`, and commits before it speaks to the mail server. What a
process that is killed in between had claimed, nobody knows to be sent or not: it is not sent again.
What the server refused for now is sent by a later run.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.catalogue.reports import access
from ckanext.nd47.catalogue.reports import model as tables
from ckanext.nd47.catalogue.reports.data import figures
from ckanext.nd47.catalogue.reports.data.figures import Query, Report
from ckanext.nd47.catalogue.reports.data.period import months_before, of_month
from ckanext.nd47.catalogue.reports.files import export
from ckanext.nd47.catalogue.reports.model import (
    PENDING,
    SENDING,
    SENT,
    UNKNOWN,
    ReportMail,
)
from ckanext.nd47.desk.reminders import delivery
from ckanext.nd47.lib import config
from ckanext.nd47.lib.fields import contact_values
from ckanext.nd47.lib.language import speaking
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import portal_title

HANGING = dt.timedelta(hours=1)
"""After which a claimed message counts as that of a process that has died."""

ROLES = (account_roles.LEADER, account_roles.COMPILING)


class Outcome(TypedDict):
    """What a run did: `month`, empty where nothing is due, and numbers of messages."""

    month: str
    sent: int
    failed: int
    unknown: int
    waiting: int


class Recipient(NamedTuple):
    """An account that gets the report."""

    id: str
    name: str
    title: str
    email: str


def run(day: dt.date) -> Outcome:
    """Send what is due on a day; the run can be interrupted, repeated and made by several nodes."""
    outcome: Outcome = {"month": "", "sent": 0, "failed": 0, "unknown": 0, "waiting": 0}
    outcome["unknown"] = _give_up_hanging()
    month = due(day)
    if month is None:
        return outcome
    outcome["month"] = f"{month:%Y-%m}"
    recipients = _recipients()
    rows = [{"month": month, "user_id": recipient.id} for recipient in recipients]
    if rows:
        model.Session.execute(insert(ReportMail).on_conflict_do_nothing(), rows)
        model.Session.commit()
    for recipient in recipients:
        if _claim(month, recipient.id):
            result = _send(month, recipient)
            _record(month, recipient.id, result)
            outcome["sent"] += result.state == SENT
            outcome["failed"] += result.state == tables.FAILED
            outcome["unknown"] += result.state == UNKNOWN
            if result.unreachable:
                break
    outcome["waiting"] = (
        model.Session.scalar(
            sa.select(sa.func.count()).where(ReportMail.month == month, ReportMail.state == PENDING)
        )
        or 0
    )
    return outcome


def due(day: dt.date) -> dt.date | None:
    """Return the closed month whose report is to be sent on a day, None without one."""
    wanted = config.report_mail_day()
    if not wanted or day.day < wanted:
        return None
    month = months_before(day, 1)
    header = tables.months.c
    closed = model.Session.scalar(sa.select(header.closed).where(header.month == month))
    return month if closed else None


def _recipients() -> list[Recipient]:
    """Return the active accounts that lead an agency or compile, in one statement."""
    held, user = account_roles.holders(*ROLES).subquery(), model.User
    rows = model.Session.execute(
        sa.select(user.id, user.name, user.fullname, user.email)
        .where(user.id.in_(sa.select(held.c.user_id)), user.email != "")
        .order_by(user.id)
    )
    return [
        Recipient(row.id, row.name, row.fullname or row.name, row.email)
        for row in rows
        if contact_values.ADDRESS.fullmatch(row.email)
        and len(row.email) <= contact_values.ADDRESS_LENGTH
    ]


def _claim(month: dt.date, user_id: str) -> bool:
    claimed = model.Session.scalar(
        sa.update(ReportMail)
        .where(
            ReportMail.month == month, ReportMail.user_id == user_id, ReportMail.state == PENDING
        )
        .values(state=SENDING, attempts=ReportMail.attempts + 1, changed=sa.func.now())
        .returning(ReportMail.user_id)
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()
    return claimed is not None


def _send(month: dt.date, recipient: Recipient) -> delivery.Delivery:
    language = str(tk.config["ckan.locale_default"])
    with speaking.in_language(language), vocabulary.preloaded():
        context: Any = Context(user=recipient.name)
        reach = access.of(context)
        report = figures.report(Query(of_month(month), agencies=reach.limit))
        message = _message(report, recipient)
    return delivery.deliver(message)


def _message(report: Report, recipient: Recipient) -> delivery.Message:
    portal = " ".join(portal_title.title().split())
    subject = tk._("Report on open data, {period}").format(period=report["title"])
    address = tk.url_for("nd47_reports.index", period=report["period"], qualified=True)
    total = report["total"]
    lines = [
        tk._("Dear {name},").format(name=recipient.title),
        tk._("the report of {period} is closed.").format(period=report["title"]),
        f"{tk._('Items assigned')}: {total['assigned']}",
        f"{tk._('Items published')}: {total['published']}",
        f"{tk._('Items late')}: {total['late']}",
        f"{tk._('Public datasets')}: {total['datasets']}",
        f"{tk._('Updates overdue')}: {total['overdue']}",
        f"{tk._('Page views')}: {total['views']}",
        f"{tk._('Downloads')}: {total['downloads']}",
        f"{tk._('API calls')}: {total['api_calls']}",
        f"{tk._('The whole report')}: {address}",
    ]
    file = (export.name(report, "csv"), export.content(report, "csv"), "text/csv")
    return delivery.Message(
        name=" ".join(recipient.title.split()),
        email=recipient.email,
        subject=f"{subject} – {portal}",
        text="\n\n".join(lines) + "\n",
        html="",
        headers={"Auto-Submitted": "auto-generated"},
        attachments=[file],
    )


def _record(month: dt.date, user_id: str, result: delivery.Delivery) -> None:
    model.Session.execute(
        sa.update(ReportMail)
        .where(ReportMail.month == month, ReportMail.user_id == user_id)
        .values(state=result.state, error=result.error, changed=sa.func.now())
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()


def _give_up_hanging() -> int:
    """End the messages of processes that died while they were sending; return their number."""
    user_ids = model.Session.scalars(
        sa.update(ReportMail)
        .where(ReportMail.state == SENDING, ReportMail.changed < sa.func.now() - HANGING)
        .values(state=UNKNOWN, changed=sa.func.now())
        .returning(ReportMail.user_id)
        .execution_options(synchronize_session=False)
    ).all()
    model.Session.commit()
    return len(user_ids)
