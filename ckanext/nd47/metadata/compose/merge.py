"""Merges our schema into a portal's; works on the loaded files alone, so it needs no database."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ckanext.nd47.lib import dataset_fields, vocabulary
from ckanext.nd47.metadata import form_layout

Field = dict[str, Any]
Presets = Mapping[str, Mapping[str, Any]]

VOCABULARY = "vocabulary"
PROPOSED = "form_proposed"
FILLING = ("nd47_first_publication", "nd47_identifier", "nd47_media_type")
"""Validators that give a field a value."""


def expanded(field: Mapping[str, Any], presets: Presets) -> Field:
    """Return a field with its preset filled in as ckanext-scheming does, if it is known."""
    return {**presets.get(field.get("preset", ""), {}), **field}


def difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    """Return why a field of the portal cannot serve as ours, an empty text where it can.

    Args:
        theirs: field of the portal's schema.
        ours: field of our schema with the same name.
        presets: presets by name, those of the portal and ours.
    """
    if ours["field_name"] in dataset_fields.core():
        # CKAN keeps it in a column of its own, whatever the schema says.
        return ""
    return _difference(theirs, ours, presets)


def offers_more(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Say whether our form of a field has a list to choose from, or fills in what it can know."""
    filled_in = any(name in (ours.get("validators") or "") for name in FILLING)
    return filled_in or PROPOSED in ours or VOCABULARY in ours and not theirs.get("choices")


SHAPE_NAMES: Mapping[dataset_fields.Shape, str] = {
    "text": "one value",
    "list": "a list of values",
    "groups": "groups of subfields",
    "structure": "a JSON structure",
}


def missing_subfields(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Field]:
    """Return the subfields that a group of ours has and theirs lacks."""
    present = {field["field_name"] for field in theirs.get(dataset_fields.SUBFIELDS) or []}
    wanted = ours.get(dataset_fields.SUBFIELDS) or []
    return [field for field in wanted if field["field_name"] not in present]


def _group_difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    wanted = {field["field_name"]: field for field in ours[dataset_fields.SUBFIELDS]}
    for subfield in theirs[dataset_fields.SUBFIELDS]:
        name = subfield["field_name"]
        if name in wanted and (reason := _difference(subfield, wanted[name], presets)):
            return f"its subfield {name} is {reason}"
    return ""


def _difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    theirs, ours = expanded(theirs, presets), expanded(ours, presets)
    their_shape, our_shape = dataset_fields.shape(theirs), dataset_fields.shape(ours)
    if their_shape != our_shape:
        return f"{SHAPE_NAMES[their_shape]}, ours is {SHAPE_NAMES[our_shape]}"
    if our_shape == "groups":
        return _group_difference(theirs, ours, presets)
    return _value_difference(theirs, ours)


