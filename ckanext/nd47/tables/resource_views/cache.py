"""Keeps what is made of a file or table for some minutes, for all processes of the portal."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable

from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis

log = logging.getLogger(__name__)

MOST_BYTES = 6 * 2**20
"""Larger contents are made again each time."""


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
    try:
        found: bytes | None = connect_to_redis().get(key)  # type: ignore[assignment]
    except RedisError:
        log.warning("Redis does not answer: %s is made without it", name)
        return make()
    if found is not None:
        return found
    content = make()
    if len(content) <= MOST_BYTES:
        try:
            connect_to_redis().set(key, content, ex=seconds)
        except RedisError:
            log.warning("Redis does not answer: %s is not kept", name)
    return content


def _key(name: str, parts: list[str]) -> str:
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f"ckan:{tk.config['ckan.site_id']}:nd47:tables:{name}:{digest}"
