"""Hands a message to CKAN's mailer, and says what became of it.

A message may be sent again only where it is certain that no server has accepted it. Where the
connection broke while the server answered, nobody knows, and it is not sent again.
"""

from __future__ import annotations

import io
import logging
import smtplib
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib import mailer

from ckanext.nd47.desk.reminders.model import FAILED, PENDING, SENT, UNKNOWN, State

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that a server may take for an answer; CKAN's mailer would wait without an end."""

NOT_CONNECTED = "SMTP server could not be connected to"
"""How the mailer's error starts where there was no connection at all."""

PERMANENT = 500
"""Status of a server from which on a refusal is for good."""


@dataclass(frozen=True)
class Message:
    """A message as the mailer gets it; an attachment has a name, a content and a media type."""

    name: str
    email: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]
    attachments: Sequence[tuple[str, bytes, str]] = ()


@dataclass(frozen=True)
class Delivery:
    """What became of a message.

    Attributes:
        state: `sent`; `pending` where it can be sent again; `failed` where the server refuses it
            for good; `unknown` where the server may have accepted it.
        error: kind of the failure, without any address.
        unreachable: whether there was no connection to the server.
    """

    state: State
    error: str = ""
    unreachable: bool = False


def is_possible() -> bool:
    """Return whether the portal has a mail server, or a plugin that sends in place of it."""
    notifiers = list(p.PluginImplementations(p.INotifier))
    return bool(tk.config["smtp.server"] or notifiers)


def deliver(message: Message) -> Delivery:
    """Send a message."""
    try:
        with _patience():
            mailer.mail_recipient(
                message.name,
                message.email,
                message.subject,
                message.text,
                message.html,
                dict(message.headers),
                [
                    (name, io.BytesIO(content), media_type)
                    for name, content, media_type in message.attachments
                ],
            )
    except mailer.MailerException as error:
        return _judge(error)
    except smtplib.SMTPServerDisconnected as error:
        # From the farewell to the server, which follows both a success and a failure.
        failure = error.__context__
        return _judge(failure) if isinstance(failure, mailer.MailerException) else Delivery(SENT)
    except ValueError as error:
        # A name or an address that no message can have
        return Delivery(FAILED, type(error).__name__)
    except Exception as error:
        # A plugin may send in its own way, and fail in its own way.
        log.exception("The mailer failed")
        return Delivery(UNKNOWN, type(error).__name__)
    return Delivery(SENT)


def _judge(error: mailer.MailerException) -> Delivery:
    cause = error.__context__
    name = type(cause or error).__name__
    if isinstance(cause, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in cause.recipients.values()]
        state: State = FAILED if min(codes, default=0) >= PERMANENT else PENDING
        return Delivery(state, f"{name} {max(codes, default=0)}")
    if isinstance(cause, smtplib.SMTPResponseException):
        return Delivery(PENDING, f"{name} {cause.smtp_code}", unreachable=True)
    if str(error).startswith(NOT_CONNECTED) or cause is None:
        return Delivery(PENDING, name, unreachable=True)
    return Delivery(UNKNOWN, name)


@contextmanager
def _patience() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
