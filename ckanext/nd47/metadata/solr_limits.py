"""What goes into the search index, kept to what Solr can take."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import ckan.plugins as p

from ckanext.nd47.lib import dataset_fields, values
from ckanext.nd47.metadata import scheming_compat

BeforeIndex = Callable[[dict[str, Any]], dict[str, Any]]

DCAT = "dcat"

SPLIT_FIELDS = frozenset({"author", "maintainer", "notes", "text", "title"})
SPLIT_STARTS = ("extras_", "res_extras_")
"""Fields that CKAN's Solr schema splits into words, so that their length does not matter."""

NOT_SEARCHED = frozenset({"data_dict", "validated_data_dict"})

LONGEST_CHARACTER = 4
"""Bytes of a character in UTF-8, at most."""


def install() -> None:
    """Wrap ckanext-dcat's preparation of the search index, once in the life of the process.

    It spreads groups of subfields over fields of the index, and fails at a dataset that holds a
    text or one group alone in their place. Our own hook may run before or after it.
    """
    dcat: Any = p.get_plugin(DCAT)
    if dcat is None or hasattr(dcat.before_dataset_index, "__wrapped__"):
        return
    dcat.before_dataset_index = _tolerant(dcat.before_dataset_index)


def _tolerant(prepare: BeforeIndex) -> BeforeIndex:
    @functools.wraps(prepare)
    def wrapped(dataset: dict[str, Any]) -> dict[str, Any]:
        if not p.plugin_loaded(scheming_compat.PLUGIN):
            return prepare(dataset)
        odd = {}
        for name in dataset_fields.of(dataset).groups.intersection(dataset):
            groups = scheming_compat.as_groups(dataset[name])
            if groups is None:
                odd[name] = dataset.pop(name)
            else:
                dataset[name] = groups
        return within_limits({**prepare(dataset), **odd})

    return wrapped


def within_limits(dataset: dict[str, Any]) -> dict[str, Any]:
    """Shorten what Solr keeps whole and would refuse, and with it the dataset.

    CKAN indexes an extra under its own name too, in a field that is not split into words: one
    Vietnamese text of 12,000 characters there, and the dataset cannot be saved. The whole text
    stays searchable under `extras_*`.
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
    if len(text) * LONGEST_CHARACTER <= values.TERM_BYTES:
        return text
    encoded = text.encode("utf-8", "ignore")
    return (
        text
        if len(encoded) <= values.TERM_BYTES
        else encoded[: values.TERM_BYTES].decode("utf-8", "ignore")
    )
