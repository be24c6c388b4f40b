"""Folds search queries, so that they match the folded words of the index in any spelling.

A query finds the same datasets with and without diacritics. Datasets that are spelled as in the
query come first.
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
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.language import text

QUERY_FIELDS = f"name^4 {index.TITLE}^4 {index.TAGS}^2 groups^2 {index.ALL_TEXTS}"
"""CKAN's fields and weights, with the folded fields for title and tags."""

FOLDED_FORMS = {"title": index.TITLE}
"""Folded fields by CKAN's fields."""

FIELD_PREFIXES = frozenset(
    f"{name}:"
    for name in ("author", "groups", "name", "notes", "organization", "tags", "text", "title")
)
"""Field names with a colon that are removed if a query is not valid and is searched as text."""

FOLDED_FIELDS = frozenset({index.ALL_TEXTS, *index.OWN_FIELDS})

SPELLING_WEIGHT = 1000
"""Higher than the score of any dataset, so that datasets with the same spelling come first."""

WHOLE_WEIGHT = 4000
"""Weight of all words together in the same spelling, if the query has diacritics.

It is higher than what pairs of some of the words add.
"""

PAIR_WEIGHTS = {index.ALL_TEXTS: 1000, index.TITLE: 1500, index.TAGS: 700}
"""Weights of neighbouring words of the query that are neighbours in a field, in their spelling."""

WORD_WEIGHTS = {index.TITLE: 400, index.TAGS: 200}
"""Weights of words of the query in a field, in their spelling."""

FOLDED_PAIR_WEIGHTS = {index.TITLE: 400, index.TAGS: 200}
"""Weights of neighbouring words of the query that are neighbours in a field, in any spelling."""

MAX_WORDS = 40
"""Maximum number of words of a query. Solr allows 1,024 clauses; each word is searched in five
fields, and an abbreviation has up to five words."""

MAX_SPELLINGS = 12
"""Maximum number of words of a query whose spelling is compared."""

_WILDCARD = re.compile(r"(?<!\\)[*?]")


@dataclass
class FoldedQuery:
    """A query in the words of the index.

    Attributes:
        query: the folded query.
        spellings: the words as they were spelled, without excluded words.
        pairs: each two neighbouring words as one, in their spelling.
        folded_pairs: each two neighbouring words as one, without diacritics.
        has_diacritics: whether a word has diacritics.
    """

    query: str = ""
    spellings: list[str] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)
    folded_pairs: list[str] = field(default_factory=list)
    has_diacritics: bool = False

    def add_spellings(self, words: Sequence[str]) -> None:
        """Add words of the original query."""
        self.spellings += map(text.spelling, words)
        self.has_diacritics = self.has_diacritics or any(map(text.has_marks, words))

    def add_neighbours(self, words: Sequence[str]) -> None:
        """Add words that stand together, with the full names of abbreviations and synonyms."""
        self.pairs += index.pairs_of(words)
        self.folded_pairs += index.folded_pairs_of([text.common(word) for word in words])

    def boost_function(self) -> str:
        """Return a function of Solr that is higher for datasets with the same spelling.

        It counts each word of the query that a dataset has in the same spelling, and each two
        neighbouring words that are neighbours there too, most of all in the title.
        """
        words = _first(self.spellings)
        if not words:
            return ""
        # Many users never type diacritics, so without them only a match of all words counts.
        weight = WHOLE_WEIGHT if self.has_diacritics else SPELLING_WEIGHT
        parts = [_share(weight, index.ALL_TEXTS, words, whole=True)]
        if self.has_diacritics:
            parts.append(_share(SPELLING_WEIGHT, index.ALL_TEXTS, words))
            parts += [_share(weight, name, words) for name, weight in WORD_WEIGHTS.items()]
            pairs = _first(self.pairs)
            parts += [_share(weight, name, pairs) for name, weight in PAIR_WEIGHTS.items() if pairs]
        folded_pairs = _first(self.folded_pairs)
        if folded_pairs:
            parts += [
                _share(weight, name, folded_pairs) for name, weight in FOLDED_PAIR_WEIGHTS.items()
            ]
        return f"sum({','.join(parts)})"


def _first(words: Sequence[str]) -> list[str]:
    """Return the words that are compared, each once."""
    return list(dict.fromkeys(filter(None, words)))[:MAX_SPELLINGS]


def _share(weight: int, name: str, words: Sequence[str], *, whole: bool = False) -> str:
    """Return a function for a field: the weight, times the share of the words that it contains.

    Args:
        weight: result if the field contains all words.
        name: the field.
        words: words of the index.
        whole: whether only all words together count.
    """
    frequencies = [f"termfreq({name},'{word}')" for word in words]
    if whole:
        return f"product({weight},min(1,{','.join(frequencies)}))"
    matches = ",".join(f"min(1,{frequency})" for frequency in frequencies)
    return f"product({weight / len(words):.0f},sum(0,{matches}))"


