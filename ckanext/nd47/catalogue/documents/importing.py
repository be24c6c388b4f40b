"""Tables that are read into a draft: looked at row by row, applied as a whole, undone.

An item is the same where its code is, without a code where its name is within its agency. So a
table can be applied again without doubles. An empty cell changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.lookup.names import AgencyIndex, load_agencies
from ckanext.nd47.catalogue.documents import model as imports
from ckanext.nd47.catalogue.documents import reading, rows
from ckanext.nd47.catalogue.documents.model import APPLIED, ITEMS, PLANNED, UNDONE, Import
from ckanext.nd47.catalogue.documents.reading import ItemTable
from ckanext.nd47.catalogue.documents.rows import CellMessage, RowValues
from ckanext.nd47.catalogue.items import proposals, service
from ckanext.nd47.catalogue.items.proposals import Proposed
from ckanext.nd47.catalogue.records import fields, history, stored
from ckanext.nd47.catalogue.records.fields import Field
from ckanext.nd47.catalogue.records.model import ADD, CHANGE, Catalogue, Item, now
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary

NEW, CHANGED, SAME, REFUSED = OUTCOMES = ("new", "changed", "same", "refused")
OTHER = "other"

Key = tuple[str, str]


class ChangeDict(TypedDict):
    """A field that changes, in words."""

    field: str
    title: str
    before: str
    after: str


class RowDict(TypedDict):
    """What a row does: `outcome` is one of `OUTCOMES`."""

    row: int
    code: str
    name: str
    group: str
    outcome: str
    changes: list[ChangeDict]
    errors: list[CellMessage]
    notes: list[CellMessage]


@dataclass
class Change:
    """A row with the item that it is about.

    Attributes:
        read: the row as values.
        item: the item that it changes, None for a new one.
        new: values of columns that it changes.
        outcome: one of `OUTCOMES`.
    """

    read: RowValues
    item: Item | None = None
    new: dict[str, Any] = field(default_factory=dict)
    outcome: str = SAME


@dataclass(frozen=True)
class Result:
    """What a table would do or has done, with what was recognised in it."""

    table: ItemTable
    changes: list[Change]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome."""
        counted = Counter(change.outcome for change in self.changes)
        return {outcome: counted[outcome] for outcome in OUTCOMES}


@dataclass(frozen=True)
class Sent:
    """A file that somebody sent.

    Attributes:
        target: one of `model.TARGETS`.
        agency_id: the agency that proposes; empty where the draft is changed.
        file: name of the file.
        data: its content.
    """

    target: str
    agency_id: str
    file: str
    data: bytes


def create(account: str, draft: Catalogue, sent: Sent) -> Import:
    """Read a file and store what it holds; nothing is changed yet.

    Raises:
        SheetError: the file is refused; the message says why.
        ckan.plugins.toolkit.ValidationError: the edition is no draft.
    """
    stored.require_draft(draft)
    sheets, encoding = reading.sheets_of(sent.data)
    made = Import(
        catalogue_id=draft.id,
        account=account,
        target=sent.target,
        agency_id=sent.agency_id,
        file=sent.file,
        encoding=encoding,
        sheets=[dict(sheet) for sheet in sheets],
    )
    model.Session.add(made)
    imports.delete_old()
    model.Session.commit()
    return made


def find(reference: str) -> Import:
    """Return a table that was sent.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is none.
    """
    table_import = model.Session.get(Import, reference)
    if table_import is None:
        raise tk.ObjectNotFound(tk._("There is no such table."))
    return table_import


def choose(table_import: Import, mapping: Mapping[str, str], sheet: int | None) -> None:
    """Store which columns and which sheet are read."""
    _require_planned(table_import)
    table_import.mapping = {**table_import.mapping, **mapping}
    table_import.sheet = sheet
    table_import.version += 1
    table_import.modified = now()
    model.Session.commit()


def examine(table_import: Import) -> Result:
    """Say what a table would do with the draft as it is now."""
    table = reading.read(_sheets(table_import), table_import.mapping, table_import.sheet)
    with vocabulary.preloaded():
        agencies = load_agencies()
        read = [rows.values_of(item, agencies) for item in table.items]
    if table_import.target != ITEMS:
        _restrict(read, table_import.agency_id, agencies)
    items = model.Session.scalars(
        sa.select(Item)
        .where(Item.catalogue_id == table_import.catalogue_id)
        .order_by(Item.position)
    ).all()
    return Result(table, _changes(read, items))


