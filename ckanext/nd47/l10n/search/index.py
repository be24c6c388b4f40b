"""Fields of the search index with folded words, their spelling, and pairs of neighbours.

`Thủy lợi` is indexed as `thuy loi`, so that it is found in any spelling, as `thuyrqz loijqz`, so
that a query with the same spelling ranks it first, and as the pair `thuyrqxloijqz`, so that a text
in which the two words stand together comes before one that contains both somewhere.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.l10n.abbreviations import Abbreviations, Match, in_use
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary

Document = dict[str, Any]

TITLE = "extras_nd47_title"
TAGS = "extras_nd47_tags"
TEXT = "extras_nd47_text"

OWN_FIELDS = (TITLE, TAGS, TEXT)
"""Fields that this module adds. They are dynamic fields `extras_*` of CKAN's Solr schema, which are
split into words and copied to the field `text`, the default field of queries."""

ALL_TEXTS = "text"
"""CKAN's field of all texts."""

SEARCHED = ("notes", "author", "maintainer", "res_name", "res_description")
SEARCHED_PREFIXES = ("extras_", "res_extras_", "vocab_")
"""Fields that CKAN searches, because Solr copies them to the field `text`."""

NOT_TEXT_SUFFIXES = (
    "uri",
    "url",
    "_id",
    "hash",
    "geom",
    "bbox",
    "centroid",
    "spatial",
    "datastore_active",
)
"""Ends of the names of fields that do not contain words."""

NOT_PUBLIC_PREFIXES = ("extras_personal_data_assessment", "extras_security_assessment")
"""Fields that are not public. The plugin `nd47` removes them from the document, but if it is loaded
after this plugin, they are still in it here."""

SCHEMING = "scheming_datasets"
VOCABULARY = "vocabulary"
"""Key of a field in the schema of the plugin `nd47` with the id of its code list."""

MAX_LENGTH = 200_000
"""Maximum number of characters of a dataset that are indexed."""


def add_fields(document: Document) -> Document:
    """Add the folded words of a dataset, and its key for sorting by title."""
    abbreviations = in_use()
    title = document.get("title") or document.get("name") or ""
    document["title_string"] = text.sort_key(title)
    tags = [text.nfc(tag) for tag in document.get("tags") or ()]
    document["tags"] = tags
    document[TITLE] = index_words([title], abbreviations, folded_pairs=True)
    document[TAGS] = index_words(tags, abbreviations, folded_pairs=True)
    texts = _truncate(unique_texts(_values(document)))
    document[TEXT] = index_words(texts, abbreviations)
    return document


def _values(document: Document) -> Iterator[Any]:
    for name in SEARCHED:
        yield document.get(name)
    for name, value in document.items():
        if (
            name.startswith(SEARCHED_PREFIXES)
            and not name.startswith(NOT_PUBLIC_PREFIXES)
            and not name.endswith(NOT_TEXT_SUFFIXES)
            and name not in OWN_FIELDS
        ):
            yield value
    dataset = _dataset_of(document)
    yield (dataset.get("organization") or {}).get("title")
    for group in dataset.get("groups") or ():
        yield group.get("title")
    yield from labels_of(dataset)


def _dataset_of(document: Document) -> Mapping[str, Any]:
    """Return the dataset as `package_show` returns it."""
    try:
        return json.loads(document.get("validated_data_dict") or "{}")
    except ValueError:
        return {}


def _truncate(texts: list[str]) -> Iterator[str]:
    remaining = MAX_LENGTH
    for content in texts:
        if remaining <= 0:
            return
        yield content[:remaining]
        remaining -= len(content)


def labels_of(dataset: Mapping[str, Any]) -> Iterator[str]:
    """Yield the labels of the codes in a dataset and its resources."""
    if not p.plugin_loaded(SCHEMING):
        return
    schema = tk.h.scheming_get_dataset_schema(dataset.get("type") or "dataset")
    if schema is None:
        return
    yield from _labels_of_fields(schema.get("dataset_fields", ()), dataset)
    for resource in dataset.get("resources") or ():
        yield from _labels_of_fields(schema.get("resource_fields", ()), resource)


def _labels_of_fields(schema_fields: Any, record: Mapping[str, Any]) -> Iterator[str]:
    for field in schema_fields:
        value = record.get(field["field_name"])
        if not value:
            continue
        if subfields := field.get("repeating_subfields"):
            for group in value if isinstance(value, list) else ():
                if isinstance(group, dict):
                    yield from _labels_of_fields(subfields, group)
        elif "choices" in field or "choices_helper" in field:
            yield from _labels_of_field(field, value if isinstance(value, list) else [value])


