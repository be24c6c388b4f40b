"""Parameters of the actions that change many datasets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.desk.bulk import changes, fields, selection, values
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.fields import CLEAR, Field
from ckanext.nd47.lib import inputs

MOST_CHANGES = 100
MOST_VALUES = 500
LONGEST = 20_000
"""Characters of a value at most."""

PAGE, LARGEST_PAGE = 50, 1_000


def changes_of(data_dict: DataDict) -> list[values.Change]:
    """Return what is to be done with which fields.

    Raises:
        ckan.plugins.toolkit.ValidationError: nothing is, or one of them has another shape; with
            messages by field.
    """
    changes = data_dict.get("changes")
    if not isinstance(changes, list) or not 0 < len(changes) <= MOST_CHANGES:
        raise tk.ValidationError({"changes": [tk._("Choose at least one field to change.")]})
    known, problems = fields.by_name(), dict[str, list[str]]()
    checked: list[values.Change] = []
    for change in changes:
        name = change.get("field") if isinstance(change, Mapping) else None
        if not isinstance(name, str) or not inputs.storable(name):
            raise tk.ValidationError(
                {"changes": [tk._("Give `field`, `operation` and `value` of each change.")]}
            )
        values.require_fields([name], known)
        try:
            checked.append(_change(change, known[name]))
        except ValueError as error:
            problems.setdefault(name, []).append(str(error))
    # Several changes of one field follow each other.
    counts = Counter(
        change["field"]
        for change in checked
        for _ in (change["value"] if isinstance(change["value"], list) else "1")
    )
    for name, count in counts.items():
        if count > MOST_VALUES:
            problems[name] = [tk._("At most {most} values.").format(most=MOST_VALUES)]
    if problems:
        raise tk.ValidationError(dict(problems))
    return checked


def _change(change: Mapping[str, Any], field: Field) -> values.Change:
    """Return a checked change.

    Raises:
        ValueError: with the message.
    """
    operation = change.get("operation") or fields.SET
    if not isinstance(operation, str) or operation not in field.operations:
        raise ValueError(inputs.none_of(str(operation), field.operations))
    value = None if operation == CLEAR else _value(change.get("value"), field)
    return {"field": field.name, "operation": operation, "value": value}


def _value(value: Any, field: Field) -> Any:
    if not changes.storable(value):
        raise ValueError(tk._("A value holds an invisible character."))
    if field.kind == "groups":
        groups = [value] if isinstance(value, Mapping) else value
        return [_group(group, field) for group in _listed(groups)]
    if field.several:
        texts = [value] if isinstance(value, str) else value
        return [_text(text) for text in _listed(texts)]
    if field.name == fields.VISIBILITY and value not in field.labels:
        raise ValueError(inputs.none_of(str(value), field.labels))
    return _text(value)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError(tk._("Enter a value here."))
    if len(value) > MOST_VALUES:
        raise ValueError(tk._("At most {most} values.").format(most=MOST_VALUES))
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        message = tk._("Enter a text here, not a list or another structure.")
        raise ValueError(message)  # noqa: TRY004 - invalid input, not a wrong call
    if not value.strip():
        raise ValueError(tk._("Enter a value here."))
    if len(value) > LONGEST:
        raise ValueError(
            tk._("This is too long: at most {limit} characters.").format(limit=LONGEST)
        )
    return value.strip()


def _group(group: Any, field: Field) -> dict[str, str]:
    names = {subfield.name for subfield in field.subfields}
    if not isinstance(group, Mapping) or not set(group) <= names:
        raise ValueError(
            tk._("Give a list of groups here, each with the names and values of its fields.")
        )
    filled = {name: _text(value) for name, value in group.items() if value not in (None, "")}
    if not filled:
        raise ValueError(tk._("Enter a value here."))
    return filled


def chosen(data_dict: DataDict) -> tuple[list[str], selection.Search | None]:
    """Return the ids of the chosen datasets, or the search whose datasets are chosen.

    Raises:
        ckan.plugins.toolkit.ValidationError: neither is given, or one has another shape.
    """
    if data_dict.get("search") is not None:
        return [], selection.checked(data_dict["search"])
    references = data_dict.get("datasets")
    if not isinstance(references, list) or not all(
        isinstance(reference, str) and inputs.storable(reference) for reference in references
    ):
        raise tk.ValidationError({"datasets": [tk._("Enter a list here.")]})
    ids = list(dict.fromkeys(reference for reference in references if reference))
    if not ids:
        raise tk.ValidationError({"datasets": [tk._("Choose at least one dataset.")]})
    if len(ids) > selection.MOST:
        message = tk._("At most {most} datasets at once.").format(most=selection.MOST)
        raise tk.ValidationError({"datasets": [message]})
    return ids, None


def state(data_dict: DataDict) -> str:
    """Return the state of the items that are asked for, empty for all.

    Raises:
        ckan.plugins.toolkit.ValidationError: there is no such state.
    """
    value = inputs.of_kinds(data_dict, state="text").get("state", "")
    if value and value not in tables.ITEM_STATES:
        raise tk.ValidationError({"state": [inputs.none_of(value, tables.ITEM_STATES)]})
    return value
