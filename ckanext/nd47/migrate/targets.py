"""The fields that values can be brought into, and how a text becomes a value of one.

A target is a field of ours by its name, or `group.subfield`. Names of fields and of codes are
compared in any spelling; a text becomes what the validator of the field would store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.fields import spellings, splitting, values
from ckanext.nd47.metadata import licence

Kind = Literal[
    "line",
    "text",
    "lines",
    "urls",
    "code",
    "codes",
    "date",
    "url",
    "email",
    "phone",
    "place",
    "licence",
    "group",
]

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "nd47_line": "line",
        "nd47_paragraph": "text",
        "nd47_markdown": "text",
        "nd47_lines": "lines",
        "nd47_urls": "urls",
        "nd47_choice": "code",
        "nd47_choices": "codes",
        "nd47_date": "date",
        "nd47_url": "url",
        "nd47_email": "email",
        "nd47_phone": "phone",
        "nd47_group": "group",
    }
)
"""By preset of our schema."""

COLUMN_KINDS: Mapping[str, Kind] = MappingProxyType(
    {"title": "line", "notes": "text", "version": "line", "url": "url", "license_id": "licence"}
)
"""Columns of CKAN that can be targets."""

MAX_LENGTHS = MappingProxyType(
    {"line": 500, "text": 8_000, "version": 100, "notes": 20_000, "group": 500}
)
"""Characters, by kind or field, as the validators of the schema have it."""

MAIN_SUBFIELDS: Mapping[str, str] = MappingProxyType(
    {
        "source_database": "name",
        "quality_plan": "state",
        "yearly_check": "date",
        "personal_data_assessment": "content",
        "security_assessment": "content",
        "national_portal": "url",
    }
)
"""The subfield that stores a text for a whole group; texts for other groups are split."""

SPLIT = frozenset({"contact", "catalogue_entry", "temporal_coverage", "spatial_coverage"})
GEOMETRIES = frozenset({"geom", "bbox", "centroid", "identifier", "uri"})
"""Subfields that are not filled in by hand."""


@dataclass(frozen=True)
class Target:
    """A field or subfield that values can be brought into.

    Attributes:
        path: its name, `group.subfield` for a subfield.
        kind: the kind of its values.
        vocabulary: its code list, empty for none.
        label: its name by language.
    """

    path: str
    kind: Kind
    vocabulary: str = ""
    label: Mapping[str, str] = field(default_factory=dict)

    @property
    def field(self) -> str:
        """The field of our schema."""
        return self.path.partition(".")[0]

    @property
    def subfield(self) -> str:
        """The subfield, empty for a whole field."""
        return self.path.partition(".")[2]

    @property
    def of_resource(self) -> bool:
        """Whether it is a field of resources."""
        return self.path.startswith(RESOURCES)

    @property
    def max_length(self) -> int:
        """The most characters of a value."""
        return MAX_LENGTHS.get(self.path, MAX_LENGTHS.get(self.kind, 500))


RESOURCES = "resources."
"""Prefix of the names of resource fields, in maps and in recorded changes."""
RESOURCE_KINDS: Mapping[str, Kind] = MappingProxyType({"name": "line", "description": "text"})
"""Columns of resources that can be targets."""


@cache
def known_targets() -> Mapping[str, Target]:
    """Return all targets by path, in the order of the form."""
    targets_by_path: dict[str, Target] = {}
    for schema_field in read_yaml(data_path("schemas", "dataset.yaml"))["dataset_fields"]:
        name = schema_field["field_name"]
        kind = COLUMN_KINDS.get(name) or KINDS.get(schema_field.get("preset"))
        if kind is None:
            continue
        targets_by_path[name] = Target(
            name, kind, schema_field.get("vocabulary", ""), schema_field["label"]
        )
        for part in schema_field.get("repeating_subfields") or ():
            targets_by_path.update(_subfield(schema_field, part))
    return MappingProxyType(targets_by_path)


@cache
def resource_targets() -> Mapping[str, Target]:
    """Return the targets of resources by path, `resources.` and the name of the field."""
    targets_by_path: dict[str, Target] = {}
    for schema_field in read_yaml(data_path("schemas", "dataset.yaml"))["resource_fields"]:
        name, path = schema_field["field_name"], f"{RESOURCES}{schema_field['field_name']}"
        kind = RESOURCE_KINDS.get(name) or KINDS.get(schema_field.get("preset"))
        if kind is not None:
            targets_by_path[path] = Target(
                path, kind, schema_field.get("vocabulary", ""), schema_field["label"]
            )
    return MappingProxyType(targets_by_path)


def find_target(path: str) -> Target | None:
    """Return the target of datasets or resources with a path, None for none."""
    return known_targets().get(path) or resource_targets().get(path)


def _subfield(group: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Target]:
    name, path = part["field_name"], f"{group['field_name']}.{part['field_name']}"
    if path == "spatial_coverage.uri":
        kind: Kind = "place"
    elif name in GEOMETRIES or part.get("preset") not in KINDS:
        return {}
    else:
        kind = KINDS[part["preset"]]
    label = {lang: f"{group['label'][lang]} – {text}" for lang, text in part["label"].items()}
    return {path: Target(path, kind, part.get("vocabulary", ""), label)}


MIN_RATIO = 0.82
"""Least similarity of a word and its misspelling, of 1."""
MIN_DISTANCE = 0.05
"""By how much the nearest candidate must be more similar than the next."""
MIN_LENGTH = 4
"""Least length of a word that is compared; `nam` and `nay` are different words."""


def nearest(key: str, candidates: Iterable[str]) -> str:
    """Return the most similar candidate, empty if none or several are similar.

    Args:
        key: the result of `text_key`.
        candidates: other keys.
    """
    if len(key) < MIN_LENGTH:
        return ""
    matcher = SequenceMatcher(b=key, autojunk=False)
    rated: list[tuple[float, str]] = []
    for candidate in candidates:
        matcher.set_seq1(candidate)
        if (
            len(candidate) >= MIN_LENGTH
            and _digits(candidate) == _digits(key)
            and (matcher.quick_ratio() >= MIN_RATIO)
        ):
            rated.append((matcher.ratio(), candidate))
    rated.sort(reverse=True)
    if not rated or rated[0][0] < MIN_RATIO:
        return ""
    if len(rated) > 1 and rated[0][0] - rated[1][0] < MIN_DISTANCE:
        return ""
    return rated[0][1]


def _digits(key: str) -> str:
    # 3 months are not 6 months, although the texts are similar.
    return "".join(character for character in key if character.isdigit())


@cache
def resource_fields_by_key() -> Mapping[str, str]:
    """Return the fields of resources by the keys of their names and labels."""
    paths: dict[str, str] = {}
    for key, path in spellings.fields_by_key().items():
        if (resource_path := f"{RESOURCES}{path}") in resource_targets():
            paths[key] = resource_path
    for path, target in resource_targets().items():
        names = (path.removeprefix(RESOURCES), *target.label.values())
        paths.update({spellings.text_key(name): path for name in names})
    return MappingProxyType(paths)


Value = str | list[str] | dict[str, str]
"""A text, several texts, or a group of subfields."""

Choices = Mapping[str, list[str]]
"""Codes by the key of a text; an empty list to ignore the text."""

NO_CHOICES: Choices = {}
UNKNOWN_LICENCES = frozenset({"", "notspecified"})
_VALUE_SEPARATORS = re.compile(r"[;|\n\r]+")


class UnreadError(ValueError):
    """A text that is not a value of a field; the message says why."""


def read(target: Target, text_value: str, choices: Choices = NO_CHOICES) -> Value:
    """Return the value of a field for a text, empty if the text says that there is none.

    Args:
        target: the field.
        text_value: the text.
        choices: the codes that the map names for texts.

    Raises:
        UnreadError: the text is not a value of the field.
    """
    try:
        cleaned = values.clean_text(text_value).strip()
    except ValueError as error:
        raise UnreadError(tk._("has a character that no text has")) from error
    if not cleaned or values.means_no_value(cleaned):
        return ""
    if target.kind == "group":
        return _group(target, cleaned, choices)
    return _single(target, cleaned, choices)


def _group(target: Target, text_value: str, choices: Choices) -> dict[str, str]:
    split = splitting.SPLITTERS.get(target.path)
    parts = {MAIN_SUBFIELDS[target.path]: text_value} if split is None else split(text_value)
    if not parts:
        raise UnreadError(tk._("cannot be split into the parts of the field"))
    subfields: dict[str, str] = {}
    for name, part in parts.items():
        value = _single(known_targets()[f"{target.path}.{name}"], part, choices)
        if isinstance(value, str) and value:
            subfields[name] = value
    return subfields


def _single(target: Target, text_value: str, choices: Choices) -> str | list[str]:
    if target.vocabulary and target.kind in {"code", "codes"}:
        codes = _codes(target, text_value, choices)
        if target.kind == "codes":
            return codes
        if len(codes) > 1:
            raise UnreadError(tk._("has several values where the field holds one"))
        return codes[0] if codes else ""
    try:
        return _READERS[target.kind](target, text_value, choices)
    except UnreadError:
        raise
    except ValueError as error:
        raise UnreadError(tk._("is not what the field holds")) from error


def _codes(target: Target, text_value: str, choices: Choices) -> list[str]:
    codes: list[str] = []
    for part in _parts(target.vocabulary, text_value, choices):
        part_codes = choices.get(spellings.text_key(part))
        if part_codes is None:
            code = spellings.code_of(target.vocabulary, part)
            if not code:
                raise UnreadError(
                    tk._("“{value}” is not in the code list {list}").format(
                        value=part[:80], list=target.vocabulary
                    )
                )
            part_codes = [code]
        codes += part_codes
    return list(dict.fromkeys(codes))


def _parts(vocabulary_id: str, text_value: str, choices: Choices) -> list[str]:
    """Return the values in a text; a comma separates values unless it is part of a label."""
    parts: list[str] = []
    for part in splitting.items(text_value):
        if spellings.text_key(part) in choices or spellings.code_of(vocabulary_id, part):
            parts.append(part)
        else:
            parts += [
                piece.strip()
                for line in _VALUE_SEPARATORS.split(part)
                for piece in ([line] if spellings.code_of(vocabulary_id, line) else line.split(","))
                if piece.strip()
            ]
    return parts


def licence_of(text_value: str) -> str:
    """Return the id of the portal's licence for a text, empty for none."""
    if licence.find(text_value.strip()):
        return text_value.strip()
    license_id = licence.recognise(text_value)
    return license_id if license_id and licence.find(license_id) else ""


