"""Asks background workers for what is left to do.

Nothing is lost with a job: what is due stands in the tables. So a job is asked for once in a while
and not for each change, and where Redis does not answer, the commands do the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.jobs import get_queue
from ckan.lib.redis import connect_to_redis

from ckanext.nd47.lib import config

log = logging.getLogger(__name__)

REFRESH = "ckanext.nd47.dcat.tasks.refresh"
WRITE_DUMP = "ckanext.nd47.dcat.tasks.write_dump"
"""What a worker runs, by name: the tasks stand above the store."""

ASKED_AGAIN = timedelta(minutes=10)
"""When a refresh that was asked for and never began is asked for again."""

_next_look = 0.0
"""When this process asks Redis again whether somebody has asked; a reader is not to wait for it."""

_LOOK_EVERY = 60.0

_LONG = int(timedelta(hours=2).total_seconds())
"""Seconds after which a job is taken for one that hangs."""


def changed(*, pending: bool) -> None:
    """Have workers do what a commit left to do.

    Args:
        pending: whether datasets repeat what an agency no longer says.
    """
    if pending:
        with _redis_or_not("ckan nd47 dcat rebuild --stale"):
            _request_refresh()
    schedule_dump()


def schedule_dump() -> None:
    """Have a worker write the dump in a while, with all that changes until then."""
    delay = timedelta(minutes=config.dcat_dump_minutes())
    if not delay or not tk.config.get("ckan.storage_path"):
        return
    with _redis_or_not("ckan nd47 dcat dump"):
        if _is_first("dump", delay):
            get_queue().enqueue_in(delay, WRITE_DUMP, job_timeout=_LONG)


def note_stale() -> None:
    """Have a worker write what was written under other settings or waits, seen by a reader."""
    global _next_look  # noqa: PLW0603 - of the process
    if time.monotonic() < _next_look:
        return
    _next_look = time.monotonic() + _LOOK_EVERY
    with suppress(RedisError):
        _request_refresh()


def refresh_begins() -> None:
    """Note that what changes from here on may be too late for the refresh, and asks for another."""
    with suppress(RedisError):
        connect_to_redis().delete(_key("refresh"))


def _request_refresh() -> None:
    if _is_first("refresh", ASKED_AGAIN):
        get_queue().enqueue_call(REFRESH, timeout=_LONG)


@contextmanager
def _redis_or_not(command: str) -> Iterator[None]:
    """Ask Redis; where it does not answer, say what does the same."""
    try:
        yield
    except RedisError:
        log.exception("Redis does not answer, so no worker knows what to do: run `%s`", command)


def _is_first(what: str, period: timedelta) -> bool:
    """Say whether nobody asked for this in the last period, on this portal."""
    return bool(connect_to_redis().set(_key(what), "1", nx=True, ex=period))


def _key(what: str) -> str:
    return f"ckan:{tk.config['ckan.site_id']}:nd47:dcat:{what}"
