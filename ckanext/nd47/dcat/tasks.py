"""Jobs of background workers for the export."""

from __future__ import annotations

from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.store import jobs, maintenance


def refresh() -> None:
    """Write datasets that contain the old name of an agency, and outdated datasets."""
    jobs.refresh_begins()
    maintenance.refresh()


def write_dump() -> None:
    """Write the files of the dump if something has changed."""
    dump.write()
