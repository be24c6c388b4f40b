"""The tree of agencies with the numbers of their public datasets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.directory import MAX_DEPTH, AgencyInfo
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.language.text import sort_key
from ckanext.nd47.portal import figures


@dataclass(frozen=True)
class Branch:
    """An agency with its subordinate agencies.

    Attributes:
        name: name in addresses.
        title: name in the language of the page.
        published: what the agency itself has published.
        branches: its subordinate agencies.
    """

    name: str
    title: str
    published: figures.Published
    branches: list[Branch]


def tree() -> list[Branch]:
    """Return the tree of agencies, from those without a superior agency, in two statements.

    An agency that has ended is left out unless it has datasets or subordinate agencies.
    """
    by_id = {agency.id: agency for agency in directory.active()}
    below: dict[str, list[AgencyInfo]] = defaultdict(list)
    for agency in by_id.values():
        below[agency.parent_id if agency.parent_id in by_id else ""].append(agency)
    published = figures.by_agency()
    return list(_branches("", below, published, 0))


def _branches(
    parent: str,
    below: dict[str, list[AgencyInfo]],
    published: dict[str, figures.Published],
    depth: int,
) -> Iterator[Branch]:
    if depth > MAX_DEPTH:
        return
    titled = [(directory.display_title(agency), agency) for agency in below[parent]]
    for title, agency in sorted(titled, key=lambda pair: (sort_key(pair[0]), pair[1].id)):
        count = published.get(agency.id, figures.Published())
        branches = list(_branches(agency.id, below, published, depth + 1))
        if count.datasets or branches or not _has_ended(agency):
            yield Branch(agency.name, title, count, branches)


def _has_ended(agency: AgencyInfo) -> bool:
    return bool(agency.valid_to) and agency.valid_to < dates.today().isoformat()
