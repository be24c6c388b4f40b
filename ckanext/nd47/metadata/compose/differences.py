"""What differs between a field of the portal and one of the suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.vocabularies import vocabulary

Field = dict[str, Any]
Presets = Mapping[str, Mapping[str, Any]]

VOCABULARY = "vocabulary"
PROPOSED = "form_proposed"
FILLING = ("nd47_first_publication", "nd47_identifier", "nd47_media_type")
"""Validators that give a field a value."""


def expanded(field: Mapping[str, Any], presets: Presets) -> Field:
    """Return a field with the values of its preset, as ckanext-scheming expands it."""
    return {**presets.get(field.get("preset", ""), {}), **field}


def difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    """Return why a portal field cannot be used as ours, empty if it can.

    Args:
        theirs: field of the portal's schema.
        ours: field of our schema with the same name.
        presets: presets by name, those of the portal and ours.
    """
    if ours["field_name"] in dataset_fields.core():
        # CKAN stores it in its own column, whatever the schema says.
        return ""
    return _difference(theirs, ours, presets)


def offers_more(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Return whether our form of a field offers a list of choices, or fills in a value."""
    filled_in = any(name in (ours.get("validators") or "") for name in FILLING)
    return filled_in or PROPOSED in ours or VOCABULARY in ours and not theirs.get("choices")


SHAPE_NAMES: Mapping[dataset_fields.Shape, str] = {
    "text": "one value",
    "list": "a list of values",
    "groups": "groups of subfields",
    "structure": "a JSON structure",
}


def missing_subfields(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Field]:
    """Return our subfields of a group that theirs lacks."""
    present = {field["field_name"] for field in theirs.get(dataset_fields.SUBFIELDS) or []}
    our_subfields = ours.get(dataset_fields.SUBFIELDS) or []
    return [field for field in our_subfields if field["field_name"] not in present]


def _group_difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    ours_by_name = {field["field_name"]: field for field in ours[dataset_fields.SUBFIELDS]}
    for subfield in theirs[dataset_fields.SUBFIELDS]:
        name = subfield["field_name"]
        if name in ours_by_name and (reason := _difference(subfield, ours_by_name[name], presets)):
            return f"its subfield {name} is {reason}"
    return ""


def _difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    theirs, ours = expanded(theirs, presets), expanded(ours, presets)
    their_shape, our_shape = dataset_fields.shape(theirs), dataset_fields.shape(ours)
    if their_shape != our_shape:
        return f"{SHAPE_NAMES[their_shape]}, ours is {SHAPE_NAMES[our_shape]}"
    if our_shape == "groups":
        return _group_difference(theirs, ours, presets)
    return _value_difference(theirs, ours)


def _value_difference(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Return why a closed list of choices does not match our codes; a free text always does."""
    if VOCABULARY not in ours or not theirs.get("choices"):
        return ""
    list_id = ours[VOCABULARY]
    terms = vocabulary.get(list_id)
    values = [str(choice.get("value")) for choice in theirs["choices"]]
    foreign = [value for value in values if vocabulary.recognise(list_id, value) not in terms]
    if not foreign:
        return ""
    return f"a list of other values ({', '.join(foreign[:3])}), ours is the list {list_id}"
