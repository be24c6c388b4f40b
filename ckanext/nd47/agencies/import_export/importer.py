"""Writes imported rows to the register."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.nd47.agencies import directory, focal_points, register
from ckanext.nd47.agencies.import_export import columns
from ckanext.nd47.agencies.logic import organisation_fields, schema
from ckanext.nd47.agencies.lookup.names import AgencyIndex, AmbiguousError, load_agencies
from ckanext.nd47.agencies.model import FocalPoint
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.files.spreadsheets.reading import Record
from ckanext.nd47.lib.language import text

NOT_SLUG = re.compile(r"[^a-z0-9]+")
SLUG_LENGTH = 90
SUBJECTS = ("title", "agency", "agency_title", "id", "code", "name")
"""Columns that name what a row is about; the first with a value is shown."""

Row = Mapping[str, Any]
Writer = Callable[[Row], str]
"""Writes one row and returns its outcome."""


class Outcome(TypedDict):
    """The outcome of a row.

    Attributes:
        row: its number in the file.
        subject: what the row is about, for people.
        outcome: `create`, `update`, `unchanged` or `error`.
        errors: messages by column.
    """

    row: int
    subject: str
    outcome: str
    errors: dict[str, list[str]]


def import_records(kind: str, records: Sequence[Record], context: Context) -> list[Outcome]:
    """Write rows in the transaction of the caller, who rolls back on any error.

    A missing column leaves its field unchanged; an empty cell clears it.
    """
    user_id = organisation_fields.user_id(context)
    agencies = load_agencies()
    if kind == columns.FOCAL_POINTS:
        writer = partial(_write_focal_point, agencies, context, user_id)
        outcomes = [_outcome(record, writer) for record in records]
    else:
        outcomes = _import_agencies(records, agencies, context, user_id)
    directory.clear()
    return outcomes


def _outcome(record: Record, writer: Writer) -> Outcome:
    row = columns.as_codes(record.cells)
    subject = next((row[name] for name in SUBJECTS if row.get(name)), "")
    result, errors = "error", {name: [message] for name, message in record.refused.items()}
    try:
        with model.Session.begin_nested():
            outcome = writer(row)
    except tk.ValidationError as error:
        errors = inputs.error_messages(error) | errors
    else:
        result = "error" if errors else outcome
    return {"row": record.row, "subject": str(subject), "outcome": result, "errors": errors}


@dataclass
class Target:
    """The organisation that a row is about.

    Attributes:
        agency_id: its id, empty without one.
        is_new: whether it was created for the row.
        errors: why there is none, by column.
    """

    agency_id: str = ""
    is_new: bool = False
    errors: dict[str, Any] = field(default_factory=dict)


def _import_agencies(
    records: Sequence[Record], agencies: AgencyIndex, context: Context, user_id: str
) -> list[Outcome]:
    targets = [_target(record.cells, agencies, context) for record in records]
    first: dict[str, int] = {}
    outcomes = []
    for record, target in zip(records, targets, strict=True):
        same = first.setdefault(target.agency_id, record.row) if target.agency_id else record.row
        if same != record.row:
            message = tk._("Row {row} is about the same agency.")
            target.errors = {"title": [message.format(row=same)]}
        outcomes.append(_outcome(record, partial(_write_agency, target, context, user_id)))
    # The tree comes last, because a superior agency may come further down in the file.
    for outcome, target, record in zip(outcomes, targets, records, strict=True):
        tree = _outcome(record, partial(_write_tree, target, agencies, context, user_id))
        if "error" in {outcome["outcome"], tree["outcome"]}:
            outcome["outcome"] = "error"
            outcome["errors"] |= tree["errors"]
        elif target.is_new:
            outcome["outcome"] = "create"
        elif tree["outcome"] == "update":
            outcome["outcome"] = "update"
    return outcomes


def _target(row: Row, agencies: AgencyIndex, context: Context) -> Target:
    """Return the organisation that a row is about; a missing one is created."""
    name, title, code = (str(row.get(key) or "").strip() for key in ("name", "title", "code"))
    slug = NOT_SLUG.sub("-", text.fold(title)).strip("-")
    try:
        agency_id = agencies.of_row(name=name, code=code, title=title, slug=slug[:SLUG_LENGTH])
    except AmbiguousError as error:
        return Target(errors={"title": [str(error)]})
    if agency_id is not None:
        agencies.add(agency_id, code=code)
        return Target(agency_id)
    if not title:
        return Target()
    # Agencies with the same title exist, such as a division of every commune.
    names = [name] if name else [slug, f"{slug}-{NOT_SLUG.sub('-', code.lower())}"]
    free = [key[:SLUG_LENGTH] for key in names if agencies.is_free(key[:SLUG_LENGTH])]
    return _created(free[0], title, code, agencies, context) if free else Target()


def _created(name: str, title: str, code: str, agencies: AgencyIndex, context: Context) -> Target:
    try:
        with model.Session.begin_nested():
            created = tk.get_action("organization_create")(
                tk.fresh_context(context, defer_commit=True), {"name": name, "title": title}
            )
    except tk.ValidationError as error:
        return Target(errors=inputs.error_messages(error))
    agencies.add(created["id"], name=name, title=title, code=code)
    return Target(created["id"], is_new=True)


def _write_agency(target: Target, context: Context, user_id: str, row: Row) -> str:
    if target.errors or not target.agency_id:
        raise tk.ValidationError(target.errors or {"title": [tk._("Give the name of the agency.")]})
    entry = register.ensure(target.agency_id)
    values = {name: value for name, value in row.items() if name not in register.REFERENCES}
    has_changed = register.update(
        entry, schema.validated(values, schema.agency(), context), user_id
    )
    group = model.Session.get_one(model.Group, target.agency_id)
    title = str(row.get("title") or "").strip()
    if title and title != group.title:
        group.title = title
        register.refresh_texts(entry)
        has_changed = True
    return "update" if has_changed else "unchanged"


def _write_tree(
    target: Target, agencies: AgencyIndex, context: Context, user_id: str, row: Row
) -> str:
    references = {name: row[name] for name in register.REFERENCES if name in row}
    if not references or not target.agency_id or target.errors:
        return "unchanged"
    ids = {name: _agency_id(value, name, agencies) for name, value in references.items()}
    data = schema.validated(ids, schema.agency(), context)
    values = {register.REFERENCES[name]: value for name, value in data.items()}
    has_changed = register.update(register.ensure(target.agency_id), values, user_id)
    return "update" if has_changed else "unchanged"


def _agency_id(reference: Any, field_name: str, agencies: AgencyIndex) -> Any:
    """Return the id of the agency in a cell; an unknown reference is left to the validator."""
    if not isinstance(reference, str) or not reference.strip():
        return reference
    try:
        return agencies.find(reference) or reference
    except AmbiguousError as error:
        raise tk.ValidationError({field_name: [str(error)]}) from error


def _write_focal_point(agencies: AgencyIndex, context: Context, user_id: str, row: Row) -> str:
    fields = {name: value for name, value in row.items() if name != "id"}
    record = focal_points.get(str(row["id"])) if row.get("id") else None
    if record is not None:
        data = schema.validated(fields, schema.focal_point(), context)
    else:
        reference = str(row.get("agency") or row.get("agency_title") or "").strip()
        agency_id = _agency_id(reference, "agency", agencies)
        if agency_id not in agencies.ids:
            raise tk.ValidationError(
                {"agency": [tk._("There is no agency with this code or name.")]}
            )
        data = schema.validated(fields, schema.new_focal_point(), context)
        record = _same_term(register.ensure(agency_id).id, data)
        if record is None:
            focal_points.create(agency_id, data, user_id)
            return "create"
    return "update" if focal_points.update(record, data, user_id) else "unchanged"


def _same_term(agency_id: str, data: Row) -> FocalPoint | None:
    """Return the recorded focal point that a row without an id is about, None for a new one."""
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
