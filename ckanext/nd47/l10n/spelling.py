"""Normalises titles and tags when they are stored, and generates names from titles."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.l10n.names import slug
from ckanext.nd47.lib.language import text

MAX_SPELLINGS = 16
"""Maximum number of spellings of a tag that are searched."""

MAX_NUMBER = 1000

MAX_TAGS = 500
"""Maximum number of tags of a record."""


class TooManyTagsError(ValueError):
    """A record has too many tags."""


def normalised(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with its title in composed Unicode, and with the spelling of existing tags.

    Raises:
        TooManyTagsError: the record has more than `MAX_TAGS` tags.
    """
    changed = dict(record)
    if isinstance(record.get("title"), str):
        changed["title"] = text.nfc(record["title"])
    tags, tag_string = record.get("tags"), record.get("tag_string")
    free_tags = [tag["name"] for tag in tags if _is_free(tag)] if isinstance(tags, list) else []
    split_tags = [t.strip() for t in tag_string.split(",")] if isinstance(tag_string, str) else []
    if len(free_tags) + len(split_tags) > MAX_TAGS:
        raise TooManyTagsError
    spellings = existing_spellings([*free_tags, *filter(None, split_tags)])
    if free_tags and isinstance(tags, list):
        changed["tags"] = _without_duplicates(
            {**tag, "name": spellings[tag["name"]]} if _is_free(tag) else tag for tag in tags
        )
    if any(split_tags):
        names = (spellings.get(name, name) for name in split_tags)
        changed["tag_string"] = ",".join(dict.fromkeys(names))
    return changed


def _is_free(tag: Any) -> bool:
    """Tell whether a tag does not belong to a vocabulary."""
    return (
        isinstance(tag, dict) and isinstance(tag.get("name"), str) and not tag.get("vocabulary_id")
    )


def _without_duplicates(tags: Iterable[Any]) -> list[Any]:
    names: set[str] = set()
    result = []
    for tag in tags:
        if not _is_free(tag):
            result.append(tag)
        elif tag["name"] not in names:
            names.add(tag["name"])
            result.append(tag)
    return result


def existing_spellings(tags: Iterable[str]) -> dict[str, str]:
    """Return the spelling of existing tags by tag; new tags are in composed Unicode."""
    spellings = {tag: _spellings(text.nfc(tag)) for tag in dict.fromkeys(tags)}
    all_spellings = set(itertools.chain.from_iterable(spellings.values()))
    if not all_spellings:
        return {}
    query = sa.select(model.Tag.name).where(
        model.Tag.vocabulary_id.is_(None), model.Tag.name.in_(all_spellings)
    )
    stored = set(model.Session.scalars(query))
    result: dict[str, str] = {}
    chosen: dict[str, str] = {}
    for tag, candidates in spellings.items():
        existing = next((name for name in candidates if name in stored), candidates[0])
        result[tag] = chosen.setdefault(text.one_spelling(tag), existing)
    return result


def _spellings(tag: str) -> list[str]:
    """Return the spellings of a tag: unchanged, with moved tone marks, and decomposed."""
    separators, words = text.WORD.split(tag), text.WORD.findall(tag)
    choices = itertools.product(*map(text.tone_places, words))
    composed = [
        "".join(itertools.chain(*itertools.zip_longest(separators, choice, fillvalue="")))
        for choice in itertools.islice(choices, MAX_SPELLINGS)
    ]
    decomposed = [unicodedata.normalize("NFD", spelling) for spelling in composed]
    return list(dict.fromkeys([*composed, *decomposed]))


def with_name(record: Mapping[str, Any], table: Any) -> dict[str, Any]:
    """Return a record with a unique name generated from its title, if it has no name."""
    title = record.get("title")
    name = "" if record.get("name") or not isinstance(title, str) else slug(title)
    return {**record, "name": _unique_name(name, table)} if name else dict(record)


def _unique_name(name: str, table: Any) -> str:
    column: Any = table.name
    query = sa.select(column).where(column.startswith(name, autoescape=True))
    existing = set(model.Session.scalars(query))
    candidates = itertools.chain([name], (f"{name}-{n}" for n in range(2, MAX_NUMBER)))
    return next((candidate for candidate in candidates if candidate not in existing), name)