def apply(user_id: str, import_id: str) -> Result:
    """Apply a table in one transaction: all rows that are not refused.

    Raises:
        ckan.plugins.toolkit.ValidationError: it was applied already, or the edition is no draft.
    """
    table_import = _lock(import_id)
    _require_planned(table_import)
    # Two tables for one draft are applied one after the other, so none makes a double.
    stored.require_draft(stored.lock_catalogue(table_import.catalogue_id))
    result = examine(table_import)
    if result.table.message:
        raise stored.invalid("upload", result.table.message)
    if table_import.target == ITEMS:
        table_import.done = _apply_items(user_id, table_import.catalogue_id, result.changes)
    else:
        table_import.done = _propose(user_id, table_import, result.changes)
    table_import.state = APPLIED
    table_import.version += 1
    table_import.modified = now()
    model.Session.commit()
    return result


def undo(user_id: str, import_id: str) -> list[str]:
    """Undo an applied table; items that were changed since stay, and their names are returned.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not applied, or the edition is no draft.
    """
    table_import = _lock(import_id)
    if table_import.state != APPLIED or table_import.target != ITEMS:
        raise stored.invalid("state", tk._("Only a table that was applied can be undone."))
    stored.require_draft(stored.lock_catalogue(table_import.catalogue_id))
    items = {
        item.id: item
        for item in model.Session.scalars(
            sa.select(Item).where(Item.catalogue_id == table_import.catalogue_id).with_for_update()
        )
    }
    stayed: list[str] = []
    for step in reversed(table_import.done):
        item = items.get(step["item"])
        if item is None:
            continue
        if item.version != step["version"]:
            stayed.append(item.name)
        elif step["before"] is None:
            service.remove(user_id, item)
        else:
            service.assign(user_id, item, _from_json(step["before"]))
    table_import.state = UNDONE
    table_import.version += 1
    table_import.modified = now()
    model.Session.commit()
    return stayed


def as_dicts(changes: Sequence[Change]) -> list[RowDict]:
    """Return rows for the API and the screen."""
    directory.load(
        {
            change.new[f"{item_field.name}_id"]
            for change in changes
            for item_field in fields.of_items()
            if item_field.kind == "agency" and change.new.get(f"{item_field.name}_id")
        }
    )
    return [_as_dict(change) for change in changes]


def _sheets(table_import: Import) -> Sequence[Any]:
    return table_import.sheets


