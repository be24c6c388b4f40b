"""Jobs of background workers for the work list."""

from __future__ import annotations

from ckanext.nd47.desk.work_list import model
from ckanext.nd47.desk.work_list.store import jobs
from ckanext.nd47.desk.work_list.store import refresh as store


def refresh() -> None:
    """Examine the datasets whose rows are missing or outdated."""
    jobs.refresh_begins()
    if model.ready():
        store.refresh()
