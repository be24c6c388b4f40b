"""The administrator's page of the export to the national side: `/ckan-admin/nd47-export`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat.pages import figures, in_words
from ckanext.nd47.dcat.pages.problems_page import translated_reason
from ckanext.nd47.dcat.serve import fetches
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.web import http, pages

nd47_dcat_export = Blueprint("nd47_dcat_export", __name__, url_prefix="/ckan-admin/nd47-export")

WORD = re.compile(r"\w+")
LONGEST = 200
SUGGESTED = 5
MOST_ROWS = 50

WHAT: Mapping[str, Callable[[], str]] = {
    fetches.CATALOGUE: lambda: tk._("Catalogue"),
    fetches.CHANGES: lambda: tk._("Feed of changes"),
    fetches.DUMP: lambda: tk._("Dump"),
}
NETWORKS: Mapping[str, Callable[[], str]] = {
    "machine": lambda: tk._("this machine"),
    "internal": lambda: tk._("an internal network"),
    "internet": lambda: tk._("the Internet"),
}


nd47_dcat_export.before_request(pages.require_sysadmin(migrated))


@nd47_dcat_export.get("")
def index() -> str:
    """Show the export in numbers and words, and one dataset as the national side will read it."""
    wanted = tk.request.args.get("dataset", "").strip()[:LONGEST]
    dataset = _dataset(wanted)
    numbers = figures.read()
    return tk.render(
        "nd47/dcat/export.html",
        {
            "figures": numbers,
            "changed": numbers.changed.astimezone(values.VIETNAM) if numbers.changed else None,
            "reasons": _by_words(numbers.reasons),
            "wanted": wanted,
            "dataset": dataset,
            "described": in_words.describe(dataset) if dataset else None,
            "reason_words": lambda text: translated_reason(text, _lang()),
            "suggested": [] if dataset or not wanted else _suggested(wanted),
            "fetches": [
                {
                    "what": WHAT[fetch.what]() if fetch.what in WHAT else fetch.what,
                    "program": _program(fetch.program),
                    "network": NETWORKS[fetch.network]() if fetch.network in NETWORKS else "",
                    "count": fetch.count,
                    "last": fetch.last.astimezone(values.VIETNAM),
                }
                for fetch in fetches.counted()[:MOST_ROWS]
            ],
        },
    )


def _lang() -> str:
    return http.language().partition("_")[0]


def _by_words(reasons: list[figures.Reason]) -> list[figures.Reason]:
    """Return the reasons in the language of the page; those with the same words together."""
    together: dict[str, figures.Reason] = {}
    for reason in reasons:
        words = translated_reason(reason.reason, _lang())
        before = together.get(words, figures.Reason(words, 0, 0))
        together[words] = figures.Reason(
            words, before.amount + reason.amount, before.datasets + reason.datasets
        )
    return sorted(together.values(), key=lambda reason: -reason.datasets)


def _dataset(reference: str) -> dict[str, Any] | None:
    if not reference or not inputs.storable(reference):
        return None
    try:
        return tk.get_action("package_show")(http.user_context(), {"id": reference})
    except tk.ObjectNotFound:
        return None


def _suggested(text: str) -> list[dict[str, Any]]:
    """Return datasets that a search finds, where no dataset has this name."""
    words = " ".join(WORD.findall(text))
    query = {"q": words, "rows": SUGGESTED, "include_private": True}
    if not words:
        return []
    try:
        return tk.get_action("package_search")(http.user_context(), query)["results"]
    except (SearchError, tk.ValidationError):
        return []


def _program(name: str) -> str:
    known = {fetches.BROWSER: tk._("a browser"), fetches.OTHER: tk._("another program")}
    return known.get(name, name)


def nd47_dcat_export_title() -> str:
    """Return the title of the page, for the administrator's menu."""
    return tk._("National portal")
