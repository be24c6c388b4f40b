"""Enqueues background jobs for work that a commit does not do itself.

Nothing is lost with a job: the tables record what is due. So a job is enqueued once in a period and
not for each change, and without Redis the commands do the same.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta

from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.jobs import get_queue

from ckanext.nd47.lib import config, once

REFRESH = "ckanext.nd47.dcat.tasks.refresh"
WRITE_DUMP = "ckanext.nd47.dcat.tasks.write_dump"
"""Tasks of the worker, by name: their modules are above the store."""

REFRESH_PERIOD = timedelta(minutes=10)
"""Period after which a refresh that was enqueued but never began is enqueued again."""

_next_look = 0.0
"""Monotonic time before which readers in this process do not wait for Redis again."""

_LOOK_EVERY = 60.0

_LONG = int(timedelta(hours=2).total_seconds())
"""Seconds after which a job counts as hanging."""


def changed(*, pending: bool) -> None:
    """Enqueue the work that remains after a commit.

    Args:
        pending: whether datasets repeat outdated data of an agency.
    """
    if pending:
        with once.redis_or_command("ckan nd47 dcat rebuild --stale"):
            _request_refresh()
    schedule_dump()


def schedule_dump() -> None:
    """Enqueue a delayed job that writes the dump, with all changes until then."""
    delay = timedelta(minutes=config.dcat_dump_minutes())
    if not delay or not tk.config.get("ckan.storage_path"):
        return
    with once.redis_or_command("ckan nd47 dcat dump"):
        if once.is_first("dcat:dump", delay):
            get_queue().enqueue_in(delay, WRITE_DUMP, job_timeout=_LONG)


def note_stale() -> None:
    """Enqueue the refresh of stale or pending entries that a reader noticed."""
    global _next_look  # noqa: PLW0603 - of the process
    if time.monotonic() < _next_look:
        return
    _next_look = time.monotonic() + _LOOK_EVERY
    with suppress(RedisError):
        _request_refresh()


def refresh_begins() -> None:
    """Record that the refresh has begun: later changes may need another one."""
    once.job_begins("dcat:refresh")


def _request_refresh() -> None:
    if once.is_first("dcat:refresh", REFRESH_PERIOD):
        get_queue().enqueue_call(REFRESH, timeout=_LONG)