def _licence(_target: Target, text_value: str, choices: Choices) -> str:
    if (chosen_ids := choices.get(spellings.text_key(text_value))) is not None:
        return chosen_ids[0] if chosen_ids else ""
    if text_value in UNKNOWN_LICENCES:
        return ""
    if license_id := licence_of(text_value):
        return license_id
    raise UnreadError(tk._("is no licence of this portal"))


def _line(target: Target, text_value: str, _choices: Choices) -> str:
    return _limited(target, values.one_line(text_value))


def _text(target: Target, text_value: str, _choices: Choices) -> str:
    return _limited(target, values.paragraphs(text_value))


def _limited(target: Target, text_value: str) -> str:
    if len(text_value) > target.max_length:
        raise UnreadError(tk._("has more than {limit} characters").format(limit=target.max_length))
    return text_value


def _lines(target: Target, text_value: str, _choices: Choices) -> list[str]:
    return [_limited(target, values.one_line(line)) for line in splitting.items(text_value)]


def _urls(_target: Target, text_value: str, _choices: Choices) -> list[str]:
    return [values.web_address(url.strip()) for url in re.split(r"[;\s]+", text_value) if url]


def _date(_target: Target, text_value: str, _choices: Choices) -> str:
    return values.date(text_value)


def _url(_target: Target, text_value: str, _choices: Choices) -> str:
    return values.web_address(text_value)


def _email(_target: Target, text_value: str, _choices: Choices) -> str:
    return values.email(text_value)


def _phone(_target: Target, text_value: str, _choices: Choices) -> str:
    return values.phone(text_value)


def _place(_target: Target, text_value: str, _choices: Choices) -> str:
    return splitting.province(text_value) or values.place(text_value)


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
