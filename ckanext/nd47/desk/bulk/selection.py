"""Chooses datasets: by a search as the search page understands it, or one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict
from urllib.parse import urlencode

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import SearchError
from ckan.types import Context

from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.fields import dataset_fields

MOST = 5_000
"""Datasets of a run of the list at most."""

PAGE = 1_000
"""Ids that are asked for with one search."""

MOST_AGENCIES = 800
"""Agencies in a condition at most: the search engine accepts some more."""

MOST_FILTERS = 200
"""Words and values of filters of a search at most."""

LONGEST_FILTER = 2_000
"""Characters of each of them at most."""

FILTER = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
"""Names of filters."""

NOT_FILTERS = frozenset({"q", "page", "sort", "dataset", "all"})
"""Parameters of a page that are no filters."""

ORDER = "title_string asc, id asc"


class Search(TypedDict):
    """A search: words, values by filter, and parameters for plugins."""

    q: str
    filters: dict[str, list[str]]
    extras: dict[str, str]


class Page(TypedDict):
    """A page of a search: the number of all datasets, and the datasets."""

    count: int
    results: list[dict[str, Any]]


def search_of(parameters: Iterable[tuple[str, str]]) -> Search:
    """Return the search that the parameters of an address describe; unknown ones are left out."""
    search: Search = {"q": "", "filters": {}, "extras": {}}
    for name, value in parameters:
        if name == "q":
            search["q"] = value.strip()
        elif not value or name in NOT_FILTERS or not FILTER.fullmatch(name):
            continue
        elif name.startswith("ext_"):
            search["extras"][name] = value
        else:
            search["filters"].setdefault(name, []).append(value)
    return search


def address(endpoint: str, parameters: Iterable[tuple[str, str]], **parts: str) -> str:
    """Return the address of a page with parameters of any name."""
    query = urlencode(list(parameters))
    return tk.url_for(endpoint, **parts) + (f"?{query}" if query else "")


def as_parameters(search: Search) -> list[tuple[str, str]]:
    """Return the parameters of an address that describe a search."""
    words = [("q", search["q"])] if search["q"] else []
    filters = [(name, value) for name, several in search["filters"].items() for value in several]
    return [*words, *filters, *search["extras"].items()]


def page(context: Context, scope: Scope, search: Search, start: int, rows: int) -> Page:
    """Return a page of the datasets of a search that an account edits.

    Raises:
        ckan.plugins.toolkit.ValidationError: the search engine does not understand it.
    """
    return _search_datasets(context, scope, search, start=start, rows=rows)


def ids(context: Context, scope: Scope, search: Search, most: int = MOST) -> list[str]:
    """Return the ids of the datasets of a search that an account edits, by title.

    Raises:
        ckan.plugins.toolkit.ValidationError: there are none or too many, or the search engine does
            not understand the search.
    """
    matching: list[str] = []
    while True:
        part = _search_datasets(context, scope, search, start=len(matching), rows=PAGE, fl="id")
        if part["count"] > most:
            raise tk.ValidationError(
                {
                    "search": [
                        tk._("The search finds {count} datasets; at most {most} at once.").format(
                            count=part["count"], most=most
                        )
                    ]
                }
            )
        matching += [dataset["id"] for dataset in part["results"]]
        if not part["results"] or len(matching) >= part["count"]:
            break
    # The index may have datasets that were purged.
    package = model.package_table
    existing = set(model.Session.scalars(sa.select(package.c.id).where(package.c.id.in_(matching))))
    return [dataset_id for dataset_id in dict.fromkeys(matching) if dataset_id in existing]


def _search_datasets(context: Context, scope: Scope, search: Search, **more: Any) -> Page:
    if not scope.everything and not scope.edits:
        return {"count": 0, "results": []}
    query = {
        "q": search["q"],
        "fq": " ".join(_conditions(scope, search)),
        "extras": dict(search["extras"]),
        "include_private": True,
        "include_drafts": True,
        "facet": "false",
        "sort": ORDER,
        **more,
    }
    name = context.get("user") or ""
    own_context = Context(
        user=name,
        auth_user_obj=model.User.get(name) if name else None,
        ignore_auth=bool(context.get("ignore_auth")),
    )
    try:
        result = tk.get_action("package_search")(own_context, query)
    except SearchError as error:
        message = tk._("The portal does not understand this search.")
        raise tk.ValidationError({"search": [message]}) from error
    return {"count": result["count"], "results": result["results"]}


def _conditions(scope: Scope, search: Search) -> list[str]:
    conditions = [f"+dataset_type:{dataset_fields.DEFAULT_TYPE}"]
    if not scope.everything:
        own = " OR ".join(map(_quoted, sorted(scope.edits)[:MOST_AGENCIES]))
        conditions.append(f"+owner_org:({own})")
    for name, several in search["filters"].items():
        conditions += [f"+{name}:{_quoted(value)}" for value in several]
    return conditions


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def resolved(references: list[str]) -> list[str]:
    """Return the ids of datasets by id or name, in one statement.

    Raises:
        ckan.plugins.toolkit.ValidationError: a reference is that of no dataset.
    """
    package = model.package_table
    query = sa.select(package.c.id, package.c.name).where(
        sa.or_(package.c.id.in_(references), package.c.name.in_(references))
    )
    rows = model.Session.execute(query).all()
    by_reference = {row.name: row.id for row in rows} | {row.id: row.id for row in rows}
    unknown = [reference for reference in references if reference not in by_reference]
    if unknown:
        message = tk._("There is no dataset “{name}”.").format(name=unknown[0][:100])
        raise tk.ValidationError({"datasets": [message]})
    return list(dict.fromkeys(by_reference[reference] for reference in references))


def checked(search: Any) -> Search:
    """Return the search in the parameters of an action.

    Raises:
        ckan.plugins.toolkit.ValidationError: it has another shape.
    """
    if isinstance(search, Mapping) and set(search) <= {"q", "filters", "extras"}:
        words, filters, extras = (search.get(key) for key in ("q", "filters", "extras"))
        filters, extras = (
            {} if parameter is None else parameter for parameter in (filters, extras)
        )
        if (
            isinstance(words or "", str)
            and isinstance(filters, Mapping)
            and isinstance(extras, Mapping)
            and all(isinstance(several, list) for several in filters.values())
        ):
            pairs = [(name, value) for name, several in filters.items() for value in several]
            pairs += [("q", words or ""), *extras.items()]
            if len(pairs) <= MOST_FILTERS and all(
                isinstance(text, str) and len(text) <= LONGEST_FILTER and inputs.storable(text)
                for pair in pairs
                for text in pair
            ):
                return search_of(pairs)
    raise tk.ValidationError(
        {"search": [tk._("Give the words of a search as `q`, and lists of values by filter.")]}
    )
