"""What a map changes in one dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import dataset_fields, splitting, values
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.migrate import reading
from ckanext.nd47.migrate.mapping import Map, Move
from ckanext.nd47.migrate.sources import COLUMNS, Old
from ckanext.nd47.migrate.targets import Target, known
from ckanext.nd47.rules import records

BETWEEN = " - "
"""Stands between the texts of sources that belong together."""

Corrections = Mapping[str, Mapping[str, tuple[str, str]]]
"""By dataset and field: what a spreadsheet says that was there, and what is to be."""


@dataclass(frozen=True)
class Planned:
    """A value that is to change.

    Attributes:
        name: of the extra or column, as the dataset stores it.
        before: what it has, None for nothing.
        after: what it gets, None for nothing.
    """

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Problem:
    """A text that could not be brought into a field.

    Attributes:
        path: the field.
        source: where the text is.
        text: the text, its beginning.
        reason: why.
    """

    path: str
    source: str
    text: str
    reason: str


@dataclass
class Outcome:
    """What becomes of a dataset.

    Attributes:
        changes: the values that change.
        problems: the texts that could not be read.
        left_alone: whether the map says so of the dataset.
    """

    changes: list[Planned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_alone: bool = False


def outcome(old: Old, mapped: Map, corrections: Corrections) -> Outcome:
    """Return what a map makes of a dataset.

    A field that has a value keeps it, unless the map reads the field itself anew; a correction by
    the agency goes before everything.
    """
    if any(one.holds(old) for one in mapped.leave_alone):
        return Outcome(left_alone=True)
    draft = _Draft(old)
    for move in mapped.moves:
        draft.move(move)
    for default in mapped.defaults:
        if default.confirmed and default.selection.holds(old, draft.issued):
            for target, value in default.given:
                draft.add(target, value, "")
    for path, (was, written) in corrections.get(old.id, {}).items():
        draft.correct(known()[path], was, written)
    return draft.outcome()


class _Draft:
    """The fields of a dataset while a map is applied to it."""

    def __init__(self, old: Old) -> None:
        self.old = old
        self.fields = dataset_fields.of(old.record)
        self.new: dict[str, reading.Value] = {}
        self.problems: list[Problem] = []
        self.moved: list[Move] = []

    def move(self, move: Move) -> None:
        """Bring a source into its field."""
        source = ", ".join(move.sources)
        texts = filter(str.strip, map(self.old.text, move.sources))
        written = BETWEEN.join(texts)
        if not written.strip() or self._is_value(move, written):
            return
        try:
            value = reading.read(move.target, written, move.choices)
        except reading.UnreadError as error:
            self._fails(move.target.path, source, written, str(error))
            return
        if value:
            self.add(move.target, value, source)
            self.moved.append(move)

    def _is_value(self, move: Move, written: str) -> bool:
        """Say whether a field that is read anew holds a value of the suite already."""
        is_itself = move.sources == (self.fields.name(move.target.field),)
        return is_itself and move.target.kind == "group" and splitting.is_structure(written)

    def add(self, target: Target, value: reading.Value, source: str) -> None:
        """Give a field a value where it has none."""
        field_name = target.field
        if field_name not in self.new and self._has_value(field_name, source):
            return
        part = {target.subfield: value} if target.subfield else value
        if not isinstance(part, dict):
            self.new.setdefault(field_name, part)
            return
        if field_name in self.new and not target.subfield:
            # Two texts may be about two persons: their parts are not mixed.
            return
        so_far = self.new.get(field_name)
        group = so_far if isinstance(so_far, dict) else {}
        self.new[field_name] = {n: one for n, one in part.items() if isinstance(one, str)} | group

    def _has_value(self, field_name: str, source: str) -> bool:
        stored = self.stored(field_name)
        if stored is None or not stored.strip() or source == self.fields.name(field_name):
            return False
        return not (field_name == "license_id" and stored in reading.UNKNOWN_LICENCES)

    def correct(self, target: Target, was: str, written: str) -> None:
        """Give a field the value that the agency wrote."""
        if shown(self.old.record, target) != was:
            reason = tk._("was changed since the file was made")
            self._fails(target.path, "", written, reason)
            return
        try:
            value = reading.read(target, written)
        except reading.UnreadError as error:
            self._fails(target.path, "", written, str(error))
            return
        if not target.subfield:
            self.new.pop(target.field, None)
            if value:
                self.new[target.field] = value
            return
        so_far = self.new.get(target.field, self._group(target.field))
        group = {**so_far} if isinstance(so_far, dict) else {}
        group.pop(target.subfield, None)
        if isinstance(value, str) and value:
            group[target.subfield] = value
        self.new[target.field] = group

    def _group(self, field_name: str) -> dict[str, str]:
        found = dataset_reader.groups(self.old.record, field_name)
        return dict(found[0]) if found else {}

    @property
    def issued(self) -> str:
        """The day of publication, empty where the dataset does not say it."""
        found = self.new.get("issued") or self.stored("issued")
        return found if isinstance(found, str) else ""

    def stored(self, field_name: str) -> str | None:
        """Return what the dataset stores of one of our fields."""
        return self.raw(self.fields.name(field_name))

    def raw(self, name: str) -> str | None:
        """Return what the dataset stores under a name, None for nothing."""
        if name in COLUMNS:
            value = self.old.record.get(name)
            return None if value is None else str(value)
        return self.old.extras.get(name)

    def outcome(self) -> Outcome:
        """Return the changes."""
        changes: list[Planned] = []
        for field_name, value in self.new.items():
            name = self.fields.name(field_name)
            after = self._written(name, value)
            before = self.raw(name)
            if isinstance(value, dict) and name in self.fields.texts:
                reason = tk._("the field of the portal holds a text, which is read as it is")
                self._fails(field_name, "", str(before or ""), reason)
                continue
            if len((after or "").encode()) > values.TERM_BYTES and name not in COLUMNS:
                self._fails(field_name, "", after or "", tk._("is too long"))
            elif after != before and (after or before):
                changes.append(Planned(name, before, after))
        changes += self._removed({one.name for one in changes})
        return Outcome(changes, self.problems)

    def _written(self, name: str, value: reading.Value) -> str | None:
        """Return a value in the form that the schema of the portal stores."""
        if not value:
            return None
        if isinstance(value, dict):
            return json.dumps([value], ensure_ascii=False)
        if isinstance(value, list):
            return json.dumps(value, ensure_ascii=False) if name in self.fields.lists else value[0]
        return json.dumps([value], ensure_ascii=False) if name in self.fields.lists else value

    def _removed(self, changed: set[str]) -> list[Planned]:
        """Return the extras that are not needed any more."""
        understood = {
            source: None
            for move in self.moved
            if move.remove and move.target.field in self.new
            for source in move.sources
        }
        return [
            Planned(source, self.old.extras[source], None)
            for source in understood
            if source in self.old.extras and source not in changed | self.fields.extras
        ]

    def _fails(self, path: str, source: str, written: str, reason: str) -> None:
        self.problems.append(Problem(path, source, written[:200], reason))


def shown(record: Mapping[str, Any], target: Target) -> str:
    """Return a field of a dataset as a text, as spreadsheets and reports have it."""
    if target.subfield:
        group = next(iter(dataset_reader.groups(record, target.field)), {})
        return str(group.get(target.subfield) or "")
    if target.kind == "group":
        return ""
    if target.kind in {"codes", "lines", "urls"}:
        return "; ".join(dataset_reader.codes(record, target.path))
    return dataset_reader.text(record, target.path)


def changed(record: Mapping[str, Any], changes: list[Planned]) -> dict[str, Any]:
    """Return a dataset as it is once changes are made."""
    after = dict(record)
    extras = {one["key"]: one["value"] for one in record["extras"]}
    for one in changes:
        if one.name not in COLUMNS:
            extras.pop(one.name, None)
        if one.after is None:
            after.pop(one.name, None)
        else:
            after[one.name] = one.after
            if one.name not in COLUMNS:
                extras[one.name] = one.after
    after["extras"] = [{"key": key, "value": value} for key, value in extras.items()]
    after["isopen"] = records.is_open(after.get("license_id"))
    return after
