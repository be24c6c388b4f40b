"""Goes through all datasets of a portal, in batches.

Nothing is kept from one batch to the next, so the memory needed does not grow with the portal, and
each batch costs two queries whatever it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import vocabulary
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import stored_records
from ckanext.nd47.rules.report import Finding, examine

BATCH = 200

Examined = tuple[dict[str, Any], list[Finding]]
"""A dataset and what the rules found in it."""


def examine_all(owner_org: str | None = None) -> Iterator[Examined]:
    """Hold every dataset that is not deleted against the rules, in the order of their ids.

    Args:
        owner_org: id of an organisation, to leave out the datasets of the others.
    """
    after = ""
    while batch := examine_some(after, BATCH, owner_org):
        yield from batch
        after = batch[-1][0]["id"]


def examine_some(after: str, limit: int, owner_org: str | None = None) -> list[Examined]:
    """Hold the next datasets against the rules.

    Args:
        after: id of the last dataset of the call before, empty for the first.
        limit: how many datasets at most.
        owner_org: id of an organisation, to leave out the datasets of the others.
    """
    with directory.preloaded(), vocabulary.at_hand():
        found = stored_records.after(after, limit, owner_org)
        dataset_reader.prime(found)
        return [(dataset, examine(dataset)) for dataset in found]
