"""Converts contacts entered in datasets into focal points of the register.

The datasets then refer to the focal point instead of repeating its details. A run records the
previous value of each dataset, so it can be undone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypedDict
from uuid import uuid4

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import contacts, datasets, directory, focal_points, history, register
from ckanext.nd47.agencies.model import FocalPoint, History
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields, values
from ckanext.nd47.lib.language import text
from ckanext.nd47.metadata import dataset_reader

SUBJECT = history.ADOPTION
CONTACT = history.CONTACT
PLAIN = (("maintainer", "maintainer_email"), ("author", "author_email"))
"""Fields of plain CKAN, in the order in which dataset pages use them as contacts."""

ROLE = "feedback"


@dataclass
class Group:
    """Contacts of one agency's datasets that differ only in case, diacritics and spacing.

    Attributes:
        agency_id: the agency.
        name: its most frequent spelling.
        email: the mailbox.
        telephone: the number.
        datasets: ids of the datasets, with the current value of the contact field of each.
        spellings: how often each spelling of the name occurs.
    """

    agency_id: str
    name: str = ""
    email: str = ""
    telephone: str = ""
    datasets: dict[str, Any] = field(default_factory=dict)
    spellings: Counter[str] = field(default_factory=Counter)


def propose() -> list[Group]:
    """Return the contacts of all datasets in groups by agency, the most frequent first."""
    groups: dict[tuple[str, str, str], Group] = {}
    for package_id, owner, stored, contact in _entered_contacts():
        name = values.one_line(str(contact.get("name") or ""))
        email = str(contact.get("email") or "").strip().lower()
        # The same mailbox is the same contact, whatever its name; without one, the name counts.
        identity = (owner, email, "" if email else text.fold(name))
        group = groups.setdefault(identity, Group(owner, email=email))
        group.datasets[package_id] = stored
        group.telephone = group.telephone or str(contact.get("telephone") or "")
        if name:
            group.spellings[name] += 1
    for group in groups.values():
        group.name = group.spellings.most_common(1)[0][0] if group.spellings else ""
    return sorted(
        groups.values(), key=lambda group: (group.agency_id, -len(group.datasets), group.email)
    )


class GroupDict(TypedDict):
    """A group for the API; `datasets` is their number, the other fields are those of `Group`."""

    agency: str
    agency_title: str
    name: str
    email: str
    telephone: str
    datasets: int
    spellings: dict[str, int]


def as_dict(group: Group) -> GroupDict:
    """Return a group for the API."""
    agency = directory.cached().get(group.agency_id)
    return {
        "agency": group.agency_id,
        "agency_title": agency.title if agency else "",
        "name": group.name,
        "email": group.email,
        "telephone": group.telephone,
        "datasets": len(group.datasets),
        "spellings": dict(group.spellings),
    }


def apply(user_id: str) -> tuple[str, list[Group], list[str]]:
    """Create focal points from the groups and link the datasets, in the caller's transaction.

    Returns:
        The id of the run, the groups, and the ids of the datasets to reindex.
    """
    run, groups = str(uuid4()), propose()
    changed: list[str] = []
    for group in groups:
        entry = register.ensure(group.agency_id)
        officer = _existing(group) or _create(entry.id, group, user_id, run)
        for package_id, before in group.datasets.items():
            after = json.dumps([{contacts.REFERENCE: officer.id}])
            _link(package_id, after)
            logged = _entry(entry.id, run, "adopt", user_id)
            logged.before = {"dataset": package_id, CONTACT: before}
            logged.after = {CONTACT: after}
            changed.append(package_id)
    model.Session.flush()
    return run, groups, changed


def undo(run: str, user_id: str) -> tuple[list[str], list[str]]:
    """Restore the datasets of a run, in the caller's transaction.

    Returns:
        The ids of the restored datasets, and of those that have been changed since.
    """
    entries = model.Session.scalars(
        sa.select(History).where(History.subject == SUBJECT, History.subject_id == run)
    ).all()
    if not entries or any(entry.action == "undo" for entry in entries):
        raise tk.ObjectNotFound(tk._("There is no such run, or it has been undone."))
    restored, skipped = [], []
    for entry in entries:
        if entry.action != "adopt":
            continue
        package: Any = model.Session.get(model.Package, entry.before["dataset"])
        is_hidden = entry.before[CONTACT] == values.HIDDEN
        if is_hidden or package is None or package.extras.get(_name()) != entry.after[CONTACT]:
            skipped.append(entry.before["dataset"])
            continue
        _link(package.id, entry.before[CONTACT])
        restored.append(package.id)
    model.Session.flush()
    for entry in entries:
        if entry.action == "create":
            _remove(entry.after["focal_point"], user_id)
    _entry(entries[0].agency_id, run, "undo", user_id)
    directory.clear()
    return restored, skipped


def _entered_contacts() -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    """Yield the datasets with a contact entered in the dataset itself."""
    rows = model.Session.execute(
        sa.select(model.Package)
        .where(
            model.Package.state != model.State.DELETED,
            model.Package.type == dataset_fields.DEFAULT_TYPE,
            model.Package.owner_org.is_not(None),
        )
        .execution_options(yield_per=500)
    ).scalars()
    for package in rows:
        # CKAN does not declare the column `extras` of its model, hence Any.
        extras: Any = getattr(package, "extras", None) or {}
        stored = extras.get(_name())
        contact_groups = dataset_reader.groups({"type": package.type, _name(): stored}, CONTACT)
        if contacts.references(contact_groups) or len(contact_groups) > 1:
            # Already linked, or several contacts, which cannot be replaced by one focal point.
            continue
        contact = contact_groups[0] if contact_groups else _plain(package)
        if contact.get("name") or contact.get("email"):
            yield package.id, str(package.owner_org), stored, contact


def _plain(package: model.Package) -> dict[str, Any]:
    for name, email in PLAIN:
        contact = {"name": getattr(package, name), "email": getattr(package, email)}
        if any(contact.values()):
            return contact
    return {}


def _existing(group: Group) -> FocalPoint | None:
    """Return the current focal point that a group matches."""
    same = FocalPoint.folded["full_name"].astext == text.fold(group.name)
    if group.email:
        same = sa.func.lower(FocalPoint.email) == group.email
    query = sa.select(FocalPoint).where(
        FocalPoint.agency_id == group.agency_id, directory.in_office(), same
    )
    return model.Session.scalars(query.order_by(*directory.contact_order()).limit(1)).first()


def _create(agency_id: str, group: Group, user_id: str, run: str) -> FocalPoint:
    has_main = model.Session.scalar(
        sa.select(sa.func.count())
        .select_from(FocalPoint)
        .where(
            FocalPoint.agency_id == agency_id,
            FocalPoint.role == ROLE,
            FocalPoint.rank == "main",
            sa.or_(FocalPoint.valid_to.is_(None), FocalPoint.valid_to >= dates.today()),
        )
    )
    officer = focal_points.create(
        agency_id,
        {
            "role": ROLE,
            "rank": "deputy" if has_main else "main",
            "full_name": group.name,
            "email": group.email,
            "telephone": group.telephone,
        },
        user_id,
    )
    _entry(agency_id, run, "create", user_id).after = {"focal_point": officer.id}
    return officer


def _remove(focal_point_id: str, user_id: str) -> None:
    officer = focal_points.get(focal_point_id)
    # A focal point that other datasets refer to in the meantime is kept.
    if officer is not None and not datasets.referring_to(officer.id)[1]:
        focal_points.remove(officer, user_id)


def _link(package_id: str, contact: Any) -> None:
    """Set the contact of a dataset without changing its dates.

    The data have not changed, so citations and harvesters must not report a change. CKAN shows a
    dataset from the search index while its date is unchanged, so callers must reindex it.
    """
    package: Any = model.Session.get_one(model.Package, package_id)
    rest = {name: value for name, value in package.extras.items() if name != _name()}
    package.extras = rest if contact is None else {**rest, _name(): contact}


def _entry(agency_id: str, run: str, action: str, user_id: str) -> History:
    entry = History(
        agency_id=agency_id, subject=SUBJECT, subject_id=run, action=action, user_id=user_id
    )
    model.Session.add(entry)
    return entry


def _name() -> str:
    return dataset_fields.of_type(dataset_fields.DEFAULT_TYPE).name(CONTACT)
