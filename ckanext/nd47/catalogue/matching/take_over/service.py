"""Takes over what datasets say into catalogues and items, and undoes it.

Each catalogue is a transaction of its own, and what is done is not proposed again; so the command
can be interrupted and repeated. The fields of the datasets stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model
from ckan.model.types import make_uuid

from ckanext.nd47.catalogue.editions import service as editions
from ckanext.nd47.catalogue.items import service as items
from ckanext.nd47.catalogue.matching.take_over.proposal import ProposedCatalogue
from ckanext.nd47.catalogue.records import history, stored
from ckanext.nd47.catalogue.records.history import About, Event
from ckanext.nd47.catalogue.records.model import DRAFT, PROVINCE, Catalogue, Item, Link, events
from ckanext.nd47.lib import legal_basis

COMMAND_LINE = ""
"""Account of the events."""


def apply(proposed: Sequence[ProposedCatalogue], agency_id: str) -> str:
    """Take over what was proposed; return the number of the run, to undo it.

    Args:
        proposed: what `proposal.read` returned.
        agency_id: the agency of new catalogues.
    """
    run = make_uuid()
    for catalogue in proposed:
        if catalogue.items:
            _apply_one(catalogue, agency_id, run)
    return run


def undo(run: str) -> int:
    """Undo a run: its links, its items in drafts, its catalogues where nothing else is in them.

    What was changed since by somebody stays.

    Returns:
        The number of catalogues that were affected.
    """
    query = sa.select(events).where(events.c.event == Event.TAKE_OVER.value, events.c.note == run)
    rows = model.Session.execute(query).all()
    for row in rows:
        _undo_one(row.catalogue_id, row.after, run)
    return len(rows)


def _apply_one(catalogue: ProposedCatalogue, agency_id: str, run: str) -> None:
    is_new = not catalogue.catalogue_id
    if is_new:
        values: dict[str, Any] = {
            "title": catalogue.title,
            "kind": PROVINCE,
            "decision_number": catalogue.number,
            "decision_date": catalogue.date,
            "issuer": catalogue.issuer,
        }
        catalogue.catalogue_id = editions.create(COMMAND_LINE, agency_id, values).id
    new = catalogue.new_items
    made = (
        items.insert(COMMAND_LINE, catalogue.catalogue_id, [item.values for item in new])
        if new
        else []
    )
    for item, row in zip(new, made, strict=True):
        item.line_id = row.line_id
    links = [
        {"line_id": item.line_id, "dataset_id": dataset_id, "title": title}
        for item in catalogue.items.values()
        for dataset_id, title in item.datasets.items()
    ]
    if links:
        model.Session.execute(insert(Link).values(links).on_conflict_do_nothing())
        legal_basis.changed.send([link["dataset_id"] for link in links])
    after = {
        "created": is_new,
        "lines": [row.line_id for row in made],
        "links": [[link["line_id"], link["dataset_id"]] for link in links],
    }
    about = About(note=run, after=after)
    history.add(catalogue.catalogue_id, Event.TAKE_OVER, COMMAND_LINE, about)
    model.Session.commit()


def _undo_one(catalogue_id: str, done: dict[str, Any], run: str) -> None:
    catalogue = stored.find_catalogue(catalogue_id)
    pairs = [(line_id, dataset_id) for line_id, dataset_id in done["links"]]
    if pairs:
        model.Session.execute(
            sa.delete(Link).where(sa.tuple_(Link.line_id, Link.dataset_id).in_(pairs))
        )
        legal_basis.changed.send([dataset_id for _line_id, dataset_id in pairs])
    if catalogue is not None and catalogue.state == DRAFT:
        stored.require_draft(stored.share_catalogue(catalogue_id))
        query = sa.select(Item).where(
            Item.catalogue_id == catalogue_id, Item.line_id.in_(done["lines"]), Item.version == 1
        )
        for item in list(model.Session.scalars(query)):
            items.remove(COMMAND_LINE, item)
    history.add(catalogue_id, Event.UNDO, COMMAND_LINE, About(note=run))
    model.Session.commit()
    if catalogue is not None and done["created"] and _is_untouched(catalogue_id):
        editions.delete(COMMAND_LINE, catalogue_id, None)


def _is_untouched(catalogue_id: str) -> bool:
    """Return whether a draft is as the command made it, without items."""
    catalogue = stored.find_catalogue(catalogue_id)
    has_items = sa.select(sa.exists().where(Item.catalogue_id == catalogue_id))
    return (
        isinstance(catalogue, Catalogue)
        and catalogue.state == DRAFT
        and catalogue.version == 1
        and not model.Session.scalar(has_items)
    )
