"""The page of the mail catcher: the messages in a Maildir, the newest first.

The HTML part of a message is shown in a frame that runs nothing and loads nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from mailbox import Maildir, NoSuchMailboxError
from pathlib import Path

from flask import Flask, Response, abort, render_template, request

MOST = 500
"""Messages on the page."""

HOSTS = frozenset({"127.0.0.1", "localhost"})
"""Names by which the page may be asked for: not by that of a foreign site that leads here."""

INSIDE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the frame of an HTML part may load: nothing from anywhere."""

POPUPS = "allow-popups allow-popups-to-escape-sandbox"

application = Flask(__name__, template_folder="../templates/mail")


@dataclass(frozen=True)
class Mail:
    """A message on the page."""

    key: str
    sender: str
    to: str
    subject: str
    date: str
    text: str
    html: str
    headers: list[tuple[str, str]]


def folder() -> Path:
    """Return the Maildir."""
    return Path(os.environ["MAIL_FOLDER"])


@application.before_request
def only_from_here() -> None:
    """Refuse a request for the name of another site."""
    if request.host.partition(":")[0] not in HOSTS:
        abort(403)


@application.after_request
def restrict(response: Response) -> Response:
    """Let the pages load and run nothing, and let nobody store them."""
    response.headers.setdefault("Content-Security-Policy", INSIDE + "; frame-src 'self'")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@application.get("/")
def index() -> str:
    """Show all messages."""
    keys = sorted(_keys(), reverse=True)
    return render_template("list.html", mails=[_mail(key) for key in keys[:MOST]], count=len(keys))


@application.get("/<key>")
def read(key: str) -> str:
    """Show a message."""
    return render_template("mail.html", mail=_mail(key), popups=POPUPS)


@application.get("/<key>/html")
def html(key: str) -> Response:
    """Return the HTML part of a message, for the frame."""
    # A link opens a tab of its own: the frame itself leads nowhere.
    text = _mail(key).html.replace("<head>", '<head><base target="_blank">', 1)
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = f"{INSIDE}; sandbox {POPUPS}"
    return response


@application.get("/<key>/source")
def source(key: str) -> Response:
    """Return a message as it came."""
    return Response(_raw(key), mimetype="text/plain")


def _keys() -> list[str]:
    try:
        return Maildir(folder(), create=False).keys()
    except (NoSuchMailboxError, FileNotFoundError):
        return []


def _raw(key: str) -> bytes:
    if key not in _keys():
        abort(404)
    return Maildir(folder(), create=False).get_bytes(key)


def _mail(key: str) -> Mail:
    message = message_from_bytes(_raw(key), policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - by the policy
    return Mail(
        key=key,
        sender=str(message["From"] or ""),
        to=str(message["X-RcptTo"] or message["To"] or ""),
        subject=str(message["Subject"] or "(no subject)"),
        date=_date(message),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=[(name, str(value)) for name, value in message.items()],
    )


def _date(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(str(message["Date"])).strftime("%d/%m/%Y %H:%M:%S %z")
    except ValueError:
        return ""


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
