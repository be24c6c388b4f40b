"""The map: which extra or column goes to which field, and default values for selected datasets.

A YAML file that `proposal` writes and a person corrects. Each error is reported in one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn, TypeGuard

import yaml
from yaml.composer import ComposerError

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.fields import dataset_fields, spellings
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import licence
from ckanext.nd47.migrate import targets
from ckanext.nd47.migrate.datasets import Selection, SelectionError
from ckanext.nd47.migrate.targets import Target

MAX_CHARACTERS = 2_000_000
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
    """Where the values of an extra or column go, or of several that belong together.

    Attributes:
        sources: their names.
        target: the field.
        choices: codes by the key of a text.
        remove: whether to remove the extra from datasets whose value was read.
    """

    sources: tuple[str, ...]
    target: Target
    choices: targets.Choices = field(default_factory=dict)
    remove: bool = False


@dataclass(frozen=True)
class Default:
    """Values for datasets that do not have them.

    Attributes:
        selection: the datasets.
        values: the values, each with its field.
        confirmed: whether a person has confirmed the values.
    """

    selection: Selection
    values: tuple[tuple[Target, targets.Value], ...]
    confirmed: bool


@dataclass(frozen=True)
class Map:
    """A whole map.

    Attributes:
        moves: which source goes to which field, in this order.
        defaults: values for groups of datasets, in this order.
        leave_alone: datasets that are not changed.
    """

    moves: tuple[Move, ...] = ()
    defaults: tuple[Default, ...] = ()
    leave_alone: tuple[Selection, ...] = ()


@dataclass(frozen=True)
class _Section:
    """A mapping in the file, and its place for error messages."""

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

    def rows(self, key: str) -> list[_Section]:
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(map(_is_mapping, value)):
            self.fail(tk._("“{key}” must be a list of names and values.").format(key=key))
        return [_Section(f"{key}, {number}", row) for number, row in enumerate(value, start=1)]


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def parse(map_text: str) -> Map:
    """Read and check a map.

    Raises:
        MapError: it cannot be used.
    """
    content = _Section("", _load_yaml(map_text))
    content.check(KEYS)
    content.rows("schema")
    with vocabulary.preloaded():
        return Map(
            tuple(_parse_move(row) for row in content.rows("fields")),
            tuple(_parse_default(row) for row in content.rows("defaults")),
            tuple(_parse_selection(row, row.values) for row in content.rows("leave_alone")),
        )


def _load_yaml(map_text: str) -> Mapping[str, Any]:
    if len(map_text) > MAX_CHARACTERS:
        raise MapError(
            tk._("The map has more than {limit} characters.").format(limit=MAX_CHARACTERS)
        )
    try:
        # Every value stays a text: `no` is not a boolean and 2024 not a number here.
        content = yaml.load(map_text, Loader=_Loader)  # noqa: S506 - builds texts, lists, mappings
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            raise MapError(tk._("The map is not YAML.")) from error
        raise MapError(
            tk._("Line {line} of the map is not YAML.").format(line=mark.line + 1)
        ) from error
    if not _is_mapping(content or {}):
        raise MapError(
            tk._("The map must consist of the names {keys}.").format(keys=", ".join(sorted(KEYS)))
        )
    return content or {}


class _Loader(yaml.BaseLoader):
    """Refuses aliases, with which a small file expands to a large one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise ComposerError(None, None, "alias", event.start_mark)
        return super().compose_node(parent, index)


def _parse_move(row: _Section) -> Move:
    row.check(FIELD_KEYS)
    target = _target(row, row.text("to"))
    names = _sources(row)
    if any(name.startswith(targets.RESOURCES) != target.of_resource for name in names):
        row.fail(tk._("“from” and “to” must both be fields of resources, or both of the dataset."))
    choices = {}
    for text, code in row.mapping("values").items():
        choices[spellings.text_key(text)] = _codes(row, target, code)
    return Move(names, target, choices, row.flag("remove_source"))


def _sources(row: _Section) -> tuple[str, ...]:
    names = row.values.get("from")
    if isinstance(names, list) and names and all(isinstance(name, str) and name for name in names):
        return tuple(names)
    return (row.text("from"),)


def _target(row: _Section, path: str) -> Target:
    target = targets.find_target(path)
    if target is None:
        known_paths = [*targets.known_targets(), *targets.resource_targets()]
        paths = {spellings.text_key(known_path): known_path for known_path in known_paths}
        suggestion = paths.get(targets.nearest(spellings.text_key(path), paths), "")
        if not suggestion:
            row.fail(tk._("there is no field “{field}”.").format(field=path[:80]))
        row.fail(
            tk._("there is no field “{field}”; perhaps “{near}” is meant.").format(
                field=path[:80], near=suggestion
            )
        )
    fields = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    if target.of_resource:
        name = fields.resource_names.get(target.subfield, target.subfield)
        exists = name in fields.resource_texts | fields.resource_lists
    else:
        exists = fields.name(target.field) in fields.extras | dataset_fields.core()
    if not exists:
        name = target.path if target.of_resource else target.field
        row.fail(tk._("the schema of the portal has no field “{field}”.").format(field=name))
    return target


def _codes(row: _Section, target: Target, value: Any) -> list[str]:
    codes = value if isinstance(value, list) else [value] if value else []
    if not target.vocabulary and target.kind != "licence":
        row.fail(
            tk._("“{field}” has no code list, so it takes no “{key}”.").format(
                key="values", field=target.path
            )
        )
    for code in codes:
        if not isinstance(code, str) or not _is_code(target, code):
            row.fail(
                tk._("“{value}” is not in the code list {list}").format(
                    value=str(code)[:80], list=target.vocabulary or "licence"
                )
                + "."
            )
    if len(codes) > 1 and target.kind != "codes":
        row.fail(tk._("“{field}” holds one value.").format(field=target.path))
    return codes


def _is_code(target: Target, code: str) -> bool:
    if target.kind == "licence":
        return licence.find(code) is not None
    return code in vocabulary.get(target.vocabulary)


def _parse_default(row: _Section) -> Default:
    row.check(DEFAULT_KEYS)
    field_values: list[tuple[Target, targets.Value]] = []
    for path, text in row.mapping("set").items():
        target = _target(row, path)
        value = _value(row, target, text)
        if value:
            field_values.append((target, value))
    return Default(
        _parse_selection(row, row.mapping("for")), tuple(field_values), row.flag("confirmed")
    )


def _value(row: _Section, target: Target, value: Any) -> targets.Value:
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        row.fail(tk._("“{key}” must be a text.").format(key=target.path))
    try:
        return targets.read(target, "; ".join(texts))
    except targets.UnreadError as error:
        row.fail(
            tk._("“{value}” for {field} {problem}.").format(
                value="; ".join(texts)[:80], field=target.path, problem=str(error).rstrip(".")
            )
        )


def _parse_selection(row: _Section, conditions: Mapping[str, Any]) -> Selection:
    try:
        return Selection.from_conditions(conditions)
    except SelectionError as error:
        row.fail(str(error))
