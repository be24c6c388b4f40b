"""The register of agencies: one entry for each CKAN organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory, history
from ckanext.nd47.agencies.model import Agency, FocalPoint, now
from ckanext.nd47.lib import text
from ckanext.nd47.lib.text import sort_key

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
TREES = ("parent_id", "successor_id")
"""Fields that make a tree of agencies, which must have no loop."""

LOCK = "nd47:agencies"
MAX_DEPTH = 100


def find(reference: str | None) -> Agency | None:
    """Return the entry of an organisation by its id or name, None where there is none."""
    if not reference:
        return None
    return model.Session.scalar(
        sa.select(Agency)
        .join(model.Group, model.Group.id == Agency.id)
        .where(sa.or_(Agency.id == reference, model.Group.name == reference))
    )


def by_reference(reference: str, *, deleted: bool = False) -> str | None:
    """Return the id of the organisation that an id, a name or an agency code stands for.

    Args:
        reference: what stands for it.
        deleted: whether it may be one that was deleted, which nobody but system administrators
            may know of.
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


def by_code(code: str) -> str | None:
    """Return the id of the agency that bears a code, None where there is none."""
    return model.Session.scalar(sa.select(Agency.id).where(Agency.code == code.upper()))


def entry_of(organisation_id: str) -> Agency:
    """Return the entry of an organisation to read; where there is none, an empty one not stored."""
    return model.Session.get(Agency, organisation_id) or Agency(id=organisation_id)


def ensure(organisation_id: str) -> Agency:
    """Return the entry of an organisation, a new one where there is none yet."""
    entry = model.Session.get(Agency, organisation_id)
    if entry is None:
        entry = Agency(id=organisation_id)
        model.Session.add(entry)
        refresh_texts(entry)
        model.Session.flush()
    return entry


def change(entry: Agency, values: Mapping[str, Any], user_id: str, action: str = "update") -> bool:
    """Change an entry, in the transaction of the caller.

    Args:
        entry: the entry.
        values: new values by field; fields that are not named stay.
        user_id: who does it.
        action: the word for it in the history.

    Returns:
        Whether anything changed.

    Raises:
        ckan.plugins.toolkit.ValidationError: the code is another agency's, a tree would have a
            loop, or the term ends before it starts.
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
    with model.Session.no_autoflush:
        _check(entry, changed)
    noted = history.note(entry, action, user_id, before, after)
    if noted:
        entry.modified = now()
    refresh_texts(entry)
    model.Session.flush()
    if "parent_id" in changed:
        mirror_parent(entry)
    directory.forget()
    return noted


def refresh_texts(entry: Agency) -> None:
    """Fold the names of an agency anew, after its organisation changed too."""
    with model.Session.no_autoflush:
        group = model.Session.get(model.Group, entry.id)
    title = (group.title or group.name) if group else ""
    names = (title, group.name if group else "", entry.legal_name, entry.short_name, entry.title_en)
    entry.folded = text.fold(" ".join(filter(None, (*names, entry.code, entry.former_code))))
    entry.sort_key = sort_key(title)


def mirror_parent(entry: Agency) -> None:
    """Show CKAN the parent: as a member of the child, which ckanext-hierarchy reads too."""
    members = model.Session.scalars(
        sa.select(model.Member).where(
            model.Member.group_id == entry.id, model.Member.table_name == "group"
        )
    ).all()
    for member in members:
        wanted = member.table_id == entry.parent_id
        member.state = model.State.ACTIVE if wanted else model.State.DELETED
    if entry.parent_id and not any(one.table_id == entry.parent_id for one in members):
        model.Session.add(
            model.Member(
                # Given by its id alone, CKAN's constructor would take it away again.
                group=model.Session.get(model.Group, entry.id),
                table_id=entry.parent_id,
                table_name="group",
                capacity="public",
                state=model.State.ACTIVE,
            )
        )
    model.Session.flush()


def check_unused(entry: Agency) -> None:
    """Make sure that nothing refers to an entry.

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
    """Take an entry out of the register; the organisation stays.

    Raises:
        ckan.plugins.toolkit.ValidationError: something refers to it.
    """
    check_unused(entry)
    history.note(entry, "delete", user_id, history.snapshot(entry), {})
    entry.parent_id = None
    mirror_parent(entry)
    model.Session.delete(entry)
    model.Session.flush()
    directory.forget()


def _check(entry: Agency, changed: set[str]) -> None:
    problems: dict[str, Any] = {}
    if changed & {"code", *TREES}:
        # One writer at a time, or two that each see no loop would make one together.
        model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(LOCK))))
    if "code" in changed and entry.code:
        other = _bearer(entry.code, entry.id)
        if other:
            problems["code"] = [
                tk._("The code {code} belongs to another agency: {name}.").format(
                    code=entry.code, name=other
                )
            ]
    for name in TREES:
        if name in changed and _loops(entry, name):
            problems[name] = [
                tk._("An agency cannot stand above itself: this makes a loop.")
                if name == "parent_id"
                else tk._("An agency cannot succeed itself: this makes a loop.")
            ]
    if entry.valid_from and entry.valid_to and entry.valid_to < entry.valid_from:
        problems["valid_to"] = [tk._("The last day is before the first.")]
    if problems:
        raise tk.ValidationError(problems)


def _bearer(code: str, agency_id: str) -> str | None:
    return model.Session.scalar(
        sa.select(model.Group.title)
        .join(Agency, Agency.id == model.Group.id)
        .where(Agency.code == code, Agency.id != agency_id)
    )


def _loops(entry: Agency, name: str) -> bool:
    column = getattr(Agency, name)
    above, steps = getattr(entry, name), 0
    while above and steps < MAX_DEPTH:
        if above == entry.id:
            return True
        above = model.Session.scalar(sa.select(column).where(Agency.id == above))
        steps += 1
    return bool(above)
