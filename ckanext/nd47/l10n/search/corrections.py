"""Suggests other words for a query that finds little: `Có phải bạn tìm …`.

The words come from titles and keywords of the datasets that the user may see, read as facets of the
search index. A suggestion is only made after a search with it has found something.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.nd47.l10n import abbreviations
from ckanext.nd47.l10n.search import index, syntax
from ckanext.nd47.l10n.search.query import is_field
from ckanext.nd47.lib.language import text

Search = Callable[[dict[str, Any]], dict[str, Any]]
"""Calls `package_search` with the permissions of the user."""

MAX_WORDS = 8
"""Maximum number of words of a query that is corrected."""

MAX_SUGGESTIONS = 3
MAX_SEARCHES = 6
"""Maximum number of possible suggestions that are searched for."""

MAX_SEQUENCES = 24
"""Number of beginnings of a corrected query that are continued."""

MAX_CANDIDATES = 12
"""Maximum number of candidates for a word."""

MAX_INDEX_WORDS = 20_000
"""Maximum number of words that are read from each field of the index."""

LONGEST_CORRECTED = 20
"""Maximum length of a word that is corrected, in letters."""

VOWELS = frozenset("aeiouy")
"""Words of one letter; other letters alone are no words."""

DATASETS = "+dataset_type:dataset"

KEYS, SWAP, EDIT, SPLIT, UNKNOWN = 0.5, 0.7, 1.0, 1.0, 4.0
"""Costs of a candidate for a word: keys of an input method that were left over, two letters in the
wrong order, another wrong letter, a missing blank, and a word that is not in the index."""

PAIR = 1.3
"""Gain for two words that are neighbours in a title or keyword."""

NEAR = 1.0
"""Maximum cost of a correction above that of the best one."""

MARGIN = 0.2
"""Minimum gain of a correction of words that are all in the index."""

_SHOWN = ("title", "tags", "notes")
_TONE_KEYS = re.compile(r"(?<=.)[fsrxjw0-9]")
_DOUBLED = re.compile(r"([aeod])\1")
_PLAIN = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Suggestion:
    """Words that find something.

    Attributes:
        text: the words, spelled as a dataset spells them.
        count: number of datasets that they find.
    """

    text: str
    count: int


class _IndexWords:
    """Folded words of titles and keywords, and which of them are neighbours, with frequencies."""

    def __init__(self, facets: Mapping[str, Mapping[str, int]]) -> None:
        self.single: dict[str, int] = {}
        self.pairs: dict[tuple[str, str], int] = {}
        for counts in facets.values():
            for token, count in counts.items():
                self._add(token, count)

    def _add(self, token: str, count: int) -> None:
        if not token.endswith(text.SPELLING_END):
            self.single[token] = self.single.get(token, 0) + count
        elif index.FOLDED_PAIR in token:
            first, _, second = token.removesuffix(text.SPELLING_END).partition(index.FOLDED_PAIR)
            self.pairs[first, second] = self.pairs.get((first, second), 0) + count

    def candidates(self, word: str) -> list[tuple[float, tuple[str, ...]]]:
        """Return words of the index that a word may stand for, the cheapest first."""
        costs: dict[tuple[str, ...], float] = {}
        if len(word) <= LONGEST_CORRECTED and _PLAIN.search(word):
            for cost, words in self._similar(word):
                if all(part in self.single and (part[1:] or part in VOWELS) for part in words):
                    costs[words] = min(cost - self._common(words), costs.get(words, cost))
        is_known = word in self.single or not _PLAIN.search(word)
        costs[word,] = 0.0 if is_known else UNKNOWN
        ranked = sorted((cost, words) for words, cost in costs.items())
        return ranked[:MAX_CANDIDATES]

    def _similar(self, word: str) -> Iterator[tuple[float, tuple[str, ...]]]:
        plain = text.common(_DOUBLED.sub(r"\1", _TONE_KEYS.sub("", word)))
        if plain != word:
            yield KEYS, (plain,)
            yield from ((KEYS + cost, words) for cost, words in _splits(plain))
        yield from _splits(word)
        yield from _edits(word)

    def _common(self, words: Sequence[str]) -> float:
        """Return a small gain for frequent words."""
        return 0.1 * min(math.log10(self.single[word] + 1) for word in words)

    def gain(self, first: str, second: str) -> float:
        """Return the gain for two neighbours in a corrected query."""
        count = self.pairs.get((first, second), 0)
        return PAIR + 0.2 * math.log10(count) if count else 0.0


def _splits(word: str) -> Iterator[tuple[float, tuple[str, ...]]]:
    for place in range(1, len(word)):
        yield SPLIT, (text.common(word[:place]), text.common(word[place:]))


def _edits(word: str) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Yield all words that differ in two swapped letters, or in one letter."""
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if len(after) > 1:
            yield SWAP, (text.common(f"{before}{after[1]}{after[0]}{after[2:]}"),)
        if after and len(word) > 1:
            yield EDIT, (text.common(before + after[1:]),)
        for letter in string.ascii_lowercase:
            yield EDIT, (text.common(before + letter + after),)
            if after:
                yield EDIT, (text.common(before + letter + after[1:]),)


