"""One spelling for what is stored: composed Unicode, and one tag for one word."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.l10n import names
from ckanext.nd47.lib import text

MOST_WAYS = 16
"""Ways to write one tag that are looked for; a tag has few words with a movable tone mark."""

MOST_ATTEMPTS = 1000

MOST_TAGS = 500
"""Tags of one record: each is looked for in several ways of writing it."""


class TooManyTagsError(ValueError):
    """A record has more tags than are looked for."""


def composed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with its title in composed Unicode, its tags under names that exist.

    Raises:
        TooManyTagsError: there are more than 500.
    """
    changed = dict(record)
    if isinstance(record.get("title"), str):
        changed["title"] = text.nfc(record["title"])
    tags, typed = record.get("tags"), record.get("tag_string")
    free = [tag["name"] for tag in tags if _is_free(tag)] if isinstance(tags, list) else []
    listed = [one.strip() for one in typed.split(",")] if isinstance(typed, str) else []
    if len(free) + len(listed) > MOST_TAGS:
        raise TooManyTagsError
    known = existing([*free, *filter(None, listed)])
    if free and isinstance(tags, list):
        changed["tags"] = _each_once(
            {**tag, "name": known[tag["name"]]} if _is_free(tag) else tag for tag in tags
        )
    if any(listed):
        changed["tag_string"] = ",".join(dict.fromkeys(known.get(one, one) for one in listed))
    return changed


def _is_free(tag: Any) -> bool:
    """Tell whether a tag is a word of the user's own, not one of a fixed list."""
    return (
        isinstance(tag, dict) and isinstance(tag.get("name"), str) and not tag.get("vocabulary_id")
    )


def _each_once(tags: Iterable[Any]) -> list[Any]:
    seen: set[str] = set()
    kept = []
    for tag in tags:
        if not _is_free(tag) or tag["name"] not in seen:
            kept.append(tag)
        if _is_free(tag):
            seen.add(tag["name"])
    return kept


def existing(typed: Iterable[str]) -> dict[str, str]:
    """Return, for each name as typed, the tag of the same spelling that exists, or it composed."""
    ways = {name: _ways(text.nfc(name)) for name in dict.fromkeys(typed)}
    every = {way for found in ways.values() for way in found}
    if not every:
        return {}
    query = sa.select(model.Tag.name).where(
        model.Tag.vocabulary_id.is_(None), model.Tag.name.in_(every)
    )
    stored = set(model.Session.scalars(query))
    result: dict[str, str] = {}
    met: dict[str, str] = {}
    for name, found in ways.items():
        key = text.one_spelling(name)
        result[name] = met.setdefault(key, next((w for w in found if w in stored), found[0]))
    return result


def _ways(name: str) -> list[str]:
    """Return the ways to write a name: as it is first, then with tone marks moved, then apart."""
    parts = text.WORD.split(name), text.WORD.findall(name)
    choices = [text.tone_places(word) for word in parts[1]]
    composed = [
        "".join(itertools.chain(*itertools.zip_longest(parts[0], words, fillvalue="")))
        for words in itertools.islice(itertools.product(*choices), MOST_WAYS)
    ]
    return list(dict.fromkeys([*composed, *(unicodedata.normalize("NFD", w) for w in composed)]))


def named(record: Mapping[str, Any], table: Any) -> dict[str, Any]:
    """Return a record that has no name with one from its title, numbered where it is taken."""
    title = record.get("title")
    name = "" if record.get("name") or not isinstance(title, str) else names.slug(title)
    return {**record, "name": _free(name, table)} if name else dict(record)


def _free(name: str, table: Any) -> str:
    column: Any = table.name
    query = sa.select(column).where(column.startswith(name, autoescape=True))
    taken = set(model.Session.scalars(query))
    candidates = itertools.chain([name], (f"{name}-{n}" for n in range(2, MOST_ATTEMPTS)))
    return next((one for one in candidates if one not in taken), name)
