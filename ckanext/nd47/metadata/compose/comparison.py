"""Whether a field of a portal's schema can serve as one of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.nd47.lib import dataset_fields, vocabulary

Field = dict[str, Any]
Presets = Mapping[str, Mapping[str, Any]]

VOCABULARY = "vocabulary"
PROPOSED = "form_proposed"
FILLING = ("nd47_first_publication", "nd47_identifier", "nd47_media_type")
"""Validators that give a field a value."""


def expanded(field: Mapping[str, Any], presets: Presets) -> Field:
    """Return a field with its preset filled in as ckanext-scheming does, if it is known."""
    return {**presets.get(field.get("preset", ""), {}), **field}


def difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    """Return why a field of the portal cannot serve as ours, an empty text where it can.

    Args:
        theirs: field of the portal's schema.
        ours: field of our schema with the same name.
        presets: presets by name, those of the portal and ours.
    """
    if ours["field_name"] in dataset_fields.core():
        # CKAN keeps it in a column of its own, whatever the schema says.
        return ""
    theirs, ours = expanded(theirs, presets), expanded(ours, presets)
    found, wanted = dataset_fields.shape(theirs), dataset_fields.shape(ours)
    if found != wanted:
        return f"{NAMES[found]}, ours is {NAMES[wanted]}"
    if found == "groups":
        return _group_difference(theirs, ours, presets)
    return _value_difference(theirs, ours)


def offers_more(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Say whether our form of a field has a list to choose from, or fills in what it can know."""
    filled_in = any(name in (ours.get("validators") or "") for name in FILLING)
    return filled_in or PROPOSED in ours or VOCABULARY in ours and not theirs.get("choices")


NAMES: Mapping[dataset_fields.Shape, str] = {
    "text": "one value",
    "list": "a list of values",
    "groups": "groups of subfields",
    "structure": "a JSON structure",
}


def missing_subfields(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Field]:
    """Return the subfields that a group of ours has and theirs lacks."""
    present = {field["field_name"] for field in theirs.get(dataset_fields.SUBFIELDS) or []}
    wanted = ours.get(dataset_fields.SUBFIELDS) or []
    return [field for field in wanted if field["field_name"] not in present]


def _group_difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    wanted = {field["field_name"]: field for field in ours[dataset_fields.SUBFIELDS]}
    for subfield in theirs[dataset_fields.SUBFIELDS]:
        name = subfield["field_name"]
        if name in wanted and (found := _subfield_difference(subfield, wanted[name], presets)):
            return f"its subfield {name} is {found}"
    return ""


def _subfield_difference(
    theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets
) -> str:
    theirs, ours = expanded(theirs, presets), expanded(ours, presets)
    found, wanted = dataset_fields.shape(theirs), dataset_fields.shape(ours)
    if found != wanted:
        return f"{NAMES[found]}, ours is {NAMES[wanted]}"
    return _value_difference(theirs, ours)


def _value_difference(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Tell a closed list of other values; a free text may hold our codes."""
    if VOCABULARY not in ours or not theirs.get("choices"):
        return ""
    list_id = ours[VOCABULARY]
    terms = vocabulary.get(list_id)
    values = [str(choice.get("value")) for choice in theirs["choices"]]
    foreign = [value for value in values if vocabulary.recognise(list_id, value) not in terms]
    if not foreign:
        return ""
    return f"a list of other values ({', '.join(foreign[:3])}), ours is the list {list_id}"
