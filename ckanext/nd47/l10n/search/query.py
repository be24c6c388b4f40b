"""A query brought to the words of the index, whatever spelling it was typed in.

Free of CKAN. Each query gives the same datasets with and without diacritics; how near a dataset's
spelling comes to the user's own only moves it in the list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.l10n import abbreviations
from ckanext.nd47.l10n.abbreviations import Abbreviations
from ckanext.nd47.l10n.search import index, syntax
from ckanext.nd47.l10n.search.syntax import Piece, pieces
from ckanext.nd47.lib import inputs, text

QUERY_FIELDS = f"name^4 {index.TITLE}^4 {index.TAGS}^2 groups^2 {index.ALL_TEXTS}"
"""CKAN's own fields and weights, title and tags in their folded form."""

SHADOWS = {"title": index.TITLE}
"""Fields that have a folded one beside them."""

NAMES = frozenset(
    f"{name}:"
    for name in ("author", "groups", "name", "notes", "organization", "tags", "text", "title")
)
"""Fields that people search in; their names are not part of what they look for."""

FOLDED_FIELDS = frozenset({index.ALL_TEXTS, *index.OWN_FIELDS})

WEIGHT = 1000
"""More than any dataset's own score: who spells a word is shown those first who spell it so."""

MOST_WORDS = 40
"""Words of a text that are looked for: Solr takes 1,024 clauses, and each word is sought in five
fields, an abbreviation as up to five words."""

MOST_SPELLED = 12
"""Words of a query whose spelling counts."""

_WILDCARD = re.compile(r"(?<!\\)[*?]")


@dataclass
class Rewritten:
    """A query in the words of the index.

    Attributes:
        query: the folded query.
        spelled: the user's own spelling of its words, those left out that are excluded.
        marked: whether the user typed any diacritic.
    """

    query: str = ""
    spelled: list[str] = field(default_factory=list)
    marked: bool = False

    def closeness(self) -> str:
        """Return the function of Solr that is the higher the nearer the spelling is."""
        words = list(dict.fromkeys(filter(None, self.spelled)))[:MOST_SPELLED]
        if not words:
            return ""
        found = [f"termfreq({index.ALL_TEXTS},'{word}')" for word in words]
        if not self.marked:
            # Who types no diacritics at all does so out of habit: only a whole match means more.
            return f"product({WEIGHT},min(1,{','.join(found)}))"
        share = ",".join(f"min(1,{one})" for one in found)
        return f"product({WEIGHT},div(sum(0,{share}),{len(words)}))"


def rewrite(query: str, abbreviations: Abbreviations, *, fielded: bool = False) -> Rewritten:
    """Fold a query and keep its syntax.

    Args:
        query: what was typed.
        abbreviations: what is written out.
        fielded: whether it is in Lucene's language; what is not sound in it is taken as text.

    Returns:
        The query in the words of the index; it is empty where a text has neither letter nor digit.
    """
    result = Rewritten()
    composed = text.nfc(query)
    if fielded and syntax.is_sound(parts := list(pieces(composed, fielded=True))):
        result.query = _join(parts, abbreviations, result)
        return result
    if fielded:
        composed = without_fields(composed)
    parts = syntax.as_text(_beginning(composed))
    # Folding may turn a sign of another width into one that means something.
    result.query = syntax.OTHER_LANGUAGE.sub(" ", _join(parts, abbreviations, result))
    return result


def without_fields(query: str) -> str:
    """Return a query without the names of the fields that people search in."""
    return "".join(
        " " if part.kind == "field" and part.text.lower() in NAMES else part.text
        for part in pieces(query, fielded=True)
    )


def _beginning(query: str) -> str:
    """Return the words of a query that are looked for; the last of them is whole."""
    words = list(islice(text.WORD.finditer(query[: syntax.LONGEST]), MOST_WORDS + 1))
    if len(words) > MOST_WORDS:
        return query[: words[-1].start()]
    if len(query) <= syntax.LONGEST:
        return query
    return query[: syntax.LONGEST].rpartition(" ")[0] or query[: syntax.LONGEST]


