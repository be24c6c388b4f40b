"""Import and export of the register as tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import (
    columns,
    directory,
    focal_points,
    listing,
    messages,
    references,
    register,
)
from ckanext.nd47.agencies.logic import schema
from ckanext.nd47.agencies.model import FocalPoint
from ckanext.nd47.agencies.reading import Record
from ckanext.nd47.agencies.references import References
from ckanext.nd47.lib import text

NOT_SLUG = re.compile(r"[^a-z0-9]+")
SLUG_LENGTH = 90
SUBJECTS = ("title", "agency", "agency_title", "id", "code", "name")
"""Columns that say what a row is about, the first that is filled."""

Enter = Callable[[Mapping[str, Any]], str]
"""Enters one row and says what became of it."""


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


def take_in(kind: str, records: Sequence[Record], context: Context, user_id: str) -> list[Outcome]:
    """Enter rows in the register, in the transaction of the caller, who undoes it on any error.

    A column that is not there leaves its field alone; an empty cell clears it.
    """
    known = references.load()
    if kind == columns.FOCAL_POINTS:
        enter = partial(_enter_focal_point, known, context, user_id)
        outcomes = [_outcome(record, enter) for record in records]
    else:
        outcomes = _take_in_agencies(records, known, context, user_id)
    directory.forget()
    return outcomes


def _take_in_agencies(
    records: Sequence[Record], known: References, context: Context, user_id: str
) -> list[Outcome]:
    places = [_place(record.cells, known, context) for record in records]
    first: dict[str, int] = {}
    outcomes = []
    for record, place in zip(records, places, strict=True):
        same = first.setdefault(place.agency_id, record.row) if place.agency_id else record.row
        if same != record.row:
            message = tk._("Row {row} is about the same agency.")
            place.refusal = {"title": [message.format(row=same)]}
        outcomes.append(_outcome(record, partial(_enter_agency, place, context, user_id)))
    # The tree comes last: a row may name another as its parent that stands below it.
    for outcome, place, record in zip(outcomes, places, records, strict=True):
        tree = _outcome(record, partial(_enter_tree, place, known, context, user_id))
        if "error" in {outcome.outcome, tree.outcome}:
            outcome.outcome = "error"
            outcome.errors |= tree.errors
        elif place.made:
            outcome.outcome = "create"
        elif tree.outcome == "update":
            outcome.outcome = "update"
    return outcomes


def _outcome(record: Record, enter: Enter) -> Outcome:
    row = columns.as_codes(record.cells)
    subject = next((row[name] for name in SUBJECTS if row.get(name)), "")
    outcome = Outcome(record.row, str(subject))
    try:
        with model.Session.begin_nested():
            outcome.outcome = enter(row)
    except tk.ValidationError as error:
        outcome.outcome = "error"
        outcome.errors = messages.of(error)
    if record.refused:
        outcome.outcome = "error"
        outcome.errors |= {name: [words] for name, words in record.refused.items()}
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


@dataclass
class Place:
    """The organisation that a row is about.

    Attributes:
        agency_id: its id, empty where there is none.
        made: whether it was made for the row.
        refusal: why there is none, by column.
    """

    agency_id: str = ""
    made: bool = False
    refusal: dict[str, Any] = field(default_factory=dict)


def _place(row: Mapping[str, Any], known: References, context: Context) -> Place:
    """Return the organisation that a row is about; one that the portal lacks is made."""
    title, code = (str(row.get(name) or "").strip() for name in ("title", "code"))
    name = str(row.get("name") or "").strip()
    slug = NOT_SLUG.sub("-", text.fold(title)).strip("-")
    try:
        found = known.agency(name=name, code=code, title=title, slug=slug[:SLUG_LENGTH])
    except references.AmbiguousError as error:
        return Place(refusal={"title": [str(error)]})
    if found is None and title:
        # Another agency may bear the same name elsewhere, as a division of each commune does.
        names = [name] if name else [slug, f"{slug}-{NOT_SLUG.sub('-', code.lower())}"]
        free = [one for one in names if not known.has_name(one[:SLUG_LENGTH])]
        return _made(free[0][:SLUG_LENGTH], title, code, known, context) if free else Place()
    if found is not None:
        known.add(found, code=code)
    return Place(found or "")


def _made(name: str, title: str, code: str, known: References, context: Context) -> Place:
    try:
        with model.Session.begin_nested():
            tk.get_action("organization_create")(
                tk.fresh_context(context, defer_commit=True), {"name": name, "title": title}
            )
    except tk.ValidationError as error:
        return Place(refusal=messages.of(error))
    group = model.Group.get(name)
    if group is None:
        return Place()
    known.add(group.id, name=name, title=title, code=code)
    return Place(group.id, made=True)


def _enter_agency(place: Place, context: Context, user_id: str, row: Mapping[str, Any]) -> str:
    if place.refusal or not place.agency_id:
        raise tk.ValidationError(place.refusal or {"title": [tk._("Give the name of the agency.")]})
    entry = register.ensure(place.agency_id)
    own = {name: value for name, value in row.items() if name not in schema.REFERENCES}
    changed = register.change(entry, schema.validated(own, schema.agency(), context), user_id)
    group = model.Session.get_one(model.Group, place.agency_id)
    title = str(row.get("title") or "").strip()
    if title and title != group.title:
        group.title = title
        register.refresh_texts(entry)
        changed = True
    return "update" if changed else "unchanged"


def _enter_tree(
    place: Place, known: References, context: Context, user_id: str, row: Mapping[str, Any]
) -> str:
    given = {name: row[name] for name in schema.REFERENCES if name in row}
    if not given or not place.agency_id or place.refusal:
        return "unchanged"
    named = {name: _id_of(value, name, known) for name, value in given.items()}
    data = schema.validated(named, schema.agency(), context)
    own = {schema.REFERENCES[name]: value for name, value in data.items()}
    entry = register.ensure(place.agency_id)
    return "update" if register.change(entry, own, user_id) else "unchanged"


def _id_of(reference: Any, field_name: str, known: References) -> Any:
    """Return the id of an agency that a cell names; what names none is left to the validator."""
    if not isinstance(reference, str) or not reference.strip():
        return reference
    try:
        return known.find(reference) or reference
    except references.AmbiguousError as error:
        raise tk.ValidationError({field_name: [str(error)]}) from error


def _enter_focal_point(
    known: References, context: Context, user_id: str, row: Mapping[str, Any]
) -> str:
    given = {name: value for name, value in row.items() if name != "id"}
    record = focal_points.find(str(row["id"])) if row.get("id") else None
    if record is None:
        named = str(row.get("agency") or row.get("agency_title") or "").strip()
        agency_id = _id_of(named, "agency", known)
        if agency_id not in known:
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
        query = query.where(directory.in_office())
    if rank != "main":
        query = query.where(
            FocalPoint.full_name == data.get("full_name", ""),
            FocalPoint.email == data.get("email", ""),
        )
    return model.Session.scalars(query.limit(1)).first()
