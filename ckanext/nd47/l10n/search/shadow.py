"""What a text leaves in the search index: its words folded, and its words as they are spelled.

Free of CKAN. `Thủy lợi` leaves `thuy loi` for those who look for it in any spelling, and
`thuyrqz loijqz` to tell who meant just this one.
"""

from __future__ import annotations

from collections.abc import Iterable

from ckanext.nd47.l10n.abbreviations import Abbreviations
from ckanext.nd47.lib import text


def shadow(texts: Iterable[str], abbreviations: Abbreviations) -> str:
    """Return the shadow of texts: their words folded, in order, then each spelling once.

    An abbreviation stands in it written out. What stands in a text written out in another way
    than the list has it (`khoa học, công nghệ`) is added as the list has it.
    """
    words = text.words("\n".join(texts))
    common = list(map(text.common, words))
    spelled = dict.fromkeys(map(text.spelling, words))
    folded: list[str] = []
    added: list[str] = []
    start = 0
    for place, entry in abbreviations.among(common):
        if entry.short:
            folded += common[start:place]
            folded += entry.common
            start = place + entry.length
        elif entry.common != tuple(common[place : place + entry.length]):
            added += entry.common
        spelled.update(dict.fromkeys(map(text.spelling, entry.full)))
    folded += common[start:]
    spelled.pop("", None)
    return " ".join([*folded, *added, *spelled])


def as_texts(values: Iterable[object]) -> list[str]:
    """Return the texts among values and lists of values, each once."""
    found: dict[str, None] = {}
    for value in values:
        if isinstance(value, str):
            found[value] = None
        elif isinstance(value, list):
            found.update((item, None) for item in value if isinstance(item, str))
    found.pop("", None)
    return list(found)