def _value_difference(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Tell a closed list of other values; a free text may hold our codes."""
    if VOCABULARY not in ours or not theirs.get("choices"):
        return ""
    list_id = ours[VOCABULARY]
    terms = vocabulary.get(list_id)
    values = [str(choice.get("value")) for choice in theirs["choices"]]
    foreign = [value for value in values if vocabulary.recognise(list_id, value) not in terms]
    if not foreign:
        return ""
    return f"a list of other values ({', '.join(foreign[:3])}), ours is the list {list_id}"


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
    theirs: Schema,
    ours: Schema,
    presets: Presets,
    choices: Mapping[str, str] | None = None,
    readings: Sequence[Reading] = (),
) -> Merged:
    """Merge our schema into a portal's; merging the result again changes nothing.

    Args:
        theirs: the portal's schema.
        ours: our schema.
        presets: presets by name, those of the portal and ours.
        choices: what to do with a field that both have, by its name: keep `theirs`, take `ours`,
            or add ours under another name (`rename`).
        readings: fields of the portal that are read as ours, whatever they are called.

    Raises:
        ComposeError: a choice names no common field, or a name is taken.
    """
    merged = Merged(copy.deepcopy(theirs))
    open_choices = dict(choices or {})
    for reading in readings:
        _mark(merged, ours, reading)
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


@dataclass(frozen=True)
class Reading:
    """A field of the portal that is read as one of ours.

    Attributes:
        name: its name; a field of resources has `resources.` before it.
        ours: the name of our field.
        values: our codes by the value that stands for them.
    """

    name: str
    ours: str
    values: Mapping[str, str | list[str]] = field(default_factory=dict)


def _mark(merged: Merged, ours: Schema, reading: Reading) -> None:
    """Mark a field of the portal as ours."""
    of_resource = reading.name.startswith(RESOURCES)
    part = "resource_fields" if of_resource else "dataset_fields"
    name = reading.name.removeprefix(RESOURCES)
    found = _named(merged.schema.get(part) or (), name)
    wanted = _named(ours[part], reading.ours.removeprefix(RESOURCES))
    if found is None or wanted is None:
        missing = reading.name if found is None else reading.ours
        whose = "the portal's schema" if found is None else "the schema of nd47"
        msg = f"{missing}: {whose} has no such field"
        raise ComposeError(msg)
    _check_codes(reading, wanted)
    for other in merged.schema[part]:
        if other is not found and other.get(dataset_fields.MARK) == wanted["field_name"]:
            msg = f"{reading.name}: {other['field_name']} serves as {reading.ours} already"
            raise ComposeError(msg)
    found[dataset_fields.MARK] = wanted["field_name"]
    if reading.values:
        found[dataset_fields.VALUES] = copy.deepcopy(dict(reading.values))
    merged.decided[reading.name] = reading.ours


def _named(fields: Iterable[Field], name: str) -> Field | None:
    return next((one for one in fields if one["field_name"] == name), None)


def _check_codes(reading: Reading, wanted: Field) -> None:
    known = vocabulary.get(wanted[VOCABULARY]) if VOCABULARY in wanted else None
    for chosen in reading.values.values():
        for code in [chosen] if isinstance(chosen, str) else chosen:
            if known is None or code and code not in known:
                msg = f"{reading.name}: “{code}” is no code of {reading.ours}"
                raise ComposeError(msg)


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
            schema_field[dataset_fields.MARK]: schema_field
            for schema_field in self.present
            if schema_field.get(dataset_fields.MARK)
        }
        by_name = {schema_field["field_name"]: schema_field for schema_field in self.present}
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
        reason = difference(theirs, wanted, self.presets)
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
            if offers_more(theirs, wanted):
                self.merged.plainer.append(self.prefix + name)
            self._extend(theirs, wanted)
        theirs[dataset_fields.MARK] = name
        return []

    def _extend(self, theirs: Field, wanted: Field) -> None:
        """Add the subfields that a group of theirs lacks."""
        if dataset_fields.SUBFIELDS not in theirs or dataset_fields.SUBFIELDS not in wanted:
            return
        lacking = missing_subfields(theirs, wanted)
        if lacking:
            theirs[dataset_fields.SUBFIELDS] += copy.deepcopy(lacking)
            names = [schema_field["field_name"] for schema_field in lacking]
            self.merged.extended[self.prefix + theirs["field_name"]] = names

    def _replace(self, theirs: Field, wanted: Field) -> None:
        kept = {key: theirs[key] for key in KEPT if key in theirs}
        theirs.clear()
        theirs.update({**_alone(wanted), dataset_fields.MARK: wanted["field_name"], **kept})

    def _renamed(self, wanted: Field) -> Field:
        name = PREFIX + wanted["field_name"]
        if any(schema_field["field_name"] == name for schema_field in self.present):
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
    if theirs and not any(form_layout.PAGE in schema_field for schema_field in theirs):
        theirs = [{form_layout.PAGE: copy.deepcopy(THEIR_PAGE), **theirs[0]}, *theirs[1:]]
    return [*theirs, {form_layout.PAGE: copy.deepcopy(OUR_PAGE), **added[0]}, *added[1:]]


def _with_sections(added: list[Field], ours: list[Field]) -> list[Field]:
    """Begin each section of our form again at the first of its fields that were added."""
    section_of: dict[str, Any] = {}
    for part in form_layout.parts(ours, by_page=True):
        head = {"title": part.title, "description": part.description} if part.title else None
        section_of |= {schema_field["field_name"]: head for schema_field in part.fields}
    result, current = [], None
    for schema_field in added:
        section = section_of[schema_field[dataset_fields.MARK]]
        begins = section is not None and section is not current
        head = {form_layout.SECTION: copy.deepcopy(section)} if begins else {}
        result.append({**head, **schema_field})
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
