"""The map: which extra or column goes into which field, and what holds for groups of datasets.

A YAML file that `proposal` writes and a person corrects. Every fault in it is one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn, TypeGuard

import yaml
from yaml.composer import ComposerError

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import dataset_fields, vocabulary
from ckanext.nd47.metadata import licence
from ckanext.nd47.migrate import reading, words
from ckanext.nd47.migrate.selection import Selection, SelectionError
from ckanext.nd47.migrate.targets import Target, known

LARGEST = 2_000_000
"""Characters of a map."""
KEYS = frozenset({"fields", "schema", "defaults", "leave_alone"})
"""`schema` is for `ckan nd47 schema compose`, which checks it: nothing of it is copied."""
FIELD_KEYS = frozenset({"from", "to", "values", "remove_source"})
DEFAULT_KEYS = frozenset({"for", "set", "confirmed"})
YES, NO = frozenset({"true", "yes"}), frozenset({"false", "no", ""})


class MapError(ValueError):
    """A map that cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Move:
    """What becomes of one extra or column, or of several that belong together.

    Attributes:
        sources: their names.
        target: the field.
        choices: codes by the key of a text.
        remove: whether the extra is removed from datasets whose value was understood.
    """

    sources: tuple[str, ...]
    target: Target
    choices: reading.Choices = field(default_factory=dict)
    remove: bool = False


@dataclass(frozen=True)
class Default:
    """Values for datasets that have none.

    Attributes:
        selection: the datasets.
        given: the values, each with its field.
        confirmed: whether a person has said that they are true of these datasets.
    """

    selection: Selection
    given: tuple[tuple[Target, reading.Value], ...]
    confirmed: bool


@dataclass(frozen=True)
class Map:
    """A whole map.

    Attributes:
        moves: what goes where, in this order.
        defaults: values for groups of datasets, in this order.
        leave_alone: datasets that nothing is done to.
    """

    moves: tuple[Move, ...] = ()
    defaults: tuple[Default, ...] = ()
    leave_alone: tuple[Selection, ...] = ()


@dataclass(frozen=True)
class _Place:
    """A mapping in the file, and where it is, for messages."""

    name: str
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def fail(self, problem: str) -> NoReturn:
        raise MapError(f"{self.name}: {problem}" if self.name else problem)

    def check(self, allowed: frozenset[str]) -> None:
        if unknown := sorted(set(map(str, self.values)) - allowed):
            self.fail(tk._("“{key}” is not known here.").format(key=unknown[0][:80]))

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fail(tk._("“{key}” must be a text.").format(key=key))
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key, "")
        if not isinstance(value, str) or value.lower() not in YES | NO:
            self.fail(tk._("“{key}” must be true or false.").format(key=key))
        return value.lower() in YES

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.values.get(key) or {}
        if not _is_mapping(value):
            self.fail(tk._("“{key}” must consist of names and values.").format(key=key))
        return value

    def rows(self, key: str) -> list[_Place]:
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(map(_is_mapping, value)):
            self.fail(tk._("“{key}” must be a list of names and values.").format(key=key))
        return [_Place(f"{key}, {place}", row) for place, row in enumerate(value, start=1)]


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def parse(written: str) -> Map:
    """Read and check a map.

    Raises:
        MapError: it cannot be used.
    """
    whole = _Place("", _loaded(written))
    whole.check(KEYS)
    whole.rows("schema")
    with vocabulary.preloaded():
        return Map(
            tuple(_move(row) for row in whole.rows("fields")),
            tuple(_default(row) for row in whole.rows("defaults")),
            tuple(_selection(row, row.values) for row in whole.rows("leave_alone")),
        )


