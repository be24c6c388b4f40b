"""What is one word in any spelling, and the nearest of several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import cache, lru_cache
from types import MappingProxyType

from ckanext.nd47.lib import text, vocabulary
from ckanext.nd47.lib.data import data_path, read_yaml

NEAR = 0.82
"""Least likeness of two words that may be one, of 1."""
APART = 0.05
"""By how much the nearest word has to be nearer than the next one."""
SHORTEST = 4
"""Characters of a word that may be mistyped; `nam` and `nay` are two words."""

_BETWEEN = re.compile(r"[\W_]+")


@lru_cache(maxsize=1 << 14)
def key(written: str) -> str:
    """Return what all spellings of a text have in common: `Tần_suất` and `tan suat` are one."""
    spaced = _BETWEEN.sub(" ", text.without_marks(written[:500]))
    return " ".join(map(text.common, spaced.split()))


def nearest(wanted: str, candidates: Iterable[str]) -> str:
    """Return the one candidate that a word is nearly, empty where none or several are near.

    Args:
        wanted: a text as `key` gives it.
        candidates: others.
    """
    if len(wanted) < SHORTEST:
        return ""
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    rated: list[tuple[float, str]] = []
    for one in candidates:
        matcher.set_seq1(one)
        if (
            len(one) >= SHORTEST
            and _digits(one) == _digits(wanted)
            and (matcher.quick_ratio() >= NEAR)
        ):
            rated.append((matcher.ratio(), one))
    rated.sort(reverse=True)
    if not rated or rated[0][0] < NEAR:
        return ""
    if len(rated) > 1 and rated[0][0] - rated[1][0] < APART:
        return ""
    return rated[0][1]


def _digits(written: str) -> str:
    # 3 months are not 6 months, however near the words are.
    return "".join(character for character in written if character.isdigit())


@cache
def _file() -> Mapping[str, Mapping[str, Mapping[str, list[str]]]]:
    return read_yaml(data_path("schemas", "migrate.yaml"))


@cache
def field_names() -> Mapping[str, str]:
    """Return the fields by the keys of the names that portals give them."""
    found: dict[str, str] = {}
    for path, names in _file()["fields"].items():
        found.update({key(name): path for name in (*names, path)})
    return MappingProxyType(found)


def codes(vocabulary_id: str) -> Mapping[str, str]:
    """Return the codes of a list by the keys of their names; none for a name of two codes."""
    return _codes(vocabulary.get(vocabulary_id))


@lru_cache(maxsize=64)
def _codes(terms: vocabulary.Vocabulary) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for term in terms:
        for name in (term.code, *term.label.values(), *(term.also or ())):
            if (one := key(str(name))) and not term.retired:
                found[one] = term.code if found.get(one, term.code) == term.code else ""
    for code, names in _file()["values"].get(terms.id, {}).items():
        # A portal's own list may lack the code.
        if code in terms:
            found.update({key(name): code for name in names if key(name) not in found})
    return MappingProxyType({name: code for name, code in found.items() if code})
