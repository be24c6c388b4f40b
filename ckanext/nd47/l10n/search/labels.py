"""Labels of the codes that a dataset stores, in every language, so that people can search by them.

Only where ckanext-scheming describes the dataset; elsewhere there are no codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import vocabulary

SCHEMING = "scheming_datasets"
VOCABULARY = "vocabulary"
"""Key by which a field of the suite's own schema names its code list."""


def of(dataset: Mapping[str, Any]) -> Iterator[str]:
    """Yield the labels of a dataset and of its resources."""
    if not p.plugin_loaded(SCHEMING):
        return
    schema = tk.h.scheming_get_dataset_schema(dataset.get("type") or "dataset")
    if schema is None:
        return
    yield from _of_fields(schema.get("dataset_fields", ()), dataset)
    for resource in dataset.get("resources") or ():
        yield from _of_fields(schema.get("resource_fields", ()), resource)


def _of_fields(schema_fields: Any, record: Mapping[str, Any]) -> Iterator[str]:
    for field in schema_fields:
        value = record.get(field["field_name"])
        if not value:
            continue
        if subfields := field.get("repeating_subfields"):
            for group in value if isinstance(value, list) else ():
                if isinstance(group, dict):
                    yield from _of_fields(subfields, group)
        elif "choices" in field or "choices_helper" in field:
            yield from _labels(field, value if isinstance(value, list) else [value])


def _labels(field: Mapping[str, Any], values: list[Any]) -> Iterator[str]:
    if field.get("choices_helper") == "nd47_choices":
        yield from _terms(field[VOCABULARY], values)
        return
    wanted = {value for value in values if isinstance(value, str)}
    for choice in tk.h.scheming_field_choices(field) or ():
        if choice["value"] in wanted:
            label = choice.get("label")
            yield from label.values() if isinstance(label, dict) else filter(None, [label])


def _terms(vocabulary_id: str, values: list[Any]) -> Iterator[str]:
    """Yield labels of the suite's code lists, without building every choice."""
    terms = vocabulary.get(vocabulary_id)
    for value in values:
        if isinstance(value, str) and (term := terms.term(value)) is not None:
            yield from term.label.values()
