"""Codes of a dataset that are in no list of the portal; a draft or an older dataset keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_reader, harvested, licence

LICENCE = "license_id"
_VALIDATORS = frozenset({"nd47_choice", "nd47_choices"})

Field = Mapping[str, Any]


class KeptCode(TypedDict):
    """A value outside its list: `message`, name and `label` of its field, id of its `resource`."""

    message: str
    field: str
    label: str
    resource: str


def of(dataset: Mapping[str, Any]) -> list[KeptCode]:
    """Return the values of a dataset that are in no list; none of one that is harvested."""
    schema = tk.h.scheming_get_dataset_schema(dataset.get("type") or dataset_fields.DEFAULT_TYPE)
    if not schema or harvested.was_brought(dataset):
        return []
    found = [*_of_fields(schema.get("dataset_fields") or (), dataset)]
    for resource in dataset.get("resources") or ():
        found += _of_fields(
            schema.get("resource_fields") or (), resource, str(resource.get("id") or "")
        )
    return found


def _of_fields(
    fields: Sequence[Field], record: Mapping[str, Any], resource: str = ""
) -> Iterator[KeptCode]:
    for field in fields:
        name = field["field_name"]
        for subfield in field.get(dataset_fields.SUBFIELDS) or ():
            for group in dataset_reader.groups({"value": record.get(name)}, "value"):
                for message in _messages(subfield, group.get(subfield["field_name"])):
                    yield _kept(message, field, resource)
        for message in _messages(field, record.get(name)):
            yield _kept(message, field, resource)


def _kept(message: str, field: Field, resource: str) -> KeptCode:
    label = tk.h.scheming_language_text(field.get("label") or field["field_name"])
    return KeptCode(message=message, field=field["field_name"], label=label, resource=resource)


def _messages(field: Field, value: Any) -> Iterator[str]:
    if field["field_name"] == LICENCE:
        if isinstance(value, str) and value and licence.recognise(value) is None:
            yield tk._(
                "“{value}” is not a licence of this portal. Choose one from the list."
            ).format(value=value[:80])
        return
    if not _VALIDATORS.intersection(str(field.get("validators") or "").split()):
        return
    terms = vocabulary.get(field["vocabulary"])
    for code in dataset_reader.codes({"value": value}, "value"):
        if code and vocabulary.recognise(field["vocabulary"], code) not in terms:
            yield tk._(
                "“{value}” is not in the list “{list}”. Choose a value from the list."
            ).format(value=code[:80], list=terms.title.get(http.language(), terms.title["vi"]))
