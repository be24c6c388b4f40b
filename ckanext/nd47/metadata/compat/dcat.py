"""Patch of ckanext-dcat: indexing of datasets whose groups of subfields have another shape.

`before_dataset_index` of ckanext-dcat 2.4 indexes subfields and expects a list of mappings in each
field with subfields. It raises for a dataset that has a text or a single group there, so the
dataset cannot be saved or indexed. ckanext-dcat pull request 387 reports the same failure and is
not merged. The method is wrapped because the hook of another plugin may run before or after it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import ckan.plugins as p

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.plugins import wrap_method
from ckanext.nd47.metadata.compat import scheming
from ckanext.nd47.metadata.search import index

BeforeIndex = Callable[[dict[str, Any]], dict[str, Any]]

DCAT = "dcat"


def install() -> None:
    """Wrap the method of the plugin."""
    wrap_method(DCAT, "before_dataset_index", _wrapped)


def _wrapped(prepare: BeforeIndex) -> BeforeIndex:
    @functools.wraps(prepare)
    def wrapped(dataset: dict[str, Any]) -> dict[str, Any]:
        if not p.plugin_loaded(scheming.PLUGIN):
            return prepare(dataset)
        misshapen = {}
        for name in dataset_fields.of(dataset).groups.intersection(dataset):
            groups = scheming.as_groups(dataset[name])
            if groups is None:
                misshapen[name] = dataset.pop(name)
            else:
                dataset[name] = groups
        return index.within_limits({**prepare(dataset), **misshapen})

    return wrapped