def _loaded(written: str) -> Mapping[str, Any]:
    if len(written) > LARGEST:
        raise MapError(tk._("The map has more than {limit} characters.").format(limit=LARGEST))
    try:
        # Every value stays a text: `no` is no answer and 2024 no number here.
        found = yaml.load(written, Loader=_Loader)  # noqa: S506 - builds texts, lists, mappings
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            raise MapError(tk._("The map is not YAML.")) from error
        raise MapError(
            tk._("Line {line} of the map is not YAML.").format(line=mark.line + 1)
        ) from error
    if not _is_mapping(found or {}):
        raise MapError(
            tk._("The map must consist of the names {keys}.").format(keys=", ".join(sorted(KEYS)))
        )
    return found or {}


class _Loader(yaml.BaseLoader):
    """Refuses aliases, by which a small file becomes a large one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise ComposerError(None, None, "alias", event.start_mark)
        return super().compose_node(parent, index)


def _move(row: _Place) -> Move:
    row.check(FIELD_KEYS)
    target = _target(row, row.text("to"))
    choices = {}
    for written, chosen in row.mapping("values").items():
        choices[words.key(written)] = _codes(row, target, chosen)
    return Move(_sources(row), target, choices, row.flag("remove_source"))


def _sources(row: _Place) -> tuple[str, ...]:
    given = row.values.get("from")
    if isinstance(given, list) and given and all(isinstance(one, str) and one for one in given):
        return tuple(given)
    return (row.text("from"),)


def _target(row: _Place, path: str) -> Target:
    target = known().get(path)
    if target is None:
        near = words.nearest(words.key(path), {words.key(one): one for one in known()})
        hint = next((one for one in known() if words.key(one) == near), "")
        if not hint:
            row.fail(tk._("there is no field “{field}”.").format(field=path[:80]))
        row.fail(
            tk._("there is no field “{field}”; perhaps “{near}” is meant.").format(
                field=path[:80], near=hint
            )
        )
    fields = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    if fields.name(target.field) not in fields.extras | dataset_fields.core():
        row.fail(
            tk._("the schema of the portal has no field “{field}”.").format(field=target.field)
        )
    return target


def _codes(row: _Place, target: Target, chosen: Any) -> list[str]:
    given = chosen if isinstance(chosen, list) else [chosen] if chosen else []
    if not target.vocabulary and target.kind != "licence":
        row.fail(
            tk._("“{field}” has no code list, so it takes no “{key}”.").format(
                key="values", field=target.path
            )
        )
    for code in given:
        if not isinstance(code, str) or not _is_code(target, code):
            row.fail(
                tk._("“{value}” is not in the code list {list}").format(
                    value=str(code)[:80], list=target.vocabulary or "licence"
                )
                + "."
            )
    if len(given) > 1 and target.kind != "codes":
        row.fail(tk._("“{field}” holds one value.").format(field=target.path))
    return given


def _is_code(target: Target, code: str) -> bool:
    if target.kind == "licence":
        return licence.find(code) is not None
    return code in vocabulary.get(target.vocabulary)


def _default(row: _Place) -> Default:
    row.check(DEFAULT_KEYS)
    given: list[tuple[Target, reading.Value]] = []
    for path, written in row.mapping("set").items():
        target = _target(row, path)
        value = _value(row, target, written)
        if value:
            given.append((target, value))
    return Default(_selection(row, row.mapping("for")), tuple(given), row.flag("confirmed"))


def _value(row: _Place, target: Target, written: Any) -> reading.Value:
    listed = written if isinstance(written, list) else [written]
    if not all(isinstance(one, str) for one in listed):
        row.fail(tk._("“{key}” must be a text.").format(key=target.path))
    try:
        return reading.read(target, "; ".join(listed))
    except reading.UnreadError as error:
        row.fail(
            tk._("“{value}” for {field} {problem}.").format(
                value="; ".join(listed)[:80], field=target.path, problem=str(error).rstrip(".")
            )
        )


def _selection(row: _Place, given: Mapping[str, Any]) -> Selection:
    try:
        return Selection.of(given)
    except SelectionError as error:
        row.fail(str(error))
