"""The rules for people: what a page or form shows of them."""

from __future__ import annotations

from typing import Any

from ckanext.nd47.lib import language
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import stored_records
from ckanext.nd47.rules.refusal import label_of
from ckanext.nd47.rules.report import SHOWN_LEVELS, examine


def unmet(dataset: dataset_reader.Dataset) -> list[dict[str, Any]]:
    """Return the rules that a dataset does not meet, the weightiest first, in words.

    Args:
        dataset: a dataset as `package_show` gives it, or as a form holds it.
    """
    lang = language.current()
    # A form may hold another licence than the one that was stored.
    current = {**dataset, "isopen": stored_records.is_open(dataset.get("license_id"))}
    found = [one for one in examine(current) if one.met is False]
    found.sort(key=lambda one: SHOWN_LEVELS.index(one.level))
    return [
        {
            **one.as_dict(lang),
            "label": label_of(current, one.field, lang),
            "because": one.because(lang),
        }
        for one in found
    ]
