"""The book of the hand-over: what was sent and what came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.editions.handover.model import STATES, Handover, HandoverDataset
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.rules import records as rule_records


class HandoverDict(TypedDict):
    """Something that was sent; days as ISO dates, empty for none; `counts` by state."""

    id: str
    way: str
    sent: str
    recipient: str
    document_number: str
    document_date: str
    note: str
    answered: str
    answer_number: str
    answer: str
    version: int
    counts: dict[str, int]


class SentDataset(TypedDict):
    """A dataset that was sent; `public` whether it is still public here."""

    dataset_id: str
    name: str
    title: str
    identifier: str
    state: str
    reason: str
    address: str
    public: bool


class HandoverList(TypedDict):
    """A page of what was sent, the latest first; `count` is the number of all."""

    count: int
    results: list[HandoverDict]


class DatasetPage(TypedDict):
    """A page of the datasets that were sent with something."""

    count: int
    results: list[SentDataset]


def listed(limit: int, offset: int) -> HandoverList:
    """Return a page of what was sent, in three statements."""
    count = model.Session.scalar(sa.select(sa.func.count(Handover.id))) or 0
    rows = model.Session.scalars(
        sa.select(Handover)
        .order_by(Handover.sent.desc(), Handover.created.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    counts = _counts([row.id for row in rows])
    return {"count": count, "results": [_as_dict(row, counts.get(row.id, {})) for row in rows]}


def shown(handover_id: str) -> HandoverDict:
    """Return something that was sent.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is none.
    """
    row = model.Session.get(Handover, handover_id)
    if row is None:
        raise tk.ObjectNotFound(tk._("There is no such hand-over."))
    return _as_dict(row, _counts([row.id]).get(row.id, {}))


def datasets(handover_id: str, state: str, limit: int, offset: int) -> DatasetPage:
    """Return a page of the datasets that were sent, in two statements."""
    package = model.package_table.c
    is_public = sa.and_(
        package.state == model.State.ACTIVE,
        sa.not_(sa.func.coalesce(package.private, sa.false())),
    )
    query = (
        sa.select(HandoverDataset, sa.func.coalesce(is_public, sa.false()).label("public"))
        .join(model.package_table, package.id == HandoverDataset.dataset_id, isouter=True)
        .where(HandoverDataset.handover_id == handover_id)
    )
    if state:
        query = query.where(HandoverDataset.state == state)
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(HandoverDataset.title, HandoverDataset.dataset_id)
    results: list[SentDataset] = [
        {
            "dataset_id": row.dataset_id,
            "name": row.name,
            "title": row.title,
            "identifier": row.identifier,
            "state": row.state,
            "reason": row.reason,
            "address": row.address,
            "public": bool(public),
        }
        for row, public in model.Session.execute(ordered.limit(limit).offset(offset)).tuples()
    ]
    return {"count": count, "results": results}


def create(values: Mapping[str, Any], user_id: str) -> str:
    """Record that all public datasets were sent; return the id of the record; does not commit.

    Args:
        values: `way`, `sent`, `recipient`, and if known `document_number`, `document_date`, `note`.
        user_id: account that records it.
    """
    made = Handover(**values, changed_by=user_id)
    model.Session.add(made)
    model.Session.flush()
    package = model.package_table.c
    extras = sa.cast(package.extras, JSONB)
    identifier = sa.func.coalesce(extras["identifier"].astext, "")
    columns = ["handover_id", "dataset_id", "name", "title", "identifier"]
    model.Session.execute(
        insert(HandoverDataset.__table__).from_select(
            columns,
            sa.select(
                sa.literal(made.id, sa.Text),
                package.id,
                package.name,
                sa.func.coalesce(sa.func.nullif(package.title, ""), package.name),
                identifier,
            ).where(
                package.state == model.State.ACTIVE,
                sa.not_(sa.func.coalesce(package.private, sa.false())),
                package.type.in_(rule_records.governed_types()),
            ),
        )
    )
    return made.id


def change(handover_id: str, values: Mapping[str, Any], version: int, user_id: str) -> None:
    """Record what came back, or correct what was recorded; does not commit.

    Raises:
        ckan.plugins.toolkit.ValidationError: somebody else has changed it since.
    """
    changed = model.Session.scalar(
        sa.update(Handover)
        .where(Handover.id == handover_id, Handover.version == version)
        .values(**values, version=version + 1, changed_by=user_id)
        .returning(Handover.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        message = tk._("Somebody else has changed this since. Read theirs, then save yours.")
        raise tk.ValidationError({"version": [message]})
    model.Session.expire_all()


def set_result(handover_id: str, dataset_id: str, state: str, reason: str, address: str) -> None:
    """Record what the other side says about one dataset; does not commit.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: it was not sent with this.
    """
    changed = model.Session.scalar(
        sa.update(HandoverDataset)
        .where(
            HandoverDataset.handover_id == handover_id,
            HandoverDataset.dataset_id == dataset_id,
        )
        .values(state=state, reason=reason, address=address, changed=sa.func.now())
        .returning(HandoverDataset.dataset_id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise tk.ObjectNotFound(tk._("The dataset was not sent with this."))
    model.Session.expire_all()


def _counts(ids: list[str]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    query = (
        sa.select(HandoverDataset.handover_id, HandoverDataset.state, sa.func.count())
        .where(HandoverDataset.handover_id.in_(ids))
        .group_by(HandoverDataset.handover_id, HandoverDataset.state)
    )
    for handover_id, state, number in model.Session.execute(query).tuples():
        counts.setdefault(handover_id, {})[state] = number
    return counts


def _as_dict(row: Handover, counts: Mapping[str, int]) -> HandoverDict:
    def day(value: dt.date | None) -> str:
        return dates.iso(value)

    return {
        "id": row.id,
        "way": row.way,
        "sent": day(row.sent),
        "recipient": row.recipient,
        "document_number": row.document_number,
        "document_date": day(row.document_date),
        "note": row.note,
        "answered": day(row.answered),
        "answer_number": row.answer_number,
        "answer": row.answer,
        "version": row.version,
        "counts": {state: counts.get(state, 0) for state in STATES},
    }