def _labels_of_field(field: Mapping[str, Any], values: list[Any]) -> Iterator[str]:
    if field.get("choices_helper") == "nd47_choices":
        yield from _labels_of_codes(field[VOCABULARY], values)
        return
    codes = {value for value in values if isinstance(value, str)}
    for choice in tk.h.scheming_field_choices(field) or ():
        if choice["value"] in codes:
            label = choice.get("label")
            yield from label.values() if isinstance(label, dict) else filter(None, [label])


def _labels_of_codes(vocabulary_id: str, values: list[Any]) -> Iterator[str]:
    """Yield labels of a code list, which is faster than creating all choices of the field."""
    terms = vocabulary.get(vocabulary_id)
    for value in values:
        if isinstance(value, str) and (term := terms.term(value)) is not None:
            yield from term.label.values()


BREAK = re.compile(r"[,.;:!?…|()\[\]\"“”\n]+")
"""Punctuation between words that are no neighbours."""


class _Words:
    """Words of the index, collected from texts: folded in order, spellings, and pairs."""

    def __init__(self, abbreviations: Abbreviations, *, folded_pairs: bool) -> None:
        self._abbreviations = abbreviations
        self._has_folded_pairs = folded_pairs
        self._names: dict[Match, None] = {}
        self._folded: list[str] = []
        self._spellings: dict[str, None] = {}
        self._pairs: dict[str, None] = {}

    def add(self, content: str) -> None:
        """Add a text. Its abbreviations are replaced by their full names."""
        words: list[str] = []
        neighbours: list[list[str]] = []
        for part in BREAK.split(content):
            start = len(words)
            words += text.words(part)
            neighbours.append(words[start:])
        common = list(map(text.common, words))
        self._spellings.update(dict.fromkeys(map(text.spelling, words)))
        full_words: list[str] = []
        end = 0
        for start, match in self._abbreviations.find_all(common):
            if match.short:
                full_words += words[end:start]
                full_words += match.full
                end = start + match.length
                neighbours.append(list(match.full))
                self._spellings.update(dict.fromkeys(map(text.spelling, match.full)))
        full_words += words[end:]
        if end:
            common = list(map(text.common, full_words))
        self._folded += common
        self._names.update(dict.fromkeys(self._abbreviations.find_nested(common)))
        for group in neighbours:
            self._pairs.update(dict.fromkeys(pairs_of(group)))
            if self._has_folded_pairs:
                self._pairs.update(dict.fromkeys(folded_pairs_of(list(map(text.common, group)))))

    def joined(self) -> str:
        """Return all words. For synonyms and other spellings of names, the full name is added."""
        added: list[str] = []
        for match in self._names:
            if match.alias != match.common:
                added += match.common
                if self._has_folded_pairs:
                    self._pairs.update(dict.fromkeys(folded_pairs_of(match.common)))
        self._spellings.pop("", None)
        return " ".join([*self._folded, *added, *self._spellings, *self._pairs])


def index_words(
    texts: Iterable[str], abbreviations: Abbreviations, *, folded_pairs: bool = False
) -> str:
    """Return the words of texts for the index: folded words in order, spellings, and pairs.

    Abbreviations are replaced by their full names. For other spellings of a full name (`khoa học,
    công nghệ`) and for synonyms, the full name is added.

    Args:
        texts: texts of a dataset.
        abbreviations: abbreviations and synonyms.
        folded_pairs: whether pairs without diacritics are added to those with their spelling.
    """
    words = _Words(abbreviations, folded_pairs=folded_pairs)
    for content in texts:
        words.add(content)
    return words.joined()


PAIR, FOLDED_PAIR = "qx", "qj"
"""Letters between the two words of a pair, with their spelling and without diacritics."""


def pairs_of(words: Sequence[str]) -> Iterator[str]:
    """Yield each two neighbours in a text as one word, in their spelling."""
    spellings = [text.spelling(word) for word in words]
    for first, second in itertools.pairwise(spellings):
        if first and second:
            yield f"{first.removesuffix(text.SPELLING_END)}{PAIR}{second}"


def folded_pairs_of(common: Sequence[str]) -> Iterator[str]:
    """Yield each two neighbours among folded words as one word."""
    for first, second in itertools.pairwise(common):
        if first.isascii() and first.isalpha() and second.isascii() and second.isalpha():
            yield f"{first}{FOLDED_PAIR}{second}{text.SPELLING_END}"


def unique_texts(values: Iterable[object]) -> list[str]:
    """Return the texts in values and lists of values, each once."""
    texts: dict[str, None] = {}
    for value in values:
        if isinstance(value, str):
            texts[value] = None
        elif isinstance(value, list):
            texts.update((item, None) for item in value if isinstance(item, str))
    texts.pop("", None)
    return list(texts)
