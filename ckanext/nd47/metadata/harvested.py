"""Datasets imported by ckanext-harvest are stored as they are.

Every harvester built on ckanext-harvest links the harvest object to the dataset before it saves the
dataset, and saves without an account's rights (`ignore_auth`). A save with both is an incoming
harvest; an officer who edits such a dataset later is not.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Mapping
from typing import Any, cast

import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.lib import config
from ckanext.nd47.lib.inputs import Validator

PLUGIN = "harvest"
SOURCE = "harvest_source_id"
"""Extra that ckanext-harvest adds to harvested datasets when they are shown."""

_OBJECT = sa.text("SELECT 1 FROM harvest_object WHERE package_id = :id LIMIT 1")
_OBJECTS = sa.text("SELECT DISTINCT package_id FROM harvest_object WHERE package_id = ANY(:ids)")
_CONTEXT_KEY = "nd47_harvest"


def is_free(context: Context, dataset_id: Any) -> bool:
    """Return whether a save is an incoming harvest, which the rules of the portal do not bind."""
    if config.rules_bind_harvests() or not p.plugin_loaded(PLUGIN):
        return False
    if not context.get("ignore_auth") or not isinstance(dataset_id, str) or not dataset_id:
        return False
    # Called for each field, so the result is cached in the context of the save.
    cache = cast("dict[str, Any]", context)
    cached_id, harvested = cache.get(_CONTEXT_KEY, (None, False))
    if cached_id != dataset_id:
        harvested = model.Session.execute(_OBJECT, {"id": dataset_id}).first() is not None
        cache[_CONTEXT_KEY] = (dataset_id, harvested)
    return harvested


def among(dataset_ids: Collection[str]) -> set[str]:
    """Return which of these datasets were harvested and are not bound by the portal's rules."""
    return set() if config.rules_bind_harvests() else linked(dataset_ids)


def linked(dataset_ids: Collection[str]) -> set[str]:
    """Return which of these datasets were harvested, whatever binds them."""
    if not p.plugin_loaded(PLUGIN) or not dataset_ids:
        return set()
    return set(model.Session.scalars(_OBJECTS, {"ids": list(dataset_ids)}))


def was_brought(dataset: Mapping[str, Any]) -> bool:
    """Return whether a dataset, as it is shown, was harvested."""
    return any(extra.get("key") == SOURCE for extra in dataset.get("extras") or ())


def as_it_came(validator: Validator) -> Validator:
    """Return a validator that does not change values of an incoming harvest."""

    @functools.wraps(validator)
    def wrapped(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        package = cast("Any", context.get("package"))
        if not is_free(context, package.id if package else data.get(("id",))):
            validator(key, data, errors, context)
            return
        value = data.get(key)
        if key[-1:] != ("__before",) and isinstance(value, (list, dict)):
            if not value:
                data.pop(key)
                raise tk.StopOnError
            data[key] = json.dumps(value, ensure_ascii=False)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and len(key) == 1:
            data[key] = str(value)

    return wrapped
