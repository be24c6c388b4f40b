"""Enqueues the job that examines stale datasets; the table records what is due.

Some rules depend on the day, so the first save of a day enqueues it too. A portal on which nobody
saves runs `ckan nd47 work refresh` each day.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.jobs import get_queue
from ckan.lib.redis import connect_to_redis

from ckanext.nd47.lib import dates

log = logging.getLogger(__name__)

REFRESH = "ckanext.nd47.desk.tasks.refresh"
"""Task of the worker, by name: its module is above the store."""

PERIOD = timedelta(minutes=10)
"""Period after which a refresh that was enqueued but never began is enqueued again."""

DAY = timedelta(days=2)
_LONG = int(timedelta(hours=2).total_seconds())
"""Seconds after which a job counts as hanging."""


def changed(*, marked: bool) -> None:
    """Enqueue a refresh after a commit, if datasets were marked or a new day has begun."""
    try:
        new_day = _is_first(f"day:{dates.today().isoformat()}", DAY)
        if (marked or new_day) and _is_first("refresh", PERIOD):
            get_queue().enqueue_call(REFRESH, timeout=_LONG)
    except RedisError:
        log.exception("Redis does not answer: run `ckan nd47 work refresh`")


def refresh_begins() -> None:
    """Record that the refresh has begun: later changes may need another one."""
    try:
        connect_to_redis().delete(_key("refresh"))
    except RedisError as error:
        log.warning("Redis does not answer: %s", error)


def _is_first(what: str, period: timedelta) -> bool:
    return bool(connect_to_redis().set(_key(what), "1", nx=True, ex=period))


def _key(what: str) -> str:
    return f"ckan:{tk.config['ckan.site_id']}:nd47:desk:{what}"
