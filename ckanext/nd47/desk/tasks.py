"""Jobs of background workers for the work list."""

from __future__ import annotations

from ckanext.nd47.desk import model
from ckanext.nd47.desk.store import jobs
from ckanext.nd47.desk.store import refresh as store


def refresh() -> None:
    """Examine the datasets whose rows are missing or outdated."""
    jobs.refresh_begins()
    if model.ready():
        store.refresh()
