"""Adds fields to a dataset's document in the search index, and limits values to what Solr accepts.

The fields are those of CKAN's Solr schema: `*_date` for a day, `vocab_*` for several values, any
other name for one value. Coded values are indexed as codes, whichever schema the dataset has.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.metadata import dataset_reader, update_state
from ckanext.nd47.metadata.search import places

DATA_DATE = "nd47_data_date"
FILE_DATE = "nd47_file_date"
FREQUENCY = "nd47_frequency"
CATEGORY = "nd47_category"
DISCLOSURE = "nd47_disclosure"
THEME = "vocab_nd47_theme"
PLACE = "vocab_nd47_place"
YEAR = "vocab_nd47_year"

YEAR_AT_START = re.compile(r"[0-9]{4}")
MOST_YEARS = 200
"""Maximum length of a period in years; a longer one is assumed to be a mistake."""


SPLIT_FIELDS = frozenset({"author", "maintainer", "notes", "text", "title"})
SPLIT_STARTS = ("extras_", "res_extras_")
"""Fields that CKAN's Solr schema tokenises, so that their length is not limited."""

NOT_SEARCHED = frozenset({"data_dict", "validated_data_dict"})

MAX_CHARACTER_BYTES = 4
"""Maximum number of bytes of a character in UTF-8."""


def extend(document: dict[str, Any]) -> None:
    """Add the fields of facets to a document of the search index."""
    dataset: dict[str, Any] = json.loads(document.get("validated_data_dict") or "{}")
    last = update_state.last_update(dataset)
    if last:
        document[DATA_DATE] = f"{last.isoformat()}T00:00:00Z"
    moments = [moment for row in dataset.get("resources") or [] if (moment := file_moment(row))]
    if moments:
        newest = max(moments).astimezone(dt.timezone.utc).replace(tzinfo=None)
        document[FILE_DATE] = f"{newest.isoformat(timespec='milliseconds')}Z"
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


def file_moment(resource: Mapping[str, Any]) -> dt.datetime | None:
    """Return when a file was added or replaced, None if that is unknown."""
    try:
        return values.timestamp(str(resource.get("last_modified") or resource.get("created")))
    except ValueError:
        return None


def _places(dataset: dict[str, Any]) -> Iterator[str]:
    """Yield the places of a dataset, with former and current units of the same area."""
    for group in dataset_reader.groups(dataset, "spatial_coverage"):
        place = next((group[key] for key in ("uri", "text") if group.get(key)), "")
        if not isinstance(place, str) or not place:
            continue
        yield from places.codes(place) or [group.get("text") or place]


def _years(dataset: dict[str, Any]) -> Iterator[int]:
    """Yield the years covered, from the periods of the dataset and of its files."""
    last = update_state.last_update(dataset)
    for group in dataset_reader.groups(dataset, "temporal_coverage"):
        start, end = _year(group.get("start")), _year(group.get("end"))
        # A period without an end lasts until the last update.
        until = end or (last.year if last and start and last.year >= start else start)
        yield from _between(start or end, until)
    for resource in dataset_reader.resources(dataset):
        try:
            first, final = dates.period_days(str(resource.get("period") or ""))
        except ValueError:
            continue
        yield from _between(first.year, final.year)


def _year(value: Any) -> int | None:
    match = YEAR_AT_START.match(value) if isinstance(value, str) else None
    return int(match[0]) if match else None


def _between(first: int | None, last: int | None) -> Iterator[int]:
    if first and last and 0 <= last - first < MOST_YEARS:
        yield from range(first, last + 1)


def within_limits(dataset: dict[str, Any]) -> dict[str, Any]:
    """Shorten values of untokenised fields that are too long for Solr.

    CKAN also indexes an extra under its own name, in an untokenised field: a Vietnamese text of
    12,000 characters there would prevent the dataset from being saved. The complete text remains
    searchable under `extras_*`.
    """
    for name, value in dataset.items():
        if name in SPLIT_FIELDS or name in NOT_SEARCHED or name.startswith(SPLIT_STARTS):
            continue
        if isinstance(value, str):
            dataset[name] = _shortened(value)
        elif isinstance(value, list):
            dataset[name] = [_shortened(v) if isinstance(v, str) else v for v in value]
    return dataset


def _shortened(text: str) -> str:
    if len(text) * MAX_CHARACTER_BYTES <= values.TERM_BYTES:
        return text
    encoded = text.encode("utf-8", "ignore")
    return (
        text
        if len(encoded) <= values.TERM_BYTES
        else encoded[: values.TERM_BYTES].decode("utf-8", "ignore")
    )
