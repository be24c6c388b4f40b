"""What is known of the files themselves, from the room that examines them.

The rules stand below that room: it registers a source here, and says when something has changed.
Without a source nothing is known, and the rules read what the dataset says about its files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk


@dataclass(frozen=True)
class FileFacts:
    """What is known of the file of a resource.

    Attributes:
        format: what it is by its content, where that is not what the resource says; else empty.
        is_whole: whether something can be read from it: it is not broken, locked or empty.
        size: bytes.
        undecided: whether it has personal data about whose publication nobody has decided.
        decided: whether it has personal data, and somebody has decided about all of them.
    """

    format: str = ""
    is_whole: bool = True
    size: int = 0
    undecided: bool = False
    decided: bool = False


Examiner = Callable[[Collection[str]], Collection[str]]
"""Examines at once the files of resources that still wait for it, by the ids of the resources.

It returns those of them about which it could not find out enough; what it found is in the facts.
"""

Facts = Mapping[str, FileFacts]
"""By the id of the resource; those about which nothing is known are missing."""

Source = Callable[[Collection[str]], Facts]
"""Returns the facts of resources by their ids, with a constant number of statements."""

NOTHING: Facts = {}

changed = tk.signals.ckanext.signal("nd47:file-facts-changed")
"""Sent within the transaction that changes facts; the sender is the list of ids of the datasets."""

_sources: dict[str, Source] = {}
_examiners: dict[str, Examiner] = {}
_preloaded: ContextVar[Facts | None] = ContextVar("nd47_file_facts", default=None)


def register(name: str, source: Source, examiner: Examiner | None = None) -> None:
    """Register a source; one of the same name is replaced.

    Args:
        name: name of the source.
        source: returns what is known.
        examiner: finds out at once what is not known yet.
    """
    _sources[name] = source
    if examiner is not None:
        _examiners[name] = examiner


def of(dataset: Mapping[str, Any]) -> Facts:
    """Return the facts of the files of a dataset.

    A file that is being sent is left out: what is known is about the one before.
    """
    ids = _stored_ids(dataset)
    loaded = _preloaded.get()
    facts = loaded if loaded is not None else _ask(ids)
    return {resource_id: facts[resource_id] for resource_id in ids if resource_id in facts}


def examine_waiting(dataset: Mapping[str, Any]) -> set[str]:
    """Examine at once the files of a dataset that wait for it; return those still not known.

    For a dataset that is about to be published. It may take seconds.
    """
    ids = _stored_ids(dataset)
    return (
        {resource_id for examiner in _examiners.values() for resource_id in examiner(ids)}
        if ids
        else set()
    )


@contextmanager
def preloaded(datasets: Collection[Mapping[str, Any]]) -> Iterator[None]:
    """Load the facts of a list of datasets at once, while they are examined."""
    ids = [
        str(resource["id"])
        for dataset in datasets
        for resource in _resources(dataset)
        if resource.get("id")
    ]
    token = _preloaded.set(_ask(ids))
    try:
        yield
    finally:
        _preloaded.reset(token)


def _ask(resource_ids: list[str]) -> Facts:
    if not resource_ids:
        return NOTHING
    facts: dict[str, FileFacts] = {}
    for source in _sources.values():
        facts |= source(resource_ids)
    return facts


def _stored_ids(dataset: Mapping[str, Any]) -> list[str]:
    return [
        str(resource["id"])
        for resource in _resources(dataset)
        if resource.get("id") and not resource.get("upload")
    ]


def _resources(dataset: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    resources = dataset.get("resources")
    if not isinstance(resources, list):
        return []
    return [resource for resource in resources if isinstance(resource, Mapping)]
