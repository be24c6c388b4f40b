"""Items of a draft: added, changed, removed, moved; and what is true of their lines.

Every function locks what it changes and commits; see `stored`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.records import fields, history, stored
from ckanext.nd47.catalogue.records.history import About, Event
from ckanext.nd47.catalogue.records.model import Item, Line


def create(user_id: str, catalogue_id: str, values: Mapping[str, Any]) -> Item:
    """Add an item to the end of a draft.

    Args:
        user_id: who adds it.
        catalogue_id: the draft.
        values: values of columns, see `fields.read`.

    Raises:
        ckan.plugins.toolkit.ValidationError: the edition is no draft, or has the code already.
    """
    made = insert(user_id, catalogue_id, [values])[0]
    model.Session.commit()
    return made


def insert(user_id: str, catalogue_id: str, rows: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Add items to the end of a draft, in the transaction of the caller; as `create`."""
    draft = stored.share_catalogue(catalogue_id)
    stored.require_draft(draft)
    last = model.Session.scalar(
        sa.select(sa.func.max(Item.position)).where(Item.catalogue_id == catalogue_id)
    )
    lines = [Line(series_id=draft.series_id, changed_by=user_id) for _ in rows]
    model.Session.add_all(lines)
    model.Session.flush()
    made = [
        Item(
            catalogue_id=catalogue_id,
            line_id=line.id,
            position=(last or 0) + number,
            folded=fields.folded(values),
            changed_by=user_id,
            **values,
        )
        for number, (line, values) in enumerate(zip(lines, rows, strict=True), start=1)
    ]
    model.Session.add_all(made)
    _flush()
    events = [
        About(line_id=item.line_id, after=values) for item, values in zip(made, rows, strict=True)
    ]
    history.add_all(catalogue_id, Event.ITEM_CREATE, user_id, events)
    return made


def update(user_id: str, item_id: str, values: Mapping[str, Any], version: int | None) -> Item:
    """Change fields of an item of a draft.

    Args:
        user_id: who changes it.
        item_id: the item.
        values: new values of columns.
        version: the version that was looked at.

    Raises:
        ckan.plugins.toolkit.ValidationError: it was changed meanwhile, or is issued.
    """
    item = stored.lock_item(item_id, version)
    if assign(user_id, item, values):
        model.Session.commit()
    else:
        model.Session.rollback()
    return stored.item(item_id)


def assign(user_id: str, item: Item, values: Mapping[str, Any]) -> bool:
    """Change a locked item in the transaction of the caller; return whether anything changed."""
    new = {name: value for name, value in values.items() if getattr(item, name) != value}
    if not new:
        return False
    before = {name: getattr(item, name) for name in new}
    for name, value in new.items():
        setattr(item, name, value)
    known = {name: getattr(item, name) for name in fields.by_name()}
    item.folded = fields.folded(known)
    stored.changed(item, user_id)
    _flush()
    about = About(line_id=item.line_id, before=before, after=new)
    history.add(item.catalogue_id, Event.ITEM_UPDATE, user_id, about)
    return True


def delete(user_id: str, item_id: str, version: int | None) -> None:
    """Remove an item from a draft; its line goes too where no other edition has it.

    Raises:
        ckan.plugins.toolkit.ValidationError: it was changed meanwhile, or is issued.
    """
    remove(user_id, stored.lock_item(item_id, version))
    model.Session.commit()


def remove(user_id: str, item: Item) -> None:
    """Remove a locked item in the transaction of the caller."""
    before = {"code": item.code, "name": item.name}
    catalogue_id, line_id, position = item.catalogue_id, item.line_id, item.position
    model.Session.delete(item)
    model.Session.flush()
    model.Session.execute(
        sa.update(Item)
        .where(Item.catalogue_id == catalogue_id, Item.position > position)
        .values(position=Item.position - 1)
    )
    used = sa.exists().where(Item.line_id == Line.id)
    model.Session.execute(sa.delete(Line).where(Line.id == line_id, ~used))
    about = About(line_id=line_id, before=before)
    history.add(catalogue_id, Event.ITEM_DELETE, user_id, about)


def set_status(user_id: str, item: Item, values: Mapping[str, Any], version: int | None) -> Line:
    """Set what is true of a line whatever an edition says, also where the edition is issued.

    Args:
        user_id: who sets it.
        item: an item of the line.
        values: `status`, `first_provided` and `reason`.
        version: the version of the line that was looked at.

    Raises:
        ckan.plugins.toolkit.ValidationError: it was changed meanwhile.
    """
    catalogue_id, line_id = item.catalogue_id, item.line_id
    line = stored.lock_line(line_id, version)
    new = {name: value for name, value in values.items() if getattr(line, name) != value}
    before = {name: getattr(line, name) for name in new}
    for name, value in new.items():
        setattr(line, name, value)
    if new:
        stored.changed(line, user_id)
        model.Session.flush()
        about = About(line_id=line_id, before=before, after=new)
        history.add(catalogue_id, Event.STATUS, user_id, about)
    model.Session.commit()
    return line


def _flush() -> None:
    try:
        model.Session.flush()
    except IntegrityError:
        model.Session.rollback()
        message = tk._("Another item of this catalogue has this code.")
        raise stored.invalid("code", message) from None
