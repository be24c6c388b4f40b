"""What an extra may be, by its name or by its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from ckanext.nd47.lib import contact_values, splitting, values
from ckanext.nd47.migrate import reading, words
from ckanext.nd47.migrate.targets import known

MOST_BY_VALUES = 0.6
"""Part of the datasets whose values have to be in a code list, for a guess by values."""
BY_VALUES = ("frequency", "sharing_class", "access_rights", "theme", "language")
"""Fields whose codes are like no other's, so that values alone tell the field."""
FOR_COLUMNS: Mapping[str, str] = {
    "license_id": "license_id",
    "maintainer": "contact",
    "maintainer_email": "contact.email",
    "author": "contact",
    "author_email": "contact.email",
    "groups": "theme",
}
"""What columns of CKAN may be; the others are fields of the suite under the same name."""

Seen = list[tuple[str, int]]
"""Values, each with the number of datasets that have it."""


def field(name: str, kind: str, seen: Seen) -> tuple[str, bool]:
    """Return the field that a source may be, empty for none, and whether that is sure.

    Args:
        name: of the source.
        kind: `column`, `extra`, `tags` or `groups`.
        seen: its values.
    """
    if kind != "extra":
        return FOR_COLUMNS.get(name, ""), True
    names = words.field_names()
    wanted = words.key(name)
    if wanted in names:
        return _fitting(names[wanted], seen), True
    if near := words.nearest(wanted, names):
        return _fitting(names[near], seen), False
    return _by_values(seen), False


def _fitting(path: str, seen: Seen) -> str:
    """Return the field that a name means; `Cập nhật` may be a day or a frequency."""
    if path == "frequency" and _share(seen, _is_day) > MOST_BY_VALUES:
        return "modified"
    return path


def _by_values(seen: Seen) -> str:
    for path in BY_VALUES:
        vocabulary_id = known()[path].vocabulary
        if _share(seen, partial(_is_code, vocabulary_id)) >= MOST_BY_VALUES:
            return path
    return "contact" if _share(seen, _is_contact) >= MOST_BY_VALUES else ""


def _share(seen: Seen, test: Callable[[str], bool]) -> float:
    count = sum(number for _value, number in seen)
    return sum(number for value, number in seen if test(value)) / count if count else 0.0


def _is_code(vocabulary_id: str, value: str) -> bool:
    return bool(reading.code_of(vocabulary_id, value))


def _is_contact(value: str) -> bool:
    found = splitting.contact(value)
    return "name" in found and bool(
        contact_values.ADDRESS_IN_TEXT.search(value) or found.get("telephone")
    )


def _is_day(value: str) -> bool:
    try:
        return bool(values.date(value))
    except ValueError:
        return False


def codes(vocabulary_id: str, seen: Iterable[str]) -> dict[str, str]:
    """Return the code that each value may be, empty where none is near; those in the list not.

    Args:
        vocabulary_id: the code list.
        seen: values.
    """
    found: dict[str, str] = {}
    for value in seen:
        for part in splitting.items(value):
            if reading.code_of(vocabulary_id, part):
                continue
            near = words.nearest(words.key(part), words.codes(vocabulary_id))
            found[part] = words.codes(vocabulary_id).get(near, "")
    return found
