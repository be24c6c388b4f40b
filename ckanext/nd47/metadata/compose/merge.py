"""Merges the nd47 schema into a portal's, from files, without a database.

As in a merge of git, `ours` is the nd47 schema and `theirs` the portal's, as in the options of
`ckan nd47 schema compose`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata.pages import form_layout

Field = dict[str, Any]
Presets = Mapping[str, Mapping[str, Any]]

VOCABULARY = "vocabulary"
PROPOSED = "form_proposed"
FILLING = ("nd47_first_publication", "nd47_identifier", "nd47_media_type")
"""Validators that give a field a value."""


def expanded(field: Mapping[str, Any], presets: Presets) -> Field:
    """Return a field with the values of its preset, as ckanext-scheming expands it."""
    return {**presets.get(field.get("preset", ""), {}), **field}


def difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    """Return why a portal field cannot be used as ours, empty if it can.

    Args:
        theirs: field of the portal's schema.
        ours: field of our schema with the same name.
        presets: presets by name, those of the portal and ours.
    """
    if ours["field_name"] in dataset_fields.core():
        # CKAN stores it in its own column, whatever the schema says.
        return ""
    return _difference(theirs, ours, presets)


def offers_more(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Return whether our form of a field offers a list of choices, or fills in a value."""
    filled_in = any(name in (ours.get("validators") or "") for name in FILLING)
    return filled_in or PROPOSED in ours or VOCABULARY in ours and not theirs.get("choices")


SHAPE_NAMES: Mapping[dataset_fields.Shape, str] = {
    "text": "one value",
    "list": "a list of values",
    "groups": "groups of subfields",
    "structure": "a JSON structure",
}


def missing_subfields(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Field]:
    """Return our subfields of a group that theirs lacks."""
    present = {field["field_name"] for field in theirs.get(dataset_fields.SUBFIELDS) or []}
    our_subfields = ours.get(dataset_fields.SUBFIELDS) or []
    return [field for field in our_subfields if field["field_name"] not in present]


def _group_difference(theirs: Mapping[str, Any], ours: Mapping[str, Any], presets: Presets) -> str:
    ours_by_name = {field["field_name"]: field for field in ours[dataset_fields.SUBFIELDS]}
    for subfield in theirs[dataset_fields.SUBFIELDS]:
        name = subfield["field_name"]
        if name in ours_by_name and (reason := _difference(subfield, ours_by_name[name], presets)):
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
    """Return why a closed list of choices does not match our codes; a free text always does."""
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
KEPT_KEYS = (*HEADS, "label", "help_text")
"""Keys of a portal field that are kept when ours replaces it."""

CHOICES: tuple[str, ...] = get_args(Choice)
PREFIX = "nd47_"
RESOURCES = "resources."
"""Prefix of the names of resource fields in choices and reports."""

OUR_PAGE = {"title": {"vi": "Dữ liệu mở của cơ quan nhà nước", "en": "Open government data"}}
THEIR_PAGE = {"title": {"vi": "Thông tin bộ dữ liệu", "en": "Dataset"}}


class ComposeError(ValueError):
    """The schemas cannot be merged; the message says why and how to correct it."""


@dataclass(frozen=True)
class Conflict:
    """A field of both schemas in different shapes.

    Attributes:
        name: its name, with the prefix `resources.` for a resource field.
        reason: how the portal's field differs from ours.
    """

    name: str
    reason: str


