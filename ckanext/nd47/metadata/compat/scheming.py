"""Patch of ckanext-scheming: datasets that were created under another schema.

ckanext-scheming 3.1 assumes that all stored values were written under the current schema: a plain
text in a field that now has subfields causes a server error wherever the dataset is shown, and
unknown subfields are returned under `__extras`. There is no upstream issue for it. ckanext-scheming
has no hook between reading a dataset and validating it, so its method `validate` is wrapped.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins as p
from ckan.types import Context, Schema

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.plugins import wrap_method

Extras = list[dict[str, Any]]
Validate = Callable[[Context, dict[str, Any], Schema, str], tuple[dict[str, Any], dict[str, Any]]]

PLUGIN = "nd47"
SCHEMING = "scheming_datasets"
SHOW = "package_show"
UNKNOWN = "__extras"
"""Key under which CKAN's validation returns keys that are not in the schema."""


def install() -> None:
    """Wrap ckanext-scheming's validation of datasets."""
    wrap_method(SCHEMING, "validate", _wrapped)


def _wrapped(validate: Validate) -> Validate:
    @functools.wraps(validate)
    def wrapped(
        context: Context, data_dict: dict[str, Any], schema: Schema, action: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        # The plugin object of ckanext-scheming is reused when plugins are unloaded and loaded.
        if not p.plugin_loaded(PLUGIN):
            return validate(context, data_dict, schema, action)
        separate = readable if action == SHOW else lifted
        sound, misshapen = separate(data_dict)
        validated, errors = validate(context, sound, schema, action)
        if action == SHOW:
            with_unknown_subfields(validated)
            with_empty_values(validated, sound)
        else:
            keep_stored_form(validated, context)
        if misshapen:
            validated["extras"] = [*validated.get("extras", []), *misshapen]
        return validated, errors

    return wrapped


def readable(dataset: Mapping[str, Any]) -> tuple[dict[str, Any], Extras]:
    """Separate a stored dataset from the extras that its schema cannot read.

    Returns:
        The dataset, with groups of subfields as JSON lists, and the extras that have the name of a
        field with subfields but another shape; they are shown among the other extras.
    """
    groups = dataset_fields.of(dataset).groups
    misshapen: Extras = []
    extras: Extras = []
    for extra in dataset.get("extras") or []:
        if extra.get("key") not in groups:
            extras.append(extra)
            continue
        groups_value = as_groups(extra.get("value"))
        if groups_value is None:
            misshapen.append(extra)
        else:
            extras.append({**extra, "value": json.dumps(groups_value)})
    return {**dataset, "extras": extras}, misshapen


def lifted(dataset: Mapping[str, Any]) -> tuple[dict[str, Any], Extras]:
    """Move extras of an input that have the name of a field to that field.

    CKAN refuses such extras, but clients that read the dataset before the schema was introduced
    send them. A field takes precedence over an extra of the same name.

    Returns:
        The input, and the extras that do not have the shape of the field: they are stored
        unchanged unless the input contains the field.
    """
    if not dataset.get("extras"):
        return dict(dataset), []
    fields = dataset_fields.of(dataset)
    moved, extras, misshapen = dict(dataset), [], []
    keys = Counter(extra.get("key") for extra in dataset["extras"])
    for extra in dataset["extras"]:
        name = extra.get("key")
        if name not in fields.extras or extra.get("deleted") or keys[name] > 1:
            extras.append(extra)
            continue
        value = extra.get("value")
        if name in fields.groups:
            value = as_groups(value)
            if value is None and not moved.get(name):
                misshapen.append({"key": name, "value": extra.get("value")})
        if value is not None:
            moved.setdefault(name, value)
    moved["extras"] = extras
    return moved, misshapen


def keep_stored_form(validated: Mapping[str, Any], context: Context) -> None:
    """Keep the stored form of groups of subfields and JSON values that have not changed.

    ckanext-scheming rewrites groups at each save, without empty subfields, and its form formats
    JSON values.
    """
    package: Any = context.get("package")
    if package is None:
        return
    fields = dataset_fields.of(validated)
    json_fields = fields.extras - fields.lists - fields.texts
    for extra in validated.get("extras") or []:
        if extra.get("key") not in json_fields or extra["key"] not in package.extras:
            continue
        before = package.extras[extra["key"]]
        if extra["key"] in fields.groups:
            is_unchanged = _comparable(as_groups(before)) == _comparable(
                as_groups(extra.get("value"))
            )
        else:
            is_unchanged = _parsed(before) == _parsed(extra.get("value"))
        if is_unchanged:
            extra["value"] = before
    if fields.resource_groups:
        _keep_stored_form_of_resources(validated, package, fields.resource_groups)


def _keep_stored_form_of_resources(
    validated: Mapping[str, Any], package: Any, groups: frozenset[str]
) -> None:
    stored = {resource.id: resource.extras or {} for resource in package.resources}
    for resource in validated.get("resources") or []:
        old = stored.get(resource.get("id"), {})
        for name in groups & resource.keys() & old.keys():
            if _comparable(as_groups(old[name])) == _comparable(as_groups(resource[name])):
                resource[name] = old[name]


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _comparable(value: Any) -> Any:
    """Return groups of subfields in a comparable form, without empty values.

    A list inside a group is a list in API calls and JSON text in forms.
    """
    if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    if isinstance(value, Mapping):
        return {k: _comparable(v) for k, v in value.items() if v not in (None, "", [], {})}
    return [_comparable(item) for item in value] if isinstance(value, list) else value


def as_groups(value: Any) -> list[dict[str, Any]] | None:
    """Return a stored value as groups of subfields, None if it has another shape."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(group, dict) for group in value):
        return None
    return value


def with_unknown_subfields(dataset: dict[str, Any]) -> None:
    """Move unknown subfields from `__extras` back into their group."""
    for name in dataset_fields.of(dataset).groups:
        groups = dataset.get(name)
        for group in groups if isinstance(groups, list) else []:
            unknown = group.pop(UNKNOWN, None) if isinstance(group, dict) else None
            if isinstance(unknown, dict):
                group.update(unknown)


def with_empty_values(validated: dict[str, Any], stored: Mapping[str, Any]) -> None:
    """Add CKAN's columns without a value as null.

    ckanext-scheming drops them, but API clients rely on every key.
    """
    for name in dataset_fields.core().intersection(stored) - validated.keys():
        if stored[name] is None:
            validated[name] = None
    before = {resource.get("id"): resource for resource in stored.get("resources") or []}
    for resource in validated.get("resources") or []:
        for name, value in before.get(resource.get("id"), {}).items():
            if value is None:
                resource.setdefault(name, None)


def lift(context: Context, dataset: dict[str, Any]) -> None:
    """Move extras that have the name of a field of the schema to that field.

    The search index returns datasets as they were when they were indexed: after a change of
    schema, values are extras until the dataset is reindexed, and a form would show the field empty
    and delete the value.
    """
    if "schema" in context:
        # The caller asks for the dataset under another schema.
        return
    fields = dataset_fields.of(dataset)
    for resource in dataset.get("resources") or []:
        for name in fields.resource_lists.intersection(resource):
            resource[name] = _as_list(resource[name])
    if not dataset.get("extras"):
        return
    remaining: Extras = []
    for extra in dataset["extras"]:
        name = extra.get("key")
        value = as_shown(name, extra.get("value"), fields) if name in fields.extras else None
        if value is None or name in dataset:
            remaining.append(extra)
        else:
            dataset[name] = value
    dataset["extras"] = remaining


def as_shown(name: str, value: Any, fields: dataset_fields.Fields) -> Any:
    """Return the stored value of a field as `package_show` returns it, None if it is invalid."""
    if name in fields.groups:
        return as_groups(value)
    return _as_list(value) if name in fields.lists else value


def _as_list(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return [value]
    return parsed if isinstance(parsed, list) else [value]
