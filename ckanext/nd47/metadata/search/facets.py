"""The facets of lists of datasets: which, in which order, with which labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search.common import make_connection

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config, http, text, vocabulary
from ckanext.nd47.metadata import licence, update_state
from ckanext.nd47.metadata.search import index

UPDATE_STATE = "nd47_update_state"
"""Placeholder in queries for the conditions of a state; there is no such field in the index."""

FIELDS: Mapping[str, str] = {
    "theme": index.THEME,
    "agency": "organization",
    "update_state": UPDATE_STATE,
    "year": index.YEAR,
    "format": "res_format",
    "license": "license_id",
    "category": index.CATEGORY,
    "place": index.PLACE,
    "frequency": index.FREQUENCY,
    "disclosure": index.DISCLOSURE,
    "tags": "tags",
    "groups": "groups",
}
"""Solr field of each facet by its name in the option."""

CODES: Mapping[str, tuple[str, ...]] = {
    index.THEME: (vocabulary.FIELD,),
    index.CATEGORY: ("open-data-category",),
    index.PLACE: index.PLACES,
    index.FREQUENCY: ("frequency",),
    index.DISCLOSURE: ("disclosure",),
    UPDATE_STATE: (update_state.VOCABULARY,),
}
"""Vocabularies of the facets whose values are codes."""

QUERY = ("q", "fq", "defType", "mm", "qf", "bf", "boost", "tie", "df", "q.op")
"""Search parameters that determine which datasets match."""

_CONDITION = re.compile(UPDATE_STATE + r':("[^"]*"|\([^()]*\)|[^\s()"]+)')
_WORD = re.compile(r"[\w-]+")
NOTHING = "(-*:*)"


def titles() -> dict[str, str]:
    """Return the titles of the facets in the language of the page, by name."""
    return {
        "theme": tk._("Theme"),
        "agency": tk._("Agency"),
        "update_state": tk._("Update state"),
        "year": tk._("Year of the data"),
        "format": tk._("Format"),
        "license": tk._("Licence"),
        "category": tk._("Open-data category"),
        "place": tk._("Place"),
        "frequency": tk._("Update frequency"),
        "disclosure": tk._("Disclosure"),
        "tags": tk._("Tags"),
        "groups": tk._("Groups"),
    }


def chosen(stock_titles: Mapping[str, str], *excluded: str) -> dict[str, str]:
    """Return the facets of a list: those of the option, then those that other plugins added.

    Args:
        stock_titles: titles by Solr field, as CKAN and other plugins have them.
        excluded: Solr fields that have one value on this list.
    """
    names = config.facets()
    if not names:
        return dict(stock_titles)
    known_titles = titles()
    selected: dict[str, str] = {}
    for name in names:
        field = FIELDS.get(name, name)
        title = known_titles.get(name) or stock_titles.get(field)
        if title and field not in excluded:
            selected[field] = title
    stock = {*tk.h.facets(), *excluded}
    return selected | {
        f: title for f, title in stock_titles.items() if f not in stock and f not in selected
    }


def with_states(params: dict[str, Any]) -> dict[str, Any]:
    """Return search parameters with update states replaced by their conditions."""
    written_out = dict(params)
    for name in ("fq", "fq_list"):
        value = params.get(name)
        if isinstance(value, str) and UPDATE_STATE in value:
            written_out[name] = _written_out(value)
        elif isinstance(value, list):
            written_out[name] = [_written_out(v) if isinstance(v, str) else v for v in value]
    return written_out


def condition(state: str) -> str:
    """Return the Solr condition for datasets that have a state today."""
    ranges = update_state.ranges()
    if state == update_state.NOT_PERIODIC:
        periodic = " OR ".join(
            _range(days) for day_ranges in ranges.values() for days in day_ranges
        )
        return f"(*:* -({periodic}))" if periodic else "(*:*)"
    clauses = [
        _range(days)
        for range_state, day_ranges in ranges.items()
        if range_state == state
        for days in day_ranges
    ]
    return f"({' OR '.join(clauses)})" if clauses else NOTHING


def complete(results: dict[str, Any], params: Mapping[str, Any]) -> None:
    """Add counts of update states to search results, and labels in the language of the page."""
    search_facets = results.get("search_facets") or {}
    if UPDATE_STATE in search_facets:
        counts = _count_states(params) if results.get("count") else {}
        results["facets"][UPDATE_STATE] = counts
        search_facets[UPDATE_STATE]["items"] = [
            {"name": state, "display_name": state, "count": count}
            for state, count in counts.items()
        ]
    for field, facet in search_facets.items():
        if name := _namer(field):
            for item in facet["items"]:
                item["display_name"] = name(item["name"]) or item["display_name"]


def labels(filters: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], str]:
    """Return the labels of active filters, which need not occur in the results."""
    by_value = {}
    for field, values in filters.items():
        if name := _namer(field) or (_agency if field == "organization" else None):
            by_value |= {(field, value): name(value) or value for value in values}
    return by_value


def suggested_themes(words: str, limit: int) -> list[dict[str, str]]:
    """Return title and address of fields with datasets, by label in any language and spelling."""
    wanted = text.fold(words)
    lang = http.language()
    matching = {
        term.code: term.text(lang)
        for term in vocabulary.get(vocabulary.FIELD)
        if any(f" {wanted}" in f" {text.fold(label)}" for label in term.label.values())
    }
    if not matching:
        return []
    search = tk.get_action("package_search")
    found = search({}, {"q": "*:*", "rows": 0, "facet.field": [index.THEME], "facet.limit": -1})
    counts = found["facets"].get(index.THEME, {})
    return [
        {"title": title, "url": tk.h.url_for("dataset.search", **{index.THEME: code})}
        for code, title in matching.items()
        if counts.get(code)
    ][:limit]


def _namer(field: str) -> Callable[[str], str] | None:
    """Return a function from a facet value to its label, None if CKAN's own label is used."""
    lang = http.language()
    if field in CODES:
        lists = [vocabulary.get(list_id) for list_id in CODES[field]]
        return lambda code: next(
            (term.text(lang) for term_list in lists if (term := term_list.term(code))), ""
        )
    if field == "license_id":
        return licence.title
    return None


def _agency(name: str) -> str:
    agency = directory.get(name)
    return directory.display_title(agency) if agency else ""


def _written_out(query: str) -> str:
    return _CONDITION.sub(_states_written_out, query)


def _states_written_out(match: re.Match[str]) -> str:
    states = [word for word in _WORD.findall(match[1]) if word in update_state.STATES]
    return f"({' OR '.join(map(condition, states))})" if states else NOTHING


def _range(days: update_state.DayRange) -> str:
    span = f"[{days.first.isoformat()}T00:00:00Z TO {days.last.isoformat()}T00:00:00Z]"
    frequency, day = index.FREQUENCY, index.DATA_DATE
    return f'(+{frequency}:"{days.frequency}" +{day}:{span})'


def _count_states(params: Mapping[str, Any]) -> dict[str, int]:
    """Count the states with one query; CKAN's search does not support facet queries.

    The parameters are those that CKAN sent to Solr, including the permissions of the user.
    """
    conditions = {state: condition(state) for state in update_state.STATES}
    query = {name: params[name] for name in QUERY if name in params}
    query |= {"rows": 0, "facet": "true", "facet.query": list(conditions.values())}
    counts = make_connection().search(**query).facets["facet_queries"]
    return {state: counts[text] for state, text in conditions.items() if counts[text]}