def _join(parts: Sequence[Piece], abbreviations: Abbreviations, result: Rewritten) -> str:
    out: list[str] = []
    place = 0
    while place < len(parts):
        part = parts[place]
        if part.kind == "field":
            end = _operand(parts, place + 1)
            out.append(_in_field(part.text, parts[place + 1 : end], abbreviations, result))
            place = end
        elif part.kind == "word":
            end = _words_end(parts, place)
            excluded = bool(out) and out[-1] in ("-", "!")
            own = Rewritten() if excluded else result
            out.append(_words(parts[place:end], abbreviations, own))
            place = end
        else:
            out.append(_quoted(part, abbreviations, result) if part.kind == "quoted" else part.text)
            place += 1
    return "".join(out)


def _in_field(
    name: str, operand: Sequence[Piece], abbreviations: Abbreviations, result: Rewritten
) -> str:
    """Return a field's part: folded where the field is, untouched where it is not."""
    typed = "".join(part.text for part in operand)
    bare = name.rstrip(":")
    if bare in FOLDED_FIELDS:
        return name + _join(operand, abbreviations, result)
    if bare in SHADOWS and typed:
        return f"({name}{typed} OR {SHADOWS[bare]}:{_join(operand, abbreviations, result)})"
    return name + typed


def _operand(parts: Sequence[Piece], start: int) -> int:
    """Return where the operand of a field ends: one piece, or all up to the closing bracket."""
    depth = 0
    for place in range(start, len(parts)):
        kind = parts[place].kind
        depth += (kind == "open") - (kind == "close")
        if depth <= 0:
            # "+" and its kin belong to what follows them.
            if kind == "syntax" and parts[place].text in ("+", "-", "!"):
                continue
            return place + (kind != "blank" and depth == 0)
    return len(parts)


def _words_end(parts: Sequence[Piece], start: int) -> int:
    """Return where a run of plain words ends."""
    end = start + 1
    while end + 1 < len(parts) and parts[end].kind == "blank" and parts[end + 1].kind == "word":
        end += 2
    return end


def _words(run: Sequence[Piece], abbreviations: Abbreviations, result: Rewritten) -> str:
    """Fold a run of words; what the list of abbreviations knows becomes one quoted phrase."""
    typed = [part.text for part in run if part.kind == "word"]
    words: list[str] = []
    owner: list[int] = []
    for number, one in enumerate(typed):
        for word in [] if _WILDCARD.search(one) else text.WORD.findall(one):
            words.append(word)
            owner.append(number)
    common = [text.common(word) for word in words]
    folded: list[str | None] = [_fold(one) for one in typed]
    covered: set[int] = set()
    for place, entry in abbreviations.among(common):
        last = place + entry.length
        numbers = range(owner[place], owner[last - 1] + 1)
        whole = (place == 0 or owner[place - 1] != numbers[0]) and (
            last == len(owner) or owner[last] != numbers[-1]
        )
        if whole:
            folded[numbers[0]] = f'"{" ".join(entry.common)}"'
            for number in numbers[1:]:
                folded[number] = None
            if entry.short:
                covered.update(range(place, last))
                result.spelled += map(text.spelling, entry.full)
    _note([word for place, word in enumerate(words) if place not in covered], result)
    return " ".join(one for one in folded if one is not None)


def _quoted(part: Piece, abbreviations: Abbreviations, result: Rewritten) -> str:
    """Fold a phrase; an abbreviation in it is written out."""
    words = text.WORD.findall(part.inside)
    common = [text.common(word) for word in words]
    out: list[str] = []
    start = 0
    for place, entry in abbreviations.among(common):
        if entry.short:
            out += [*common[start:place], *entry.common]
            start = place + entry.length
    _note(words, result)
    return f'"{" ".join([*out, *common[start:]])}"' if words else part.text


