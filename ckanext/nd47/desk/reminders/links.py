"""Signed links in the messages: who has the message may unsubscribe its account, without log-in."""

from __future__ import annotations

from typing import NamedTuple

from itsdangerous import BadSignature, URLSafeSerializer

import ckan.plugins.toolkit as tk

SALT = "nd47.reminders.unsubscribe"
LONGEST = 500
"""Characters of a token at most."""

ENDPOINT = "nd47_reminder_links.unsubscribe"


class Link(NamedTuple):
    """What a link is about; an empty kind stands for all."""

    user_id: str
    kind: str


def token(user_id: str, kind: str = "") -> str:
    """Return the signed part of a link; it is valid as long as the portal's secret key."""
    return str(_signer().dumps([user_id, kind]))


def address(user_id: str, kind: str = "") -> str:
    """Return the whole link, in the language of the request."""
    return tk.url_for(ENDPOINT, token=token(user_id, kind), qualified=True)


def read(signed: str) -> Link | None:
    """Return what a link is about, None if this portal did not sign it."""
    if len(signed) > LONGEST:
        return None
    try:
        content = _signer().loads(signed)
    except BadSignature:
        return None
    match content:
        case [str(user_id), str(kind)]:
            return Link(user_id, kind)
        case _:
            return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(tk.config["SECRET_KEY"], salt=SALT)
