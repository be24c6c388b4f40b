"""What the free text of datasets (`catalogue_entry`) says, as catalogues and items.

Datasets that name the same decision are of one catalogue; those that name the same code there, or
where there is no code the same title of the same agency, are of one item.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.catalogue.records.model import DRAFT, Catalogue, Item, Link
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.language import text

COPIED = {"frequency": "frequency", "sharing_class": "sharing_class", "theme": "field"}
"""Fields of an item by the field of the dataset."""

TITLE = "Danh mục theo Quyết định {number}"


@dataclass
class ProposedItem:
    """An item with its datasets.

    Attributes:
        values: values of columns.
        datasets: titles by id.
        line_id: the line, where the catalogue has the item already.
    """

    values: dict[str, Any]
    datasets: dict[str, str] = field(default_factory=dict)
    line_id: str = ""


@dataclass
class ProposedCatalogue:
    """A decision with its items.

    Attributes:
        number: number of the decision.
        date: its date, where one of the datasets has it.
        issuer: who issued it.
        catalogue_id: the catalogue, where the portal has it already.
        name: its name.
        state: its state; a draft where it is new.
        items: by what tells them apart.
        left: titles of datasets whose item an issued catalogue does not have.
    """

    number: str
    date: dt.date | None = None
    issuer: str = ""
    catalogue_id: str = ""
    name: str = ""
    state: str = DRAFT
    items: dict[str, ProposedItem] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The title of a new catalogue."""
        return TITLE.format(number=self.number)

    @property
    def new_items(self) -> list[ProposedItem]:
        """The items that the catalogue does not have yet."""
        return [item for item in self.items.values() if not item.line_id]


@dataclass(frozen=True)
class Entry:
    """What one dataset says."""

    dataset_id: str
    title: str
    owner: str
    agency: str
    group: Mapping[str, str]
    fields: Mapping[str, Any]


def read() -> list[ProposedCatalogue]:
    """Return what can be taken over, in four statements."""
    proposed: dict[str, ProposedCatalogue] = {}
    for entry in _entries():
        number = entry.group["decision_number"]
        catalogue = proposed.setdefault(_key(number), ProposedCatalogue(number))
        catalogue.date = catalogue.date or _day(entry.group.get("decision_date", ""))
        catalogue.issuer = catalogue.issuer or entry.group.get("issuer", "")
        _add(catalogue, entry)
    _find_existing(proposed)
    return [candidate for candidate in proposed.values() if candidate.items or candidate.left]


def _entries() -> Iterator[Entry]:
    names = dataset_fields.of_type(dataset_fields.DEFAULT_TYPE)
    extras = model.Package.extras
    stored = extras[names.name("catalogue_entry")].astext
    copied = {name: extras[names.name(name)].astext.label(name) for name in COPIED}
    query = (
        sa.select(
            model.Package.id,
            model.Package.title,
            model.Package.name,
            model.Package.owner_org,
            model.Group.title.label("agency"),
            stored.label("entry"),
            *copied.values(),
        )
        .join(model.Group, model.Group.id == model.Package.owner_org, isouter=True)
        .where(model.Package.state == model.State.ACTIVE, sa.func.coalesce(stored, "") != "")
        .order_by(model.Package.title, model.Package.id)
    )
    for row in model.Session.execute(query).mappings():
        for group in _groups(row["entry"]):
            yield Entry(
                dataset_id=row["id"],
                title=row["title"] or row["name"],
                owner=row["owner_org"] or "",
                agency=row["agency"] or "",
                group=group,
                fields={COPIED[name]: _first(row[name]) for name in COPIED},
            )


def _add(catalogue: ProposedCatalogue, entry: Entry) -> None:
    code = entry.group.get("code", "")
    key = code or f"{entry.owner} {text.fold(entry.title)}"
    item = catalogue.items.get(key)
    if item is None:
        values = {
            "code": code,
            "name": entry.title,
            "provider_id": entry.owner,
            "provider": entry.agency,
            **{name: value for name, value in entry.fields.items() if value},
        }
        item = catalogue.items[key] = ProposedItem(values)
    item.datasets[entry.dataset_id] = entry.title


def _find_existing(proposed: Mapping[str, ProposedCatalogue]) -> None:
    """Find catalogues, items and links that the portal has already."""
    query = sa.select(Catalogue).where(Catalogue.decision_number != "")
    known = {_key(edition.decision_number): edition for edition in model.Session.scalars(query)}
    existing = {known[key].id: catalogue for key, catalogue in proposed.items() if key in known}
    for key, catalogue in proposed.items():
        if key in known:
            row = known[key]
            catalogue.catalogue_id, catalogue.name, catalogue.state = row.id, row.name, row.state
    for item in model.Session.scalars(sa.select(Item).where(Item.catalogue_id.in_(list(existing)))):
        catalogue = existing[item.catalogue_id]
        key = item.code or f"{item.provider_id} {text.fold(item.name)}"
        if key in catalogue.items:
            catalogue.items[key].line_id = item.line_id
    lines = [item.line_id for catalogue in proposed.values() for item in catalogue.items.values()]
    links = sa.select(Link.line_id, Link.dataset_id).where(Link.line_id.in_(lines))
    linked = set(model.Session.execute(links).tuples())
    for catalogue in proposed.values():
        _leave_out(catalogue, linked)


def _leave_out(catalogue: ProposedCatalogue, linked: set[tuple[str, str]]) -> None:
    """Leave out what is done, and what an issued catalogue does not have."""
    for key, item in list(catalogue.items.items()):
        if not item.line_id and catalogue.state != DRAFT:
            catalogue.left += item.datasets.values()
            del catalogue.items[key]
            continue
        item.datasets = {
            dataset_id: title
            for dataset_id, title in item.datasets.items()
            if (item.line_id, dataset_id) not in linked
        }
        if item.line_id and not item.datasets:
            del catalogue.items[key]


def _groups(stored: str) -> list[dict[str, str]]:
    """Return the groups of the field that name a decision; other shapes have none."""
    try:
        groups = json.loads(stored)
    except ValueError:
        return []
    if not isinstance(groups, list):
        return []
    cleaned = [
        {name: value.strip() for name, value in group.items() if isinstance(value, str)}
        for group in groups
        if isinstance(group, dict)
    ]
    return [group for group in cleaned if group.get("decision_number")]


def _first(stored: str | None) -> str:
    """Return a code, or the first of several that are stored as a list."""
    if not stored or not stored.startswith("["):
        return stored or ""
    try:
        values = json.loads(stored)
    except ValueError:
        return ""
    return values[0] if values and isinstance(values[0], str) else ""


def _day(written: str) -> dt.date | None:
    try:
        return dates.parse(written)
    except ValueError:
        return None


def _key(number: str) -> str:
    return "".join(text.fold(number).split())
