"""What background workers do for the export."""

from __future__ import annotations

from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.store import jobs, maintenance


def refresh() -> None:
    """Write the datasets that repeat what an agency no longer says, and those that are stale."""
    jobs.refresh_begins()
    maintenance.refresh()


def write_dump() -> None:
    """Write the files of the dump, where something changed."""
    dump.write()
