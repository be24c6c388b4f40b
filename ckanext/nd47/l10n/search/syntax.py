"""A query taken apart: what may be folded, and what is syntax and stays as it was typed.

Free of CKAN. Two languages are told apart: that of Solr's dismax parser (words, quotes, + and -),
which CKAN uses for what people type, and Lucene's (fields, AND, OR, wildcards, ranges), which it
uses as soon as a query has a colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "quoted", "field", "open", "close", "blank", "syntax"]

OPERATORS = frozenset({"AND", "OR", "NOT", "&&", "||", "TO"})

_QUOTED = r'"(?:\\.|[^"\\])*"'
_BLANK = r"\s+"
_RANGE = r"[\[{][^\]}]*\sTO\s[^\]}]*[\]}]"
_LUCENE = re.compile(
    rf"(?P<blank>{_BLANK})|(?P<quoted>{_QUOTED})|(?P<range>{_RANGE})"
    r"|(?P<field>(?:\\.|[^\s\"():\[\]{}\\+!-])(?:\\.|[^\s\"():\[\]{}\\])*:)"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<mark>[\^~][\d.]*|[+!-](?=[^\s])|[\[\]{}:/])"
    r"|(?P<word>(?:\\.|[^\s\"():\[\]{}\\^~])+)|(?P<other>.)",
    re.DOTALL,
)
_DISMAX = re.compile(
    rf"(?P<blank>{_BLANK})|(?P<quoted>{_QUOTED})|(?P<mark>[+-](?=[^\s]))|(?P<word>[^\s\"]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Piece:
    """A piece of a query; all pieces together are the query again."""

    kind: Kind
    text: str

    @property
    def inside(self) -> str:
        """What stands between the quotes."""
        return self.text[1:-1]


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
