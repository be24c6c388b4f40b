"""Focal points: terms of office, one after the other."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory, history, usage
from ckanext.nd47.agencies.model import FocalPoint, now
from ckanext.nd47.lib import dates, text

log = logging.getLogger(__name__)

FIELDS = (
    "role",
    "rank",
    "full_name",
    "position",
    "function",
    "telephone",
    "email",
    "personal_telephone",
    "personal_email",
    "document_number",
    "document_date",
    "document_url",
    "document_file",
    "valid_from",
    "valid_to",
)
DATES = frozenset({"document_date", "valid_from", "valid_to"})
SEARCHED = ("full_name", "position", "function", "email", "telephone")
DAY = dt.timedelta(days=1)


def create(agency_id: str, values: Mapping[str, Any], user_id: str) -> FocalPoint:
    """Add a focal point to an agency, in the transaction of the caller.

    Raises:
        ckan.plugins.toolkit.ValidationError: the term is taken, or ends before it starts.
    """
    record = FocalPoint(
        agency_id=agency_id,
        role=values["role"],
        rank=values.get("rank") or "main",
        valid_from=values.get("valid_from") or dates.today(),
    )
    with _saved():
        _fill(record, values)
        model.Session.add(record)
    history.note(record, "create", user_id, {}, history.snapshot(record))
    return record


def change(
    record: FocalPoint, values: Mapping[str, Any], user_id: str, action: str = "update"
) -> bool:
    """Change a focal point; fields that are not named stay. Returns whether anything changed.

    Raises:
        ckan.plugins.toolkit.ValidationError: as for `create`.
    """
    before = history.snapshot(record)
    with _saved():
        _fill(record, values)
    noted = history.note(record, action, user_id, before, history.snapshot(record))
    if noted:
        record.modified = now()
    return noted


def succeed(record: FocalPoint, values: Mapping[str, Any], user_id: str) -> FocalPoint:
    """End a term on the day before the next one starts, and start the next.

    Args:
        record: whoever leaves.
        values: whoever follows; role and rank are those of the predecessor.
        user_id: who does it.

    Raises:
        ckan.plugins.toolkit.ValidationError: the new term does not start after the old one did.
    """
    start = values.get("valid_from") or dates.today()
    if start <= record.valid_from:
        raise tk.ValidationError(
            {"valid_from": [tk._("The next term must start after this one did.")]}
        )
    last = start - DAY
    if record.valid_to is None or record.valid_to > last:
        change(record, {"valid_to": last}, user_id, "succeed")
    same = {"role": record.role, "rank": record.rank, "valid_from": start}
    return create(record.agency_id, {**values, **same}, user_id)


def delete(record: FocalPoint, user_id: str) -> None:
    """Delete a focal point that no dataset of its agency names.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is in use; the message says where.
    """
    used = usage.of_focal_point(record)
    if used:
        raise tk.ValidationError({"id": used})
    remove(record, user_id)


def remove(record: FocalPoint, user_id: str) -> None:
    """Delete a focal point, whoever falls back to it."""
    history.note(record, "delete", user_id, history.snapshot(record), {})
    model.Session.delete(record)
    model.Session.flush()
    directory.forget()


def _fill(record: FocalPoint, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(record, name, values[name] or (None if name in DATES else ""))
    if record.valid_to and record.valid_to < record.valid_from:
        raise tk.ValidationError({"valid_to": [tk._("The last day is before the first.")]})
    if not any((record.full_name, record.position, record.email, record.telephone)):
        raise tk.ValidationError(
            {"email": [tk._("Give at least a name, a position, an e-mail or a telephone number.")]}
        )
    record.folded = {name: text.fold(getattr(record, name)) for name in SEARCHED}


@contextmanager
def _saved() -> Iterator[None]:
    """Write what is done inside, and put the database's refusal into words."""
    try:
        # A savepoint, so that a refusal undoes this alone and not what the caller did before.
        with model.Session.begin_nested():
            yield
            model.Session.flush()
    except IntegrityError as error:
        # The error of the database quotes the row, personal numbers and all: it must reach no log.
        raise tk.ValidationError(_refusal(error)) from None
    directory.forget()


def _refusal(error: IntegrityError) -> dict[str, Any]:
    diagnosis: Any = getattr(error.orig, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None) or ""
    messages = {
        "ex_nd47_focal_point_one_main": tk._(
            "The agency has a main focal point in this role for these days already. "
            "End that term first, or record a deputy."
        ),
        "ex_nd47_focal_point_same_person": tk._(
            "The same focal point is recorded for these days already."
        ),
    }
    if constraint in messages:
        return {"valid_from": [messages[constraint]]}
    column = getattr(diagnosis, "column_name", None) or ""
    log.warning("The database refuses a focal point: constraint %r, column %r", constraint, column)
    return {"message": [tk._("The database does not accept this record. Nothing was stored.")]}


def find(reference: str) -> FocalPoint | None:
    """Return a focal point by its id."""
    return model.Session.get(FocalPoint, reference)


def terms(agency_id: str) -> list[FocalPoint]:
    """Return all focal points of an agency, the latest terms first."""
    return list(
        model.Session.scalars(
            sa.select(FocalPoint)
            .where(FocalPoint.agency_id == agency_id)
            .order_by(FocalPoint.role, FocalPoint.valid_from.desc(), FocalPoint.rank.desc())
        )
    )
