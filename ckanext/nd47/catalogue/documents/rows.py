"""Makes values of fields from the texts of a table, and says what could not be understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies.lookup.names import AgencyIndex, AmbiguousError
from ckanext.nd47.catalogue.documents import reading
from ckanext.nd47.catalogue.documents.reading import ItemRow
from ckanext.nd47.catalogue.records import fields
from ckanext.nd47.catalogue.records.fields import Field
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.fields import spellings
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary

FIELD, FORMATS, METHODS, PROVIDER = "field", "formats", "methods", "provider"
KEPT_AS_TEXT = frozenset({"code", "codes", "day", "number", "licence"})
"""Kinds of fields whose texts go with the remarks of the item where they cannot be read."""


class CellMessage(TypedDict):
    """What is wrong with a cell, or how it was understood: `field`, its `title` and the message."""

    field: str
    title: str
    message: str


@dataclass
class RowValues:
    """An item of a table as values of columns.

    Attributes:
        row: number of its row.
        values: values by column; only of cells that are filled.
        errors: why it cannot be taken.
        notes: cells that went with the remarks of the item.
    """

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[CellMessage] = field(default_factory=list)
    notes: list[CellMessage] = field(default_factory=list)


def values_of(item: ItemRow, agencies: AgencyIndex) -> RowValues:
    """Return an item as values of columns.

    A cell that is no value of its field goes with the remarks of the item, under its heading; only
    an unreadable cell or a text that is too long refuses the row.
    """
    made = RowValues(item.row)
    known = fields.by_name()
    for name, message in item.refused.items():
        made.errors.append(_message(known[name], message))
    cells = dict(item.cells)
    other = dict(item.other)
    _split_ways(cells)
    for name, cell in cells.items():
        item_field = known[name]
        try:
            data = {name: _with_codes(item_field, cell)}
            made.values |= fields.read(data, [item_field], agencies)
        except tk.ValidationError as error:
            reason = "; ".join(inputs.error_messages(error).get(name, []))
            if item_field.kind in KEPT_AS_TEXT:
                other[item_field.title] = cell
                message = tk._("{reason} The text was put with the remarks of the item.")
                made.notes.append(_message(item_field, message.format(reason=reason)))
            else:
                made.errors.append(_message(item_field, reason))
    if other:
        made.values["other"] = other
    if item.group:
        _use_group(item.group, made, agencies)
    if not made.values.get("name") and not any(e["field"] == "name" for e in made.errors):
        made.errors.append(_message(known["name"], tk._("The item has no name.")))
    return made


def _split_ways(cells: dict[str, str]) -> None:
    """Divide a cell such as `Excel, API` between formats and ways of sharing."""
    formats, methods, rest = list[str](), list[str](), dict[str, list[str]]()
    for name, others in ((FORMATS, METHODS), (METHODS, FORMATS)):
        for part in _parts(cells.pop(name, "")):
            own = _code_of(fields.by_name()[name], part)
            foreign = _code_of(fields.by_name()[others], part)
            if own or not foreign:
                target = formats if name == FORMATS else methods
                (target if own else rest.setdefault(name, [])).append(own or part)
            else:
                (methods if name == FORMATS else formats).append(foreign)
    for name, codes in ((FORMATS, formats), (METHODS, methods)):
        if codes or name in rest:
            cells[name] = "; ".join([*codes, *rest.get(name, [])])


def _parts(cell: str) -> list[str]:
    for separator in ("\n", ",", "/", " và "):
        cell = cell.replace(separator, ";")
    return [part.strip() for part in cell.split(";") if part.strip()]


def _with_codes(item_field: Field, cell: str) -> str:
    """Return a cell with the words that offices use for codes replaced by the codes."""
    if item_field.kind == "code":
        return _code_of(item_field, cell) or cell
    return cell


def _code_of(item_field: Field, part: str) -> str:
    if code := spellings.code_of(item_field.vocabulary, part):
        return code
    folded = text.fold(part).strip(" .")
    words: Mapping[str, list[str]] = reading.content()["words"].get(item_field.vocabulary, {})
    for code, others in words.items():
        if folded in map(text.fold, others) and vocabulary.term(item_field.vocabulary, code):
            return code
    return ""


def _use_group(group: str, made: RowValues, agencies: AgencyIndex) -> None:
    """Take field or agency from the heading of a group, where the row itself has none."""
    made.values["group_title"] = group[: fields.LONGEST_LINE]
    name = reading.group_name(group)
    if not made.values.get(FIELD):
        code = spellings.code_of(FIELD, name) if name else ""
        if code:
            made.values[FIELD] = code
            return
    if not made.values.get(PROVIDER) and not made.values.get("provider_id"):
        try:
            agency_id = agencies.find(name)
        except AmbiguousError:
            return
        if agency_id:
            made.values |= {PROVIDER: "", "provider_id": agency_id}


def _message(item_field: Field, message: str) -> CellMessage:
    return CellMessage(field=item_field.name, title=item_field.title, message=message)