def _note(words: Sequence[str], result: Rewritten) -> None:
    result.spelled += map(text.spelling, words)
    result.marked = result.marked or any(map(text.has_marks, words))


def _fold(typed: str) -> str:
    if _WILDCARD.search(typed):
        return text.without_marks(typed)
    return text.WORD.sub(lambda found: text.common(found[0]), typed)


EVERYTHING = frozenset({"", "*:*", '""', "''"})
"""Queries that find everything."""

FIELDS = frozenset(
    {
        "*",
        "author",
        "capacity",
        "groups",
        "id",
        "license",
        "maintainer",
        "name",
        "notes",
        "organization",
        "state",
        "tags",
        "text",
        "title",
        "url",
        "urls",
        "version",
    }
)
"""Fields of CKAN's index whose names have no underscore."""

ALL, NONE = "*:*", "-*:*"
"""Queries of Lucene's language that find everything, and nothing."""

DISMAX = frozenset({"dismax", "edismax"})


def adapt_parameters(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of `package_search` with a folded query.

    What a person types is text; only a query that names a field is taken for Lucene's language. A
    caller who names the fields to search (`qf`) or another language of Solr knows what they want
    and gets it unchanged.
    """
    params = inputs.without_control_characters(params)
    typed = params.get("q")
    if not isinstance(typed, str) or typed.strip() in EVERYTHING or _is_of_allowed_parser(typed):
        return params
    parser = params.get("defType") or "dismax"
    if "qf" in params or parser not in DISMAX | {"lucene"}:
        return params
    if typed.strip() == "*":
        return {**params, "q": ALL}
    fielded = parser != "dismax" or syntax.names_fields(typed, is_field)
    if fielded and len(typed) > syntax.LONGEST:
        # Written by a program, which Solr answers or refuses.
        return params
    found = rewrite(typed, abbreviations.in_use(), fielded=fielded)
    changed = {**params, "q": found.query or NONE}
    changed["extras"] = {**inputs.search_extras(params), inputs.TYPED: typed}
    if parser == "edismax" or ":" not in changed["q"]:
        changed["qf"] = QUERY_FIELDS
        closeness = found.closeness()
        changed["bf"] = f"{params['bf']} {closeness}" if params.get("bf") else closeness
        if not changed["bf"]:
            del changed["bf"]
    return changed


def as_text(typed: Any) -> str:
    """Return a query as nothing but text, empty where it is that already.

    For a query that looked like one of Lucene's language and that Solr did not understand.
    """
    if not isinstance(typed, str) or not syntax.names_fields(typed, is_field):
        return ""
    plain = without_fields(text.NO_TEXT.sub(" ", typed[: syntax.LONGEST]))
    return "".join(part.text for part in syntax.as_text(plain)) or NONE


def is_field(name: str) -> bool:
    """Tell whether somebody who writes a name before a colon means a field of the index.

    Solr takes any name for a field, and finds nothing in most: what is not one of CKAN's, not in
    the portal's schema or its facets, and has no underscore either, is a word.
    """
    return "_" in name or name in FIELDS or name in tk.h.facets() or name in _of_schemas()


def _of_schemas() -> frozenset[str]:
    if not p.plugin_loaded(index.SCHEMING):
        return frozenset()
    schemas = tk.h.scheming_dataset_schemas(expanded=True) or {}
    return frozenset(
        field["field_name"]
        for schema in schemas.values()
        for field in schema.get("dataset_fields", ())
    )


def _is_of_allowed_parser(typed: str) -> bool:
    """Tell whether a query names a parser of Solr's, on a portal that allows some."""
    allowed = tk.config.get("ckan.search.solr_allowed_query_parsers")
    return bool(allowed) and typed.lstrip().startswith("{!")
