"""The content of the home page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config, dataset_fields, http, vocabulary
from ckanext.nd47.portal import figures

ROWS = 5
PUBLIC = "+capacity:public +state:active"
OTHER_ICON = "other"


@dataclass(frozen=True)
class Tile:
    """A field (lĩnh vực) with the number of its datasets."""

    code: str
    label: str
    icon: str
    datasets: int
    url: str


@dataclass(frozen=True)
class Home:
    """The content of the home page.

    Attributes:
        figures: totals.
        tiles: the fields that have datasets, in the order of the list.
        newest: datasets by the time of their last change.
        most_used: datasets by visits, empty if the portal does not count visits.
    """

    figures: figures.Figures
    tiles: list[Tile]
    newest: list[dict[str, Any]]
    most_used: list[dict[str, Any]]


def show() -> Home:
    """Return the content of the home page, the same for all users."""
    totals = figures.current()
    counted = tk.asbool(tk.config.get("ckan.tracking_enabled", False))
    return Home(
        totals,
        tiles(totals),
        _datasets("metadata_modified desc"),
        _datasets("views_recent desc") if counted else [],
    )


def tiles(totals: figures.Figures) -> list[Tile]:
    """Return the fields that have datasets."""
    return [
        Tile(
            term.code,
            term.text(http.language()),
            _icon(term.mapping),
            totals.fields[term.code],
            field_address(term.code),
        )
        for term in vocabulary.get(config.field_scheme())
        if totals.fields.get(term.code)
    ]


def field_address(code: str) -> str:
    """Return the address of the datasets of a field."""
    name = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE).name("theme")
    return tk.h.url_for("dataset.search", **{f"extras_{name}": code})


def _icon(mapping: str | None) -> str:
    """Return the name of the icon: the code of the EU table of themes."""
    return (mapping or "").rpartition("/")[2].lower() or OTHER_ICON


def _datasets(order: str) -> list[dict[str, Any]]:
    everybody: Any = {"user": "", "auth_user_obj": None}
    query = {
        "q": "*:*",
        "fq": f"{PUBLIC} +dataset_type:{dataset_fields.DEFAULT_TYPE}",
        "sort": order,
        "rows": ROWS,
        "facet": False,
    }
    return tk.get_action("package_search")(everybody, query)["results"]
