"""Reads what is to be changed from the form of the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import MultiDict

from ckanext.nd47.desk.bulk.fields import ADD, CLEAR, SET, Field
from ckanext.nd47.desk.bulk.values import Change

OPERATION = "op-"
"""Start of the name of the input for what is to be done with a field."""

VALUE = "to-"
"""Start of the name of the input for its value."""


def changes(form: MultiDict[str, str], known: Iterable[Field]) -> list[Change]:
    """Return what is to be done: fields with a value, and those that are to be emptied."""
    result: list[Change] = []
    for field in known:
        operation = form.get(f"{OPERATION}{field.name}", "")
        value = None if operation == CLEAR else _value(form, field)
        if operation == CLEAR or value:
            usual = ADD if field.several else SET
            result.append({"field": field.name, "operation": operation or usual, "value": value})
    return result


def _value(form: MultiDict[str, str], field: Field) -> Any:
    name = f"{VALUE}{field.name}"
    if field.kind == "groups":
        group = {
            subfield.name: form.get(f"{name}-{subfield.name}", "").strip()
            for subfield in field.subfields
        }
        return [group] if any(group.values()) else []
    if field.kind == "choices":
        return [code for code in form.getlist(name) if code]
    text = form.get(name, "").strip()
    if field.kind in ("tags", "lines"):
        parts = text.split(",") if field.kind == "tags" else text.splitlines()
        return [part.strip() for part in parts if part.strip()]
    return text


def typed(form: MultiDict[str, str]) -> dict[str, list[str]]:
    """Return what was typed, by name of the input, to show the form again."""
    prefixes = (OPERATION, VALUE)
    return {name: form.getlist(name) for name in form if name.startswith(prefixes)}
