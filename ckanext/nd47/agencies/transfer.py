"""Import and export of the register as tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import (
    changes,
    columns,
    focal_points,
    listing,
    lookup,
    messages,
    register,
    spreadsheet,
)
from ckanext.nd47.agencies.logic import schema
from ckanext.nd47.agencies.model import FocalPoint
from ckanext.nd47.l10n import text

NOT_SLUG = re.compile(r"[^a-z0-9]+")
SLUG_LENGTH = 90

Enter = Callable[[Mapping[str, Any], Context, str], str]
"""Enters one row for an account and says what became of it."""


@dataclass
class Outcome:
    """What became, or would become, of a row.

    Attributes:
        row: its number in the file.
        subject: what the row is about, for people.
        outcome: `create`, `update`, `unchanged` or `error`.
        errors: messages by column.
    """

    row: int
    subject: str
    outcome: str = "unchanged"
    errors: dict[str, list[str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as an action gives it."""
        return dict(vars(self))


def rows_of(kind: str, data: bytes) -> list[tuple[int, dict[str, str]]]:
    """Read a file and return its rows, cells by field.

    Raises:
        spreadsheet.SheetError: the file is not taken, or lacks the columns.
    """
    rows = spreadsheet.read(data)
    number, header = next(rows, (1, []))
    fields = columns.of_header(kind, number, header)
    return [
        (number, {name: cell for name, cell in zip(fields, cells, strict=False) if name})
        for number, cells in rows
    ]


def take_in(
    kind: str, rows: Iterable[tuple[int, Mapping[str, Any]]], context: Context, user_id: str
) -> list[Outcome]:
    """Enter rows in the register, in the transaction of the caller, who undoes it on any error.

    A column that is not there leaves its field alone; an empty cell clears it.
    """
    if kind == columns.FOCAL_POINTS:
        outcomes = [
            _outcome(number, row, _enter_focal_point, context, user_id) for number, row in rows
        ]
        lookup.forget()
        return outcomes
    listed = list(rows)
    made = {number for number, row in listed if _make_organisation(row, context)}
    outcomes = [_outcome(number, row, _enter_agency, context, user_id) for number, row in listed]
    # The tree comes last: a row may name another as its parent that stands below it.
    for outcome, (number, row) in zip(outcomes, listed, strict=True):
        tree = _outcome(number, row, _enter_tree, context, user_id)
        if "error" in {outcome.outcome, tree.outcome}:
            outcome.outcome = "error"
            outcome.errors |= tree.errors
        elif number in made:
            outcome.outcome = "create"
        elif tree.outcome == "update":
            outcome.outcome = "update"
    lookup.forget()
    return outcomes


def _outcome(
    number: int, row: Mapping[str, Any], enter: Enter, context: Context, user_id: str
) -> Outcome:
    row = columns.as_codes(row)
    outcome = Outcome(number, str(row.get("title") or row.get("agency") or row.get("id") or ""))
    try:
        with model.Session.begin_nested():
            outcome.outcome = enter(row, context, user_id)
    except tk.ValidationError as error:
        outcome.outcome = "error"
        outcome.errors = messages.of(error)
    return outcome


def table(kind: str, filters: Mapping[str, Any], seen: Any = "public") -> list[dict[str, str]]:
    """Return the register as rows of texts, cells by field in the order of the columns."""
    if kind == columns.AGENCIES:
        _, found = listing.agencies(filters, None, 0)
        codes = {one["id"]: one["code"] or one["name"] for one in found}
        for one in found:
            one["parent"] = codes.get(one["parent"], one["parent"])
            one["successor"] = codes.get(one["successor"], one["successor"])
    else:
        _, found = listing.focal_points(filters, None, 0, seen)
        for one in found:
            one["agency"] = one["agency_code"] or one["agency_name"]
    names = columns.HEADINGS[kind]
    return [{name: str(one[name]) for name in names if name in one} for one in found]


def _make_organisation(row: Mapping[str, Any], context: Context) -> bool:
    """Make the organisation of a row that names none of the portal; say whether it was made."""
    title = str(row.get("title") or "").strip()
    if not title or _organisation(row):
        return False
    name = str(row.get("name") or "") or NOT_SLUG.sub("-", text.fold(title)).strip("-")
    if model.Group.get(name[:SLUG_LENGTH]) is not None:
        return False
    try:
        with model.Session.begin_nested():
            tk.get_action("organization_create")(
                tk.fresh_context(context, defer_commit=True),
                {"name": name[:SLUG_LENGTH], "title": title},
            )
    except tk.ValidationError:
        # The row itself gives the message.
        return False
    return True


def _organisation(row: Mapping[str, Any]) -> str | None:
    for name in ("name", "code"):
        found = register.by_reference(str(row[name])) if row.get(name) else None
        if found:
            return found
    title = str(row.get("title") or "").strip()
    slug = NOT_SLUG.sub("-", text.fold(title)).strip("-")[:SLUG_LENGTH]
    return register.by_reference(slug) if slug else None


def _enter_agency(row: Mapping[str, Any], context: Context, user_id: str) -> str:
    found = _organisation(row)
    if found is None:
        raise tk.ValidationError({"title": [tk._("Give the name of the agency.")]})
    entry = register.ensure(found)
    own = {name: value for name, value in row.items() if name not in schema.REFERENCES}
    changed = register.change(entry, schema.validated(own, schema.agency(), context), user_id)
    group = model.Session.get_one(model.Group, found)
    title = str(row.get("title") or "").strip()
    if title and title != group.title:
        group.title = title
        register.refresh_texts(entry)
        changes.note([entry.id])
        changed = True
    return "update" if changed else "unchanged"


def _enter_tree(row: Mapping[str, Any], context: Context, user_id: str) -> str:
    references = {name: row[name] for name in schema.REFERENCES if name in row}
    found = _organisation(row)
    if not references or found is None:
        return "unchanged"
    data = schema.validated(references, schema.agency(), context)
    columns = {schema.REFERENCES[name]: value for name, value in data.items()}
    return "update" if register.change(register.ensure(found), columns, user_id) else "unchanged"


def _enter_focal_point(row: Mapping[str, Any], context: Context, user_id: str) -> str:
    given = {name: value for name, value in row.items() if name != "id"}
    record = focal_points.find(str(row["id"])) if row.get("id") else None
    if record is None:
        agency_id = register.by_reference(str(row.get("agency") or ""))
        if agency_id is None:
            raise tk.ValidationError(
                {"agency": [tk._("There is no agency with this code or name.")]}
            )
        data = schema.validated(given, schema.new_focal_point(), context)
        record = _same_term(register.ensure(agency_id).id, data)
        if record is None:
            focal_points.create(agency_id, data, user_id)
            return "create"
    else:
        data = schema.validated(given, schema.focal_point(), context)
    return "update" if focal_points.change(record, data, user_id) else "unchanged"


def _same_term(agency_id: str, data: Mapping[str, Any]) -> FocalPoint | None:
    """Return the focal point that a row without an id is about, if it is recorded already."""
    rank = data.get("rank") or "main"
    query = sa.select(FocalPoint).where(
        FocalPoint.agency_id == agency_id,
        FocalPoint.role == data["role"],
        FocalPoint.rank == rank,
    )
    if data.get("valid_from"):
        query = query.where(FocalPoint.valid_from == data["valid_from"])
    else:
        query = query.where(lookup.in_office())
    if rank != "main":
        query = query.where(
            FocalPoint.full_name == data.get("full_name", ""),
            FocalPoint.email == data.get("email", ""),
        )
    return model.Session.scalars(query.limit(1)).first()
