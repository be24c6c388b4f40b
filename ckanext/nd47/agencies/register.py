"""Writes the register of agencies, which has one entry for each CKAN organisation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory, history
from ckanext.nd47.agencies.model import Agency, FocalPoint, now
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.language.text import sort_key

FIELDS = (
    "code",
    "former_code",
    "legal_name",
    "short_name",
    "title_en",
    "level",
    "parent_id",
    "administrative_unit",
    "address",
    "telephone",
    "email",
    "url",
    "valid_from",
    "valid_to",
    "successor_id",
)
EMPTY_IS_NONE = frozenset({"code", "parent_id", "successor_id", "valid_from", "valid_to"})
REFERENCES = {"parent": "parent_id", "successor": "successor_id"}
"""Field by parameter of the actions, for those that name an agency."""
TREES = tuple(REFERENCES.values())
"""Fields that form a tree of agencies without loops."""

LOCK = "nd47:agencies"
MAX_DEPTH = 100


def organisation_id(reference: str, *, deleted: bool = False) -> str | None:
    """Return the id of an organisation by its id, its name or its agency code.

    Args:
        reference: the id, name or code.
        deleted: whether deleted organisations are included, which only system administrators may
            see.
    """
    return model.Session.scalar(
        sa.select(model.Group.id)
        .join(Agency, Agency.id == model.Group.id, isouter=True)
        .where(
            model.Group.is_organization.is_(True),
            sa.true() if deleted else model.Group.state == model.State.ACTIVE,
            sa.or_(
                model.Group.id == reference,
                model.Group.name == reference,
                Agency.code == reference.upper(),
            ),
        )
        .order_by((model.Group.id == reference).desc(), (model.Group.name == reference).desc())
        .limit(1)
    )


def entry(agency_id: str) -> Agency:
    """Return the entry of an organisation; an empty one, which is not stored, if it has none."""
    return model.Session.get(Agency, agency_id) or Agency(id=agency_id)


def ensure(agency_id: str) -> Agency:
    """Return the entry of an organisation, and create it if it does not exist."""
    record = model.Session.get(Agency, agency_id)
    if record is None:
        record = Agency(id=agency_id)
        model.Session.add(record)
        refresh_texts(record)
        model.Session.flush()
    return record


def update(entry: Agency, values: Mapping[str, Any], user_id: str, action: str = "update") -> bool:
    """Change an entry in the transaction of the caller, and return whether anything changed.

    Args:
        entry: the entry.
        values: new values by field; missing fields stay as they are.
        user_id: the account that does it.
        action: name of the change in the history.

    Raises:
        ckan.plugins.toolkit.ValidationError: another agency has the code, a tree would have a
            loop, or the last day is before the first.
    """
    before = history.snapshot(entry)
    for name in TREES:
        if values.get(name):
            ensure(values[name])
    for name in FIELDS:
        if name in values:
            empty = None if name in EMPTY_IS_NONE else ""
            setattr(entry, name, values[name] or empty)
    after = history.snapshot(entry)
    changed = {name for name in FIELDS if before[name] != after[name]}
    try:
        with model.Session.no_autoflush:
            _check(entry, changed)
    except tk.ValidationError:
        # The next query of the caller must not write what has been refused.
        model.Session.expire(entry)
        raise
    has_changed = history.add(entry, action, user_id, before, after)
    if has_changed:
        entry.modified = now()
    refresh_texts(entry)
    model.Session.flush()
    if "parent_id" in changed:
        mirror_parent(entry)
    mirror_extras(entry, changed)
    directory.clear()
    return has_changed


def refresh_texts(entry: Agency) -> None:
    """Update the texts for searching and sorting, also after the title has changed."""
    with model.Session.no_autoflush:
        group = model.Session.get(model.Group, entry.id)
    title = (group.title or group.name) if group else ""
    names = (title, group.name if group else "", entry.legal_name, entry.short_name, entry.title_en)
    entry.folded = text.fold(" ".join(filter(None, (*names, entry.code, entry.former_code))))
    entry.sort_key = sort_key(title)


def mirror_parent(entry: Agency) -> None:
    """Write the parent as CKAN and ckanext-hierarchy store it: as a member of the child."""
    members = model.Session.scalars(
        sa.select(model.Member).where(
            model.Member.group_id == entry.id, model.Member.table_name == "group"
        )
    ).all()
    for member in members:
        is_current = member.table_id == entry.parent_id
        member.state = model.State.ACTIVE if is_current else model.State.DELETED
    if entry.parent_id and not any(member.table_id == entry.parent_id for member in members):
        model.Session.add(
            model.Member(
                # CKAN's constructor overwrites a `group_id`, so the object is passed.
                group=model.Session.get(model.Group, entry.id),
                table_id=entry.parent_id,
                table_name="group",
                capacity="public",
                state=model.State.ACTIVE,
            )
        )
    model.Session.flush()


def mirror_extras(entry: Agency, changed: Collection[str]) -> None:
    """Write what an organisation has as extras too, so that it is there without the suite.

    Args:
        entry: the entry.
        changed: columns whose value is new. Of the others the extra stays as it is spelled, and is
            written where it is missing.
    """
    with model.Session.no_autoflush:
        # CKAN does not declare the column `extras` of its model, hence Any.
        group: Any = model.Session.get(model.Group, entry.id)
    if group is None:
        return
    before = group.extras or {}
    extras = dict(before)
    for name, column in directory.ORGANISATION_FIELDS.items():
        value = getattr(entry, column)
        if value and (column in changed or not extras.get(name)):
            extras[name] = value
        elif not value and column in changed:
            extras.pop(name, None)
    if extras != before:
        group.extras = extras
        model.Session.flush()


def check_unused(entry: Agency) -> None:
    """Check that nothing refers to an entry.

    Raises:
        ckan.plugins.toolkit.ValidationError: something does; the message says what.
    """
    uses = []
    for column, message in (
        (Agency.parent_id, tk._("It stands above other agencies: {names}.")),
        (Agency.successor_id, tk._("It is the successor of other agencies: {names}.")),
    ):
        names = model.Session.scalars(
            sa.select(model.Group.title)
            .join(Agency, Agency.id == model.Group.id)
            .where(column == entry.id)
            .order_by(model.Group.title)
            .limit(10)
        ).all()
        if names:
            uses.append(message.format(names=", ".join(filter(None, names))))
    people = model.Session.scalar(
        sa.select(sa.func.count()).select_from(FocalPoint).where(FocalPoint.agency_id == entry.id)
    )
    if people:
        uses.append(tk._("It has focal points: {count}.").format(count=people))
    if uses:
        raise tk.ValidationError({"id": uses})


def delete(entry: Agency, user_id: str) -> None:
    """Delete an entry from the register; the organisation stays.

    Raises:
        ckan.plugins.toolkit.ValidationError: something refers to it.
    """
    check_unused(entry)
    history.add(entry, "delete", user_id, history.snapshot(entry), {})
    for name in FIELDS:
        setattr(entry, name, None if name in EMPTY_IS_NONE else "")
    mirror_parent(entry)
    mirror_extras(entry, FIELDS)
    model.Session.delete(entry)
    model.Session.flush()
    directory.clear()


def _check(entry: Agency, changed: set[str]) -> None:
    problems: dict[str, Any] = {}
    if changed & {"code", *TREES}:
        # One writer at a time: two changes without a loop could form one together.
        model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(LOCK))))
    if "code" in changed and entry.code:
        other_agency = _title_with_code(entry.code, entry.id)
        if other_agency:
            problems["code"] = [
                tk._("The code {code} belongs to another agency: {name}.").format(
                    code=entry.code, name=other_agency
                )
            ]
    for name in TREES:
        if name in changed and _has_loop(entry, name):
            problems[name] = [
                tk._("An agency cannot stand above itself: this makes a loop.")
                if name == "parent_id"
                else tk._("An agency cannot succeed itself: this makes a loop.")
            ]
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        problems["valid_to"] = [tk._("The last day is before the first.")]
    if problems:
        raise tk.ValidationError(problems)


def _title_with_code(code: str, agency_id: str) -> str | None:
    return model.Session.scalar(
        sa.select(model.Group.title)
        .join(Agency, Agency.id == model.Group.id)
        .where(Agency.code == code, Agency.id != agency_id)
    )


def _has_loop(entry: Agency, name: str) -> bool:
    column = getattr(Agency, name)
    above, steps = getattr(entry, name), 0
    while above and steps < MAX_DEPTH:
        if above == entry.id:
            return True
        above = model.Session.scalar(sa.select(column).where(Agency.id == above))
        steps += 1
    return bool(above)
