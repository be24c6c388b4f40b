"""The content of the home page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.metadata.fields import listing
from ckanext.nd47.metadata.fields.listing import Field
from ckanext.nd47.portal import figures

ROWS = 5
TRACKING = "tracking"
"""The plugin of CKAN that counts visits."""

PUBLIC = "+capacity:public +state:active"


@dataclass(frozen=True)
class Home:
    """The content of the home page.

    Attributes:
        figures: totals.
        fields: the fields that have datasets, in the order of the vocabulary.
        newest: datasets by the day of their data, as lists of datasets sort them.
        most_used: datasets by visits, empty if the portal does not count visits.
    """

    figures: figures.Figures
    fields: list[Field]
    newest: list[dict[str, Any]]
    most_used: list[dict[str, Any]]


def show() -> Home:
    """Return the content of the home page, the same for all users."""
    newest = _search(listing.NEWEST, listing.FACET)
    return Home(
        figures.current(),
        listing.counted(newest["search_facets"]),
        newest["results"],
        _search("views_recent desc", {"facet": "false"})["results"]
        if p.plugin_loaded(TRACKING)
        else [],
    )


def _search(order: str, facets: Mapping[str, Any]) -> dict[str, Any]:
    everybody: Any = {"user": "", "auth_user_obj": None}
    query = {
        "q": "*:*",
        "fq": f"{PUBLIC} +dataset_type:{dataset_fields.DEFAULT_TYPE}",
        "sort": order,
        "rows": ROWS,
        **facets,
    }
    return tk.get_action("package_search")(everybody, query)
