"""Finds the dataset that a row is about: by identifier, name, or title within the agency."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.spreadsheet.fields import columns
from ckanext.nd47.lib.fields import dataset_fields
from ckanext.nd47.lib.language import text

IDENTIFIER = "identifier"
INDEXED = 100
"""Characters of an identifier that are indexed."""
NOT_SLUG = re.compile(r"[^a-z0-9]+")
SLUG_LENGTH = 90
SHORTEST_NAME = 2


class AmbiguousTitleError(ValueError):
    """Several datasets have the same title; the message says so."""

    def __init__(self, title: str) -> None:
        super().__init__(
            tk._("Several datasets are called “{title}”. Give the identifier.").format(
                title=title[:80]
            )
        )


class Existing(NamedTuple):
    """A dataset of the portal: its id, name, title, agency and identifier."""

    id: str
    name: str
    title: str
    agency: str
    identifier: str


@dataclass
class Index:
    """Datasets by everything that a row may name them by.

    Attributes:
        known: the datasets by id.
        identifiers: ids by identifier.
        names: ids by name.
        titles: ids by agency and folded title.
    """

    known: dict[str, Existing] = field(default_factory=dict)
    identifiers: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    titles: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, dataset: Existing) -> None:
        """Add a dataset."""
        self.known[dataset.id] = dataset
        self.names[dataset.name] = dataset.id
        if dataset.identifier:
            self.identifiers[dataset.identifier] = dataset.id
        self.titles.setdefault((dataset.agency, text.fold(dataset.title)), set()).add(dataset.id)

    def of_row(self, identifier: str, name: str, title: str, agency: str) -> str | None:
        """Return the id of the dataset of a row, None for a new one.

        Raises:
            AmbiguousTitleError: several datasets of the agency have the title.
        """
        if identifier and identifier in self.identifiers:
            return self.identifiers[identifier]
        if name and name in self.names:
            return self.names[name]
        # A row with another identifier or name is about another dataset.
        same = {
            dataset_id
            for dataset_id in self.titles.get((agency, text.fold(title)), ())
            if not (identifier and self.known[dataset_id].identifier)
            and not (name and self.known[dataset_id].name != name)
        }
        return _single(same, title)

    def of_reference(self, reference: str, agencies: Collection[str]) -> str | None:
        """Return the id of a dataset by identifier, name, or title within agencies.

        Raises:
            AmbiguousTitleError: several datasets have the title.
        """
        exact = self.identifiers.get(reference) or self.names.get(reference)
        if exact:
            return exact
        folded = text.fold(reference)
        ids = {
            dataset_id
            for agency in agencies
            for dataset_id in self.titles.get((agency, folded), ())
        }
        return _single(ids, reference)


def _single(ids: set[str], title: str) -> str | None:
    if len(ids) > 1:
        raise AmbiguousTitleError(title)
    return next(iter(ids), None)


def load(references: Iterable[str], agencies: Collection[str]) -> Index:
    """Return the datasets that rows may be about, in one statement.

    Args:
        references: identifiers and names in the rows.
        agencies: ids of the agencies whose datasets rows may name by title.
    """
    table, field_name = model.package_table, columns.identifier()
    stored = table.c.extras[field_name].astext
    written = sa.literal(sorted({reference[:400] for reference in references}), ARRAY(sa.Text))
    query = sa.select(
        table.c.id, table.c.name, table.c.title, table.c.owner_org, stored.label(IDENTIFIER)
    ).where(
        table.c.type == dataset_fields.DEFAULT_TYPE,
        table.c.state != model.State.DELETED,
        table.c.name.in_(sa.select(sa.func.unnest(written)))
        | sa.func.left(stored, sa.literal_column(str(INDEXED))).in_(
            sa.select(sa.func.unnest(written))
        )
        | table.c.owner_org.in_(
            sa.select(sa.func.unnest(sa.literal(sorted(agencies), ARRAY(sa.Text))))
        ),
    )
    index = Index()
    for row in model.Session.execute(query):
        index.add(
            Existing(row.id, row.name, row.title or "", row.owner_org or "", row.identifier or "")
        )
    return index


def free_names(titles: Iterable[str]) -> list[str]:
    """Return a free name for each of new datasets, in few statements."""
    names: list[str] = []
    bases = [slug(title) for title in titles]
    taken = _taken(bases)
    counters: dict[str, int] = {}
    for base in bases:
        number = counters.get(base, 0)
        candidate = base if number == 0 else f"{base}-{number + 1}"
        while candidate in taken:
            number += 1
            candidate = f"{base}-{number + 1}"
        taken.add(candidate)
        counters[base] = number
        names.append(candidate)
    return names


def _taken(bases: list[str]) -> set[str]:
    """Return the names in use that start with one of these."""
    names = model.package_table.c.name
    without_number = sa.func.regexp_replace(names, "-[0-9]{1,6}$", "")
    wanted = sa.select(sa.func.unnest(sa.literal(sorted(set(bases)), ARRAY(sa.Text))))
    query = sa.select(names).where(names.in_(wanted) | without_number.in_(wanted))
    return set(model.Session.scalars(query))


def slug(title: str) -> str:
    """Return the name of a dataset for its title."""
    name = NOT_SLUG.sub("-", text.fold(title)).strip("-")[:SLUG_LENGTH].strip("-")
    return name if len(name) >= SHORTEST_NAME else f"bo-du-lieu-{name}".strip("-")
