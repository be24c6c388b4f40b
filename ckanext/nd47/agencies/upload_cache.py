"""Files between their dry run and the moment when they are applied.

They lie in CKAN's Redis, which all web processes and nodes share, and go by themselves.
"""

from __future__ import annotations

import json
import zlib
from secrets import token_urlsafe

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis

SECONDS = 3600
"""How long a file is kept."""


def keep(user_id: str, kind: str, content: bytes) -> str:
    """Keep a file for the account that sent it, and return the word that fetches it."""
    word = token_urlsafe(24)
    head = json.dumps({"user": user_id, "kind": kind}).encode()
    connect_to_redis().setex(_key(word), SECONDS, head + b"\n" + zlib.compress(content))
    return word


def fetch(user_id: str, word: str) -> tuple[str, bytes] | None:
    """Return kind and content of a file that an account keeps, None where it is gone."""
    found = connect_to_redis().get(_key(word))
    if not isinstance(found, bytes):
        return None
    head, _, content = found.partition(b"\n")
    told = json.loads(head)
    return (told["kind"], zlib.decompress(content)) if told["user"] == user_id else None


def drop(word: str) -> None:
    """Forget a file."""
    connect_to_redis().delete(_key(word))


def _key(word: str) -> str:
    return f"nd47:{tk.config['ckan.site_id']}:import:{word}"