def suggestions(search: Search, typed: str) -> list[Suggestion]:
    """Return words that find something in place of a query, the likeliest first.

    Args:
        search: searches datasets as the user may see them.
        typed: the query as typed; a query in Lucene's syntax is not corrected.
    """
    if syntax.has_field(typed[: syntax.MAX_LENGTH], is_field):
        return []
    words = [text.common(word) for word in text.words(text.search_words(typed))][:MAX_WORDS]
    if not words:
        return []
    facets = search(
        {
            "q": "*:*",
            "fq": DATASETS,
            "rows": 0,
            "facet.field": [index.TITLE, index.TAGS],
            "facet.limit": MAX_INDEX_WORDS,
        }
    )["facets"]
    count = search({"q": typed, "fq": DATASETS, "rows": 0, "facet": False})["count"]
    known = _IndexWords(facets)
    if count and _is_understood(words, known):
        return []
    sequences = _corrected(words, known)
    if not count:
        sequences += [sequence for sequence in _shorter(words, known) if sequence not in sequences]
    result: dict[str, Suggestion] = {}
    for sequence in sequences[:MAX_SEARCHES]:
        suggestion = _checked(search, sequence)
        if suggestion is not None and text.fold(suggestion.text) != text.fold(typed):
            result.setdefault(text.fold(suggestion.text), suggestion)
        if len(result) == MAX_SUGGESTIONS:
            break
    return list(result.values())


def _is_understood(words: Sequence[str], known: _IndexWords) -> bool:
    """Return whether some words are another name of what datasets say, and they say the others."""
    named = {
        position + place
        for position, name in abbreviations.in_use().find_all(words)
        for place in range(name.length)
    }
    return bool(named) and all(
        position in named or word in known.single for position, word in enumerate(words)
    )


def _corrected(words: Sequence[str], known: _IndexWords) -> list[tuple[str, ...]]:
    """Return corrected queries, the likeliest first."""
    beginnings: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    for word in words:
        candidates = known.candidates(word)
        longer = [
            (cost + own - _gains((*done[-1:], *candidate), known), (*done, *candidate))
            for cost, done in beginnings
            for own, candidate in candidates
        ]
        beginnings = sorted(longer)[:MAX_SEQUENCES]
    typed = tuple(words)
    limit = math.inf
    if all(word in known.single for word in words):
        limit = -_gains(typed, known) - MARGIN
    better = [
        (cost, sequence)
        for cost, sequence in beginnings
        if sequence != typed and cost < limit and all(word in known.single for word in sequence)
    ]
    return [sequence for cost, sequence in better[:MAX_SEARCHES] if cost <= better[0][0] + NEAR]


def _gains(words: Sequence[str], known: _IndexWords) -> float:
    return sum(known.gain(*pair) for pair in zip(words, words[1:], strict=False))


def _shorter(words: Sequence[str], known: _IndexWords) -> list[tuple[str, ...]]:
    """Return parts of a query: words that stand together in the index, then words left out."""
    usable = tuple(word for word in words if word in known.single)
    pairs = [pair for pair in zip(usable, usable[1:], strict=False) if pair in known.pairs]
    pairs.sort(key=lambda pair: known.pairs[pair])
    parts = [usable] if usable != tuple(words) else []
    if len(usable) > 1:
        parts += ((*usable[:place], *usable[place + 1 :]) for place in range(len(usable)))
    return [part for part in dict.fromkeys([*parts[:1], *pairs, *parts[1:]]) if part]


def _checked(search: Search, words: Sequence[str]) -> Suggestion | None:
    """Return a suggestion with the words as datasets spell them, None if they find nothing."""
    result = search(
        {
            "q": " ".join(words),
            "fq": DATASETS,
            "rows": 5,
            "fl": list(_SHOWN),
            "facet": False,
        }
    )
    if not result["count"]:
        return None
    return Suggestion(_spelled(words, result["results"]), result["count"])


def _spelled(words: Sequence[str], datasets: Sequence[Mapping[str, Any]]) -> str:
    """Return folded words as the datasets spell them, side by side if they occur so."""
    spelled: dict[str, str] = {}
    for dataset in datasets:
        for name in _SHOWN:
            value = dataset.get(name) or ""
            written = text.words(" | ".join(value) if isinstance(value, list) else value)
            common = [text.common(word) for word in written]
            for place, word in enumerate(common):
                if word == words[0] and common[place : place + len(words)] == list(words):
                    return " ".join(written[place : place + len(words)]).lower()
                spelled.setdefault(word, written[place].lower())
    return " ".join(spelled.get(word, word) for word in words)
