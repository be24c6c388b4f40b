"""Checks and their results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ckanext.nd47.doctor.portal import Portal


class Needs(Enum):
    """What a check requires."""

    CONFIGURATION = "configuration"
    """The configuration alone."""

    SERVICES = "services"
    """The services; the check itself tests whether they answer."""

    DATABASE = "database"
    """A database that answers."""

    STARTED = "started"
    """A portal that has started, with its plugins."""

    WORKERS = "workers"
    """Permission to enqueue a job for the background workers, and Redis."""


@dataclass(frozen=True)
class Result:
    """A result of a check.

    Attributes:
        id: key of its texts in `schemas/doctor.yaml`.
        facts: values for the placeholders of the texts.
    """

    id: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def report(finding_id: str, **facts: Any) -> Result:
    """Return a result of a check."""
    return Result(finding_id, facts)


Look = Callable[[Portal], Iterator[Result]]


@dataclass(frozen=True)
class Check:
    """A check of the portal.

    Attributes:
        look: yields the results.
        finds: ids of all possible results.
        needs: what it requires.
    """

    look: Look
    finds: tuple[str, ...]
    needs: Needs = Needs.CONFIGURATION

    @property
    def name(self) -> str:
        """Name of the check, for bug reports."""
        return self.look.__name__
