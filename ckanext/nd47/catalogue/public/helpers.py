"""Functions of the templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.matching.links import ListedDict
from ckanext.nd47.catalogue.public import decisions

__all__ = ["nd47_catalogue_entries", "nd47_catalogues_title"]


def nd47_catalogue_entries(dataset: Mapping[str, Any]) -> list[ListedDict]:
    """Return where catalogues in force list a dataset, with their decisions."""
    return decisions.shown(dataset["id"])


def nd47_catalogues_title() -> str:
    """Return the title of the list of catalogues, for menus."""
    return tk._("Catalogues of open data")
