"""Merges our schema into a portal's; works on the loaded files alone, so it needs no database."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ckanext.nd47.lib import dataset_fields
from ckanext.nd47.metadata import form_layout
from ckanext.nd47.metadata.compose import comparison
from ckanext.nd47.metadata.compose.comparison import Field, Presets

Schema = dict[str, Any]
Choice = Literal["ours", "theirs", "rename"]

HEADS = (form_layout.PAGE, form_layout.SECTION)
KEPT = (*HEADS, "label", "help_text")
"""What stays of a portal's field when ours takes its place."""

CHOICES: tuple[str, ...] = get_args(Choice)
PREFIX = "nd47_"
RESOURCES = "resources."
"""Stands before the name of a field of resources in choices and reports."""

OUR_PAGE = {"title": {"vi": "Dữ liệu mở của cơ quan nhà nước", "en": "Open government data"}}
THEIR_PAGE = {"title": {"vi": "Thông tin bộ dữ liệu", "en": "Dataset"}}


class ComposeError(ValueError):
    """The schemas cannot be merged; the message says why and what to do."""


@dataclass(frozen=True)
class Conflict:
    """A field that both schemas have and that cannot be one.

    Attributes:
        name: its name; a field of resources has `resources.` before it.
        reason: how the portal's field differs from ours.
    """

    name: str
    reason: str