def fold_query(query: str, abbreviations: Abbreviations, *, fielded: bool = False) -> FoldedQuery:
    """Fold the words of a query and keep its syntax.

    Args:
        query: the query.
        abbreviations: abbreviations that are replaced by their full names.
        fielded: whether the query is in Lucene's syntax; if it is not valid, it is folded as text.

    Returns:
        The folded query; it is empty for a text without letters and digits.
    """
    result = FoldedQuery()
    composed = text.nfc(query)
    if fielded and syntax.is_valid(parts := list(pieces(composed, fielded=True))):
        result.query = _fold_pieces(parts, abbreviations, result)
        return result
    if fielded:
        composed = without_field_names(composed)
    parts = syntax.as_text(_truncate(composed))
    # Folding can turn a full-width character into one of Lucene's syntax.
    result.query = syntax.LUCENE_CHARACTERS.sub(" ", _fold_pieces(parts, abbreviations, result))
    return result


def without_field_names(query: str) -> str:
    """Return a query without the names of common fields."""
    return "".join(
        " " if part.kind == "field" and part.text.lower() in FIELD_PREFIXES else part.text
        for part in pieces(query, fielded=True)
    )


def _truncate(query: str) -> str:
    """Return the first words of a query, up to the limits of words and length."""
    words = list(islice(text.WORD.finditer(query[: syntax.MAX_LENGTH]), MAX_WORDS + 1))
    if len(words) > MAX_WORDS:
        return query[: words[-1].start()]
    if len(query) <= syntax.MAX_LENGTH:
        return query
    return query[: syntax.MAX_LENGTH].rpartition(" ")[0] or query[: syntax.MAX_LENGTH]


def _fold_pieces(parts: Sequence[Piece], abbreviations: Abbreviations, result: FoldedQuery) -> str:
    output: list[str] = []
    position = 0
    while position < len(parts):
        part = parts[position]
        end = position + 1
        if part.kind == "field":
            end = _operand_end(parts, position + 1)
            operand = parts[position + 1 : end]
            output.append(_fold_field(part.text, operand, abbreviations, result))
        elif part.kind == "word":
            end = _words_end(parts, position)
            is_excluded = bool(output) and output[-1] in ("-", "!")
            # The spelling of excluded words does not count.
            words_result = FoldedQuery() if is_excluded else result
            output.append(_fold_words(parts[position:end], abbreviations, words_result))
        elif part.kind == "quoted":
            output.append(_fold_phrase(part, abbreviations, result))
        else:
            output.append(part.text)
        position = end
    return "".join(output)


def _fold_field(
    prefix: str, operand: Sequence[Piece], abbreviations: Abbreviations, result: FoldedQuery
) -> str:
    """Return a search in a field; its operand is folded if the field is."""
    original = "".join(part.text for part in operand)
    name = prefix.rstrip(":")
    if name in FOLDED_FIELDS:
        return prefix + _fold_pieces(operand, abbreviations, result)
    if name in FOLDED_FORMS and original:
        folded = _fold_pieces(operand, abbreviations, result)
        return f"({prefix}{original} OR {FOLDED_FORMS[name]}:{folded})"
    return prefix + original


def _operand_end(parts: Sequence[Piece], start: int) -> int:
    """Return the end of a field's operand: a piece, or all pieces up to the closing bracket."""
    depth = 0
    for position in range(start, len(parts)):
        kind = parts[position].kind
        depth += (kind == "open") - (kind == "close")
        if depth <= 0:
            # These operators belong to the piece after them.
            if kind == "syntax" and parts[position].text in ("+", "-", "!"):
                continue
            return position + (kind != "blank" and depth == 0)
    return len(parts)


def _words_end(parts: Sequence[Piece], start: int) -> int:
    """Return the end of a sequence of words."""
    end = start + 1
    while end + 1 < len(parts) and parts[end].kind == "blank" and parts[end + 1].kind == "word":
        end += 2
    return end


