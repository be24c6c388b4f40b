"""What background workers do for the store."""

from __future__ import annotations

import logging

from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk

log = logging.getLogger(__name__)


def refresh() -> None:
    """Write the datasets of changed agencies, and those under old settings, anew."""
    from ckanext.nd47.dcat.store import upkeep

    upkeep.refresh()


def enqueue_refresh() -> None:
    """Have a worker call `refresh`; without Redis it is left to `ckan nd47 dcat rebuild --stale`.

    What is due is written in the tables, so a lost job delays the work and loses nothing.
    """
    try:
        tk.enqueue_job(refresh, title="nd47 dcat refresh")
    except RedisError:
        log.exception("Datasets wait to be written anew: run `ckan nd47 dcat rebuild --stale`")