@dataclass
class Merged:
    """A merged schema, and how it came about.

    Attributes:
        schema: the portal's schema with our fields.
        mapped: names of portal fields that serve as ours as they are.
        plainer: those of them for which ours would offer a list or fill in a value.
        extended: names of groups that got subfields of ours, with those subfields.
        added: names of our fields that were added, as they are called now.
        decided: what was chosen, by name, where the two differ.
        conflicts: what is still to be chosen.
    """

    schema: Schema
    mapped: list[str] = field(default_factory=list)
    plainer: list[str] = field(default_factory=list)
    extended: dict[str, list[str]] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    decided: dict[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Say whether the portal's schema had everything already."""
        return not (self.extended or self.added or self.decided or self.conflicts)


def merge(
    theirs: Schema, ours: Schema, presets: Presets, choices: Mapping[str, str] | None = None
) -> Merged:
    """Merge our schema into a portal's; merging the result again changes nothing.

    Args:
        theirs: the portal's schema.
        ours: our schema.
        presets: presets by name, those of the portal and ours.
        choices: what to do with a field that both have, by its name: keep `theirs`, take `ours`,
            or add ours under another name (`rename`).

    Raises:
        ComposeError: a choice names no common field, or a name is taken.
    """
    merged = Merged(copy.deepcopy(theirs))
    open_choices = dict(choices or {})
    added = _Side(merged, merged.schema.setdefault("dataset_fields", []), "", presets).take(
        ours["dataset_fields"], open_choices
    )
    merged.schema["dataset_fields"] = _with_page(
        merged.schema["dataset_fields"], _with_sections(added, ours["dataset_fields"])
    )
    if "resource_fields" in theirs:
        present = merged.schema["resource_fields"]
        lacking = _Side(merged, present, RESOURCES, presets).take(
            ours["resource_fields"], open_choices
        )
        present += _with_sections(lacking, ours["resource_fields"])
    if open_choices:
        msg = f"{', '.join(sorted(open_choices))}: the two schemas share no such field"
        raise ComposeError(msg)
    _merge_validators(merged.schema, ours)
    return merged


@dataclass
class _Side:
    """The fields of datasets, or those of resources, while ours are merged into them.

    Attributes:
        merged: takes notes.
        present: fields of the portal, changed in place.
        prefix: stands before names in notes.
        presets: presets by name.
    """

    merged: Merged
    present: list[Field]
    prefix: str
    presets: Presets

    def take(self, ours: list[Field], choices: dict[str, str]) -> list[Field]:
        """Return the fields that are to be added; use up the choices that were followed."""
        serving = {
            one[dataset_fields.MARK]: one for one in self.present if one.get(dataset_fields.MARK)
        }
        by_name = {one["field_name"]: one for one in self.present}
        added = []
        for wanted in ours:
            name = wanted["field_name"]
            choice = choices.pop(self.prefix + name, "") if name in by_name else ""
            if name in serving:
                self._keep(serving[name], wanted, choice)
            elif name in by_name:
                added += self._meet(by_name[name], wanted, choice)
            else:
                added.append(self._mine(wanted, name))
        return added

    def _keep(self, serving: Field, wanted: Field, choice: str) -> None:
        """Leave a field as an earlier run made it."""
        earlier = "rename" if serving["field_name"] != wanted["field_name"] else "theirs"
        if choice == "ours" and earlier == "theirs":
            before = dict(serving)
            self._replace(serving, wanted)
            if serving != before:
                self.merged.decided[self.prefix + wanted["field_name"]] = choice
            return
        if choice not in {"", earlier}:
            msg = (
                f"{self.prefix}{wanted['field_name']}: it was merged in another way before; "
                "to change that, start from the portal's schema as it was before the merge"
            )
            raise ComposeError(msg)
        self._extend(serving, wanted)

    def _meet(self, theirs: Field, wanted: Field, choice: str) -> list[Field]:
        name = wanted["field_name"]
        reason = comparison.difference(theirs, wanted, self.presets)
        if reason and not choice:
            self.merged.conflicts.append(Conflict(self.prefix + name, reason))
            return []
        if choice:
            self.merged.decided[self.prefix + name] = choice
        if choice == "rename":
            return [self._renamed(wanted)]
        if choice == "ours":
            self._replace(theirs, wanted)
            return []
        if not choice:
            self.merged.mapped.append(self.prefix + name)
            if comparison.offers_more(theirs, wanted):
                self.merged.plainer.append(self.prefix + name)
            self._extend(theirs, wanted)
        theirs[dataset_fields.MARK] = name
        return []

    def _extend(self, theirs: Field, wanted: Field) -> None:
        """Add the subfields that a group of theirs lacks."""
        if dataset_fields.SUBFIELDS not in theirs or dataset_fields.SUBFIELDS not in wanted:
            return
        lacking = comparison.missing_subfields(theirs, wanted)
        if lacking:
            theirs[dataset_fields.SUBFIELDS] += copy.deepcopy(lacking)
            names = [one["field_name"] for one in lacking]
            self.merged.extended[self.prefix + theirs["field_name"]] = names

    def _replace(self, theirs: Field, wanted: Field) -> None:
        kept = {key: theirs[key] for key in KEPT if key in theirs}
        theirs.clear()
        theirs.update({**_alone(wanted), dataset_fields.MARK: wanted["field_name"], **kept})

    def _renamed(self, wanted: Field) -> Field:
        name = PREFIX + wanted["field_name"]
        if any(one["field_name"] == name for one in self.present):
            msg = f"{self.prefix}{name}: the portal's schema has a field of this name already"
            raise ComposeError(msg)
        return self._mine(wanted, name)

    def _mine(self, wanted: Field, name: str) -> Field:
        self.merged.added.append(self.prefix + name)
        return {**_alone(wanted), "field_name": name, dataset_fields.MARK: wanted["field_name"]}


def _alone(wanted: Field) -> Field:
    """Return a copy of a field without the page or section that begins with it."""
    return copy.deepcopy({key: value for key, value in wanted.items() if key not in HEADS})


def _with_page(theirs: list[Field], added: list[Field]) -> list[Field]:
    """Put our fields behind the portal's, on a page of their own."""
    if not added:
        return theirs
    if theirs and not any(form_layout.PAGE in one for one in theirs):
        theirs = [{form_layout.PAGE: copy.deepcopy(THEIR_PAGE), **theirs[0]}, *theirs[1:]]
    return [*theirs, {form_layout.PAGE: copy.deepcopy(OUR_PAGE), **added[0]}, *added[1:]]


def _with_sections(added: list[Field], ours: list[Field]) -> list[Field]:
    """Begin each section of our form again at the first of its fields that were added."""
    section_of: dict[str, Any] = {}
    for part in form_layout.parts(ours, by_page=True):
        head = {"title": part.title, "description": part.description} if part.title else None
        section_of |= {one["field_name"]: head for one in part.fields}
    result, current = [], None
    for one in added:
        section = section_of[one[dataset_fields.MARK]]
        begins = section is not None and section is not current
        head = {form_layout.SECTION: copy.deepcopy(section)} if begins else {}
        result.append({**head, **one})
        current = section
    return result


def _merge_validators(schema: Schema, ours: Schema) -> None:
    """Add our validators of whole records to those of the portal."""
    for key in ("before_validators", "after_validators"):
        wanted = (ours.get(key) or "").split()
        present = (schema.get(key) or "").split()
        if not present:
            schema[key] = " ".join(wanted)
            continue
        lacking = [name for name in wanted if name not in present]
        # `ignore` ends the chain, so nothing may stand behind it.
        end = present.index("ignore") if "ignore" in present else len(present)
        schema[key] = " ".join([*present[:end], *lacking, *present[end:]])
