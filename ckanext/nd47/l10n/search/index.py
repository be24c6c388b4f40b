"""What is added to a dataset's document in the search index."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.nd47.l10n import config
from ckanext.nd47.l10n.search import fields, labels
from ckanext.nd47.l10n.search.shadow import as_texts, shadow
from ckanext.nd47.lib import collation, text

Document = dict[str, Any]

SEARCHED = ("notes", "author", "maintainer", "res_name", "res_description")
STARTS = ("extras_", "res_extras_", "vocab_")
"""Fields whose words a query finds in CKAN too (they are copied to its field `text`)."""

NO_WORDS = ("uri", "url", "_id", "hash", "geom", "bbox", "centroid", "spatial", "datastore_active")
"""Ends of names of fields that hold no words."""

FOR_FEW = ("extras_personal_data_assessment", "extras_security_assessment")
"""Starts of names of fields that not everybody sees: plugin `nd47` takes them out of the document,
but after this one where it is loaded later."""

LONGEST = 200_000
"""Characters of one dataset that are folded; a novel would only fill the index."""


def extend(document: Document) -> Document:
    """Add the folded words of a dataset, and its place in the list by name."""
    abbreviations = config.abbreviations()
    title = document.get("title") or document.get("name") or ""
    document["title_string"] = collation.sort_key(title)
    tags = [text.nfc(tag) for tag in document.get("tags") or ()]
    document["tags"] = tags
    document[fields.TITLE] = shadow([title], abbreviations)
    document[fields.TAGS] = shadow(tags, abbreviations)
    document[fields.TEXT] = shadow(_within(as_texts(_values(document))), abbreviations)
    return document


def _values(document: Document) -> Iterator[Any]:
    for name in SEARCHED:
        yield document.get(name)
    for name, value in document.items():
        if name.startswith(FOR_FEW) or name in fields.ALL or name.endswith(NO_WORDS):
            continue
        if name.startswith(STARTS):
            yield value
    dataset = _as_shown(document)
    yield (dataset.get("organization") or {}).get("title")
    for group in dataset.get("groups") or ():
        yield group.get("title")
    yield from labels.of(dataset)


def _as_shown(document: Document) -> Mapping[str, Any]:
    """Return the dataset as actions return it, which the document carries with it."""
    try:
        return json.loads(document.get("validated_data_dict") or "{}")
    except ValueError:
        return {}


def _within(texts: list[str]) -> Iterator[str]:
    left = LONGEST
    for one in texts:
        if left <= 0:
            return
        yield one[:left]
        left -= len(one)
