"""What a check is, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ckanext.nd47.doctor.portal import Portal


class Needs(Enum):
    """What has to be there before a check can look."""

    CONFIGURATION = "configuration"
    """The configuration alone."""

    SERVICES = "services"
    """The services, which the check asks itself whether they answer."""

    DATABASE = "database"
    """A database that answers."""

    STARTED = "started"
    """A portal that has started, with its plugins."""

    WORKERS = "workers"
    """Permission to give the background workers a job, and Redis."""


@dataclass(frozen=True)
class Found:
    """What a check found.

    Attributes:
        id: key of its words in `schemas/doctor.yaml`.
        facts: what the places of those words stand for.
    """

    id: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def found(finding_id: str, **facts: Any) -> Found:
    """Return what a check found."""
    return Found(finding_id, facts)


Look = Callable[[Portal], Iterator[Found]]


@dataclass(frozen=True)
class Check:
    """One look at the portal.

    Attributes:
        look: yields what it finds.
        finds: ids of everything that it may find.
        needs: what has to be there before.
    """

    look: Look
    finds: tuple[str, ...]
    needs: Needs = Needs.CONFIGURATION

    @property
    def name(self) -> str:
        """Name of the check, for people who report that it failed."""
        return self.look.__name__
