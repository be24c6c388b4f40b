"""Moving in: contacts that datasets spell out become focal points of the register.

Each dataset then refers to the record instead of repeating it. A run is written down with what
each dataset had before, so it can be undone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import contacts, datasets, directory, focal_points, history, register
from ckanext.nd47.agencies.model import FocalPoint, History
from ckanext.nd47.lib import dataset_fields, dates, text, values
from ckanext.nd47.metadata import dataset_reader

SUBJECT = history.ADOPTION
CONTACT = history.CONTACT
PLAIN = (("maintainer", "maintainer_email"), ("author", "author_email"))
"""Fields of plain CKAN, in the order in which the page of a dataset falls back to them."""

ROLE = "feedback"


@dataclass
class Group:
    """Contacts of one agency's datasets that are the same but for case, marks and spacing.

    Attributes:
        agency_id: the agency.
        name: its most frequent spelling.
        email: the mailbox.
        telephone: the number.
        datasets: ids of the datasets, with what each has in its contact field now.
        spellings: how often each spelling of the name occurs.
    """

    agency_id: str
    name: str = ""
    email: str = ""
    telephone: str = ""
    datasets: dict[str, Any] = field(default_factory=dict)
    spellings: Counter[str] = field(default_factory=Counter)


def propose() -> list[Group]:
    """Return the contacts of all datasets in groups, by agency, those of most datasets first."""
    groups: dict[tuple[str, str, str], Group] = {}
    for package_id, owner, stored, found in _spelled_out():
        name = values.one_line(str(found.get("name") or ""))
        email = str(found.get("email") or "").strip().lower()
        # One mailbox is one contact, however its owner is spelled; without one, the name counts.
        identity = (owner, email, "" if email else text.fold(name))
        group = groups.setdefault(identity, Group(owner, email=email))
        group.datasets[package_id] = stored
        group.telephone = group.telephone or str(found.get("telephone") or "")
        if name:
            group.spellings[name] += 1
    for group in groups.values():
        group.name = group.spellings.most_common(1)[0][0] if group.spellings else ""
    return sorted(
        groups.values(), key=lambda group: (group.agency_id, -len(group.datasets), group.email)
    )


def as_dict(group: Group) -> dict[str, Any]:
    """Return a group as an action gives it."""
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
    """Make records of the groups and link the datasets, in the transaction of the caller.

    Returns:
        The id of the run, the groups, and the ids of the datasets to index anew.
    """
    run, groups = str(uuid4()), propose()
    changed: list[str] = []
    for group in groups:
        entry = register.ensure(group.agency_id)
        officer = _known(group) or _make(entry.id, group, user_id, run)
        for package_id, before in group.datasets.items():
            after = json.dumps([{contacts.REFERENCE: officer.id}])
            _link(package_id, after)
            noted = _entry(entry.id, run, "adopt", user_id)
            noted.before = {"dataset": package_id, CONTACT: before}
            noted.after = {CONTACT: after}
            changed.append(package_id)
    model.Session.flush()
    return run, groups, changed


def undo(run: str, user_id: str) -> tuple[list[str], list[str]]:
    """Give datasets back what they had before a run, in the transaction of the caller.

    Returns:
        The ids of the datasets that were given it back, and of those that were changed since.
    """
    entries = model.Session.scalars(
        sa.select(History).where(History.subject == SUBJECT, History.subject_id == run)
    ).all()
    if not entries or any(entry.action == "undo" for entry in entries):
        raise tk.ObjectNotFound(tk._("There is no such run, or it has been undone."))
    restored, kept = [], []
    for entry in entries:
        if entry.action != "adopt":
            continue
        package: Any = model.Session.get(model.Package, entry.before["dataset"])
        forgotten = entry.before[CONTACT] == history.HIDDEN
        if forgotten or package is None or package.extras.get(_name()) != entry.after[CONTACT]:
            kept.append(entry.before["dataset"])
            continue
        _link(package.id, entry.before[CONTACT])
        restored.append(package.id)
    model.Session.flush()
    for entry in entries:
        if entry.action == "create":
            _remove(entry.after["focal_point"], user_id)
    _entry(entries[0].agency_id, run, "undo", user_id)
    directory.clear()
    return restored, kept


def _spelled_out() -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    """Go through the datasets that spell their contact out, once for each dataset."""
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
        given = dataset_reader.groups({"type": package.type, _name(): stored}, CONTACT)
        if contacts.references(given) or len(given) > 1:
            # Linked already, or several contacts, which no single record can stand for.
            continue
        found = given[0] if given else _plain(package)
        if found.get("name") or found.get("email"):
            yield package.id, str(package.owner_org), stored, found


def _plain(package: model.Package) -> dict[str, Any]:
    for name, email in PLAIN:
        found = {"name": getattr(package, name), "email": getattr(package, email)}
        if any(found.values()):
            return found
    return {}


def _known(group: Group) -> FocalPoint | None:
    """Return a focal point in office that a group is."""
    same = FocalPoint.folded["full_name"].astext == text.fold(group.name)
    if group.email:
        same = sa.func.lower(FocalPoint.email) == group.email
    query = sa.select(FocalPoint).where(
        FocalPoint.agency_id == group.agency_id, directory.in_office(), same
    )
    return model.Session.scalars(query.order_by(*directory.contact_order()).limit(1)).first()


def _make(agency_id: str, group: Group, user_id: str, run: str) -> FocalPoint:
    taken = model.Session.scalar(
        sa.select(sa.func.count())
        .select_from(FocalPoint)
        .where(
            FocalPoint.agency_id == agency_id,
            FocalPoint.role == ROLE,
            FocalPoint.rank == "main",
            sa.or_(FocalPoint.valid_to.is_(None), FocalPoint.valid_to >= dates.today()),
        )
    )
    made = focal_points.create(
        agency_id,
        {
            "role": ROLE,
            "rank": "deputy" if taken else "main",
            "full_name": group.name,
            "email": group.email,
            "telephone": group.telephone,
        },
        user_id,
    )
    _entry(agency_id, run, "create", user_id).after = {"focal_point": made.id}
    return made


def _remove(focal_point_id: str, user_id: str) -> None:
    officer = focal_points.get(focal_point_id)
    # One that a dataset was made to refer to since is somebody's by now.
    if officer is not None and not datasets.referring_to(officer.id)[1]:
        focal_points.remove(officer, user_id)


def _link(package_id: str, contact: Any) -> None:
    """Write the contact of a dataset, and leave its dates as they are.

    The data have not changed, so neither citation nor harvesters are to say that they have. CKAN
    shows a dataset from the search index while its date is the same: who calls this indexes anew.
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
