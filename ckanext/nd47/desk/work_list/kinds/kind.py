"""What a kind of work consists of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.lib.fields import dataset_fields, values
from ckanext.nd47.rules.model import RESOURCES


class Weight(IntEnum):
    """How urgent a thing is."""

    LATER = 1
    SOON = 2
    NOW = 3


class Thing(NamedTuple):
    """A thing to do, as the database returns it.

    Attributes:
        kind: code of its kind.
        agency_id: the agency that is to do it.
        dataset_id: the dataset that it is about; None if it is about the agency.
        day: since when, or until when; None if there is no such day.
        weight: one of `Weight`.
        points: what doing it adds to the score of the dataset, or of all datasets that it is
            about; None if that is not known.
        detail: what the kind needs to describe it.
        agency_name: name of the agency in addresses.
        agency_title: name of the agency for people.
        dataset_name: name of the dataset in addresses.
        dataset_title: name of the dataset for people.
        edition: legal edition of the rules of the dataset.
        facts: by unmet rule, the field at fault and facts for the message.
        frequency: update frequency of the dataset.
        data_date: day of the last update of its data.
    """

    kind: str
    agency_id: str | None
    dataset_id: str | None
    day: dt.date | None
    weight: int
    points: int | None
    detail: str
    agency_name: str | None
    agency_title: str | None
    dataset_name: str | None
    dataset_title: str | None
    edition: str | None
    facts: dict[str, Any] | None
    frequency: str | None
    data_date: dt.date | None


class Description(NamedTuple):
    """A thing in words: what is wrong, and the one action that mends it with its address."""

    words: str
    label: str
    url: str


@dataclass(frozen=True)
class Kind:
    """A kind of work.

    Attributes:
        code: its name in addresses and in the API.
        title: returns its name in the language of the request.
        statement: returns the statement for all things of the kind, made by `columns`.
        describe: returns a thing in words, for an account.
        unpublished: whether it is about what is not published yet, which only editors see.
        seen: returns the condition for the things that an account sees, where that does not follow
            from its agencies.
        is_used: returns whether the portal has such things at all.
        doers: returns a function that names the accounts that are to do a thing, by id, where that
            does not follow from its agency.
    """

    code: str
    title: Callable[[], str]
    statement: Callable[[], sa.Select[Any]]
    describe: Callable[[Thing, Scope], Description]
    unpublished: bool = False
    seen: Callable[[Scope, sa.Subquery], sa.ColumnElement[bool]] | None = None
    is_used: Callable[[], bool] = lambda: True
    doers: Callable[[], Callable[[Thing], set[str]]] | None = None


def columns(  # noqa: PLR0913 - the columns of a list
    kind: str,
    *,
    agency_id: Any,
    weight: Any,
    dataset_id: Any = None,
    day: Any = None,
    points: Any = None,
    detail: Any = "",
) -> sa.Select[Any]:
    """Return a statement with the columns that all kinds have; the caller adds the conditions."""
    return sa.select(
        sa.literal(kind, sa.Text).label("kind"),
        sa.cast(agency_id, sa.Text).label("agency_id"),
        sa.cast(dataset_id, sa.Text).label("dataset_id"),
        sa.cast(day, sa.Date).label("day"),
        sa.cast(weight, sa.Integer).label("weight"),
        sa.cast(points, sa.Integer).label("points"),
        sa.cast(detail, sa.Text).label("detail"),
    )


def is_published() -> sa.ColumnElement[bool]:
    """Return the condition for a dataset that everybody sees."""
    return sa.and_(
        model.Package.state == model.State.ACTIVE,
        sa.not_(sa.func.coalesce(model.Package.private, sa.false())),
    )


def day_in_vietnam(column: Any) -> sa.ColumnElement[dt.date]:
    """Return the day in Vietnam of a CKAN timestamp, which is in UTC without a time zone."""
    return sa.cast(column + values.VIETNAM.utcoffset(None), sa.Date)


def dataset_page(thing: Thing) -> Description:
    """Return the action for somebody who may not edit the dataset: to look at it."""
    return Description("", tk._("View dataset"), address("dataset.read", id=thing.dataset_name))


def address(endpoint: str, **parts: Any) -> str:
    """Return the address of a page with the host, in the language of the request."""
    return tk.url_for(endpoint, qualified=True, **parts)


def field_address(dataset_name: str | None, field: str) -> str:
    """Return the address where an nd47 field of a dataset, or its files, are corrected."""
    if field == RESOURCES:
        return address("dataset.resources", id=dataset_name)
    fields = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    return form_address(dataset_name, fields.name(field.partition(".")[0]))


def form_address(dataset_name: str | None, field: str) -> str:
    """Return the address of a field in the form of a dataset, on the page that it stands on."""
    dataset_type = dataset_fields.DEFAULT_TYPE
    anchor = f"field-{field}"
    pages: list[dict[str, Any]] = tk.h.scheming_get_dataset_form_pages(dataset_type) or []
    for number, page in enumerate(pages, 1):
        if any(schema_field["field_name"] == field for schema_field in page["fields"]):
            return address(
                f"{dataset_type}.scheming_edit_page", id=dataset_name, page=number, _anchor=anchor
            )
    return address("dataset.edit", id=dataset_name, _anchor=anchor)
