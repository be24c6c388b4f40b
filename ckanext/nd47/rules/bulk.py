"""Holds the datasets of a portal against the rules, one batch after the other.

A batch costs two queries whatever it holds.
"""

from __future__ import annotations

from typing import Any

from ckanext.nd47.agencies import hierarchy
from ckanext.nd47.lib import vocabulary
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import stored_records
from ckanext.nd47.rules.report import Finding, examine

Examined = tuple[dict[str, Any], list[Finding]]
"""A dataset and what the rules found in it."""


def examine_some(after: str, limit: int, owner_org: str | None = None) -> list[Examined]:
    """Hold the next datasets against the rules.

    Args:
        after: id of the last dataset of the call before, empty for the first.
        limit: how many datasets at most.
        owner_org: id of an organisation, to leave out the datasets of the others.
    """
    with hierarchy.at_hand(), vocabulary.at_hand():
        found = stored_records.after(after, limit, owner_org)
        dataset_reader.prime(found)
        return [(dataset, examine(dataset)) for dataset in found]
