"""The error with which a publication is refused: every rule that is not met, at its field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import dataset_fields, language
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules.candidate import in_schema
from ckanext.nd47.rules.report import RESOURCES, Finding

ERROR_KEY = "nd47_rules"
"""Key under which the gate stops a validation; the messages at the fields take its place."""


class PublicationRefusedError(tk.ValidationError):
    """A dataset may not be published as it is."""


def refusal(
    error: tk.ValidationError, dataset: dataset_reader.Dataset, findings: list[Finding]
) -> PublicationRefusedError:
    """Return the error of CKAN's validation with the words of the rules in their places.

    Args:
        error: what the validation found; its other messages are kept.
        dataset: the record that was looked at.
        findings: the rules that refuse it.
    """
    lang = language.current()
    others = {key: value for key, value in error.error_dict.items() if key != ERROR_KEY}
    summary = dict(tk.ValidationError(dict(others)).error_summary)
    errors: dict[str, Any] = dict(others)
    for finding in findings:
        label, words = label_of(dataset, finding.field, lang), finding.advice(lang)
        summary[label] = f"{summary[label]} {words}" if label in summary else words
        _beside(errors, dataset, finding.field, words)
    return PublicationRefusedError(errors, summary)


def with_resource_messages(
    refused: PublicationRefusedError, error: Exception
) -> PublicationRefusedError:
    """Return a refusal with the messages that CKAN found at the fields of the one resource.

    Args:
        refused: the refusal of the dataset.
        error: what CKAN made of it for the resource.
    """
    by_resource = refused.error_dict.get(RESOURCES)
    if not isinstance(error, tk.ValidationError) or not _are_groups(by_resource):
        return refused
    rest = {key: value for key, value in refused.error_dict.items() if key != RESOURCES}
    return PublicationRefusedError(
        {**rest, **error.error_dict}, {**error.error_summary, **refused.error_summary}
    )


def _are_groups(found: Any) -> bool:
    return isinstance(found, list) and any(isinstance(one, Mapping) for one in found)


def label_of(dataset: dataset_reader.Dataset, field: str, lang: str) -> str:
    """Return the name that a field has in the form."""
    if field == RESOURCES:
        return tk._("Resources")
    name = dataset_reader.field_name(dataset, field.partition(".")[0])
    label = in_schema(dataset, name).get("label")
    if isinstance(label, Mapping):
        return str(label.get(lang.partition("_")[0]) or next(iter(label.values()), name))
    return tk._(str(label or name.replace("_", " ").capitalize()))


def _beside(
    errors: dict[str, Any], dataset: dataset_reader.Dataset, field: str, words: str
) -> None:
    """Put a message where the form shows it: at the field, or at a subfield of the first group."""
    ours, _, subfield = field.partition(".")
    name = dataset_reader.field_name(dataset, ours)
    known = in_schema(dataset, name).get(dataset_fields.SUBFIELDS) or []
    subfields = [one["field_name"] for one in known]
    there = errors.setdefault(name, [])
    if subfields:
        if not there:
            there.append({})
        if isinstance(there[0], dict):
            place = subfield if subfield in subfields else subfields[0]
            there[0].setdefault(place, []).append(words)
    # Messages about single resources are groups by position, which take no other.
    elif all(isinstance(one, str) for one in there):
        there.append(words)
