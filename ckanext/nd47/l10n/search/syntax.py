"""A query taken apart: what may be folded, and what is syntax and stays as it was typed.

Free of CKAN. Two languages are told apart: that of Solr's dismax parser (words, quotes, + and -),
which CKAN uses for what people type, and Lucene's (fields, AND, OR, wildcards, ranges), which it
uses as soon as a query has a colon.

Each expression reads a query in time that grows with its length alone: no piece can begin in two
ways, and one that is not closed reaches to the end, so nothing is read twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ckanext.nd47.lib.text import NO_TEXT

Kind = Literal["word", "quoted", "field", "open", "close", "blank", "syntax"]

OPERATORS = frozenset({"AND", "OR", "NOT", "&&", "||", "TO"})

LONGEST = 1000
"""Characters of a query that are looked at; what a person types is far shorter."""

DEEPEST = 20
"""Brackets within brackets that a query may have to be taken for one of Lucene's."""

_QUOTED = r'"(?:\\.|[^"\\])*"'
_OPEN_QUOTE = r'"(?:\\.|[^"\\])*\\?\Z'
_BLANK = r"\s+"
_RANGE = r"[\[{](?:(?!\sTO\s)[^\[\]{}])*\sTO\s[^\[\]{}]*[\]}]"
_LUCENE = re.compile(
    rf"(?P<blank>{_BLANK})|(?P<quoted>{_QUOTED})|(?P<unclosed>{_OPEN_QUOTE})|(?P<range>{_RANGE})"
    r"|(?P<field>(?:\\.|[^\s\"():\[\]{}\\^~/+!-])(?:\\.|[^\s\"():\[\]{}\\^~])*:)"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<mark>[\^~][\d.]*|[+!-](?=[^\s])|[\[\]{}:/])"
    r"|(?P<word>(?:\\.|[^\s\"():\[\]{}\\^~])+)|(?P<other>.)",
    re.DOTALL,
)
_DISMAX = re.compile(
    rf"(?P<blank>{_BLANK})|(?P<quoted>{_QUOTED})|(?P<unclosed>{_OPEN_QUOTE})"
    r"|(?P<mark>[+-](?=[^\s]))|(?P<word>[^\s\"]+)|(?P<other>.)",
    re.DOTALL,
)
_FIELD = re.compile(r"(?:[+!-]?|[^\s\"]*\()(?P<name>[A-Za-z_][A-Za-z0-9_.]*|\*):(?!//)[^\s:]")
"""Start of a word that may be a field and its value."""

OTHER_LANGUAGE = re.compile(r"[{}:]")
"""What makes CKAN or Solr read a text as a query of another language."""

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_EXCLUDED = re.compile(r'"?[^\W\d_]')
_JOINING = frozenset({"AND", "OR", "&&", "||"})


@dataclass(frozen=True)
class Piece:
    """A piece of a query; all pieces together are the query again."""

    kind: Kind
    text: str

    @property
    def inside(self) -> str:
        """What stands between the quotes."""
        return self.text[1:-1]


BLANK = Piece("blank", " ")


def pieces(query: str, *, fielded: bool) -> Iterator[Piece]:
    """Take a query apart.

    Args:
        query: what was typed.
        fielded: whether it is in Lucene's language.
    """
    for found in (_LUCENE if fielded else _DISMAX).finditer(query):
        kind, text = found.lastgroup, found[0]
        if kind == "word" and text not in OPERATORS:
            yield Piece("word", text)
        elif kind in ("blank", "quoted", "field", "open", "close"):
            yield Piece(kind, text)
        else:
            yield Piece("syntax", text)


def names_fields(query: str, is_field: Callable[[str], bool]) -> bool:
    """Tell whether the writer of a query names a field of the index, by the looks of it.

    `tags:đất` does; `Quyết định: 12`, `so:12` and `https://tinh.example` are text with a colon.

    Args:
        query: what was typed.
        is_field: tells whether a name is that of a field.
    """
    found = filter(None, map(_FIELD.match, query.split()))
    return any(is_field(one["name"]) for one in found)


def is_sound(parts: Sequence[Piece]) -> bool:
    """Tell whether brackets and quotes of a query in Lucene's language belong together."""
    depth = 0
    for part in parts:
        depth += (part.kind == "open") - (part.kind == "close")
        if not 0 <= depth <= DEEPEST or _is_stray(part):
            return False
    return depth == 0


def _is_stray(part: Piece) -> bool:
    """Tell whether a piece is a quote or bracket that nothing closes or opens."""
    if part.kind != "syntax":
        return False
    return part.text in ("[", "]", "{", "}", "\\") or part.text.startswith('"')


def as_text(query: str) -> list[Piece]:
    """Return what a query says as words and phrases, with what joins or excludes them.

    Every query can be searched for as text: a quote or bracket without its like, a colon, and an
    operator with nothing to join mean nothing.
    """
    cleaned = OTHER_LANGUAGE.sub(" ", NO_TEXT.sub(" ", query))
    found = list(pieces(cleaned, fielded=False))
    if found and found[-1].kind == "syntax" and found[-1].text.startswith('"'):
        found += pieces(found.pop().text.replace('"', " "), fielded=False)
    operands = _operands(found)
    if all(sign == "-" for sign, _ in operands if sign not in _JOINING):
        # Nothing is left to exclude something from.
        operands = [("" if sign == "-" else sign, part) for sign, part in operands]
    result: list[Piece] = []
    for place, (sign, part) in enumerate(operands):
        if sign in _JOINING and not _joins(operands, place):
            continue
        result += [BLANK] if result else []
        result += [Piece("syntax", sign)] if sign in ("+", "-") else []
        result.append(part)
    return result


def _operands(found: Sequence[Piece]) -> list[tuple[str, Piece]]:
    """Return words and phrases with the sign before each, and operators with themselves as sign."""
    operands: list[tuple[str, Piece]] = []
    sign, behind_blank = "", True
    for part in found:
        if part.kind in ("word", "quoted") and _LETTER_OR_DIGIT.search(part.text):
            # "-5" is a number, and "2020 -2025" a range; nobody excludes those.
            excluded = sign in ("-", "NOT") and _EXCLUDED.match(part.text)
            operands.append(("-" if excluded else "+" if sign == "+" else "", part))
        elif part.text in _JOINING:
            operands.append((part.text, part))
        elif part.text == "TO":
            operands.append(("", Piece("word", part.text)))
        if part.text == "NOT" or (part.kind == "blank" and sign == "NOT"):
            sign = "NOT"
        elif part.kind == "syntax" and part.text in ("+", "-") and behind_blank:
            sign = part.text
        else:
            sign = ""
        behind_blank = part.kind == "blank"
    return operands


def _joins(operands: Sequence[tuple[str, Piece]], place: int) -> bool:
    """Tell whether an operator stands between two words or phrases."""
    around = operands[max(place - 1, 0) : place + 2]
    return len(around) == 3 and sum(sign in _JOINING for sign, _ in around) == 1  # noqa: PLR2004
