"""What agencies propose for a draft, and what the compiling agency makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies.lookup.names import load_agencies
from ckanext.nd47.catalogue.editions import shown
from ckanext.nd47.catalogue.items import service
from ckanext.nd47.catalogue.records import fields, history, stored
from ckanext.nd47.catalogue.records.history import About, Event
from ckanext.nd47.catalogue.records.model import (
    ADD,
    DECLINED,
    MERGED,
    REMOVE,
    WAITING,
    Item,
    Proposal,
    now,
)

MERGE, DECLINE = "merge", "decline"
DECISIONS = (MERGE, DECLINE)


class Difference(TypedDict):
    """A field that a proposal changes, in words."""

    field: str
    label: str
    now: str
    proposed: str


class ProposalPage(TypedDict):
    """A page of proposals, those that wait first."""

    count: int
    results: list[dict[str, Any]]


@dataclass(frozen=True)
class Proposed:
    """What an agency proposes.

    Attributes:
        agency_id: the agency.
        kind: one of `model.PROPOSAL_KINDS`.
        line_id: what is changed or removed; empty for something new.
        values: values of columns.
        note: why.
    """

    agency_id: str
    kind: str
    line_id: str
    values: Mapping[str, Any]
    note: str


def propose(user_id: str, catalogue_id: str, proposed: Proposed) -> Proposal:
    """Propose something for a draft and commit.

    Raises:
        ckan.plugins.toolkit.ValidationError: the edition is no draft, or the same waits already.
    """
    made = insert(user_id, catalogue_id, [proposed])[0]
    model.Session.commit()
    return made


def insert(user_id: str, catalogue_id: str, proposed: Sequence[Proposed]) -> list[Proposal]:
    """Add proposals in the transaction of the caller; as `propose`."""
    stored.require_draft(stored.share_catalogue(catalogue_id))
    made = [
        Proposal(
            catalogue_id=catalogue_id,
            agency_id=proposal.agency_id,
            kind=proposal.kind,
            line_id=proposal.line_id or None,
            content=history.plain(proposal.values),
            note=proposal.note,
            proposed_by=user_id,
        )
        for proposal in proposed
    ]
    model.Session.add_all(made)
    model.Session.flush()
    events = [
        About(
            line_id=proposal.line_id,
            note=proposal.note,
            after={"kind": proposal.kind, **proposal.values},
        )
        for proposal in proposed
    ]
    history.add_all(catalogue_id, Event.ITEM_PROPOSE, user_id, events)
    return made


def merge(
    user_id: str, proposal_id: str, changes: Mapping[str, Any], version: int | None = None
) -> None:
    """Write a proposal into its draft and commit.

    Args:
        user_id: who merges.
        proposal_id: the proposal.
        changes: values that the compiling agency writes instead of proposed ones.
        version: the version of the item that was looked at.

    Raises:
        ckan.plugins.toolkit.ValidationError: it was decided already, or its item was changed.
    """
    catalogue_id = _proposal(proposal_id).catalogue_id
    stored.require_draft(stored.share_catalogue(catalogue_id))
    proposal = _lock_waiting(proposal_id)
    values = {**fields.read(proposal.content, fields.of_items(), load_agencies()), **changes}
    if proposal.kind == ADD:
        proposal.line_id = service.insert(user_id, catalogue_id, [values])[0].line_id
    else:
        item = stored.find_item(proposal.line_id, catalogue_id)
        if item is None:
            raise stored.invalid("line", tk._("The draft does not have this item any more."))
        item = stored.lock_item(item.id, version)
        if proposal.kind == REMOVE:
            # A line that goes with its item would take the proposal along.
            proposal.line_id = None
            model.Session.flush()
            service.remove(user_id, item)
        else:
            service.assign(user_id, item, values)
    _decide(proposal, user_id, MERGED, "")
    model.Session.commit()


def decline(user_id: str, proposal_id: str, reason: str) -> None:
    """Decline a proposal, or take it back, and commit.

    Raises:
        ckan.plugins.toolkit.ValidationError: it was decided already.
    """
    proposal = _lock_waiting(proposal_id)
    _decide(proposal, user_id, DECLINED, reason)
    model.Session.commit()


def page(catalogue_id: str, filters: Mapping[str, str], limit: int, offset: int) -> ProposalPage:
    """Return a page of the proposals for an edition, each compared with the item as it is now.

    Args:
        catalogue_id: the edition.
        filters: `state` and `agency`, each optional.
        limit: proposals at most.
        offset: proposals before the page.
    """
    conditions = [Proposal.catalogue_id == catalogue_id]
    if "state" in filters:
        conditions.append(Proposal.state == filters["state"])
    if "agency" in filters:
        conditions.append(Proposal.agency_id == filters["agency"])
    count = model.Session.scalar(sa.select(sa.func.count(Proposal.id)).where(*conditions)) or 0
    query = _with_items().where(*conditions).limit(limit).offset(offset)
    rows = model.Session.execute(query).all()
    shown.load_agencies({row.Proposal.agency_id for row in rows})
    return {"count": count, "results": [_shown(row) for row in rows]}


def one(proposal_id: str) -> dict[str, Any]:
    """Return a proposal as in a page."""
    return _shown(model.Session.execute(_with_items().where(Proposal.id == proposal_id)).one())


def _with_items() -> sa.Select[Any]:
    return (
        sa.select(Proposal, Item, model.User.name.label("user_name"), model.User.fullname)
        .join(
            Item,
            sa.and_(Item.line_id == Proposal.line_id, Item.catalogue_id == Proposal.catalogue_id),
            isouter=True,
        )
        .join(model.User, model.User.id == Proposal.proposed_by, isouter=True)
        .order_by(Proposal.state != WAITING, Proposal.created, Proposal.id)
    )


def _shown(row: Any) -> dict[str, Any]:
    proposal: Proposal = row.Proposal
    item: Item | None = row.Item
    return {
        "id": proposal.id,
        "catalogue_id": proposal.catalogue_id,
        "kind": proposal.kind,
        "line_id": proposal.line_id or "",
        "state": proposal.state,
        "note": proposal.note,
        "reason": proposal.reason,
        "agency_id": proposal.agency_id,
        "agency": shown.agency(proposal.agency_id),
        "user": row.user_name or "",
        "user_title": row.fullname or row.user_name or "",
        "created": proposal.created.isoformat(),
        "created_words": history.moment_in_words(proposal.created),
        "content": proposal.content,
        "name": proposal.content.get("name") or (item.name if item else ""),
        "item_version": item.version if item else None,
        "differences": differences(item, proposal.content),
    }


def differences(item: Item | None, content: Mapping[str, Any]) -> list[Difference]:
    """Return what a proposal changes, in words, in the order of the fields."""
    changed: list[Difference] = []
    for field in fields.of_items():
        if field.name not in content:
            continue
        before = fields.in_words(field, getattr(item, field.name)) if item else ""
        after = fields.in_words(field, content[field.name])
        if before != after:
            changed.append(
                {"field": field.name, "label": field.title, "now": before, "proposed": after}
            )
    return changed


def _proposal(proposal_id: str) -> Proposal:
    proposal = model.Session.get(Proposal, proposal_id)
    if proposal is None:
        raise tk.ObjectNotFound(tk._("There is no such proposal."))
    return proposal


def _lock_waiting(proposal_id: str) -> Proposal:
    proposal = stored.lock_proposal(proposal_id)
    if proposal.state != WAITING:
        user = model.User.get(proposal.decided_by) if proposal.decided_by else None
        message = tk._("{account} decided about this proposal already.")
        who = (user.fullname or user.name) if user else tk._("Somebody else")
        model.Session.rollback()
        raise stored.invalid("state", message.format(account=who))
    return proposal


def _decide(proposal: Proposal, user_id: str, state: str, reason: str) -> None:
    proposal.state, proposal.reason, proposal.decided_by, proposal.decided = (
        state,
        reason,
        user_id,
        now(),
    )
    model.Session.flush()
    event = Event.MERGE if state == MERGED else Event.DECLINE
    about = About(line_id=proposal.line_id or "", note=reason)
    history.add(proposal.catalogue_id, event, user_id, about)