@dataclass
class Merged:
    """A merged schema, and a report of the merge.

    Attributes:
        schema: the portal's schema with our fields.
        mapped: names of portal fields that are used as ours unchanged.
        plainer: those of them for which ours would offer a list or fill in a value.
        extended: names of groups that got subfields of ours, with those subfields.
        added: names of our fields that were added, as they are called in the result.
        decided: the choices made for fields that differ, by name.
        conflicts: fields without a choice.
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
        """Whether the portal's schema already had everything."""
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
        choices: what to do with a field of both schemas, by name: keep `theirs`, use `ours`, or
            add ours under another name (`rename`).
        readings: fields of the portal that are read as ours, whatever they are called.

    Raises:
        ComposeError: a choice names no common field, or a name is taken.
    """
    merged = Merged(copy.deepcopy(theirs))
    open_choices = dict(choices or {})
    for reading in readings:
        _mark(merged, ours, reading)
    added = _Side(merged, merged.schema.setdefault("dataset_fields", []), "", presets).merge(
        ours["dataset_fields"], open_choices
    )
    merged.schema["dataset_fields"] = _with_page(
        merged.schema["dataset_fields"], _with_sections(added, ours["dataset_fields"])
    )
    if "resource_fields" in theirs:
        present = merged.schema["resource_fields"]
        lacking = _Side(merged, present, RESOURCES, presets).merge(
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
    field = _named(merged.schema.get(part) or (), name)
    own_field = _named(ours[part], reading.ours.removeprefix(RESOURCES))
    if field is None or own_field is None:
        missing = reading.name if field is None else reading.ours
        whose = "the portal's schema" if field is None else "the schema of nd47"
        msg = f"{missing}: {whose} has no such field"
        raise ComposeError(msg)
    _check_codes(reading, own_field)
    for other in merged.schema[part]:
        if other is not field and other.get(dataset_fields.MARK) == own_field["field_name"]:
            msg = f"{reading.name}: {other['field_name']} serves as {reading.ours} already"
            raise ComposeError(msg)
    field[dataset_fields.MARK] = own_field["field_name"]
    if reading.values:
        field[dataset_fields.VALUES] = copy.deepcopy(dict(reading.values))
    merged.decided[reading.name] = reading.ours


def _named(fields: Iterable[Field], name: str) -> Field | None:
    return next((field for field in fields if field["field_name"] == name), None)


def _check_codes(reading: Reading, own_field: Field) -> None:
    codes = vocabulary.get(own_field[VOCABULARY]) if VOCABULARY in own_field else None
    for chosen in reading.values.values():
        for code in [chosen] if isinstance(chosen, str) else chosen:
            if codes is None or code and code not in codes:
                msg = f"{reading.name}: “{code}” is no code of {reading.ours}"
                raise ComposeError(msg)


@dataclass
class _Side:
    """The dataset fields or resource fields of the portal, while ours are merged into them.

    Attributes:
        merged: the report.
        present: fields of the portal, changed in place.
        prefix: prefix of names in the report.
        presets: presets by name.
    """

    merged: Merged
    present: list[Field]
    prefix: str
    presets: Presets

    def merge(self, ours: list[Field], choices: dict[str, str]) -> list[Field]:
        """Return the fields to add; remove the choices that were applied from `choices`."""
        serving = {
            schema_field[dataset_fields.MARK]: schema_field
            for schema_field in self.present
            if schema_field.get(dataset_fields.MARK)
        }
        by_name = {schema_field["field_name"]: schema_field for schema_field in self.present}
        added = []
        for our_field in ours:
            name = our_field["field_name"]
            choice = choices.pop(self.prefix + name, "") if name in by_name else ""
            if name in serving:
                self._keep(serving[name], our_field, choice)
            elif name in by_name:
                added += self._merge_common(by_name[name], our_field, choice)
            else:
                added.append(self._added(our_field, name))
        return added

    def _keep(self, serving: Field, our_field: Field, choice: str) -> None:
        """Keep a field as an earlier run made it."""
        earlier = "rename" if serving["field_name"] != our_field["field_name"] else "theirs"
        if choice == "ours" and earlier == "theirs":
            before = dict(serving)
            self._replace(serving, our_field)
            if serving != before:
                self.merged.decided[self.prefix + our_field["field_name"]] = choice
            return
        if choice not in {"", earlier}:
            msg = (
                f"{self.prefix}{our_field['field_name']}: it was merged in another way before; "
                "to change that, start from the portal's schema as it was before the merge"
            )
            raise ComposeError(msg)
        self._extend(serving, our_field)

    def _merge_common(self, theirs: Field, our_field: Field, choice: str) -> list[Field]:
        name = our_field["field_name"]
        reason = difference(theirs, our_field, self.presets)
        if reason and not choice:
            self.merged.conflicts.append(Conflict(self.prefix + name, reason))
            return []
        if choice:
            self.merged.decided[self.prefix + name] = choice
        if choice == "rename":
            return [self._renamed(our_field)]
        if choice == "ours":
            self._replace(theirs, our_field)
            return []
        if not choice:
            self.merged.mapped.append(self.prefix + name)
            if offers_more(theirs, our_field):
                self.merged.plainer.append(self.prefix + name)
            self._extend(theirs, our_field)
        theirs[dataset_fields.MARK] = name
        return []

    def _extend(self, theirs: Field, our_field: Field) -> None:
        """Add our subfields that their group lacks."""
        if dataset_fields.SUBFIELDS not in theirs or dataset_fields.SUBFIELDS not in our_field:
            return
        lacking = missing_subfields(theirs, our_field)
        if lacking:
            theirs[dataset_fields.SUBFIELDS] += copy.deepcopy(lacking)
            names = [schema_field["field_name"] for schema_field in lacking]
            self.merged.extended[self.prefix + theirs["field_name"]] = names

    def _replace(self, theirs: Field, our_field: Field) -> None:
        unchanged = {key: theirs[key] for key in KEPT_KEYS if key in theirs}
        theirs.clear()
        theirs.update(
            {
                **_without_heading(our_field),
                dataset_fields.MARK: our_field["field_name"],
                **unchanged,
            }
        )

    def _renamed(self, our_field: Field) -> Field:
        name = PREFIX + our_field["field_name"]
        if any(schema_field["field_name"] == name for schema_field in self.present):
            msg = f"{self.prefix}{name}: the portal's schema has a field of this name already"
            raise ComposeError(msg)
        return self._added(our_field, name)

    def _added(self, our_field: Field, name: str) -> Field:
        self.merged.added.append(self.prefix + name)
        return {
            **_without_heading(our_field),
            "field_name": name,
            dataset_fields.MARK: our_field["field_name"],
        }


def _without_heading(our_field: Field) -> Field:
    """Return a copy of a field without the page or section that begins at it."""
    return copy.deepcopy({key: value for key, value in our_field.items() if key not in HEADS})


def _with_page(theirs: list[Field], added: list[Field]) -> list[Field]:
    """Append our fields to the portal's, on their own page."""
    if not added:
        return theirs
    if theirs and not any(form_layout.PAGE in schema_field for schema_field in theirs):
        theirs = [{form_layout.PAGE: copy.deepcopy(THEIR_PAGE), **theirs[0]}, *theirs[1:]]
    return [*theirs, {form_layout.PAGE: copy.deepcopy(OUR_PAGE), **added[0]}, *added[1:]]


def _with_sections(added: list[Field], ours: list[Field]) -> list[Field]:
    """Begin each section of our form at the first of its added fields."""
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
    """Add our validators of whole datasets to those of the portal."""
    for key in ("before_validators", "after_validators"):
        our_validators = (ours.get(key) or "").split()
        present = (schema.get(key) or "").split()
        if not present:
            schema[key] = " ".join(our_validators)
            continue
        lacking = [name for name in our_validators if name not in present]
        # `ignore` ends the chain, so validators after it would not run.
        end = present.index("ignore") if "ignore" in present else len(present)
        schema[key] = " ".join([*present[:end], *lacking, *present[end:]])
