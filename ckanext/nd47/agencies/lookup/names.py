"""Finds agencies by everything that a table may name them by: id, code, name and titles."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.lib.language import text


class AmbiguousError(ValueError):
    """Several agencies have the same name; the message says so."""

    def __init__(self, title: str) -> None:
        super().__init__(
            tk._("Several agencies are called “{title}”. Give the code.").format(title=title[:80])
        )


@dataclass
class AgencyIndex:
    """Agencies by everything that a table may name them by, read once for each import.

    Attributes:
        ids: all ids.
        names: ids by name in URLs; empty for names of groups.
        codes: ids by code.
        titles: ids by folded title, legal name and short name.
        coded: ids of agencies with a code.
    """

    ids: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    titles: dict[str, set[str]] = field(default_factory=dict)
    coded: set[str] = field(default_factory=set)

    def add(self, agency_id: str, *, name: str = "", title: str = "", code: str = "") -> None:
        """Add names of an agency."""
        self.ids.add(agency_id)
        if name:
            self.names[name] = agency_id
        if title:
            self.titles.setdefault(text.fold(title), set()).add(agency_id)
        if code:
            self.codes[code.upper()] = agency_id
            self.coded.add(agency_id)

    def is_free(self, name: str) -> bool:
        """Return whether a new organisation can have a name."""
        return bool(name) and name not in self.names

    def find(self, reference: str) -> str | None:
        """Return the id of the agency with an id, name, code or title.

        Raises:
            AmbiguousError: several agencies have the title.
        """
        reference = reference.strip()
        if reference in self.ids:
            return reference
        agency_id = self.names.get(reference) or self.codes.get(reference.upper())
        return agency_id or _single(self.titles.get(text.fold(reference), set()), reference)

    def of_row(self, *, name: str, code: str, title: str, slug: str) -> str | None:
        """Return the id of the agency that a row is about, None for a new one.

        An agency with another code is not meant, even if the title is the same.

        Raises:
            AmbiguousError: the row has a title only, and several agencies have it.
        """
        by_name = name if name in self.ids else self.names.get(name)
        agency_id = by_name or self.codes.get(code.upper())
        if agency_id:
            return agency_id
        same_title = self.titles.get(text.fold(title), set()) if title else set()
        if not same_title and self.names.get(slug):
            same_title = {self.names[slug]}
        return _single(same_title - self.coded if code else same_title, title)


def _single(agency_ids: set[str], title: str) -> str | None:
    if len(agency_ids) > 1:
        raise AmbiguousError(title)
    return next(iter(agency_ids), None)


def load_agencies() -> AgencyIndex:
    """Return the agencies of the portal, and the names that groups use."""
    index = AgencyIndex()
    rows = model.Session.execute(
        sa.select(
            model.Group.id,
            model.Group.name,
            model.Group.title,
            model.Group.is_organization,
            model.Group.state,
            Agency.code,
            Agency.legal_name,
            Agency.short_name,
        ).join(Agency, Agency.id == model.Group.id, isouter=True)
    )
    for row in rows:
        if not row.is_organization:
            index.names.setdefault(row.name, "")
            continue
        index.add(row.id, name=row.name, code=row.code or "")
        if row.state == model.State.ACTIVE:
            for title in (row.title, row.legal_name, row.short_name):
                index.add(row.id, title=title or "")
    return index
