"""Makes a value of a field of a text, as the field's validator would store it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import splitting, values, vocabulary
from ckanext.nd47.metadata import licence
from ckanext.nd47.migrate import words
from ckanext.nd47.migrate.targets import FIRST, Target, known

Value = str | list[str] | dict[str, str]
"""A text, several texts, or a group of subfields."""

Choices = Mapping[str, list[str]]
"""Codes by the key of a text; none to leave that text where it is."""

NO_CHOICES: Choices = {}
UNKNOWN_LICENCES = frozenset({"", "notspecified"})
_SEVERAL = re.compile(r"[;|\n\r]+")


class UnreadError(ValueError):
    """A text that is no value of a field; the message says why."""


def read(target: Target, written: str, choices: Choices = NO_CHOICES) -> Value:
    """Return the value that a text stands for, empty where it says that there is none.

    Args:
        target: the field.
        written: the text.
        choices: what the map says of texts.

    Raises:
        UnreadError: it stands for none.
    """
    try:
        tidied = values.clean_text(written).strip()
    except ValueError as error:
        raise UnreadError(tk._("has a character that no text has")) from error
    if not tidied or values.means_no_value(tidied):
        return ""
    if target.kind == "group":
        return _group(target, tidied, choices)
    return _single(target, tidied, choices)


def _group(target: Target, written: str, choices: Choices) -> dict[str, str]:
    split = splitting.SPLITTERS.get(target.path)
    parts = {FIRST[target.path]: written} if split is None else split(written)
    if not parts:
        raise UnreadError(tk._("cannot be split into the parts of the field"))
    found: dict[str, str] = {}
    for name, part in parts.items():
        value = _single(known()[f"{target.path}.{name}"], part, choices)
        if isinstance(value, str) and value:
            found[name] = value
    return found


def _single(target: Target, written: str, choices: Choices) -> str | list[str]:
    if target.vocabulary and target.kind in {"code", "codes"}:
        found = _codes(target, written, choices)
        if target.kind == "codes":
            return found
        if len(found) > 1:
            raise UnreadError(tk._("has several values where the field holds one"))
        return found[0] if found else ""
    try:
        return _READERS[target.kind](target, written, choices)
    except UnreadError:
        raise
    except ValueError as error:
        raise UnreadError(tk._("is not what the field holds")) from error


def _codes(target: Target, written: str, choices: Choices) -> list[str]:
    found: list[str] = []
    for part in _parts(target.vocabulary, written, choices):
        chosen = choices.get(words.key(part))
        if chosen is None:
            code = code_of(target.vocabulary, part)
            if not code:
                raise UnreadError(
                    tk._("“{value}” is not in the code list {list}").format(
                        value=part[:80], list=target.vocabulary
                    )
                )
            chosen = [code]
        found += chosen
    return list(dict.fromkeys(found))


def _parts(vocabulary_id: str, written: str, choices: Choices) -> list[str]:
    """Return the values in a text; a comma may part two, or belong to the label of one."""
    parts: list[str] = []
    for part in splitting.items(written):
        if words.key(part) in choices or code_of(vocabulary_id, part):
            parts.append(part)
        else:
            parts += [
                piece.strip()
                for some in _SEVERAL.split(part)
                for piece in ([some] if code_of(vocabulary_id, some) else some.split(","))
                if piece.strip()
            ]
    return parts


def code_of(vocabulary_id: str, written: str) -> str:
    """Return the code that a text names in any spelling, empty where it names none."""
    recognised = vocabulary.recognise(vocabulary_id, written.strip())
    if recognised in vocabulary.get(vocabulary_id):
        return recognised
    return words.codes(vocabulary_id).get(words.key(written), "")


def licence_of(written: str) -> str:
    """Return the licence of the portal that a text names, empty where it names none."""
    if licence.find(written.strip()):
        return written.strip()
    found = licence.recognise(written)
    return found if found and licence.find(found) else ""


def _licence(_target: Target, written: str, choices: Choices) -> str:
    if (chosen := choices.get(words.key(written))) is not None:
        return chosen[0] if chosen else ""
    if written in UNKNOWN_LICENCES:
        return ""
    if found := licence_of(written):
        return found
    raise UnreadError(tk._("is no licence of this portal"))


def _line(target: Target, written: str, _choices: Choices) -> str:
    return _within(target, values.one_line(written))


def _text(target: Target, written: str, _choices: Choices) -> str:
    return _within(target, values.paragraphs(written))


def _within(target: Target, written: str) -> str:
    if len(written) > target.most:
        raise UnreadError(tk._("has more than {limit} characters").format(limit=target.most))
    return written


def _lines(target: Target, written: str, _choices: Choices) -> list[str]:
    return [_within(target, values.one_line(one)) for one in splitting.items(written)]


def _urls(_target: Target, written: str, _choices: Choices) -> list[str]:
    return [values.web_address(one.strip()) for one in re.split(r"[;\s]+", written) if one]


def _date(_target: Target, written: str, _choices: Choices) -> str:
    return values.date(written)


def _url(_target: Target, written: str, _choices: Choices) -> str:
    return values.web_address(written)


def _email(_target: Target, written: str, _choices: Choices) -> str:
    return values.email(written)


def _phone(_target: Target, written: str, _choices: Choices) -> str:
    return values.phone(written)


def _place(_target: Target, written: str, _choices: Choices) -> str:
    return splitting.province(written) or values.place(written)


_READERS = {
    "line": _line,
    "text": _text,
    "lines": _lines,
    "urls": _urls,
    "date": _date,
    "url": _url,
    "email": _email,
    "phone": _phone,
    "place": _place,
    "licence": _licence,
}
