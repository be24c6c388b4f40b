"""Tells whoever keeps something ready-made which datasets look different after a change.

Datasets hold no copy of the register, but a store of ready pages or of RDF may. It subscribes to
`changed` through CKAN's `ISignal`, or asks `on_days` for what the calendar alone has changed: a
term that began this morning was edited by nobody today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.metadata import fields

changed = tk.signals.ckanext.signal("nd47:register-changed")
"""Sent once for each transaction that changed the register, before it is committed.

What a receiver writes with CKAN's session is committed together with the change or not at all, so
nothing is lost where the process dies in between. A receiver takes `sender` (`nd47`) and the
keyword `agency_ids`, a frozenset of the agencies whose entry, name or focal points were changed;
`datasets_of` says which datasets that means.
"""

SENDER = "nd47"
PENDING = "nd47_register_changed"


def note(agency_ids: Iterable[str]) -> None:
    """Remember agencies whose datasets look different once this transaction is committed."""
    model.Session().info.setdefault(PENDING, set()).update(agency_ids)


def datasets_of(agency_ids: Collection[str]) -> sa.Select[tuple[str]]:
    """Return the statement for the ids of the datasets that show one of the agencies.

    Those are the datasets of the agencies, of all agencies below them and of those that they took
    over from, the datasets that they are responsible for, and those that name one of their focal
    points. Deleted datasets are left out. The statement grows with nothing, and can stand inside
    another one.
    """
    names = sa.select(model.Group.name).where(model.Group.id.in_(agency_ids))
    field = fields.of_type(fields.DEFAULT_TYPE)
    responsible = model.Package.extras[field.name("responsible_agency")].astext
    contact = model.Package.extras[field.name("contact")].astext
    named = sa.exists().where(
        FocalPoint.agency_id.in_(agency_ids), contact.contains(FocalPoint.id, autoescape=False)
    )
    return sa.select(model.Package.id).where(
        model.Package.state != model.State.DELETED,
        model.Package.type == fields.DEFAULT_TYPE,
        sa.or_(
            model.Package.owner_org.in_(tree(agency_ids)),
            # An organisation without an entry is in no tree.
            model.Package.owner_org.in_(agency_ids),
            responsible.in_(agency_ids),
            responsible.in_(names),
            named,
        ),
    )


def tree(agency_ids: Collection[str]) -> sa.Select[tuple[str]]:
    """Return the statement for the ids of agencies with all below them and all they succeeded.

    A dataset may take its contact and its responsible agency from any of those above. Agencies
    without an entry are left out.
    """
    start = sa.select(Agency.id).where(Agency.id.in_(agency_ids)).cte(recursive=True)
    more = sa.select(Agency.id).where(
        sa.or_(Agency.parent_id == start.c.id, Agency.successor_id == start.c.id)
    )
    # A union, not all rows: it ends even if the tree had a loop.
    return sa.select(start.union(more).c.id)


def on_days(after: dt.date, until: dt.date) -> set[str]:
    """Return the agencies that something began or ended at, without any edit.

    Args:
        after: the day up to which the asker knows.
        until: the day that it wants to know of, as a rule `days.today()`.

    Returns:
        Ids of agencies whose term, or the term of one of whose focal points, began on a day after
        `after` up to `until`, or had its last day before one of these days.
    """
    day = dt.timedelta(days=1)
    people = sa.select(FocalPoint.agency_id).where(
        sa.or_(
            FocalPoint.valid_from.between(after + day, until),
            FocalPoint.valid_to.between(after, until - day),
        )
    )
    ended = sa.select(Agency.id).where(Agency.valid_to.between(after, until - day))
    return set(model.Session.scalars(sa.union(people, ended)))


@event.listens_for(Session, "before_commit")
def _tell(session: Session) -> None:
    # The end of a savepoint is a commit too, but not one that others see.
    if session.in_nested_transaction():
        return
    agency_ids = session.info.pop(PENDING, None)
    if agency_ids:
        # Receivers read the register as it is by now.
        session.flush()
        changed.send(SENDER, agency_ids=frozenset(agency_ids))


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(PENDING, None)
