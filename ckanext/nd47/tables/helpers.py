"""Template helpers of files: their tables and their links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import g

from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.web import http
from ckanext.nd47.tables.links import state
from ckanext.nd47.tables.resource_views.table_view import shown

__all__ = ["nd47_dead_link", "nd47_table_number"]

_TOLD = "nd47_dead_links"


def nd47_dead_link(dataset: Mapping[str, Any], resource_id: str) -> str:
    """Return since which day the link of a file is dead, empty where citizens are not told so.

    One statement for all files of a dataset in a request.
    """
    told: dict[str, dict[str, dt.datetime]] = g.setdefault(_TOLD, {})
    dataset_id = str(dataset["id"])
    if dataset_id not in told:
        told[dataset_id] = state.told(dataset_id)
    since = told[dataset_id].get(resource_id)
    return since.astimezone(values.VIETNAM).date().isoformat() if since else ""


def nd47_table_number(number: int) -> str:
    """Return a number as people read it in the language of the page."""
    return shown.number(number, http.language())
