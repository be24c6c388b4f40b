"""Splits search queries into words, which are folded, and syntax, which is not changed.

There are two syntaxes: that of Solr's dismax parser (words, quotes, + and -), and Lucene's (fields,
AND, OR, wildcards, ranges), which CKAN uses for queries with a colon. Does not import CKAN.

The time of each regular expression is linear in the length of the query: the first character of a
piece decides its kind, and a piece that is not closed extends to the end, so there is no
backtracking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ckanext.nd47.lib.language.text import NO_TEXT

Kind = Literal["word", "quoted", "field", "open", "close", "blank", "syntax"]

OPERATORS = frozenset({"AND", "OR", "NOT", "&&", "||", "TO"})

MAX_LENGTH = 1000
"""Maximum number of characters of a query that are searched."""

MAX_DEPTH = 20
"""Maximum depth of nested brackets of a query in Lucene's syntax."""

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
"""Start of a word that can be a field and its value."""

LUCENE_CHARACTERS = re.compile(r"[{}:]")
"""Characters that make CKAN or Solr use another query parser."""

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_EXCLUDABLE = re.compile(r'"?[^\W\d_]')
_BINARY_OPERATORS = frozenset({"AND", "OR", "&&", "||"})


@dataclass(frozen=True)
class Piece:
    """A piece of a query. The concatenation of all pieces is the query."""

    kind: Kind
    text: str

    @property
    def inside(self) -> str:
        """The text between the quotes."""
        return self.text[1:-1]


BLANK = Piece("blank", " ")


def pieces(query: str, *, fielded: bool) -> Iterator[Piece]:
    """Split a query into pieces.

    Args:
        query: the query.
        fielded: whether it is in Lucene's syntax.
    """
    for match in (_LUCENE if fielded else _DISMAX).finditer(query):
        kind, text = match.lastgroup, match[0]
        if kind == "word" and text not in OPERATORS:
            yield Piece("word", text)
        elif kind in ("blank", "quoted", "field", "open", "close"):
            yield Piece(kind, text)
        else:
            yield Piece("syntax", text)


def has_field(query: str, is_field: Callable[[str], bool]) -> bool:
    """Tell whether a query searches in a field.

    `tags:đất` does; `Quyết định: 12`, `so:12` and `https://tinh.example` are text with a colon.

    Args:
        query: the query.
        is_field: tells whether a name is that of a field.
    """
    matches = filter(None, map(_FIELD.match, query.split()))
    return any(is_field(match["name"]) for match in matches)


def is_valid(parts: Sequence[Piece]) -> bool:
    """Tell whether all brackets and quotes of a query in Lucene's syntax are closed."""
    depth = 0
    for part in parts:
        depth += (part.kind == "open") - (part.kind == "close")
        if not 0 <= depth <= MAX_DEPTH or _is_unbalanced(part):
            return False
    return depth == 0


def _is_unbalanced(part: Piece) -> bool:
    """Tell whether a piece is a quote or bracket without a counterpart."""
    if part.kind != "syntax":
        return False
    return part.text in ("[", "]", "{", "}", "\\") or part.text.startswith('"')


def as_text(query: str) -> list[Piece]:
    """Return the words, phrases and operators of a query in dismax syntax.

    Quotes and brackets without a counterpart, colons, and operators without operands are removed,
    so every query can be searched.
    """
    cleaned = LUCENE_CHARACTERS.sub(" ", NO_TEXT.sub(" ", query))
    parts = list(pieces(cleaned, fielded=False))
    if parts and parts[-1].kind == "syntax" and parts[-1].text.startswith('"'):
        parts += pieces(parts.pop().text.replace('"', " "), fielded=False)
    operands = _operands(parts)
    if all(sign == "-" for sign, _ in operands if sign not in _BINARY_OPERATORS):
        # Solr finds nothing if all words are excluded.
        operands = [("" if sign == "-" else sign, part) for sign, part in operands]
    result: list[Piece] = []
    for position, (sign, part) in enumerate(operands):
        if sign in _BINARY_OPERATORS and not _has_operands(operands, position):
            continue
        result += [BLANK] if result else []
        result += [Piece("syntax", sign)] if sign in ("+", "-") else []
        result.append(part)
    return result


def _operands(parts: Sequence[Piece]) -> list[tuple[str, Piece]]:
    """Return words and phrases with their sign, and binary operators with themselves as sign."""
    operands: list[tuple[str, Piece]] = []
    sign, after_blank = "", True
    for part in parts:
        if part.kind in ("word", "quoted") and _LETTER_OR_DIGIT.search(part.text):
            # "-5" is a number, and "2020 -2025" a range, so numbers are not excluded.
            excluded = sign in ("-", "NOT") and _EXCLUDABLE.match(part.text)
            operands.append(("-" if excluded else "+" if sign == "+" else "", part))
        elif part.text in _BINARY_OPERATORS:
            operands.append((part.text, part))
        elif part.text == "TO":
            operands.append(("", Piece("word", part.text)))
        if part.text == "NOT" or (part.kind == "blank" and sign == "NOT"):
            sign = "NOT"
        elif part.kind == "syntax" and part.text in ("+", "-") and after_blank:
            sign = part.text
        else:
            sign = ""
        after_blank = part.kind == "blank"
    return operands


def _has_operands(operands: Sequence[tuple[str, Piece]], position: int) -> bool:
    """Tell whether a binary operator is between two words or phrases."""
    if not 0 < position < len(operands) - 1:
        return False
    before, after = operands[position - 1], operands[position + 1]
    return before[0] not in _BINARY_OPERATORS and after[0] not in _BINARY_OPERATORS
