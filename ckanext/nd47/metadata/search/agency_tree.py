"""The facet of agencies: an agency together with all agencies below it.

The index has the agency of each dataset alone. Filters and counts follow the register as it is at
the moment of the search, so a change in the tree needs no reindexing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.directory import MAX_DEPTH, AgencyInfo

MOST_CLAUSES = 900
"""Agencies in one condition; Solr accepts 1,024 clauses in a query.

An agency with more agencies below it is searched alone.
"""


@dataclass(frozen=True)
class Tree:
    """The active agencies with their superior agencies.

    Attributes:
        agencies: by name in URLs.
    """

    agencies: Mapping[str, AgencyInfo]

    @cached_property
    def _names(self) -> dict[str, str]:
        return {agency.id: name for name, agency in self.agencies.items()}

    @cached_property
    def _below(self) -> dict[str, list[str]]:
        below: dict[str, list[str]] = {}
        for name in self.agencies:
            for superior in self.above(name):
                below.setdefault(superior, []).append(name)
        return below

    def above(self, name: str) -> list[str]:
        """Return the superior agencies of an agency, nearest first."""
        path: list[str] = []
        agency = self.agencies.get(name)
        while agency and len(path) < MAX_DEPTH:
            superior = self._names.get(agency.parent_id, "")
            if not superior or superior == name or superior in path:
                break
            path.append(superior)
            agency = self.agencies.get(superior)
        return path

    def within(self, name: str) -> list[str]:
        """Return an agency and the agencies below it, for a condition of a search."""
        below = self._below.get(name, [])
        return [name, *below] if len(below) < MOST_CLAUSES else [name]

    def totals(self, own: Mapping[str, int]) -> dict[str, int]:
        """Return the datasets of each agency including those of the agencies below it.

        Args:
            own: the datasets of each agency itself, by name.
        """
        totals = dict(own)
        for name, count in own.items():
            for superior in self.above(name):
                if len(self._below[superior]) < MOST_CLAUSES:
                    totals[superior] = totals.get(superior, 0) + count
        return {name: count for name, count in totals.items() if count}

    def title(self, name: str) -> str:
        """Return the name of an agency in the language of the page, empty if there is none."""
        agency = self.agencies.get(name)
        return directory.display_title(agency) if agency else ""

    def arranged(self, names: Iterable[str]) -> list[tuple[str, int]]:
        """Return agencies with each below its superior, and its level among those given.

        Agencies of one level keep the order in which they are given.
        """
        unique = list(dict.fromkeys(names))
        nearest = {
            name: next((superior for superior in self.above(name) if superior in unique), "")
            for name in unique
        }
        below: dict[str, list[str]] = {}
        for name in unique:
            below.setdefault(nearest[name], []).append(name)
        arranged: list[tuple[str, int]] = []
        waiting = [(name, 0) for name in reversed(below.get("", []))]
        while waiting:
            name, level = waiting.pop()
            arranged.append((name, level))
            waiting += [(lower, level + 1) for lower in reversed(below.get(name, []))]
        return arranged


def read() -> Tree:
    """Return the tree, read in one statement."""
    return Tree({agency.name: agency for agency in directory.cached().all_active()})
