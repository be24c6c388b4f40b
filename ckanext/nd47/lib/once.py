"""What is done once in a period on a portal, whichever process comes first; Redis knows."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis

log = logging.getLogger(__name__)


def is_first(name: str, period: timedelta) -> bool:
    """Return whether nobody has called this in the last period, with this name, on this portal.

    Args:
        name: the room and what is done there, such as `dcat:refresh`.
        period: how long others are not the first.

    Raises:
        redis.exceptions.RedisError: Redis does not answer.
    """
    return bool(connect_to_redis().set(_key(name), "1", nx=True, ex=period))


def reset(name: str) -> None:
    """Let the next caller be the first.

    Raises:
        redis.exceptions.RedisError: Redis does not answer.
    """
    connect_to_redis().delete(_key(name))


def job_begins(name: str) -> None:
    """Record that a job which is enqueued once in a period has begun: it may be needed again."""
    try:
        reset(name)
    except RedisError as error:
        log.warning("Redis does not answer: %s", error)


@contextmanager
def redis_or_command(command: str) -> Iterator[None]:
    """Enqueue a job; without Redis, log the command that does the same."""
    try:
        yield
    except RedisError:
        log.exception("Redis does not answer, so no worker knows what to do: run `%s`", command)


def _key(name: str) -> str:
    return f"ckan:{tk.config['ckan.site_id']}:nd47:{name}"
