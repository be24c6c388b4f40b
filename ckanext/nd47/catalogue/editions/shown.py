"""Catalogues in the form of the API and of pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypedDict

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.items import progress
from ckanext.nd47.catalogue.logic.rights import Rights
from ckanext.nd47.catalogue.records import fields
from ckanext.nd47.catalogue.records.model import (
    IN_PUBLIC,
    OPEN,
    WAITING,
    Catalogue,
    Dispatch,
    Item,
    Proposal,
    SignedFile,
)
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.database import spellings


class AgencyDict(TypedDict):
    """An agency; `successor` is the title of the one that took over, or empty."""

    id: str
    name: str
    title: str
    successor: str
    successor_name: str


def load_agencies(agency_ids: Collection[str]) -> None:
    """Read agencies with those that took over, in two statements at most."""
    cache = directory.cached()
    cache.load(agency_ids)
    known = (cache.agencies.get(agency_id) for agency_id in agency_ids)
    cache.load({agency.successor_id for agency in known if agency and agency.successor_id})


class CataloguePage(TypedDict):
    """A page of catalogues."""

    count: int
    results: list[dict[str, Any]]


def agency(agency_id: str, written: str = "") -> AgencyDict:
    """Return an agency as it is today, with the one that took over.

    Args:
        agency_id: the agency; deleted or purged ones too.
        written: its name where the register no longer has it.
    """
    info = directory.cached().get_any(agency_id) if agency_id else None
    if info is None:
        return {"id": "", "name": "", "title": written, "successor": "", "successor_name": ""}
    after = directory.successor(info)
    is_active = info.state == model.State.ACTIVE
    return {
        "id": info.id,
        "name": info.name if is_active else "",
        "title": written or directory.display_title(info),
        "successor": directory.display_title(after) if after else "",
        "successor_name": after.name if after else "",
    }


def of_catalogue(catalogue: Catalogue, rights: Rights) -> dict[str, Any]:
    """Return an edition with all that belongs to it, in a constant number of statements."""
    shown = _row(catalogue)
    shown |= {
        "counts": counts([catalogue.id])[catalogue.id],
        "editions": _editions(catalogue, rights),
        "dispatches": _dispatches(catalogue),
        "file": _file(catalogue),
        "may": {
            "compile": rights.compiles_this(catalogue) and catalogue.state in OPEN,
            "edit": rights.compiles_this(catalogue) and catalogue.state == "draft",
            "issue": rights.issues(catalogue) and catalogue.state == "proposed",
            "give_back": catalogue.state == "proposed"
            and (rights.issues(catalogue) or rights.compiles_this(catalogue)),
            "new_edition": rights.compiles_this(catalogue) and catalogue.state in IN_PUBLIC,
            "send": rights.compiles_this(catalogue) and catalogue.state in IN_PUBLIC,
            "link": rights.compiles_this(catalogue),
        },
        "proposals_waiting": _waiting(catalogue) if rights.reads_drafts else 0,
    }
    if not rights.reads_drafts:
        shown["reason"] = ""
    return shown


def listed(rights: Rights, filters: Mapping[str, str], limit: int, offset: int) -> CataloguePage:
    """Return a page of the catalogues that an account reads, what is in work first.

    Args:
        rights: of the account.
        filters: `q`, `kind`, `state`, `sector`, `series_id`, each optional.
        limit: catalogues at most.
        offset: catalogues before the page.
    """
    conditions: list[sa.ColumnElement[bool]] = []
    if not rights.reads_drafts:
        conditions.append(Catalogue.state.in_(IN_PUBLIC))
    conditions += [
        getattr(Catalogue, name) == filters[name]
        for name in ("kind", "state", "sector", "series_id")
        if name in filters
    ]
    if "q" in filters:
        columns = (Catalogue.title, Catalogue.decision_number)
        conditions.append(spellings.contains(columns, filters["q"]))
    count = model.Session.scalar(sa.select(sa.func.count(Catalogue.id)).where(*conditions)) or 0
    query = (
        sa.select(Catalogue)
        .where(*conditions)
        .order_by(
            sa.case((Catalogue.state == "replaced", 1), else_=0),
            Catalogue.kind != "province",
            Catalogue.kind != "sector",
            Catalogue.title,
            Catalogue.edition.desc(),
        )
        .limit(limit)
        .offset(offset)
    )
    rows = list(model.Session.scalars(query))
    load_agencies({row.agency_id for row in rows})
    item_counts = counts([row.id for row in rows])
    return {
        "count": count,
        "results": [{**_row(row), "counts": item_counts[row.id]} for row in rows],
    }


def counts(catalogue_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return by edition the number of its items, `items`, and of those of each status."""
    empty = {"items": 0, "late_items": 0, **dict.fromkeys(progress.STATUSES, 0)}
    by_catalogue = {catalogue_id: dict(empty) for catalogue_id in catalogue_ids}
    if not by_catalogue:
        return by_catalogue
    each = progress.statement(Item.catalogue_id.in_(list(by_catalogue)))
    query = sa.select(
        each.c.catalogue_id,
        each.c.status,
        sa.func.count(),
        sa.func.count().filter(each.c.is_late),
    ).group_by(each.c.catalogue_id, each.c.status)
    for catalogue_id, status, number, late in model.Session.execute(query).tuples():
        of_one = by_catalogue[catalogue_id]
        of_one[status] = of_one.get(status, 0) + number
        of_one["items"] += number
        of_one["late_items"] += late
    return by_catalogue


