"""An empty portal: CKAN's tables and those of the suite without rows, an empty index, no jobs."""

from __future__ import annotations

import sys

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model
from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
from ckan.lib import jobs, search
from ckan.tests.helpers import reset_db

from ckanext.nd47.agencies import migrated as register
from ckanext.nd47.catalogue.records import model as catalogue

WITH_TABLES = ("activity", "tracking")
"""CKAN's own plugins with migrations."""


def empty_database() -> None:
    """Delete all rows, indexed datasets and jobs, and upgrade the tables of the loaded plugins.

    Plugin `nd47` must be loaded. Otherwise the portal would have the tables of the register or not,
    depending on earlier tests.
    """
    reset_db()
    search.clear_all()
    for queue in jobs.get_all_queues():
        queue.empty()
    model.Session.remove()
    _run_migrations("nd47")
    for name in filter(p.plugin_loaded, WITH_TABLES):
        _run_migrations(name)
    empty_catalogues()
    _create_mapped_harvest_tables()
    register.reset()


def empty_catalogues() -> None:
    """Delete all catalogues, also issued ones, whose triggers refuse that otherwise."""
    catalogue.reset()
    model.Session.rollback()
    names = [table.name for table in reversed(catalogue.registry.metadata.sorted_tables)]
    steps = [
        *(f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in names),
        *(f"DELETE FROM {name}" for name in names),
        *(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in names),
    ]
    if catalogue.ready():
        model.Session.execute(sa.text("; ".join(steps)))
        model.Session.commit()
    model.Session.remove()


def _create_mapped_harvest_tables() -> None:
    """Create the tables of ckanext-harvest, if a test of this process has imported its model.

    Its classes stay related to CKAN's datasets until the process ends, so that purging a dataset
    reads them from then on.
    """
    if harvest := sys.modules.get("ckanext.harvest.model"):
        metadata = harvest.HarvestObject.metadata
        tables = [table for name, table in metadata.tables.items() if name.startswith("harvest_")]
        metadata.create_all(model.ensure_engine(), tables)
