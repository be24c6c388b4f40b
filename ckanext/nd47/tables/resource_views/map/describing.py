"""Chooses the title of a place and the columns of a legend, from the places themselves."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ckanext.nd47.tables.check.cells import heading_words
from ckanext.nd47.tables.check.geography import axis

MOST_CLASSES = 8
"""Values that a legend tells apart."""

_TITLE_WORDS = re.compile(r" (?:ten|name|title|tieu de) ")
_CODE = re.compile(r"^ (?:stt|tt|id|ma|ma so|so thu tu|objectid|fid|gid)(?: |$)")


def describe(collection: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    """Return what a map has to know of the fields of places.

    Args:
        collection: places as GeoJSON, with the names of the fields in `nd47`.
        labels: labels of fields, as far as they are known.

    Returns:
        `labels` of all fields; `title`, the field that names a place, may be empty; `legends`, the
        fields that a legend may show; `legend`, the one that it shows first, may be empty.
    """
    fields: list[str] = collection["nd47"]["fields"]
    values = {name: Counter[Any]() for name in fields}
    for feature in collection["features"]:
        for name, value in feature["properties"].items():
            values[name][value] += 1
    words = {name: heading_words(name) for name in fields}
    shown = {name: labels.get(name) or name for name in fields}
    title = _title(fields, words, values)
    legends = [
        name
        for name in fields
        if name != title
        and not axis(words[name])
        and not _CODE.match(words[name])
        and _is_legend(values[name])
    ]
    few = [name for name in legends if len(values[name]) <= MOST_CLASSES]
    return {
        "labels": shown,
        "title": title,
        "legends": legends,
        "legend": few[0] if few else "",
    }


def _is_legend(values: Counter[Any]) -> bool:
    """Return whether values are few, or numbers that can be put in classes."""
    are_numbers = all(
        isinstance(value, (int, float)) and not isinstance(value, bool) for value in values
    )
    is_repeated = len(values) < values.total()
    return len(values) > 1 and (are_numbers or (is_repeated and len(values) <= MOST_CLASSES))


def _title(fields: list[str], words: dict[str, str], values: dict[str, Counter[Any]]) -> str:
    named = [name for name in fields if _TITLE_WORDS.search(words[name])]
    if named:
        return named[0]
    texts = [
        name
        for name in fields
        if not _CODE.match(words[name]) and any(isinstance(value, str) for value in values[name])
    ]
    return max(texts, key=lambda name: len(values[name]), default="")
