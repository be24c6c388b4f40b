"""Enqueues the job that examines stale datasets; the table records what is due.

Some rules depend on the day, so the first save of a day enqueues it too. A portal on which nobody
saves runs `ckan nd47 work refresh` each day.
"""

from __future__ import annotations

from datetime import timedelta

from ckan.lib.jobs import get_queue

from ckanext.nd47.lib import once
from ckanext.nd47.lib.calendar import dates

REFRESH = "ckanext.nd47.desk.work_list.tasks.refresh"
"""Task of the worker, by name: its module is above the store."""

PERIOD = timedelta(minutes=10)
"""Period after which a refresh that was enqueued but never began is enqueued again."""

DAY = timedelta(days=2)
_LONG = int(timedelta(hours=2).total_seconds())
"""Seconds after which a job counts as hanging."""


def changed(*, marked: bool) -> None:
    """Enqueue a refresh after a commit, if datasets were marked or a new day has begun."""
    with once.redis_or_command("ckan nd47 work refresh"):
        new_day = once.is_first(f"desk:day:{dates.today().isoformat()}", DAY)
        if (marked or new_day) and once.is_first("desk:refresh", PERIOD):
            get_queue().enqueue_call(REFRESH, timeout=_LONG)


def refresh_begins() -> None:
    """Record that the refresh has begun: later changes may need another one."""
    once.job_begins("desk:refresh")
