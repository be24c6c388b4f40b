"""How what the other portal has differs from what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict
from urllib.parse import urlsplit

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.editions.handover.model import SENT, HandoverDataset
from ckanext.nd47.catalogue.editions.handover.other_side import Entry
from ckanext.nd47.lib.language import text

MOST_SHOWN = 1000
"""Differences of a kind that are returned."""


class Difference(TypedDict):
    """A dataset here or there; `state`, `reason` and `address` are what the other side says."""

    dataset_id: str
    title: str
    title_there: str
    state: str
    reason: str
    address: str


class Comparison(TypedDict):
    """The difference list.

    `sent` datasets were sent, `there` are on the other side, `matched` are both. `missing` were
    sent and are not there, `extra` are there and were not sent, `renamed` have another title there,
    `changed` have another state or address than recorded here.
    """

    sent: int
    there: int
    matched: int
    missing: list[Difference]
    extra: list[Difference]
    renamed: list[Difference]
    changed: list[Difference]
    recorded: bool


def compare(handover_id: str, entries: list[Entry], *, record: bool) -> Comparison:
    """Compare and, if asked for, record what the other side says; does not commit.

    Args:
        handover_id: what was sent.
        entries: what the other side has.
        record: store the states, reasons and addresses.
    """
    rows = list(
        model.Session.scalars(
            sa.select(HandoverDataset)
            .where(HandoverDataset.handover_id == handover_id)
            .order_by(HandoverDataset.title, HandoverDataset.dataset_id)
            .with_for_update()
        )
    )
    by_name = {name: row for row in rows for name in _names_of(row)}
    by_title = _unique_titles(rows)
    matched: dict[str, Entry] = {}
    extra: list[Difference] = []
    for entry in entries:
        row = _match(entry, by_name, by_title)
        if row is None:
            extra.append(_there(entry))
        else:
            # What says more counts, where a list has a dataset twice.
            before = matched.get(row.dataset_id)
            if before is None or before.state == SENT:
                matched[row.dataset_id] = entry
    pairs = [(row, matched[row.dataset_id]) for row in rows if row.dataset_id in matched]
    renamed = [
        _difference(row, entry)
        for row, entry in pairs
        if entry.title and text.fold(entry.title) != text.fold(row.title)
    ]
    changed = [(row, entry) for row, entry in pairs if _says_more(row, entry)]
    result: Comparison = {
        "sent": len(rows),
        "there": len(entries),
        "matched": len(pairs),
        "missing": [
            _difference(row, Entry((), "")) for row in rows if row.dataset_id not in matched
        ][:MOST_SHOWN],
        "extra": extra[:MOST_SHOWN],
        "renamed": renamed[:MOST_SHOWN],
        "changed": [_difference(row, entry) for row, entry in changed][:MOST_SHOWN],
        "recorded": record,
    }
    if record:
        for row, entry in changed:
            row.state, row.reason = entry.state, entry.reason
            row.address = entry.address
        model.Session.flush()
    return result


def _says_more(row: HandoverDataset, entry: Entry) -> bool:
    said = (entry.state, entry.reason, entry.address)
    return entry.state != SENT and said != (row.state, row.reason, row.address)


def _names_of(row: HandoverDataset) -> Iterable[str]:
    return {
        name.casefold() for name in (row.dataset_id, row.name, row.identifier, row.address) if name
    }


def _unique_titles(rows: Iterable[HandoverDataset]) -> dict[str, HandoverDataset]:
    """Return the datasets by title; two with one title are matched by nothing but their names."""
    titles: dict[str, HandoverDataset | None] = {}
    for row in rows:
        key = text.fold(row.title)
        titles[key] = None if key in titles else row
    return {key: row for key, row in titles.items() if row is not None and key}


def _match(
    entry: Entry,
    by_name: dict[str, HandoverDataset],
    by_title: dict[str, HandoverDataset],
) -> HandoverDataset | None:
    for identifier in entry.identifiers:
        # An address ends with the name or id that the dataset has here, or had when it was read.
        for name in (identifier, urlsplit(identifier).path.rstrip("/").rpartition("/")[2]):
            if (row := by_name.get(name.strip().casefold())) is not None:
                return row
    return by_title.get(text.fold(entry.title))


def _there(entry: Entry) -> Difference:
    return {
        "dataset_id": "",
        "title": "",
        "title_there": entry.title or next(iter(entry.identifiers), ""),
        "state": entry.state,
        "reason": entry.reason,
        "address": entry.address,
    }


def _difference(row: HandoverDataset, entry: Entry) -> Difference:
    return {
        "dataset_id": row.dataset_id,
        "title": row.title,
        "title_there": entry.title,
        "state": entry.state,
        "reason": entry.reason,
        "address": entry.address,
    }
