"""Template helpers about the rules."""

from __future__ import annotations

from typing import Any

from ckanext.nd47.lib import http
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import records
from ckanext.nd47.rules.records import field_label
from ckanext.nd47.rules.report import SHOWN_LEVELS, examine

__all__ = ["nd47_rule_results"]


def nd47_rule_results(dataset: dataset_reader.Dataset) -> list[dict[str, Any]]:
    """Return the rules that a dataset does not meet, the weightiest first, in words.

    Args:
        dataset: a dataset as `package_show` gives it, or as a form holds it.
    """
    lang = http.language()
    # A form may hold another licence than the one that was stored.
    current = {**dataset, "isopen": records.is_open(dataset.get("license_id"))}
    found = [one for one in examine(current) if one.met is False]
    found.sort(key=lambda one: SHOWN_LEVELS.index(one.level))
    return [
        {
            **one.as_dict(lang),
            "label": field_label(current, one.field, lang),
            "because": one.because(lang),
        }
        for one in found
    ]
