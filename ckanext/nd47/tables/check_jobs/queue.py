"""The job that checks the files that wait, however many: a job for each would start CKAN for each.

Which files wait is in the database, so a job that was lost loses no file.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.lib import once
from ckanext.nd47.lib.database import locks
from ckanext.nd47.tables.check_jobs import jobs

log = logging.getLogger(__name__)

ENQUEUED = "tables:check"
LOCK = "nd47:tables:check"

PERIOD = timedelta(minutes=2)
"""Period after which a job that was enqueued but never began is enqueued again."""

SECONDS = 60
"""After this time a job leaves the files that remain to the next one, behind other jobs."""

_LONGEST = 1_800
"""Seconds after which a job counts as hanging."""


def enqueue() -> None:
    """Have the files that wait checked; without Redis, log the command that does the same."""
    with once.redis_or_command("ckan nd47 files check"):
        if once.is_first(ENQUEUED, PERIOD):
            tk.enqueue_job(
                check_waiting, title="nd47: check of files", rq_kwargs={"timeout": _LONGEST}
            )


def check_waiting() -> None:
    """Check the files that wait, the oldest first; one process at a time does."""
    # A file that is saved from now on may need another job.
    once.job_begins(ENQUEUED)
    end = time.monotonic() + SECONDS
    failed: set[str] = set()
    # A job that does not get the lock leaves its files to the process that has it. That process
    # therefore looks again after it has released the lock.
    while _next(failed):
        with locks.exclusive(LOCK) as acquired:
            if not acquired:
                return
            while resource_id := _next(failed):
                if time.monotonic() > end:
                    enqueue()
                    return
                if not check(resource_id):
                    failed.add(resource_id)


def _next(failed: set[str]) -> str | None:
    waiting = jobs.waiting_ids(leave=failed, most=1)
    model.Session.commit()
    return waiting[0] if waiting else None


def check(resource_id: str) -> bool:
    """Check a file that waits; one that raises an error must not hold up the others.

    Returns:
        Whether there was no error. Otherwise the file still waits, for the next job or command.
    """
    try:
        jobs.run(resource_id)
    except Exception:  # whatever it is: it is logged, and the file still waits
        log.exception("The file %s could not be checked", resource_id)
        model.Session.rollback()
        return False
    return True
