"""Values of lists that a portal's own schema does not have any more.

ckanext-scheming shows such a value nowhere in a form, so that the next saving empties the field,
and refuses it from the API. A list of another schema than ours gets what is stored as one more
choice in the form, and lets it pass unchanged; a new value has to be one of the list as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ckanext.scheming.helpers import (
    scheming_dataset_schemas,
    scheming_field_choices,
    scheming_get_dataset_schema,
)

from ckanext.nd47.lib.fields import dataset_fields

SchemaField = Mapping[str, Any]

VALIDATOR = "nd47_stored_choice"
_OF_LISTS = frozenset({"scheming_choices", "scheming_multiple_choice"})


def install() -> None:
    """Put the validator before those of every list of a schema that ckanext-scheming has loaded.

    A schema is read again at each change of plugins, so this is run at each of them.
    """
    for dataset_type in scheming_dataset_schemas() or ():
        schema: dict[str, Any] = scheming_get_dataset_schema(dataset_type) or {}
        for part in ("dataset_fields", "resource_fields"):
            for field in _with_subfields(schema.get(part) or ()):
                validators = str(field.get("validators") or "")
                if _OF_LISTS.intersection(validators.split()) and VALIDATOR not in validators:
                    field["validators"] = f"{VALIDATOR} {validators}"


def in_form(fields: Iterable[SchemaField], data: Mapping[str, Any]) -> list[SchemaField]:
    """Return the fields of a form whose lists offer what the record holds already."""
    return [_with_choices(field, [data]) for field in fields]


def _with_subfields(fields: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for field in fields:
        yield field
        yield from _with_subfields(field.get(dataset_fields.SUBFIELDS) or ())


def _with_choices(field: SchemaField, records: list[Mapping[str, Any]]) -> SchemaField:
    name = field["field_name"]
    values = [record[name] for record in records if record.get(name)]
    if subfields := field.get(dataset_fields.SUBFIELDS):
        groups = [group for value in values for group in _listed(value) if _is_group(group)]
        offered = [_with_choices(subfield, groups) for subfield in subfields]
        return {**field, dataset_fields.SUBFIELDS: offered}
    if VALIDATOR not in str(field.get("validators") or ""):
        return field
    choices = list(scheming_field_choices(dict(field)) or ())
    offered_values = {str(choice["value"]) for choice in choices}
    stored_values = dict.fromkeys(
        text for value in values for text in _listed(value) if _is_text(text)
    )
    more = [{"value": text, "label": text} for text in stored_values if text not in offered_values]
    return {**field, "choices": [*choices, *more]} if more else field


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_group(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
