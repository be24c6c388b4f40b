"""Editions: created, changed, proposed, issued, replaced, copied, deleted, sent.

Every function locks the edition, looks at it as it is then, and commits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.types import make_uuid

from ckanext.nd47.catalogue.logic import schema
from ckanext.nd47.catalogue.matching import links
from ckanext.nd47.catalogue.records import fields, history, stored
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.catalogue.records.history import About, Event
from ckanext.nd47.catalogue.records.model import (
    DRAFT,
    IN_PUBLIC,
    ISSUED,
    PROPOSED,
    REPLACED,
    REPLACES,
    WAITING,
    Catalogue,
    Dispatch,
    Item,
    Line,
    Proposal,
)
from ckanext.nd47.lib.calendar import dates

AFTER_ISSUE = ("next_review",)
"""Fields that may change in an issued edition."""

OF_DECISION = ("decision_number", "decision_date", "issuer", "signatory")
"""Fields without which nothing is issued."""

RESERVED = ("gaps", "new", "planned")
"""Names that are addresses of pages."""

COPIED = tuple(
    column.name
    for column in Item.__table__.columns
    if column.name not in ("id", "catalogue_id", "version", "changed_by", "modified")
)

NOT_COPIED = tuple(field.name for field in fields.of_catalogues() if field.group != "document")
"""Proposal and decision belong to one edition."""


def create(user_id: str, agency_id: str, values: Mapping[str, Any]) -> Catalogue:
    """Create the first edition of a catalogue, as a draft.

    Args:
        user_id: who creates it.
        agency_id: the agency whose catalogue it is.
        values: values of columns, see `fields.read`.
    """
    _check_sector(values)
    catalogue_id = make_uuid()
    made = Catalogue(
        id=catalogue_id,
        series_id=catalogue_id,
        name=_free_name(schema.name_of(values["title"])),
        agency_id=agency_id,
        changed_by=user_id,
        **values,
    )
    model.Session.add(made)
    _flush()
    history.add(made.id, Event.CREATE, user_id, About(after=values))
    model.Session.commit()
    return made


def update(
    user_id: str, catalogue_id: str, values: Mapping[str, Any], version: int | None
) -> Catalogue:
    """Change fields of an edition; of an issued one only the next review.

    Raises:
        ckan.plugins.toolkit.ValidationError: it was changed meanwhile, or is issued.
    """
    catalogue = stored.lock_catalogue(catalogue_id, version)
    new = {name: value for name, value in values.items() if getattr(catalogue, name) != value}
    if catalogue.state in IN_PUBLIC and set(new) - set(AFTER_ISSUE):
        raise stored.invalid("state", tk._("What is issued never changes; start a new edition."))
    if not new:
        model.Session.rollback()
        return stored.catalogue(catalogue_id)
    before = {name: getattr(catalogue, name) for name in new}
    for name, value in new.items():
        setattr(catalogue, name, value)
    _check_sector({"kind": catalogue.kind, "sector": catalogue.sector})
    stored.changed(catalogue, user_id)
    _flush()
    history.add(catalogue.id, Event.UPDATE, user_id, About(before=before, after=new))
    model.Session.commit()
    return catalogue


def delete(user_id: str, catalogue_id: str, version: int | None) -> None:
    """Delete a draft with its items, and the lines that no other edition has.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is no draft.
    """
    catalogue = stored.lock_catalogue(catalogue_id, version)
    stored.require_draft(catalogue)
    before = {"title": catalogue.title, "edition": catalogue.edition}
    lines = list(
        model.Session.scalars(sa.select(Item.line_id).where(Item.catalogue_id == catalogue.id))
    )
    model.Session.execute(sa.delete(Item).where(Item.catalogue_id == catalogue.id))
    _delete_unused(lines)
    model.Session.delete(catalogue)
    model.Session.flush()
    history.add(catalogue_id, Event.DELETE, user_id, About(before=before))
    model.Session.commit()


def _delete_unused(lines: list[str]) -> None:
    used = sa.exists().where(Item.line_id == Line.id)
    model.Session.execute(sa.delete(Line).where(Line.id.in_(lines), ~used))


def propose(
    user_id: str, catalogue_id: str, values: Mapping[str, Any], version: int | None
) -> None:
    """Propose a draft to the leader, with number and date of the proposal.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is no draft, has no items, or proposals wait.
    """
    catalogue = stored.lock_catalogue(catalogue_id, version)
    stored.require_draft(catalogue)
    for name, value in values.items():
        setattr(catalogue, name, value)
    _require_items(catalogue)
    catalogue.state, catalogue.reason = PROPOSED, ""
    stored.changed(catalogue, user_id)
    model.Session.flush()
    history.add(catalogue.id, Event.PROPOSE, user_id, About(after=values))
    model.Session.commit()


def give_back(user_id: str, catalogue_id: str, reason: str, version: int | None) -> None:
    """Return a proposed edition to draft.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not proposed.
    """
    catalogue = stored.lock_catalogue(catalogue_id, version)
    if catalogue.state != PROPOSED:
        message = tk._("Only a proposed catalogue can be returned; this one is: {state}.")
        raise stored.invalid("state", message.format(state=stored.state_in_words(catalogue.state)))
    catalogue.state, catalogue.reason = DRAFT, reason
    stored.changed(catalogue, user_id)
    model.Session.flush()
    history.add(catalogue.id, Event.RETURN, user_id, About(note=reason))
    model.Session.commit()


def issue(
    user_id: str, catalogue_id: str, values: Mapping[str, Any], version: int | None
) -> Catalogue:
    """Issue a proposed edition by its decision; what it replaces is replaced in the same moment.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not proposed, or the decision is incomplete.
    """
    catalogue = stored.lock_catalogue(catalogue_id, version)
    if catalogue.state != PROPOSED:
        message = tk._("Only a proposed catalogue can be issued; this one is: {state}.")
        raise stored.invalid("state", message.format(state=stored.state_in_words(catalogue.state)))
    for name, value in values.items():
        setattr(catalogue, name, value)
    _require_decision(catalogue)
    _require_items(catalogue)
    catalogue.in_force_from = catalogue.in_force_from or catalogue.decision_date
    if catalogue.next_review is None:
        catalogue.next_review = _next_review(catalogue)
    catalogue.state, catalogue.reason = ISSUED, ""
    stored.changed(catalogue, user_id)
    model.Session.flush()
    history.add(catalogue.id, Event.ISSUE, user_id, About(after=values))
    replaced = _replace_related(catalogue, user_id)
    links.editions_changed([catalogue.id, *replaced])
    model.Session.commit()
    return catalogue


def new_edition(user_id: str, catalogue_id: str, relation: str) -> Catalogue:
    """Start a new edition from an issued one, with all its items.

    Args:
        user_id: who starts it.
        catalogue_id: the edition that it starts from.
        relation: what it will do with that edition when it is issued.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is not issued, or a draft is open already.
    """
    source = stored.share_catalogue(catalogue_id)
    if source.state not in IN_PUBLIC:
        message = tk._("A new edition starts from an issued catalogue; this one is: {state}.")
        raise stored.invalid("state", message.format(state=stored.state_in_words(source.state)))
    document = {
        field.name: getattr(source, field.name)
        for field in fields.of_catalogues()
        if field.name not in (*NOT_COPIED, "relation", "related", "next_review")
    }
    number = model.Session.scalar(
        sa.select(sa.func.max(Catalogue.edition)).where(Catalogue.series_id == source.series_id)
    )
    edition = (number or 0) + 1
    base = schema.name_of(source.title)[: schema.NAME_LENGTH - 5]
    made = Catalogue(
        name=_free_name(f"{base}-{edition}"),
        series_id=source.series_id,
        edition=edition,
        agency_id=source.agency_id,
        previous_id=source.id,
        related_id=source.id,
        relation=relation,
        changed_by=user_id,
        **document,
    )
    model.Session.add(made)
    _flush(tk._("A draft of the next edition is open already."))
    _copy_items(source.id, made.id, user_id)
    history.add(made.id, Event.NEW_EDITION, user_id, About(before={"edition": source.edition}))
    model.Session.commit()
    return made


def record_dispatch(user_id: str, catalogue_id: str, values: Mapping[str, Any]) -> Dispatch:
    """Record to whom an issued edition was sent, or what they answered.

    Args:
        user_id: who records it.
        catalogue_id: the edition.
        values: columns of `Dispatch`; with `id` those of an earlier one are changed.

    Raises:
        ckan.plugins.toolkit.ValidationError: the edition is not issued.
    """
    catalogue = stored.share_catalogue(catalogue_id)
    if catalogue.state not in IN_PUBLIC:
        raise stored.invalid("state", tk._("Only an issued catalogue is sent to others."))
    dispatch_id = values.get("id")
    if dispatch_id:
        row = model.Session.get(Dispatch, dispatch_id)
        if row is None or row.catalogue_id != catalogue_id:
            raise tk.ObjectNotFound(tk._("There is no such record."))
        for name, value in values.items():
            setattr(row, name, value)
    else:
        columns = {name: value for name, value in values.items() if name != "id"}
        row = Dispatch(catalogue_id=catalogue_id, recorded_by=user_id, **columns)
        model.Session.add(row)
    model.Session.flush()
    history.add(catalogue_id, Event.DISPATCH, user_id, About(after=values))
    model.Session.commit()
    return row


def _check_sector(values: Mapping[str, Any]) -> None:
    if values.get("kind") == tables.SECTOR and not values.get("sector"):
        raise stored.invalid("sector", tk._("Choose the sector of the catalogue."))


def _require_items(catalogue: Catalogue) -> None:
    if not model.Session.scalar(sa.select(sa.exists().where(Item.catalogue_id == catalogue.id))):
        raise stored.invalid("items", tk._("The catalogue has no items yet."))
    waiting = model.Session.scalar(
        sa.select(sa.func.count()).where(
            Proposal.catalogue_id == catalogue.id, Proposal.state == WAITING
        )
    )
    if waiting:
        message = tk.ungettext(
            "{number} proposal of an agency waits: merge or decline it first.",
            "{number} proposals of agencies wait: merge or decline them first.",
            waiting,
        )
        raise stored.invalid("proposals", message.format(number=waiting))


def _require_decision(catalogue: Catalogue) -> None:
    known = fields.by_name(items=False)
    missing = {
        name: [tk._("{field}: enter a value.").format(field=known[name].title)]
        for name in OF_DECISION
        if not getattr(catalogue, name)
    }
    if missing:
        raise tk.ValidationError(dict(missing))


def _next_review(catalogue: Catalogue) -> dt.date | None:
    """Return the day of the review by the deadline that holds, None without one."""
    start = catalogue.in_force_from
    rule = fields.deadline("review-of-catalogue", start)
    if start is None or rule is None:
        return None
    months = start.year * 12 + start.month - 1 + rule.get("months", 0)
    last = dates.last_of_month(months // 12, months % 12 + 1)
    return last.replace(day=min(start.day, last.day))


def _replace_related(catalogue: Catalogue, user_id: str) -> list[str]:
    """Replace the edition that an issued one replaces; return its id, if there is one."""
    if catalogue.relation != REPLACES or not catalogue.related_id:
        return []
    replaced = model.Session.scalar(
        sa.update(Catalogue)
        .where(Catalogue.id == catalogue.related_id, Catalogue.state == ISSUED)
        .values(state=REPLACED, version=Catalogue.version + 1, changed_by=user_id)
        .returning(Catalogue.id)
    )
    if replaced:
        history.add(replaced, Event.REPLACE, user_id, About(note=catalogue.decision_number))
    return [replaced] if replaced else []


def _copy_items(source_id: str, target_id: str, user_id: str) -> None:
    columns = Item.__table__.c
    copied = sa.select(
        sa.cast(sa.func.gen_random_uuid(), sa.Text),
        sa.literal(target_id, sa.Text),
        sa.literal(user_id, sa.Text),
        *(columns[name] for name in COPIED),
    ).where(columns.catalogue_id == source_id)
    names = ["id", "catalogue_id", "changed_by", *COPIED]
    model.Session.execute(sa.insert(Item.__table__).from_select(names, copied))


def _free_name(base: str) -> str:
    """Return a name that no catalogue has; of two at once the database refuses one."""
    query = sa.select(Catalogue.name).where(Catalogue.name.startswith(base, autoescape=True))
    taken = {*model.Session.scalars(query), *RESERVED}
    names = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(name for name in names if name not in taken)


def _flush(message: str = "") -> None:
    try:
        model.Session.flush()
    except IntegrityError:
        model.Session.rollback()
        taken = message or tk._("Somebody created a catalogue of this name just now; try again.")
        raise stored.invalid("name", taken) from None
