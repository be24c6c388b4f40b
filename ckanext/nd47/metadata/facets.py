"""The facets of lists of datasets: which, in which order, with which labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search.common import make_connection

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config, http, vocabulary
from ckanext.nd47.metadata import licence, search_fields, update_state

UPDATE_STATE = "nd47_update_state"
"""Stands in queries for the conditions of a state; the index has no such field."""

FIELDS: Mapping[str, str] = {
    "theme": search_fields.THEME,
    "agency": "organization",
    "update_state": UPDATE_STATE,
    "year": search_fields.YEAR,
    "format": "res_format",
    "license": "license_id",
    "category": search_fields.CATEGORY,
    "place": search_fields.PLACE,
    "frequency": search_fields.FREQUENCY,
    "disclosure": search_fields.DISCLOSURE,
    "tags": "tags",
    "groups": "groups",
}
"""Solr field of each facet by its name in the option."""

CODES: Mapping[str, tuple[str, ...]] = {
    search_fields.THEME: (vocabulary.FIELD,),
    search_fields.CATEGORY: ("open-data-category",),
    search_fields.PLACE: search_fields.PLACES,
    search_fields.FREQUENCY: ("frequency",),
    search_fields.DISCLOSURE: ("disclosure",),
    UPDATE_STATE: (update_state.VOCABULARY,),
}
"""Code lists of the facets whose values are codes."""

QUERY = ("q", "fq", "defType", "mm", "qf", "bf", "boost", "tie", "df", "q.op")
"""Parameters of a search that decide which datasets it finds."""

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


def chosen(others: Mapping[str, str], *left_out: str) -> dict[str, str]:
    """Return the facets of a list: those of the option, then those that other plugins added.

    Args:
        others: titles by Solr field, as CKAN and other plugins have them.
        left_out: Solr fields that have one value on this list.
    """
    names = config.facets()
    if not names:
        return dict(others)
    known = titles()
    found: dict[str, str] = {}
    for name in names:
        field = FIELDS.get(name, name)
        title = known.get(name) or others.get(field)
        if title and field not in left_out:
            found[field] = title
    stock = {*tk.h.facets(), *left_out}
    return found | {f: title for f, title in others.items() if f not in stock and f not in found}


def with_states(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a search with the update states of its filters written out."""
    changed = dict(params)
    for name in ("fq", "fq_list"):
        value = params.get(name)
        if isinstance(value, str) and UPDATE_STATE in value:
            changed[name] = _written_out(value)
        elif isinstance(value, list):
            changed[name] = [_written_out(v) if isinstance(v, str) else v for v in value]
    return changed


def condition(state: str) -> str:
    """Return the condition of the datasets that have a state today, in the language of Solr."""
    found = update_state.ranges()
    if state == update_state.NOT_PERIODIC:
        periodic = " OR ".join(_range(days) for listed in found.values() for days in listed)
        return f"(*:* -({periodic}))" if periodic else "(*:*)"
    clauses = [_range(days) for known, listed in found.items() if known == state for days in listed]
    return f"({' OR '.join(clauses)})" if clauses else NOTHING


def complete(results: dict[str, Any], params: Mapping[str, Any]) -> None:
    """Count the update states of what a search found, and name values in the page's language."""
    shown = results.get("search_facets") or {}
    if UPDATE_STATE in shown:
        counts = _count_states(params) if results.get("count") else {}
        results["facets"][UPDATE_STATE] = counts
        shown[UPDATE_STATE]["items"] = [
            {"name": state, "display_name": state, "count": count}
            for state, count in counts.items()
        ]
    for field, facet in shown.items():
        if name := _namer(field):
            for item in facet["items"]:
                item["display_name"] = name(item["name"]) or item["display_name"]


def labels(filters: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], str]:
    """Return the labels of values that a list is filtered by, which it may have none of."""
    found = {}
    for field, values in filters.items():
        if name := _namer(field) or (_agency if field == "organization" else None):
            found |= {(field, value): name(value) or value for value in values}
    return found


def _namer(field: str) -> Callable[[str], str] | None:
    """Return what gives the label of a value of a facet, None where CKAN's own is right."""
    lang = http.language()
    if field in CODES:
        lists = [vocabulary.get(list_id) for list_id in CODES[field]]
        return lambda code: next((t.text(lang) for one in lists if (t := one.term(code))), "")
    if field == "license_id":
        return licence.title
    return None


def _agency(name: str) -> str:
    found = directory.get(name)
    return directory.display_title(found) if found else ""


def _written_out(query: str) -> str:
    return _CONDITION.sub(_states_written_out, query)


def _states_written_out(found: re.Match[str]) -> str:
    states = [word for word in _WORD.findall(found[1]) if word in update_state.STATES]
    return f"({' OR '.join(map(condition, states))})" if states else NOTHING


def _range(days: update_state.DayRange) -> str:
    span = f"[{days.first.isoformat()}T00:00:00Z TO {days.last.isoformat()}T00:00:00Z]"
    frequency, day = search_fields.FREQUENCY, search_fields.DATA_DATE
    return f'(+{frequency}:"{days.frequency}" +{day}:{span})'


def _count_states(params: Mapping[str, Any]) -> dict[str, int]:
    """Count the states with one query; CKAN's own search has no place for such facets.

    CKAN leaves in the parameters what it asked Solr, the permissions of the account included.
    """
    conditions = {state: condition(state) for state in update_state.STATES}
    asked = {name: params[name] for name in QUERY if name in params}
    asked |= {"rows": 0, "facet": "true", "facet.query": list(conditions.values())}
    counts = make_connection().search(**asked).facets["facet_queries"]
    return {state: counts[text] for state, text in conditions.items() if counts[text]}
