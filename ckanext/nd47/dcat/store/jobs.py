"""What background workers do for the store.

Nothing is lost with a job: what is due stands in the tables. So a job is asked for once in a while
and not for each change, and where Redis does not answer, the commands do the same.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.jobs import get_queue
from ckan.lib.redis import connect_to_redis

from ckanext.nd47 import config

log = logging.getLogger(__name__)

STALE_EVERY = timedelta(minutes=10)
"""How often readers of stale pages may ask for a refresh."""

_next_look = 0.0
"""When this process asks Redis again whether somebody has asked; a reader is not to wait for it."""

_LOOK_EVERY = 60.0

DUMP_TIMEOUT = timedelta(hours=2)


def refresh() -> None:
    """Write the datasets of changed agencies, and those under old settings, anew."""
    from ckanext.nd47.dcat.store import upkeep

    upkeep.refresh()


def write_dump() -> None:
    """Write the files of the dump anew, where something changed."""
    from ckanext.nd47.dcat import dump

    dump.write()


def enqueue_refresh() -> None:
    """Have a worker call `refresh`."""
    try:
        tk.enqueue_job(refresh, title="nd47 dcat refresh")
    except RedisError:
        log.exception("Datasets wait to be written anew: run `ckan nd47 dcat rebuild --stale`")


def note_stale() -> None:
    """Have a worker write anew what was written under other settings, seen by a reader."""
    global _next_look  # noqa: PLW0603 - of the process
    if time.monotonic() < _next_look:
        return
    _next_look = time.monotonic() + _LOOK_EVERY
    try:
        first = _is_first("stale", STALE_EVERY)
    except RedisError:
        return
    if first:
        log.info("The settings changed: datasets of the DCAT export are written anew")
        enqueue_refresh()


def schedule_dump() -> None:
    """Have a worker write the dump in a while, with all that changes until then."""
    delay = timedelta(minutes=config.dcat_dump_minutes())
    if not delay or not tk.config.get("ckan.storage_path"):
        return
    try:
        if _is_first("dump", delay):
            timeout = int(DUMP_TIMEOUT.total_seconds())
            get_queue().enqueue_in(delay, write_dump, job_timeout=timeout)
    except RedisError:
        log.exception("The dump was not asked for: run `ckan nd47 dcat dump`")


def _is_first(what: str, period: timedelta) -> bool:
    """Say whether nobody asked for this in the last period, on this portal."""
    key = f"ckan:{tk.config['ckan.site_id']}:nd47:dcat:{what}"
    return bool(connect_to_redis().set(key, "1", nx=True, ex=period))
