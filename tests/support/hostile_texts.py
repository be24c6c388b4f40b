"""Texts that a regular expression may stumble over, made from the expression itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as codes  # pyright: ignore[reportAttributeAccessIssue]
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any

MOST_MARKS = 3
"""Punctuation of an expression of which all pairs are repeated."""


def samples(tree: Any) -> Iterator[str]:
    """A text that a part of an expression matches, and one for each part of it that repeats."""
    for code, value in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            inner = value[2]
            yield sample(inner)
            yield from samples(inner)
            if inner and inner[0][0] is codes.BRANCH:
                yield from map(sample, inner[0][1][1])
        elif code is codes.SUBPATTERN:
            yield from samples(value[3])
        elif code is codes.BRANCH:
            for branch in value[1]:
                yield sample(branch)
                yield from samples(branch)
        elif code in (codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY):
            yield sample([(code, value)])


def sample(tree: Any) -> str:
    """A short text that a parsed expression matches, lookarounds left aside."""
    return "".join(_one(code, value) for code, value in tree)


def _one(code: Any, value: Any) -> str:
    if code is codes.LITERAL:
        return chr(value)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return sample(value[2]) * max(1, min(value[0], 4))
    if code is codes.SUBPATTERN:
        return sample(value[3])
    if code is codes.BRANCH:
        return sample(value[1][0])
    if code is codes.IN:
        return _of_set(value)
    if code is codes.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    return "a" if code is codes.ANY else ""


def _of_set(items: Any) -> str:
    """A character of a set, by trying."""
    text = "[" + "".join(_class(code, value) for code, value in items) + "]"
    among = 'a1 -/."\\(:[{^~+!%_,;<>@&A\n\x00\ud800'
    return next((one for one in among if re.match(text, one)), _first(items))


def _class(code: Any, value: Any) -> str:
    if code is codes.NEGATE:
        return "^"
    if code is codes.LITERAL:
        return re.escape(chr(value))
    if code is codes.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return CATEGORIES[value]


CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}


def _first(items: Any) -> str:
    for code, value in items:
        if code in (codes.LITERAL, codes.RANGE):
            return chr(value if code is codes.LITERAL else value[0])
    return "a"


def shapes(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Beginnings, what repeats and ends of texts that an expression may stumble over."""
    tree = parser.parse(
        pattern.pattern.decode("latin-1")
        if isinstance(pattern.pattern, bytes)
        else pattern.pattern,
        pattern.flags,
    )
    whole = sample(tree)
    parts = list(dict.fromkeys(filter(None, samples(tree))))
    marks = list(dict.fromkeys(one for one in "".join(parts) if not one.isalnum()))[:MOST_MARKS]
    seeds = dict.fromkeys(
        [
            *parts,
            *(part[:-1] for part in parts),
            whole,
            whole[:-1],
            f"{whole}\x00",
            *(one + other for one in marks for other in marks),
            " ",
            "a",
        ]
    )
    for seed in filter(None, seeds):
        yield "", seed, "\x00"
        # Whatever `.` matches is not the end of a line.
        yield "", seed, "\n\x00"
        for beginning in dict.fromkeys(["", whole[:1], whole[:-1]]):
            yield beginning, seed, ""
