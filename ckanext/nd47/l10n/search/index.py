"""What is added to a dataset's document in the search index: its words folded, and as spelled.

`Thủy lợi` is indexed as `thuy loi` for those who look for it in any spelling, and as
`thuyrqz loijqz` so that a query with diacritics ranks this spelling first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.l10n.abbreviations import Abbreviations, in_use
from ckanext.nd47.lib import text, vocabulary

Document = dict[str, Any]

TITLE = "extras_nd47_title"
TAGS = "extras_nd47_tags"
TEXT = "extras_nd47_text"

OWN_FIELDS = (TITLE, TAGS, TEXT)
"""Fields that this room adds, all of CKAN's dynamic kind `extras_*`; Solr splits them into words
and copies them to `text`, the field that every query looks at."""

ALL_TEXTS = "text"
"""CKAN's field of all texts, to which Solr copies ours."""


SEARCHED = ("notes", "author", "maintainer", "res_name", "res_description")
STARTS = ("extras_", "res_extras_", "vocab_")
"""Fields whose words a query finds in CKAN too (they are copied to its field `text`)."""

NO_WORDS = ("uri", "url", "_id", "hash", "geom", "bbox", "centroid", "spatial", "datastore_active")
"""Ends of names of fields that hold no words."""

FOR_FEW = ("extras_personal_data_assessment", "extras_security_assessment")
"""Starts of names of fields that not everybody sees: plugin `nd47` takes them out of the document,
but after this one where it is loaded later."""

SCHEMING = "scheming_datasets"
VOCABULARY = "vocabulary"
"""Key by which a field of the suite's own schema names its code list."""

LONGEST = 200_000
"""Characters of one dataset that are folded; a novel would only fill the index."""


def extend(document: Document) -> Document:
    """Add the folded words of a dataset, and its place in the list by name."""
    known = in_use()
    title = document.get("title") or document.get("name") or ""
    document["title_string"] = text.sort_key(title)
    tags = [text.nfc(tag) for tag in document.get("tags") or ()]
    document["tags"] = tags
    document[TITLE] = index_words([title], known)
    document[TAGS] = index_words(tags, known)
    document[TEXT] = index_words(_within(as_texts(_values(document))), known)
    return document


def _values(document: Document) -> Iterator[Any]:
    for name in SEARCHED:
        yield document.get(name)
    for name, value in document.items():
        if name.startswith(FOR_FEW) or name in OWN_FIELDS or name.endswith(NO_WORDS):
            continue
        if name.startswith(STARTS):
            yield value
    dataset = _as_shown(document)
    yield (dataset.get("organization") or {}).get("title")
    for group in dataset.get("groups") or ():
        yield group.get("title")
    yield from labels_of(dataset)


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


def labels_of(dataset: Mapping[str, Any]) -> Iterator[str]:
    """Yield the labels of a dataset and of its resources."""
    if not p.plugin_loaded(SCHEMING):
        return
    schema = tk.h.scheming_get_dataset_schema(dataset.get("type") or "dataset")
    if schema is None:
        return
    yield from _of_fields(schema.get("dataset_fields", ()), dataset)
    for resource in dataset.get("resources") or ():
        yield from _of_fields(schema.get("resource_fields", ()), resource)


def _of_fields(schema_fields: Any, record: Mapping[str, Any]) -> Iterator[str]:
    for field in schema_fields:
        value = record.get(field["field_name"])
        if not value:
            continue
        if subfields := field.get("repeating_subfields"):
            for group in value if isinstance(value, list) else ():
                if isinstance(group, dict):
                    yield from _of_fields(subfields, group)
        elif "choices" in field or "choices_helper" in field:
            yield from _labels(field, value if isinstance(value, list) else [value])


def _labels(field: Mapping[str, Any], values: list[Any]) -> Iterator[str]:
    if field.get("choices_helper") == "nd47_choices":
        yield from _terms(field[VOCABULARY], values)
        return
    wanted = {value for value in values if isinstance(value, str)}
    for choice in tk.h.scheming_field_choices(field) or ():
        if choice["value"] in wanted:
            label = choice.get("label")
            yield from label.values() if isinstance(label, dict) else filter(None, [label])


def _terms(vocabulary_id: str, values: list[Any]) -> Iterator[str]:
    """Yield labels of the suite's code lists, without building every choice."""
    terms = vocabulary.get(vocabulary_id)
    for value in values:
        if isinstance(value, str) and (term := terms.term(value)) is not None:
            yield from term.label.values()


def index_words(texts: Iterable[str], abbreviations: Abbreviations) -> str:
    """Return the shadow of texts: their words folded, in order, then each spelling once.

    An abbreviation stands in it written out. What stands in a text written out in another way
    than the list has it (`khoa học, công nghệ`) is added as the list has it.
    """
    words = text.words("\n".join(texts))
    common = list(map(text.common, words))
    spelled = dict.fromkeys(map(text.spelling, words))
    folded: list[str] = []
    added: list[str] = []
    start = 0
    for place, entry in abbreviations.among(common):
        if entry.short:
            folded += common[start:place]
            folded += entry.common
            start = place + entry.length
        elif entry.common != tuple(common[place : place + entry.length]):
            added += entry.common
        spelled.update(dict.fromkeys(map(text.spelling, entry.full)))
    folded += common[start:]
    spelled.pop("", None)
    return " ".join([*folded, *added, *spelled])


def as_texts(values: Iterable[object]) -> list[str]:
    """Return the texts among values and lists of values, each once."""
    found: dict[str, None] = {}
    for value in values:
        if isinstance(value, str):
            found[value] = None
        elif isinstance(value, list):
            found.update((item, None) for item in value if isinstance(item, str))
    found.pop("", None)
    return list(found)