def _fold_words(parts: Sequence[Piece], abbreviations: Abbreviations, result: FoldedQuery) -> str:
    """Fold a sequence of words; names of the list of abbreviations become phrases.

    A token between two blanks can contain several words, for example `KH&CN`. A name is only
    replaced if it covers whole tokens.
    """
    tokens = [part.text for part in parts if part.kind == "word"]
    words: list[str] = []
    token_of_word: list[int] = []
    for number, token in enumerate(tokens):
        if not _WILDCARD.search(token):
            token_words = text.WORD.findall(token)
            words += token_words
            token_of_word += [number] * len(token_words)
    folded: list[str | None] = [_fold_token(token) for token in tokens]
    abbreviated: set[int] = set()
    neighbours: list[str] = []
    written = 0
    for start, match in abbreviations.find_all([text.common(word) for word in words]):
        end = start + match.length
        first, last = token_of_word[start], token_of_word[end - 1]
        starts_token = start == 0 or token_of_word[start - 1] != first
        ends_token = end == len(words) or token_of_word[end] != last
        if not (starts_token and ends_token):
            continue
        folded[first : last + 1] = [f'"{" ".join(match.common)}"', *[None] * (last - first)]
        neighbours += [*words[written:start], *match.words_for(words[start:end])]
        written = end
        if match.short:
            abbreviated.update(range(start, end))
            result.spellings += map(text.spelling, match.full)
    result.add_spellings([w for number, w in enumerate(words) if number not in abbreviated])
    result.add_neighbours(words)
    result.add_neighbours([*neighbours, *words[written:]])
    return " ".join(token for token in folded if token is not None)


def _fold_phrase(part: Piece, abbreviations: Abbreviations, result: FoldedQuery) -> str:
    """Fold a phrase; abbreviations are replaced by their full names."""
    words = text.WORD.findall(part.inside)
    common = [text.common(word) for word in words]
    folded: list[str] = []
    end = 0
    for start, match in abbreviations.find_all(common):
        if match.short:
            folded += [*common[end:start], *match.common]
            end = start + match.length
    result.add_spellings(words)
    result.add_neighbours(words)
    return f'"{" ".join([*folded, *common[end:]])}"' if words else part.text


def _fold_token(token: str) -> str:
    if _WILDCARD.search(token):
        return text.without_marks(token)
    return text.WORD.sub(lambda match: text.common(match[0]), token)


MATCH_ALL = frozenset({"", "*:*", '""', "''"})
"""Queries that find all datasets."""

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
"""Queries in Lucene's syntax that find all datasets and none."""

DISMAX = frozenset({"dismax", "edismax"})


def adapt_parameters(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of `package_search` with a folded query.

    A query is only interpreted as Lucene's syntax if it contains the name of a field. Queries with
    the parameter `qf` or with another query parser of Solr are not changed.
    """
    params = inputs.without_control_characters(params)
    query = params.get("q")
    if not isinstance(query, str) or query.strip() in MATCH_ALL or _has_allowed_parser(query):
        return params
    parser = params.get("defType") or "dismax"
    if "qf" in params or parser not in DISMAX | {"lucene"}:
        return params
    if query.strip() == "*":
        return {**params, "q": ALL}
    fielded = parser != "dismax" or syntax.has_field(query, is_field)
    if fielded and len(query) > syntax.MAX_LENGTH:
        # Nobody types such a query; it is left to Solr.
        return params
    folded = fold_query(query, abbreviations.in_use(), fielded=fielded)
    changed = {**params, "q": folded.query or NONE}
    changed["extras"] = {**inputs.search_extras(params), inputs.TYPED: query}
    if parser == "edismax" or ":" not in changed["q"]:
        changed["qf"] = QUERY_FIELDS
        changed["bf"] = " ".join(filter(None, (params.get("bf"), folded.boost_function())))
        if not changed["bf"]:
            del changed["bf"]
    return changed


def as_text(query: Any) -> str:
    """Return a query in Lucene's syntax as text, empty if it is not in that syntax.

    This is for queries that Solr has refused.
    """
    if not isinstance(query, str) or not syntax.has_field(query, is_field):
        return ""
    plain = without_field_names(text.NO_TEXT.sub(" ", query[: syntax.MAX_LENGTH]))
    return "".join(part.text for part in syntax.as_text(plain)) or NONE


def is_field(name: str) -> bool:
    """Tell whether a name before a colon in a query is the name of a field.

    These are CKAN's fields, those of the schema and the facets, and all names with an underscore.
    All other names before a colon are words.
    """
    return "_" in name or name in FIELDS or name in tk.h.facets() or name in _schema_fields()


def _schema_fields() -> frozenset[str]:
    if not p.plugin_loaded(index.SCHEMING):
        return frozenset()
    schemas = tk.h.scheming_dataset_schemas(expanded=True) or {}
    return frozenset(
        field["field_name"]
        for schema in schemas.values()
        for field in schema.get("dataset_fields", ())
    )


def _has_allowed_parser(query: str) -> bool:
    """Tell whether a query selects a query parser, and the portal allows some."""
    allowed = tk.config.get("ckan.search.solr_allowed_query_parsers")
    return bool(allowed) and query.lstrip().startswith("{!")
