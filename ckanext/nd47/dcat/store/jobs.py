"""What background workers do for the store.

Nothing is lost with a job: what is due stands in the tables. So a job is asked for once in a while
and not for each change, and where Redis does not answer, the commands do the same.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.jobs import get_queue
from ckan.lib.redis import connect_to_redis

from ckanext.nd47 import config
from ckanext.nd47.agencies import days

log = logging.getLogger(__name__)

STALE_EVERY = timedelta(minutes=10)
"""How often readers of stale pages may ask for a refresh."""

_next_look = 0.0
"""When this process asks Redis again whether somebody has asked; a reader is not to wait for it."""

_LOOK_EVERY = 60.0

_day: dt.date | None = None
"""The day on which this process was last asked for something."""

TOGETHER = timedelta(seconds=5)
"""How long datasets wait for others that are saved, to be written by one job: a worker starts a
process for each, which has everything to read first. Readers do not wait for it."""

CATCH_UP_LOST = timedelta(minutes=10)
"""When a job that was asked for and never began is asked for again."""

_LONG = int(timedelta(hours=2).total_seconds())
"""Seconds after which a job is taken for one that hangs."""


def refresh() -> None:
    """Write the datasets of changed agencies, and those under old settings, anew."""
    from ckanext.nd47.dcat.store import upkeep

    upkeep.refresh()


def catch_up() -> None:
    """Write the datasets that wait."""
    from ckanext.nd47.dcat.store import settle

    # Before the work: what is saved from here on may be too late for it, and asks for another.
    connect_to_redis().delete(_key("catch_up"))
    settle.catch_up()


def new_day() -> None:
    """Write anew what began or ended with the day."""
    from ckanext.nd47.dcat.store import upkeep

    upkeep.new_day()


def write_dump() -> None:
    """Write the files of the dump anew, where something changed."""
    from ckanext.nd47.dcat import dump

    dump.write()


def changed() -> None:
    """Have workers write what a commit left to do: the datasets soon, the dump in a while."""
    with _redis_or_not("ckan nd47 dcat rebuild --stale"):
        if _is_first("catch_up", CATCH_UP_LOST):
            get_queue().enqueue_in(TOGETHER, catch_up, job_timeout=_LONG)
    schedule_dump()


def schedule_dump() -> None:
    """Have a worker write the dump in a while, with all that changes until then."""
    delay = timedelta(minutes=config.dcat_dump_minutes())
    if not delay or not tk.config.get("ckan.storage_path"):
        return
    with _redis_or_not("ckan nd47 dcat dump"):
        if _is_first("dump", delay):
            get_queue().enqueue_in(delay, write_dump, job_timeout=_LONG)


def note_stale() -> None:
    """Have a worker write anew what was written under other settings, seen by a reader."""
    global _next_look  # noqa: PLW0603 - of the process
    if time.monotonic() < _next_look:
        return
    _next_look = time.monotonic() + _LOOK_EVERY
    with suppress(RedisError):
        if _is_first("stale", STALE_EVERY):
            log.info("The settings changed: datasets of the DCAT export are written anew")
            _enqueue(refresh, "nd47 dcat refresh")


def note_day() -> None:
    """Have a worker do what a new day brings, seen by its first reader."""
    global _day  # noqa: PLW0603 - of the process
    today = days.today()
    if today == _day:
        return
    _day = today
    with suppress(RedisError):
        if _is_first(f"day:{today.isoformat()}", timedelta(days=2)):
            _enqueue(new_day, "nd47 dcat new day")


def _enqueue(job: Callable[[], None], title: str) -> None:
    """Have a worker do something that may take longer than CKAN gives a job."""
    tk.enqueue_job(job, title=title, rq_kwargs={"timeout": _LONG})


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
