"""Keeps what is made of a file or table for some minutes, for all processes of the portal."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import suppress

from redis.exceptions import LockError, RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis

log = logging.getLogger(__name__)

MOST_BYTES = 6 * 2**20
"""Larger contents are made again each time."""

TURN = 30
"""Seconds that one waits for what is made one after another."""

_LONGEST = 90
"""Seconds after which the next one may begin, whatever became of the one before."""


class BusyError(Exception):
    """Others are made at this moment; it can be tried again."""


def alone(name: str, parts: list[str], seconds: int, make: Callable[[], bytes]) -> bytes:
    """Return a content as `cached`; what costs much is made one after another on the portal.

    Raises:
        BusyError: it was not its turn within `TURN` seconds.
    """
    key = f"ckan:{tk.config['ckan.site_id']}:nd47:tables:{name}:turn"

    def in_turn() -> bytes:
        try:
            turn = connect_to_redis().lock(key, timeout=_LONGEST, blocking_timeout=TURN)
            if not turn.acquire():
                raise BusyError
        except RedisError:
            return make()
        try:
            # Who waited may find it made meanwhile.
            return cached(name, parts, seconds, make)
        finally:
            with suppress(RedisError, LockError):
                turn.release()

    stored = _stored(_key(name, parts))
    return stored if stored is not None else in_turn()


def cached(name: str, parts: list[str], seconds: int, make: Callable[[], bytes]) -> bytes:
    """Return a content from Redis, or make and store it.

    Without Redis it is made each time.

    Args:
        name: what it is, such as `chart`.
        parts: what it depends on: the resource, its version, the language, parameters.
        seconds: how long it is kept.
        make: makes it.
    """
    key = _key(name, parts)
    stored = _stored(key)
    if stored is not None:
        return stored
    content = make()
    if len(content) <= MOST_BYTES:
        try:
            connect_to_redis().set(key, content, ex=seconds)
        except RedisError:
            log.warning("Redis does not answer: %s is not kept", name)
    return content


def _stored(key: str) -> bytes | None:
    try:
        return connect_to_redis().get(key)  # type: ignore[return-value]
    except RedisError:
        log.warning("Redis does not answer: nothing is kept")
        return None


def _key(name: str, parts: list[str]) -> str:
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f"ckan:{tk.config['ckan.site_id']}:nd47:tables:{name}:{digest}"
