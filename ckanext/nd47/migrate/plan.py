"""The changes that a map makes to one dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.fields import dataset_fields, splitting, values
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.migrate import datasets, targets
from ckanext.nd47.migrate.datasets import COLUMNS, RESOURCE_COLUMNS, StoredDataset
from ckanext.nd47.migrate.mapping import Map, Move
from ckanext.nd47.migrate.targets import Target
from ckanext.nd47.rules import records

SEPARATOR = " - "
"""Separates the texts of sources that belong together."""

Corrections = Mapping[str, Mapping[str, tuple[str, str]]]
"""By dataset and field: the value before and the new value in a spreadsheet."""


@dataclass(frozen=True)
class PlannedChange:
    """A change to one value.

    Attributes:
        name: of the extra or column, as the dataset stores it.
        before: the value now, None for none.
        after: the new value, None for none.
        was_null: whether the extra exists and is null.
    """

    name: str
    before: str | None
    after: str | None
    was_null: bool = False


@dataclass(frozen=True)
class Problem:
    """A text that could not be read as the value of a field.

    Attributes:
        path: the field.
        source: the extra or column.
        text: the beginning of the text.
        reason: why it could not be read.
    """

    path: str
    source: str
    text: str
    reason: str


@dataclass
class Outcome:
    """The changes to a dataset.

    Attributes:
        changes: the values that change.
        problems: the texts that could not be read.
        left_alone: whether the map excludes the dataset.
    """

    changes: list[PlannedChange] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_alone: bool = False


def outcome(dataset: StoredDataset, migration_map: Map, corrections: Corrections) -> Outcome:
    """Return the changes that a map makes to a dataset.

    A field that has a value is not changed, unless the map reads the same field again. A correction
    by the agency has priority over the map.
    """
    if any(selection.matches(dataset) for selection in migration_map.leave_alone):
        return Outcome(left_alone=True)
    draft = _Draft(dataset)
    resource_drafts = [
        _ResourceDraft(draft.fields, resource) for resource in dataset.record["resources"]
    ]
    for move in migration_map.moves:
        for target_draft in resource_drafts if move.target.of_resource else [draft]:
            target_draft.move(move)
    for default in migration_map.defaults:
        if default.confirmed and default.selection.matches(dataset, draft.issued):
            for target, value in default.values:
                for target_draft in resource_drafts if target.of_resource else [draft]:
                    target_draft.add(target, value)
    for path, (value_before, new_value) in corrections.get(dataset.id, {}).items():
        draft.correct(targets.known_targets()[path], value_before, new_value)
    outcome = draft.outcome()
    for resource_draft in resource_drafts:
        outcome.changes += resource_draft.changes()
        outcome.problems += resource_draft.problems
    return outcome


class _Draft:
    """The fields of a dataset while a map is applied to it."""

    def __init__(self, dataset: StoredDataset) -> None:
        self.dataset = dataset
        self.fields = dataset_fields.of(dataset.record)
        self.new_values: dict[str, targets.Value] = {}
        self.problems: list[Problem] = []
        self.applied_moves: list[Move] = []

    def move(self, move: Move) -> None:
        """Read a source as the value of its field."""
        source = ", ".join(move.sources)
        texts = filter(str.strip, map(self.dataset.text, move.sources))
        text = SEPARATOR.join(texts)
        if not text.strip() or self._is_structured(move, text):
            return
        try:
            value = targets.read(move.target, text, move.choices)
        except targets.UnreadError as error:
            self._add_problem(move.target.path, source, text, str(error))
            return
        if value:
            self.add(move.target, value, source)
            self.applied_moves.append(move)

    def _is_structured(self, move: Move, text: str) -> bool:
        """Return whether a field that is read again has a value of the suite already."""
        is_itself = move.sources == (self.fields.name(move.target.field),)
        return is_itself and move.target.kind == "group" and splitting.is_structure(text)

    def add(self, target: Target, value: targets.Value, source: str = "") -> None:
        """Set a field that has no value."""
        field_name = target.field
        if field_name not in self.new_values and self._has_value(field_name, source):
            return
        part = {target.subfield: value} if target.subfield else value
        if not isinstance(part, dict):
            self.new_values.setdefault(field_name, part)
            return
        if field_name in self.new_values and not target.subfield:
            # Two texts may describe two persons, so their parts are not mixed.
            return
        current = self.new_values.get(field_name)
        group = current if isinstance(current, dict) else {}
        self.new_values[field_name] = {
            name: text for name, text in part.items() if isinstance(text, str)
        } | group

    def _has_value(self, field_name: str, source: str) -> bool:
        stored = self.stored(field_name)
        if stored is None or not stored.strip() or source == self.fields.name(field_name):
            return False
        return not (field_name == "license_id" and stored in targets.UNKNOWN_LICENCES)

    def correct(self, target: Target, value_before: str, new_value: str) -> None:
        """Set a field to the correction of the agency."""
        if field_text(self.dataset.record, target) != value_before:
            reason = tk._("was changed since the file was made")
            self._add_problem(target.path, "", new_value, reason)
            return
        try:
            value = targets.read(target, new_value)
        except targets.UnreadError as error:
            self._add_problem(target.path, "", new_value, str(error))
            return
        if not target.subfield:
            self.new_values.pop(target.field, None)
            if value:
                self.new_values[target.field] = value
            return
        current = self.new_values.get(target.field, self._group(target.field))
        group = {**current} if isinstance(current, dict) else {}
        group.pop(target.subfield, None)
        if isinstance(value, str) and value:
            group[target.subfield] = value
        self.new_values[target.field] = group

    def _group(self, field_name: str) -> dict[str, str]:
        groups = dataset_reader.groups(self.dataset.record, field_name)
        return dict(groups[0]) if groups else {}

    @property
    def issued(self) -> str:
        """The day of publication, empty if the dataset does not state it."""
        day = self.new_values.get("issued") or self.stored("issued")
        return day if isinstance(day, str) else ""

    def stored(self, field_name: str) -> str | None:
        """Return what the dataset stores of one of our fields."""
        return self.raw(self.fields.name(field_name))

    def raw(self, name: str) -> str | None:
        """Return what the dataset stores under a name, None for nothing."""
        if name in COLUMNS:
            value = self.dataset.record.get(name)
            return None if value is None else str(value)
        return self.dataset.extras.get(name)

    def outcome(self) -> Outcome:
        """Return the changes."""
        changes: list[PlannedChange] = []
        for field_name, value in self.new_values.items():
            name = self.fields.name(field_name)
            after = _as_stored(value, is_list=name in self.fields.lists)
            before = self.raw(name)
            if isinstance(value, dict) and name in self.fields.texts:
                reason = tk._("the field of the portal holds a text, which is read as it is")
                self._add_problem(field_name, "", str(before or ""), reason)
                continue
            if len((after or "").encode()) > values.TERM_BYTES and name not in COLUMNS:
                self._add_problem(field_name, "", after or "", tk._("is too long"))
            elif after != before and (after or before):
                changes.append(PlannedChange(name, before, after))
        changes += self._removed_extras({change.name for change in changes})
        return Outcome(changes, self.problems)

    def _removed_extras(self, changed_names: set[str]) -> list[PlannedChange]:
        """Return the removal of extras whose values were read."""
        source_names = {
            source: None
            for move in self.applied_moves
            if move.remove and move.target.field in self.new_values
            for source in move.sources
        }
        return [
            PlannedChange(source, self.dataset.extras[source], None)
            for source in source_names
            if source in self.dataset.extras and source not in changed_names | self.fields.extras
        ]

    def _add_problem(self, path: str, source: str, text: str, reason: str) -> None:
        self.problems.append(Problem(path, source, text[:200], reason))


class _ResourceDraft:
    """The fields of a resource while a map is applied to it."""

    def __init__(self, fields: dataset_fields.Fields, resource: Mapping[str, Any]) -> None:
        self.fields = fields
        self.resource = resource
        self.new_values: dict[str, targets.Value] = {}
        self.removed: dict[str, None] = {}
        self.problems: list[Problem] = []

    def move(self, move: Move) -> None:
        """Read a source as the value of its field."""
        names = [source.removeprefix(targets.RESOURCES) for source in move.sources]
        texts = {name: text for name in names if (text := self._text(name)).strip()}
        if not texts:
            return
        text = SEPARATOR.join(texts.values())
        try:
            value = targets.read(move.target, text, move.choices)
        except targets.UnreadError as error:
            source = ", ".join(move.sources)
            self.problems.append(Problem(move.target.path, source, text[:200], str(error)))
            return
        if value and self.add(move.target, value, names) and move.remove:
            own = self.fields.resource_texts | self.fields.resource_lists
            own |= self.fields.resource_groups | RESOURCE_COLUMNS
            self.removed |= dict.fromkeys(name for name in texts if name not in own)

    def add(self, target: Target, value: targets.Value, sources: Sequence[str] = ()) -> bool:
        """Set a field that has no value; return whether it was set."""
        name = self.fields.resource_names.get(target.subfield, target.subfield)
        has_value = self.resource.get(name) not in (None, "") and name not in sources
        if has_value or name in self.new_values:
            return False
        self.new_values[name] = value
        return True

    def _text(self, name: str) -> str:
        value = self.resource.get(name)
        return value if isinstance(value, str) else ""

    def changes(self) -> list[PlannedChange]:
        """Return the changes, under the prefix of the resource."""
        after: dict[str, str | None] = {
            name: _as_stored(value, is_list=name in self.fields.resource_lists)
            for name, value in self.new_values.items()
        }
        after |= dict.fromkeys(self.removed)
        prefix = f"{targets.RESOURCES}{self.resource['id']}."
        return [
            PlannedChange(
                f"{prefix}{name}",
                self.resource.get(name),
                value,
                was_null=datasets.stored_list(self.resource, name) == [None],
            )
            for name, value in after.items()
            if value != self.resource.get(name)
        ]


def _as_stored(value: targets.Value, *, is_list: bool) -> str | None:
    """Return a value in the form that the schema of the portal stores."""
    if not value:
        return None
    if isinstance(value, dict):
        return json.dumps([value], ensure_ascii=False)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False) if is_list else value[0]
    return json.dumps([value], ensure_ascii=False) if is_list else value


def field_text(record: Mapping[str, Any], target: Target) -> str:
    """Return a field of a dataset as a text, as spreadsheets and reports have it."""
    if target.subfield:
        group = next(iter(dataset_reader.groups(record, target.field)), {})
        return str(group.get(target.subfield) or "")
    if target.kind == "group":
        return ""
    if target.kind in {"codes", "lines", "urls"}:
        return "; ".join(dataset_reader.codes(record, target.path))
    return dataset_reader.text(record, target.path)


def with_changes(record: Mapping[str, Any], changes: list[PlannedChange]) -> dict[str, Any]:
    """Return a dataset with changes applied."""
    after = dict(record)
    extras = {extra["key"]: extra["value"] for extra in record["extras"]}
    resources = {resource["id"]: dict(resource) for resource in record["resources"]}
    after["resources"] = list(resources.values())
    for change in changes:
        if (resource_field := datasets.resource_field(change.name)) is not None:
            resource_id, name = resource_field
            resources[resource_id].pop(name, None)
            if change.after is not None:
                resources[resource_id][name] = change.after
            continue
        if change.name not in COLUMNS:
            extras.pop(change.name, None)
        if change.after is None:
            after.pop(change.name, None)
        else:
            after[change.name] = change.after
            if change.name not in COLUMNS:
                extras[change.name] = change.after
    after["extras"] = [{"key": key, "value": value} for key, value in extras.items()]
    after["isopen"] = records.is_open(after.get("license_id"))
    return after
