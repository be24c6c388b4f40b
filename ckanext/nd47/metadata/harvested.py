"""Datasets that ckanext-harvest brings are stored as they came.

Every harvester built on ckanext-harvest links the harvest object to the dataset before it saves the
dataset, and saves without an account's rights (`ignore_auth`). A save with both is an incoming
harvest; an officer who edits such a dataset later is not.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
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
"""Extra with which ckanext-harvest shows a dataset that it brought."""

_OBJECT = sa.text("SELECT 1 FROM harvest_object WHERE package_id = :id LIMIT 1")
_ANSWER = "nd47_harvest"


def is_free(context: Context, dataset_id: Any) -> bool:
    """Say whether a save is an incoming harvest that the rules of this portal do not bind."""
    if config.rules_bind_harvests() or not p.plugin_loaded(PLUGIN):
        return False
    if not context.get("ignore_auth") or not isinstance(dataset_id, str) or not dataset_id:
        return False
    # Each field asks; the answer goes with the context of the save.
    asked = cast("dict[str, Any]", context)
    known, answer = asked.get(_ANSWER, (None, False))
    if known != dataset_id:
        answer = model.Session.execute(_OBJECT, {"id": dataset_id}).first() is not None
        asked[_ANSWER] = (dataset_id, answer)
    return answer


def was_brought(dataset: Mapping[str, Any]) -> bool:
    """Say whether a dataset, as it is shown, came by a harvest."""
    return any(one.get("key") == SOURCE for one in dataset.get("extras") or ())


def as_it_came(validator: Validator) -> Validator:
    """Return a validator that leaves what an incoming harvest says as it is."""

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
