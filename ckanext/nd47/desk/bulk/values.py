"""Computes the new values of a dataset from what is to be set, added or removed."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.bulk import fields
from ckanext.nd47.desk.bulk.fields import ADD, CLEAR, REMOVE, Field
from ckanext.nd47.desk.bulk.kinds import Values
from ckanext.nd47.lib.fields import dataset_fields, values

Group = dict[str, Any]


class Change(TypedDict):
    """What is to be done with a field; `value` is a text, or a list of texts or of groups."""

    field: str
    operation: str
    value: Any


def computed(request: Mapping[str, Any], dataset: Mapping[str, Any]) -> Values:
    """Return the new values of a dataset, as input of `package_patch`.

    Args:
        request: with the `changes`, as a run stores them.
        dataset: the dataset as `package_show` returns it.

    Raises:
        ckan.plugins.toolkit.ValidationError: a field is not in the schema any more.
    """
    known = fields.by_name(dataset.get("type") or dataset_fields.DEFAULT_TYPE)
    changes: list[Change] = request["changes"]
    require_fields((change["field"] for change in changes), known)
    new: Values = {}
    for change in changes:
        field = known[change["field"]]
        # Two changes of one field follow each other.
        current = {**dataset, **new}
        if field.name == fields.KEYWORDS:
            new["tags"] = _keywords(change, current)
        elif field.name == fields.VISIBILITY:
            new[field.name] = change["value"] == fields.PRIVATE
        elif not field.several:
            new[field.name] = "" if change["operation"] == CLEAR else change["value"]
        else:
            new[field.name] = _of_several(change, field, current.get(field.name))
    return new


def require_fields(names: Iterable[str], known: Mapping[str, Field]) -> None:
    """Stop where a field is not in the schema.

    Raises:
        ckan.plugins.toolkit.ValidationError: with a message for each of these fields.
    """
    unknown = [name for name in names if name not in known]
    if unknown:
        message = tk._("The portal has no such field that can be set for many datasets.")
        raise tk.ValidationError({name: [message] for name in unknown})


def _keywords(change: Change, dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    tags = dataset.get("tags") or []
    # Keywords of a vocabulary belong to other fields.
    others = [
        {"name": tag["name"], "vocabulary_id": tag["vocabulary_id"]}
        for tag in tags
        if tag.get("vocabulary_id")
    ]
    current = [tag["name"] for tag in tags if not tag.get("vocabulary_id")]
    names = _combined(change, current, meaning=_folded)
    return [*({"name": name} for name in names), *others]


def _of_several(change: Change, field: Field, stored: Any) -> list[Any]:
    current = stored if isinstance(stored, list) else [stored] if stored else []
    if field.kind == "groups":
        return _combined(change, current, meaning=_meaning, fits=_fits)
    return _combined(change, current, meaning=lambda value: value)


def _combined(
    change: Change,
    current: list[Any],
    *,
    meaning: Callable[[Any], Any],
    fits: Callable[[Any, Any], bool] = operator.eq,
) -> list[Any]:
    """Return the values after a change, without doubles and in their order.

    Args:
        change: the change.
        current: the values before.
        meaning: what is compared of a value; worked out once for each, as texts may be long.
        fits: whether a given value means a current one, by their meanings.
    """
    operation = change["operation"]
    if operation == CLEAR:
        return []
    values = change["value"] if isinstance(change["value"], list) else [change["value"]]
    wanted = [(value, meaning(value)) for value in values]
    existing = [(value, meaning(value)) for value in current]
    if operation == REMOVE:
        return [
            value for value, meant in existing if not any(fits(given, meant) for _, given in wanted)
        ]
    result = existing if operation == ADD else []
    for value, given in wanted:
        if not any(fits(given, meant) for _, meant in result):
            result.append((value, given))
    return [value for value, _ in result]


def _meaning(group: Any) -> Group:
    """Return the values of a group, each in one spelling; what is no group has none."""
    if not isinstance(group, Mapping):
        return {}
    return {name: _written(value) for name, value in group.items() if value}


def _fits(wanted: Group, current: Group) -> bool:
    """Return whether a group has all the values of a given one, which may have fewer."""
    return all(value == current.get(name) for name, value in wanted.items())


def _written(value: Any) -> Any:
    """Return a value in one spelling: a day may be typed in another order than it is stored."""
    if not isinstance(value, str):
        return value
    try:
        return values.date(value)
    except ValueError:
        return _folded(value)


def _folded(value: str) -> str:
    return dataset_fields.meant(value)
