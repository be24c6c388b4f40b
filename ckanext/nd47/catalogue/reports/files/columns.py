"""The columns of a report, in the order of tables, for pages, files and documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.reports.data.figures import Figures


class Column(NamedTuple):
    """A column: the key of its figure, and what returns its heading."""

    key: str
    title: Callable[[], str]


COLUMNS: tuple[Column, ...] = (
    Column("assigned", lambda: tk._("Items assigned")),
    Column("published", lambda: tk._("Items published")),
    Column("share", lambda: tk._("Share published (%)")),
    Column("due", lambda: tk._("Items due")),
    Column("on_time", lambda: tk._("Published on time")),
    Column("late", lambda: tk._("Items late")),
    Column("datasets", lambda: tk._("Public datasets")),
    Column("in_time", lambda: tk._("Updated in time")),
    Column("overdue", lambda: tk._("Updates overdue")),
    Column("has_api", lambda: tk._("With API")),
    Column("open_format", lambda: tk._("In open formats")),
    Column("machine_readable", lambda: tk._("Machine-readable")),
    Column("meets_rules", lambda: tk._("Meeting all rules")),
    Column("quality_open", lambda: tk._("Quality warnings open")),
    Column("quality_late", lambda: tk._("Quality warnings late")),
    Column("score", lambda: tk._("Mean score (of 405)")),
    Column("rule_share", lambda: tk._("Points of the rules (%)")),
    Column("views", lambda: tk._("Page views")),
    Column("downloads", lambda: tk._("Downloads")),
    Column("api_calls", lambda: tk._("API calls")),
)

ROBOTS: tuple[Column, ...] = (
    Column("robot_views", lambda: tk._("Views by robots")),
    Column("robot_downloads", lambda: tk._("Downloads by robots")),
    Column("robot_api_calls", lambda: tk._("API calls by robots")),
)
"""What only files have."""

IN_DOCUMENT = (
    "assigned",
    "published",
    "share",
    "on_time",
    "late",
    "in_time",
    "overdue",
    "has_api",
    "open_format",
    "meets_rules",
    "views",
    "downloads",
    "api_calls",
)
"""Those that fit on a sheet on its side."""


def titles() -> Mapping[str, str]:
    """Return the headings by key, in order."""
    return {column.key: column.title() for column in COLUMNS}


def cell(figures: Figures, key: str) -> str:
    """Return a figure as text; empty where there is none."""
    value: int | None = dict(figures).get(key)  # pyright: ignore[reportAssignmentType]
    return "" if value is None else str(value)


def groups() -> Mapping[str, str]:
    """Return the names of the groups that rows are about."""
    return {
        "agency": tk._("Agency"),
        "field": tk._("Theme"),
        "kind": tk._("Sharing class"),
    }