def _row(catalogue: Catalogue) -> dict[str, Any]:
    known = fields.of_catalogues()
    return {
        "id": catalogue.id,
        "name": catalogue.name,
        "series_id": catalogue.series_id,
        "edition": catalogue.edition,
        "state": catalogue.state,
        "version": catalogue.version,
        "modified": catalogue.modified.isoformat(),
        "reason": catalogue.reason,
        "previous_id": catalogue.previous_id or "",
        "related_id": catalogue.related_id or "",
        "agency_id": catalogue.agency_id,
        "agency": agency(catalogue.agency_id),
        **fields.written(catalogue, known),
        "words": {
            field.name: fields.in_words(field, getattr(catalogue, field.name)) for field in known
        },
        "is_review_due": bool(
            catalogue.state == "issued"
            and catalogue.next_review
            and catalogue.next_review <= dates.today()
        ),
    }


def _editions(catalogue: Catalogue, rights: Rights) -> list[dict[str, Any]]:
    query = (
        sa.select(
            Catalogue.id,
            Catalogue.name,
            Catalogue.title,
            Catalogue.edition,
            Catalogue.state,
            Catalogue.decision_number,
            Catalogue.decision_date,
            Catalogue.relation,
            Catalogue.related_id,
        )
        .where(
            sa.or_(
                Catalogue.series_id == catalogue.series_id, Catalogue.id == catalogue.related_id
            ),
            sa.true() if rights.reads_drafts else Catalogue.state.in_(IN_PUBLIC),
        )
        .order_by(Catalogue.edition.desc(), Catalogue.id)
    )
    return [
        {**row, "decision_date": dates.iso(row["decision_date"])}
        for row in model.Session.execute(query).mappings()
    ]


def _dispatches(catalogue: Catalogue) -> list[dict[str, Any]]:
    query = (
        sa.select(Dispatch)
        .where(Dispatch.catalogue_id == catalogue.id)
        .order_by(Dispatch.sent, Dispatch.created)
    )
    return [
        {
            "id": row.id,
            "recipient": row.recipient,
            "sent": row.sent.isoformat(),
            "document_number": row.document_number,
            "answer": row.answer,
            "answered": dates.iso(row.answered),
        }
        for row in model.Session.scalars(query)
    ]


def _file(catalogue: Catalogue) -> dict[str, Any] | None:
    row = model.Session.get(SignedFile, catalogue.file_id) if catalogue.file_id else None
    if row is None:
        return None
    url = tk.url_for("nd47_catalogues.signed_file", name=catalogue.name)
    return {"name": row.name, "media_type": row.media_type, "size": row.size, "url": url}


def _waiting(catalogue: Catalogue) -> int:
    query = sa.select(sa.func.count()).where(
        Proposal.catalogue_id == catalogue.id, Proposal.state == WAITING
    )
    return model.Session.scalar(query) or 0