def _lock(import_id: str) -> Import:
    table_import = model.Session.scalar(
        sa.select(Import)
        .where(Import.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if table_import is None:
        raise tk.ObjectNotFound(tk._("There is no such table."))
    return table_import


def _require_planned(table_import: Import) -> None:
    if table_import.state != PLANNED:
        raise stored.invalid("state", tk._("This table was applied already; send it again."))


def _restrict(read: Sequence[RowValues], agency_id: str, agencies: AgencyIndex) -> None:
    """Refuse rows of other agencies; rows without an agency are those of the sender."""
    for row in read:
        own = row.values.get("provider_id") or ""
        if not own and not row.values.get("provider"):
            row.values |= {"provider_id": agency_id, "provider": ""}
        elif own != agency_id and agency_id in agencies.ids:
            message = tk._("Your account proposes items of its own agency only.")
            row.errors.append(
                CellMessage(
                    field="provider", title=fields.by_name()["provider"].title, message=message
                )
            )


def _key(values: Mapping[str, Any]) -> Key:
    """Return what makes an item without a code the same: its name and its agency."""
    agency = values.get("provider_id") or text.fold(values.get("provider") or "")
    return text.fold(values.get("name") or ""), agency


def _changes(read: Sequence[RowValues], items: Sequence[Item]) -> list[Change]:
    by_code = {item.code: item for item in items if item.code}
    by_key: dict[Key, Item] = {}
    by_name: dict[str, list[Item]] = {}
    for item in items:
        own = {"name": item.name, "provider_id": item.provider_id, "provider": item.provider}
        by_key.setdefault(_key(own), item)
        by_name.setdefault(text.fold(item.name), []).append(item)
    seen: dict[Any, int] = {}
    return [_change(row, by_code, by_key, by_name, seen) for row in read]


def _change(
    row: RowValues,
    by_code: Mapping[str, Item],
    by_key: Mapping[Key, Item],
    by_name: Mapping[str, list[Item]],
    seen: dict[Any, int],
) -> Change:
    change = Change(row)
    code, key = row.values.get("code") or "", _key(row.values)
    change.item = by_code.get(code) if code else None
    if change.item is None and key[0]:
        same = by_key.get(key)
        named = by_name.get(key[0], [])
        if same is None and not key[1] and len(named) == 1:
            same = named[0]
        # An item with another code is another one.
        if same is not None and not (code and same.code):
            change.item = same
    identity = change.item.id if change.item else (code or key)
    before = seen.setdefault(identity, row.row)
    if before != row.row:
        row.errors.append(
            CellMessage(
                field="code" if code else "name",
                title=fields.by_name()["code" if code else "name"].title,
                message=tk._("Row {row} is about the same item.").format(row=before),
            )
        )
    if row.errors:
        change.outcome = REFUSED
        return change
    change.new = _difference(change.item, row.values)
    change.outcome = NEW if change.item is None else CHANGED if change.new else SAME
    return change


def _difference(item: Item | None, values: Mapping[str, Any]) -> dict[str, Any]:
    if item is None:
        return dict(values)
    merged = dict(values)
    if OTHER in merged:
        merged[OTHER] = {**item.other, **merged[OTHER]}
    if merged.get("provider_id") and merged["provider_id"] == item.provider_id:
        # The agency is the same; its name in the decision stays.
        merged.pop("provider", None)
    return {name: value for name, value in merged.items() if getattr(item, name) != value}


def _apply_items(
    user_id: str, catalogue_id: str, changes: Sequence[Change]
) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = []
    for change in changes:
        if change.outcome == CHANGED and change.item:
            before = {name: getattr(change.item, name) for name in change.new}
            service.assign(user_id, change.item, change.new)
            done.append(
                {
                    "item": change.item.id,
                    "before": history.plain(before),
                    "version": change.item.version,
                }
            )
    new = [change.new for change in changes if change.outcome == NEW]
    if new:
        made = service.insert(user_id, catalogue_id, new)
        done += [{"item": item.id, "before": None, "version": item.version} for item in made]
    return done


def _propose(user_id: str, table_import: Import, changes: Sequence[Change]) -> list[dict[str, Any]]:
    note = tk._("From the table “{file}”.").format(file=table_import.file)
    proposed = [
        Proposed(
            agency_id=table_import.agency_id,
            kind=CHANGE if change.item else ADD,
            line_id=change.item.line_id if change.item else "",
            values={name: value for name, value in change.new.items() if name != OTHER},
            note="\n".join([note, *_lines(change.new.get(OTHER))])[: fields.LONGEST_TEXT],
        )
        for change in changes
        if change.outcome in {NEW, CHANGED}
    ]
    made = proposals.insert(user_id, table_import.catalogue_id, proposed) if proposed else []
    return [{"proposal": proposal.id} for proposal in made]


def _lines(other: Mapping[str, str] | None) -> list[str]:
    return [f"{heading}: {cell}" for heading, cell in (other or {}).items()]


def _from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    days = {item_field.name for item_field in fields.of_items() if item_field.kind == "day"}
    return {
        name: dt.date.fromisoformat(value) if name in days and value else value
        for name, value in values.items()
    }


def _as_dict(change: Change) -> RowDict:
    values = change.read.values
    return {
        "row": change.read.row,
        "code": values.get("code") or (change.item.code if change.item else ""),
        "name": values.get("name") or (change.item.name if change.item else ""),
        "group": values.get("group_title", ""),
        "outcome": change.outcome,
        "changes": _in_words(change),
        "errors": change.read.errors,
        "notes": change.read.notes,
    }


def _in_words(change: Change) -> list[ChangeDict]:
    shown: list[ChangeDict] = []
    for item_field in fields.of_items():
        if item_field.name in change.new or (
            item_field.kind == "agency" and f"{item_field.name}_id" in change.new
        ):
            before = getattr(change.item, item_field.name) if change.item else None
            after = (
                change.new.get(item_field.name, "")
                if item_field.kind != "agency"
                else _agency(item_field, change)
            )
            shown.append(
                ChangeDict(
                    field=item_field.name,
                    title=item_field.title,
                    before=fields.in_words(item_field, before),
                    after=fields.in_words(item_field, after),
                )
            )
    for heading, cell in (change.new.get(OTHER) or {}).items():
        before = change.item.other.get(heading, "") if change.item else ""
        if before != cell:
            shown.append(ChangeDict(field=OTHER, title=heading, before=before, after=cell))
    return shown


def _agency(item_field: Field, change: Change) -> str:
    agency = directory.get(change.new.get(f"{item_field.name}_id") or "")
    return change.new.get(item_field.name) or (directory.display_title(agency) if agency else "")
