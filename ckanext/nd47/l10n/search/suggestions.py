"""Suggestions for autocompletion: tags, organisations, groups, users and datasets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.l10n.search import index
from ckanext.nd47.lib.database import spellings
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.language.text import sort_key

MAX_CANDIDATES = 10_000
"""Maximum number of rows that are fetched to be sorted."""


def ranked(candidates: Iterable[tuple[str, Any]], query: str) -> list[Any]:
    """Return values sorted by their titles.

    Titles with the spelling of the query come first, then titles that start with it, then all
    others, each in Vietnamese order.

    Args:
        candidates: pairs of a title and its value.
        query: text that the user has typed.
    """
    folded = text.fold(query)

    def rank(candidate: tuple[str, Any]) -> tuple[bool, bool, str]:
        title = candidate[0]
        starts_with_query = text.fold(title).startswith(folded)
        return not has_spelling(title, query), not starts_with_query, sort_key(title)

    return [value for _title, value in sorted(candidates, key=rank)]


def has_spelling(title: str, query: str) -> bool:
    """Tell whether a title has the words of a query in the same spelling.

    The last word of the query may be the start of a word.
    """
    words = [word.casefold() for word in text.words(title)]
    query_words = [word.casefold() for word in text.words(query)]
    spellings = {text.spelling(word) for word in words}
    if not all(text.spelling(word) in spellings for word in query_words[:-1]):
        return False
    last = query_words[-1] if query_words else ""
    return text.spelling(last) in spellings or any(word.startswith(last) for word in words)


def tags(
    terms: Sequence[str], vocabulary: model.Vocabulary | None, *, public: bool
) -> list[model.Tag]:
    """Return tags that contain all terms in any spelling, ranked.

    Args:
        terms: texts that the tags have to contain.
        vocabulary: vocabulary of the tags, None for free tags of datasets.
        public: only return tags of public datasets.
    """
    query = sa.select(model.Tag)
    if vocabulary is not None:
        query = query.where(model.Tag.vocabulary_id == vocabulary.id)
    else:
        query = query.where(
            model.Tag.vocabulary_id.is_(None), model.Tag.id.in_(_used_tag_ids(public))
        )
    query = query.where(*(spellings.contains([model.Tag.name], term) for term in terms))
    candidates = model.Session.scalars(query.limit(MAX_CANDIDATES)).all()
    return ranked(((tag.name, tag) for tag in candidates), " ".join(terms))


def public_tags() -> set[str]:
    """Return the names of the free tags of public datasets."""
    free = model.Tag.vocabulary_id.is_(None)
    query = sa.select(model.Tag.name).where(free, model.Tag.id.in_(_used_tag_ids(public=True)))
    return set(model.Session.scalars(query))


def _used_tag_ids(public: bool) -> sa.Select[Any]:
    tag_ids = sa.select(model.PackageTag.tag_id).where(model.PackageTag.state == "active")
    if not public:
        return tag_ids
    return tag_ids.join(model.Package, model.Package.id == model.PackageTag.package_id).where(
        model.Package.state == "active", model.Package.private.is_(False)
    )


def groups(query: str, *, is_org: bool, limit: int) -> list[dict[str, Any]]:
    """Return organisations or groups whose name or title contains the query."""
    statement = (
        sa.select(model.Group.id, model.Group.name, model.Group.title)
        .where(model.Group.state == "active", model.Group.is_organization == is_org)
        .where(contains([model.Group.name, model.Group.title], query, is_org=is_org))
        .limit(MAX_CANDIDATES)
    )
    rows = [dict(row) for row in model.Session.execute(statement).mappings()]
    return ranked(((row["title"] or row["name"], row) for row in rows), query)[:limit]


def contains(columns: Sequence[Any], query: str, *, is_org: bool) -> sa.ColumnElement[bool]:
    """Return the condition that an organisation or group has a query in a column.

    Agencies are also found by the names of the register, for example the English one.
    """
    condition = spellings.contains(columns, query)
    if is_org and query and "nd47_agencies_named" in tk.h:
        return sa.or_(condition, model.Group.id.in_(tk.h.nd47_agencies_named(query)))
    return condition


def shown_title(name: str, title: str) -> str:
    """Return the name of an agency in the language of the page, where the portal has a register."""
    stored = title or name
    return tk.h.nd47_shown_title(name, stored) if "nd47_shown_title" in tk.h else stored


def with_matching_users(
    users: list[dict[str, Any]], query: str, limit: int
) -> list[dict[str, Any]]:
    """Return users with those whose full name contains the query appended."""
    statement = (
        sa.select(model.User.id, model.User.name, model.User.fullname)
        .where(model.User.state != model.State.DELETED)
        .where(spellings.contains([model.User.fullname], query))
        .where(model.User.id.not_in([user["id"] for user in users]))
        .limit(limit)
    )
    more = [dict(row) for row in model.Session.execute(statement).mappings()]
    return [*users, *ranked(((user["fullname"], user) for user in more), query)][:limit]


def dataset_query(query: str) -> str:
    """Return a Solr query for datasets whose title or name contains the query.

    The last word of the query may be the start of a word. CKAN's own search by n-grams is part of
    the Solr query.
    """
    # Words are split after folding, because a character like ½ is folded to several words.
    words = text.words(text.fold(query))
    literal = query.replace('"', "").replace("\\", "")
    alternatives = [f'{name}:"{literal}"' for name in ("name_ngram", "title_ngram", "name")]
    if words:
        whole = [f'"{text.common(word)}"' for word in words[:-1]]
        last = f"({words[-1]}* OR {text.common(words[-1])}*)"
        alternatives.append(f"{index.TITLE}:({' AND '.join([*whole, last])})^4")
        spellings = [text.spelling(word) for word in text.words(query)[:-1]]
        if all(spellings) and spellings:
            alternatives.append(f"{index.TITLE}:({' AND '.join(spellings)} AND {last})^8")
    return " OR ".join(alternatives)
