"""What is added to a dataset's document in the search index, for facets and for sorting.

Solr's fields are those of CKAN's schema: `*_date` holds a day, `vocab_*` several values, and any
other name one value. Values of code lists are indexed as codes, under whichever schema a dataset
was made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ckanext.nd47.lib import dates, vocabulary
from ckanext.nd47.metadata import dataset_reader, update_state

DATA_DATE = "nd47_data_date"
FREQUENCY = "nd47_frequency"
CATEGORY = "nd47_category"
DISCLOSURE = "nd47_disclosure"
THEME = "vocab_nd47_theme"
PLACE = "vocab_nd47_place"
YEAR = "vocab_nd47_year"

PLACES = ("province", "province-old")
"""Code lists of places; the second has those whose place others took."""

YEAR_AT_START = re.compile(r"[0-9]{4}")
MOST_YEARS = 200
"""Years that one period is taken to cover; a longer one is a slip of the pen."""


def extend(document: dict[str, Any]) -> None:
    """Add the fields of facets to a document of the search index."""
    dataset: dict[str, Any] = json.loads(document.get("validated_data_dict") or "{}")
    last = update_state.last_update(dataset)
    if last:
        document[DATA_DATE] = f"{last.isoformat()}T00:00:00Z"
    single = (
        (FREQUENCY, "frequency"),
        (CATEGORY, "open_data_category"),
        (DISCLOSURE, "access_rights"),
    )
    for name, field in single:
        if value := dataset_reader.text(dataset, field):
            document[name] = value
    document[THEME] = dataset_reader.codes(dataset, "theme")
    document[PLACE] = list(dict.fromkeys(_places(dataset)))
    document[YEAR] = [f"{year:04d}" for year in sorted(set(_years(dataset)))]


def _places(dataset: dict[str, Any]) -> Iterator[str]:
    """Yield the places of a dataset, and for a former unit also those that took its place."""
    for group in dataset_reader.groups(dataset, "spatial_coverage"):
        given = next((group[key] for key in ("uri", "text") if group.get(key)), "")
        if not isinstance(given, str) or not given:
            continue
        for list_id in PLACES:
            terms = vocabulary.get(list_id)
            term = terms.term(given) or terms.standing_for(given) or terms.find(given)
            if term:
                yield term.code
                yield from (code for _, code in terms.followers(term))
                break
        else:
            yield group.get("text") or given


def _years(dataset: dict[str, Any]) -> Iterator[int]:
    """Yield the years that the data are about, by the period of the dataset and of its files."""
    last = update_state.last_update(dataset)
    for group in dataset_reader.groups(dataset, "temporal_coverage"):
        start, end = _year(group.get("start")), _year(group.get("end"))
        # A period without an end goes on until the last update.
        until = end or (last.year if last and start and last.year >= start else start)
        yield from _between(start or end, until)
    for resource in dataset_reader.resources(dataset):
        try:
            first, final = dates.period_days(str(resource.get("period") or ""))
        except ValueError:
            continue
        yield from _between(first.year, final.year)


def _year(value: Any) -> int | None:
    found = YEAR_AT_START.match(value) if isinstance(value, str) else None
    return int(found[0]) if found else None


def _between(first: int | None, last: int | None) -> Iterator[int]:
    if first and last and 0 <= last - first < MOST_YEARS:
        yield from range(first, last + 1)
