"""What is offered while somebody types, and lists of tags, agencies and groups by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.l10n.search import index
from ckanext.nd47.lib import text
from ckanext.nd47.lib.text import sort_key

MOST = 10_000
"""Names that are looked at before they are put in order."""


def ranked(found: Iterable[tuple[str, Any]], typed: str) -> list[Any]:
    """Return values by their titles: the user's own spelling first, then beginnings, then order.

    Args:
        found: pairs of a title and what is returned for it.
        typed: what the user typed so far.
    """
    plain = text.fold(typed)

    def place(pair: tuple[str, Any]) -> tuple[bool, bool, str]:
        title = pair[0]
        return not spelled_so(title, typed), not text.fold(title).startswith(plain), sort_key(title)

    return [value for _title, value in sorted(found, key=place)]


def spelled_so(title: str, typed: str) -> bool:
    """Tell whether a title has the words as they were typed, the last one perhaps unfinished."""
    words = [word.casefold() for word in text.words(title)]
    wanted = [word.casefold() for word in text.words(typed)]
    spellings = {text.spelling(word) for word in words}
    if not all(text.spelling(word) in spellings for word in wanted[:-1]):
        return False
    last = wanted[-1] if wanted else ""
    return text.spelling(last) in spellings or any(word.startswith(last) for word in words)


def tags(
    terms: Sequence[str], vocabulary: model.Vocabulary | None, *, public: bool
) -> list[model.Tag]:
    """Return tags that hold every term, in any spelling, the best first.

    Without a vocabulary: free tags that a dataset has, as in CKAN.

    Args:
        terms: what the tags have to hold.
        vocabulary: CKAN's own list of tags, None for free ones.
        public: whether only tags of public datasets are to be told.
    """
    query = sa.select(model.Tag)
    if vocabulary is not None:
        query = query.where(model.Tag.vocabulary_id == vocabulary.id)
    else:
        query = query.where(model.Tag.vocabulary_id.is_(None), model.Tag.id.in_(_used(public)))
    query = query.where(*(text.sql_contains([model.Tag.name], term) for term in terms)).limit(MOST)
    found = model.Session.scalars(query).all()
    return ranked(((tag.name, tag) for tag in found), " ".join(terms))


def public_tags() -> set[str]:
    """Return the names of the free tags of public datasets."""
    free = model.Tag.vocabulary_id.is_(None)
    query = sa.select(model.Tag.name).where(free, model.Tag.id.in_(_used(public=True)))
    return set(model.Session.scalars(query))


def _used(public: bool) -> sa.Select[Any]:
    used = sa.select(model.PackageTag.tag_id).where(model.PackageTag.state == "active")
    if not public:
        return used
    return used.join(model.Package, model.Package.id == model.PackageTag.package_id).where(
        model.Package.state == "active", model.Package.private.is_(False)
    )


def groups(typed: str, *, is_org: bool, limit: int) -> list[dict[str, Any]]:
    """Return agencies or groups whose name or title holds what was typed."""
    query = (
        sa.select(model.Group.id, model.Group.name, model.Group.title)
        .where(model.Group.state == "active", model.Group.is_organization == is_org)
        .where(text.sql_contains([model.Group.name, model.Group.title], typed))
        .limit(MOST)
    )
    rows = [dict(row) for row in model.Session.execute(query).mappings()]
    return ranked(((row["title"] or row["name"], row) for row in rows), typed)[:limit]


def users(typed: str, known: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """Add users whose full name holds what was typed to those that CKAN found."""
    query = (
        sa.select(model.User.id, model.User.name, model.User.fullname)
        .where(model.User.state != model.State.DELETED)
        .where(text.sql_contains([model.User.fullname], typed))
        .where(model.User.id.not_in([user["id"] for user in known]))
        .limit(limit)
    )
    more = [dict(row) for row in model.Session.execute(query).mappings()]
    return [*known, *ranked(((user["fullname"], user) for user in more), typed)][:limit]


def dataset_query(typed: str) -> str:
    """Return a query of Solr for datasets whose title or name holds what was typed.

    Words before the last are whole. CKAN's own way (parts of words, spelled alike) stays beside.
    """
    # A letter may fold to more than letters: the sign of one half to a fraction.
    words = text.words(text.fold(typed))
    literal = typed.replace('"', "").replace("\\", "")
    alternatives = [f'{name}:"{literal}"' for name in ("name_ngram", "title_ngram", "name")]
    if words:
        whole = [f'"{text.common(word)}"' for word in words[:-1]]
        last = f"({words[-1]}* OR {text.common(words[-1])}*)"
        alternatives.append(f"{index.TITLE}:({' AND '.join([*whole, last])})^4")
        spelled = [text.spelling(word) for word in text.words(typed)[:-1]]
        if all(spelled) and spelled:
            alternatives.append(f"{index.TITLE}:({' AND '.join(spelled)} AND {last})^8")
    return " OR ".join(alternatives)
