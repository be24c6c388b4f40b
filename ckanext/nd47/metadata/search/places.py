"""Places of datasets across mergers: former units and the current ones that replaced them.

A dataset about a former unit is also found under its successors, and one about a current unit under
the units that were merged into it, since the data cover their area too. Other former units of the
same successor are not: their areas do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.vocabularies import vocabulary

LISTS = ("province", "province-old", "commune", "commune-old")
"""Vocabularies of places; the lists of communes are those of the portal, if it has any.

All share one field of the index, so a former unit needs a code that no current one has.
"""

MOST_STEPS = 5
"""Maximum number of mergers in a row."""

Place = tuple[str, str]
"""List and code of a place."""


def codes(reference: str) -> list[str]:
    """Return the codes that a place is found under, its own first; empty for an unknown place.

    Args:
        reference: code, IRI or name of a place, current or former.
    """
    lists = known_lists()
    for terms in lists:
        term = terms.term(reference) or terms.find_by_iri(reference) or terms.find(reference)
        if term:
            before, after = _mergers(lists)
            start = (terms.id, term.code)
            related = [*_reachable(start, after), *_reachable(start, before)]
            return list(dict.fromkeys([term.code, *(code for _, code in related)]))
    return []


def known_lists() -> tuple[vocabulary.Vocabulary, ...]:
    """Return the lists of places that the portal has."""
    return tuple(filter(None, map(_list, LISTS)))


def label(code: str, lang: str) -> str:
    """Return the name of a place, with the last day of a former unit; empty for an unknown one."""
    for terms in known_lists():
        term = terms.term(code)
        if term:
            name = term.text(lang)
            if term.valid_to is None or term.valid_to >= dates.today():
                return name
            until = values.day_first(term.valid_to.isoformat())
            return tk._("{place} (until {day})").format(place=name, day=until)
    return ""


def _list(list_id: str) -> vocabulary.Vocabulary | None:
    try:
        return vocabulary.get(list_id)
    except vocabulary.UnknownVocabularyError:
        return None


@lru_cache(maxsize=16)
def _mergers(
    lists: tuple[vocabulary.Vocabulary, ...],
) -> tuple[Mapping[Place, list[Place]], Mapping[Place, list[Place]]]:
    """Return the predecessors and the successors of each place."""
    before: dict[Place, list[Place]] = {}
    after: dict[Place, list[Place]] = {}
    for terms in lists:
        for term in terms:
            for successor in terms.followers(term):
                after.setdefault((terms.id, term.code), []).append(successor)
                before.setdefault(successor, []).append((terms.id, term.code))
    return before, after


def _reachable(start: Place, steps: Mapping[Place, list[Place]]) -> Iterator[Place]:
    """Yield the places that mergers lead to in one direction."""
    seen, layer = {start}, [start]
    for _ in range(MOST_STEPS):
        layer = [place for origin in layer for place in steps.get(origin, ()) if place not in seen]
        seen.update(layer)
        yield from layer
