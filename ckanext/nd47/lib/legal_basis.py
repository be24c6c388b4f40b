"""Decisions that datasets are based on; rooms ask and answer each other by signals.

Who knows such decisions answers `asked`. Who shows or stores them listens to `changed`, which is
sent in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

asked = tk.signals.ckanext.signal("nd47:legal_basis")
"""Sent with the id of a dataset; receivers return a list of `Decision`."""

changed = tk.signals.ckanext.signal("nd47:legal_basis_changed")
"""Sent with a list of ids of datasets."""


@dataclass(frozen=True)
class Decision:
    """A decision that lists a dataset.

    Attributes:
        iri: its IRI, which is the address of its page.
        title: of the catalogue that it issued.
        number: its number.
        date: its date, as ISO date or empty.
    """

    iri: str
    title: str
    number: str
    date: str


def of_dataset(dataset_id: str) -> list[Decision]:
    """Return the decisions that a dataset is based on, each once."""
    answers: Iterable[tuple[object, list[Decision]]] = asked.send(dataset_id)
    return list(
        dict.fromkeys(decision for _receiver, decisions in answers for decision in decisions)
    )
