"""A mail server of the tests, and what the tests of the reminders ask."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.reminders import mailing

WEDNESDAY = dt.date(2027, 3, 3)
"""A working day, after the days of everything that the tests make."""

ACCEPTED = "250 OK"


def days_later(number: int) -> dt.date:
    """Return the day so many days after the Wednesday."""
    return WEDNESDAY + dt.timedelta(days=number)


@dataclass
class Inbox:
    """The messages that the server has accepted.

    Attributes:
        mails: the messages in the order of their arrival.
        envelopes: the mailboxes that each was for.
        reply: what the server says to a message.
        refused: mailboxes that the server does not know.
        hangs_up: whether the server breaks the connection once it has the message.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    reply: str = ACCEPTED
    refused: set[str] = field(default_factory=set)
    hangs_up: bool = False

    async def handle_RCPT(  # noqa: N802 - name of the library
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept or refuse a mailbox."""
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accept or refuse a message."""
        if self.reply == ACCEPTED:
            mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.envelopes.append(list(envelope.rcpt_tos))
        if self.hangs_up:
            transport: Any = server.transport
            transport.abort()
        return self.reply

    @property
    def to(self) -> list[str]:
        """The mailboxes of all messages."""
        return sorted(mailbox for envelope in self.envelopes for mailbox in envelope)

    def of(self, email: str) -> EmailMessage:
        """Return the one message to a mailbox."""
        (mail,) = (
            mail
            for mail, envelope in zip(self.mails, self.envelopes, strict=True)
            if envelope == [email]
        )
        return mail


def part(mail: EmailMessage, kind: str) -> str:
    """Return the text of the plain or the HTML part of a message."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(inbox: Inbox, port: int) -> Iterator[None]:
    """Run the mail server inside."""
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@pytest.fixture(name="down")
def no_server(monkeypatch: pytest.MonkeyPatch) -> int:
    """A portal whose mail server does not run; its port."""
    port = free_port()
    monkeypatch.setitem(tk.config, "smtp.server", f"127.0.0.1:{port}")
    monkeypatch.setitem(tk.config, "smtp.mail_from", "cong@tinh.example")
    return port


@pytest.fixture(name="inbox")
def running_server(down: int) -> Iterator[Inbox]:
    """A portal whose mail server runs, and what it has accepted."""
    inbox = Inbox()
    with serving(inbox, down):
        yield inbox


@pytest.fixture(autouse=True)
def no_reminders(world: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Vietnamese portal without messages and choices; the application writes the messages."""
    monkeypatch.setitem(tk.config, "ckan.locale_default", "vi")
    yield
    model.Session.rollback()
    model.Session.execute(sa.text("DELETE FROM nd47_reminder"))
    model.Session.execute(sa.text("DELETE FROM nd47_reminder_choice"))
    model.Session.commit()
    model.Session.remove()


def send(day: dt.date = WEDNESDAY) -> mailing.Outcome:
    """Send what is due on a day."""
    return mailing.run(day)


def states() -> dict[str, int]:
    """Return the number of messages by state."""
    rows = model.Session.execute(
        sa.text("SELECT state, count(*) FROM nd47_reminder GROUP BY state")
    )
    return dict(rows.tuples().all())


def let_retry() -> None:
    """Let the time pass until what was refused may be sent again."""
    model.Session.execute(sa.text("UPDATE nd47_reminder SET next_attempt = now()"))
    model.Session.commit()


def mailbox(name: str) -> str:
    """Return the mailbox of an account."""
    user = model.User.get(name)
    assert user is not None
    return str(user.email)
