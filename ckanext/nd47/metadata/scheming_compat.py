"""Where ckanext-scheming meets datasets that it did not make.

Under a schema of its own, ckanext-scheming 3.1 takes for granted that it wrote every value itself:
one dataset made before, with a plain text in a field that now has subfields, ends in a server error
wherever it is shown, and subfields that the schema does not know come back under `__extras`. It
offers no hook between reading a dataset and validating it, so its method `validate` is wrapped.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins as p
from ckan.types import Context, Schema

from ckanext.nd47.lib import dataset_fields

Extras = list[dict[str, Any]]
Validate = Callable[[Context, dict[str, Any], Schema, str], tuple[dict[str, Any], dict[str, Any]]]

PLUGIN = "nd47"
SCHEMING = "scheming_datasets"
SHOW = "package_show"
UNKNOWN = "__extras"
"""Where CKAN's validation leaves the keys that a schema does not know."""


def install() -> None:
    """Wrap ckanext-scheming's validation of datasets, once in the life of the process."""
    scheming: Any = p.get_plugin(SCHEMING)
    if scheming is None or hasattr(scheming.validate, "__wrapped__"):
        return
    scheming.validate = _tolerant(scheming.validate)


def _tolerant(validate: Validate) -> Validate:
    @functools.wraps(validate)
    def wrapped(
        context: Context, data_dict: dict[str, Any], schema: Schema, action: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        # The plugin object of ckanext-scheming outlives ours when a test unloads plugins.
        if not p.plugin_loaded(PLUGIN):
            return validate(context, data_dict, schema, action)
        separate = readable if action == SHOW else lifted
        sound, odd = separate(data_dict)
        validated, errors = validate(context, sound, schema, action)
        if action == SHOW:
            with_unknown_subfields(validated)
            with_empty_values(validated, sound)
        else:
            keep_spelling(validated, context)
        if odd:
            validated["extras"] = [*validated.get("extras", []), *odd]
        return validated, errors

    return wrapped


def readable(dataset: Mapping[str, Any]) -> tuple[dict[str, Any], Extras]:
    """Part a stored dataset from the extras that its schema cannot read.

    Returns:
        The dataset, with groups of subfields as JSON lists, and the extras that bear the name of a
        field with subfields but hold something else; they are shown among the other extras.
    """
    groups = dataset_fields.of(dataset).groups
    odd: Extras = []
    extras: Extras = []
    for extra in dataset.get("extras") or []:
        if extra.get("key") not in groups:
            extras.append(extra)
            continue
        found = as_groups(extra.get("value"))
        if found is None:
            odd.append(extra)
        else:
            extras.append({**extra, "value": json.dumps(found)})
    return {**dataset, "extras": extras}, odd


def lifted(dataset: Mapping[str, Any]) -> tuple[dict[str, Any], Extras]:
    """Move extras of an input that bear the name of a field to that field.

    CKAN refuses them otherwise, though they are how a program knows the dataset that learned it
    before the schema was there. A field that is given wins over the extra.

    Returns:
        The input, and the extras that cannot be the field: they are stored as they are unless the
        field is given.
    """
    if not dataset.get("extras"):
        return dict(dataset), []
    known = dataset_fields.of(dataset)
    whole, extras, odd = dict(dataset), [], []
    keys = Counter(extra.get("key") for extra in dataset["extras"])
    for extra in dataset["extras"]:
        name = extra.get("key")
        if name not in known.extras or extra.get("deleted") or keys[name] > 1:
            extras.append(extra)
            continue
        value = extra.get("value")
        if name in known.groups:
            value = as_groups(value)
            if value is None and not whole.get(name):
                odd.append({"key": name, "value": extra.get("value")})
        if value is not None:
            whole.setdefault(name, value)
    whole["extras"] = extras
    return whole, odd


def keep_spelling(validated: Mapping[str, Any], context: Context) -> None:
    """Put groups and structures that say what is stored already back as they are spelled there.

    ckanext-scheming writes groups again at each saving, without the subfields that are empty, and
    its form lays out a structure in lines.
    """
    package: Any = context.get("package")
    if package is None:
        return
    known = dataset_fields.of(validated)
    written = known.extras - known.lists - known.texts
    for extra in validated.get("extras") or []:
        if extra.get("key") not in written or extra["key"] not in package.extras:
            continue
        before = package.extras[extra["key"]]
        if extra["key"] in known.groups:
            same = _content(as_groups(before)) == _content(as_groups(extra.get("value")))
        else:
            same = _parsed(before) == _parsed(extra.get("value"))
        if same:
            extra["value"] = before
    if known.resource_groups:
        _keep_spelling_of_resources(validated, package, known.resource_groups)


def _keep_spelling_of_resources(
    validated: Mapping[str, Any], package: Any, groups: frozenset[str]
) -> None:
    stored = {resource.id: resource.extras or {} for resource in package.resources}
    for resource in validated.get("resources") or []:
        old = stored.get(resource.get("id"), {})
        for name in groups & resource.keys() & old.keys():
            if _content(as_groups(old[name])) == _content(as_groups(resource[name])):
                resource[name] = old[name]


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _content(value: Any) -> Any:
    """Return what groups of subfields say, however their lists are spelled, without what is empty.

    A list inside a group comes as a list from a program, and as JSON from a form.
    """
    if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    if isinstance(value, Mapping):
        return {k: _content(v) for k, v in value.items() if v not in (None, "", [], {})}
    return [_content(item) for item in value] if isinstance(value, list) else value


def as_groups(value: Any) -> list[dict[str, Any]] | None:
    """Return a stored value as groups of subfields, None where it is something else."""
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
    """Put subfields that the schema does not know back among the others of their group."""
    for name in dataset_fields.of(dataset).groups:
        found = dataset.get(name)
        for group in found if isinstance(found, list) else []:
            unknown = group.pop(UNKNOWN, None) if isinstance(group, dict) else None
            if isinstance(unknown, dict):
                group.update(unknown)


def with_empty_values(validated: dict[str, Any], stored: Mapping[str, Any]) -> None:
    """Put the columns of CKAN that hold nothing back among what is shown, as null.

    ckanext-scheming drops them; programs that read CKAN's answers rely on every key.
    """
    for name in dataset_fields.core().intersection(stored) - validated.keys():
        if stored[name] is None:
            validated[name] = None
    before = {one.get("id"): one for one in stored.get("resources") or []}
    for resource in validated.get("resources") or []:
        for name, value in before.get(resource.get("id"), {}).items():
            if value is None:
                resource.setdefault(name, None)


def lift(context: Context, dataset: dict[str, Any]) -> None:
    """Move extras that bear the name of a field of the schema to where the field is read.

    The search index keeps datasets as they were shown when they were indexed: after a change of
    schema they lie there as extras until they are indexed anew, and a form would show such a
    field empty, and empty it.
    """
    if "schema" in context:
        # The caller wants CKAN's own view.
        return
    known = dataset_fields.of(dataset)
    for resource in dataset.get("resources") or []:
        for name in known.resource_lists.intersection(resource):
            resource[name] = _as_list(resource[name])
    if not dataset.get("extras"):
        return
    remaining: Extras = []
    for extra in dataset["extras"]:
        name = extra.get("key")
        value = as_shown(name, extra.get("value"), known) if name in known.extras else None
        if value is None or name in dataset:
            remaining.append(extra)
        else:
            dataset[name] = value
    dataset["extras"] = remaining


def as_shown(name: str, value: Any, known: dataset_fields.Fields) -> Any:
    """Return the stored value of a field as `package_show` gives it, None where it cannot."""
    if name in known.groups:
        return as_groups(value)
    return _as_list(value) if name in known.lists else value


def _as_list(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return [value]
    return parsed if isinstance(parsed, list) else [value]
