"""How far the items are: by their linked datasets, the planned day, and what officers set.

Everything is computed by the database in one statement for any number of items.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ckan import model

from ckanext.nd47.catalogue.records.model import ISSUED, Catalogue, Item, Line, Link
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields

PLANNED, LATE, REGISTERED, DOWNLOADABLE = "planned", "late", "registered", "downloadable"
SUSPENDED, STOPPED = "suspended", "stopped"
STATUSES = (PLANNED, LATE, REGISTERED, DOWNLOADABLE, SUSPENDED, STOPPED)
"""Codes of the vocabulary `catalogue-item-status`."""

CHOSEN = (SUSPENDED, STOPPED)
"""Those that officers set; the others are computed."""

DAY = r"^\d{4}-\d{2}-\d{2}"


def is_public() -> sa.ColumnElement[bool]:
    """Return the condition for a dataset that everybody sees."""
    return sa.and_(
        model.Package.state == model.State.ACTIVE,
        model.Package.private.is_(False),
        model.Package.type == dataset_fields.DEFAULT_TYPE,
    )


def has_files() -> sa.ColumnElement[bool]:
    """Return the condition for a dataset with something to download or to call."""
    return sa.exists().where(
        model.Resource.package_id == model.Package.id,
        model.Resource.state == model.State.ACTIVE,
        model.Resource.url != "",
    )


def first_day() -> sa.ColumnElement[str]:
    """Return the day on which a dataset was first published, as ISO date."""
    names = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    stated = model.Package.extras[names.name("issued")].astext
    created = sa.func.to_char(model.Package.metadata_created, "YYYY-MM-DD")
    return sa.case((stated.regexp_match(DAY), sa.func.substr(stated, 1, 10)), else_=created)


def in_force() -> sa.ColumnElement[bool]:
    """Return the condition for an item that is in force; it is about `Item` and `Catalogue`.

    An edition that supplements another has the items of that one too: only the later counts.
    """
    later, its_item = aliased(Catalogue), aliased(Item)
    superseded = (
        sa.exists()
        .where(
            its_item.line_id == Item.line_id,
            its_item.catalogue_id == later.id,
            later.series_id == Catalogue.series_id,
            later.edition > Catalogue.edition,
            later.state == ISSUED,
        )
        .correlate(Item, Catalogue)
    )
    return sa.and_(Catalogue.state == ISSUED, ~superseded)


def statement(*conditions: sa.ColumnElement[bool], day: dt.date | None = None) -> sa.Subquery:
    """Return where the items stand, as a subquery with one row for each item.

    Its columns are `item_id`, `line_id`, `catalogue_id`, `status`, `is_late` (not published though
    the planned day is past, or first published after it), `first_provided` (ISO date or NULL),
    `datasets` (linked, purged ones too), `published` and `with_files`.

    Args:
        conditions: which items; about `Item` and `Catalogue`.
        day: the day on which it is asked, today without one.
    """
    chosen = (
        sa.select(Item.id, Item.line_id, Item.catalogue_id, Item.planned)
        .join(Catalogue, Catalogue.id == Item.catalogue_id)
        .where(*conditions)
        .cte("chosen")
    )
    linked = (
        sa.select(
            Link.line_id,
            sa.func.count().label("datasets"),
            sa.func.count(model.Package.id).label("published"),
            sa.func.count(model.Package.id).filter(has_files()).label("with_files"),
            sa.func.min(sa.case((model.Package.id.is_not(None), first_day()))).label("first_day"),
        )
        .join(
            model.Package, sa.and_(model.Package.id == Link.dataset_id, is_public()), isouter=True
        )
        .where(Link.line_id.in_(sa.select(chosen.c.line_id)))
        .group_by(Link.line_id)
        .cte("linked")
    )
    today = sa.literal(day or dates.today(), sa.Date)
    published = sa.func.coalesce(linked.c.published, 0)
    with_files = sa.func.coalesce(linked.c.with_files, 0)
    stated = sa.func.to_char(Line.first_provided, "YYYY-MM-DD")
    first = sa.func.coalesce(stated, linked.c.first_day)
    planned = sa.func.to_char(chosen.c.planned, "YYYY-MM-DD")
    waits = sa.and_(published == 0, stated.is_(None))
    return (
        sa.select(
            chosen.c.id.label("item_id"),
            chosen.c.line_id,
            chosen.c.catalogue_id,
            sa.case(
                (Line.status != "", Line.status),
                (with_files > 0, DOWNLOADABLE),
                (published > 0, REGISTERED),
                (chosen.c.planned < today, LATE),
                else_=PLANNED,
            ).label("status"),
            sa.case(
                (waits, sa.func.coalesce(chosen.c.planned < today, False)),
                else_=sa.func.coalesce(first > planned, False),
            ).label("is_late"),
            first.label("first_provided"),
            sa.func.coalesce(linked.c.datasets, 0).label("datasets"),
            published.label("published"),
            with_files.label("with_files"),
        )
        .join(Line, Line.id == chosen.c.line_id)
        .join(linked, linked.c.line_id == chosen.c.line_id, isouter=True)
        .subquery("progress")
    )
