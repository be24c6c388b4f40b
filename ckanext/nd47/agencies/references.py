"""The agencies of the portal by all that a table may name them by, read once for a table."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.lib import text


class AmbiguousError(ValueError):
    """Several agencies bear the name; the text says so."""

    def __init__(self, title: str) -> None:
        super().__init__(
            tk._("Several agencies are called “{title}”. Give the code.").format(title=title[:80])
        )


@dataclass
class References:
    """Agencies by id, address, code and title.

    Attributes:
        names: ids by address.
        codes: ids by code.
        titles: ids by folded title, full name and short name.
        coded: ids of those that have a code.
    """

    names: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    titles: dict[str, set[str]] = field(default_factory=dict)
    coded: set[str] = field(default_factory=set)

    def __contains__(self, agency_id: object) -> bool:
        """Tell whether there is an agency of this id."""
        return agency_id in self._ids

    def __post_init__(self) -> None:
        """Start without any."""
        self._ids: set[str] = set()

    def add(self, agency_id: str, *, name: str = "", title: str = "", code: str = "") -> None:
        """Note what an agency is called."""
        self._ids.add(agency_id)
        if name:
            self.names[name] = agency_id
        if title:
            self.titles.setdefault(text.fold(title), set()).add(agency_id)
        if code:
            self.codes[code.upper()] = agency_id
            self.coded.add(agency_id)

    def has_name(self, name: str) -> bool:
        """Tell whether an address is taken."""
        return not name or name in self.names

    def find(self, reference: str) -> str | None:
        """Return the id of the agency that an id, address, code or title stands for.

        Raises:
            AmbiguousError: it is the title of several.
        """
        reference = reference.strip()
        if reference in self._ids:
            return reference
        found = self.names.get(reference) or self.codes.get(reference.upper())
        return found or self._one(self.titles.get(text.fold(reference), set()), reference)

    def agency(self, *, name: str, code: str, title: str, slug: str) -> str | None:
        """Return the agency that a row is about, None where the portal has none.

        One with a code of its own is not meant by a row with another code, whatever its title.

        Raises:
            AmbiguousError: the row has nothing but a title, which several bear.
        """
        by_name = name if name in self._ids else self.names.get(name)
        found = by_name or self.codes.get(code.upper())
        if found:
            return found
        titled = self.titles.get(text.fold(title), set()) if title else set()
        if not titled and self.names.get(slug):
            titled = {self.names[slug]}
        return self._one(titled - self.coded if code else titled, title)

    @staticmethod
    def _one(found: set[str], title: str) -> str | None:
        if len(found) > 1:
            raise AmbiguousError(title)
        return next(iter(found), None)


def load() -> References:
    """Return the agencies of the portal, and the addresses that its groups have taken."""
    known = References()
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
            known.names.setdefault(row.name, "")
            continue
        known.add(row.id, name=row.name, code=row.code or "")
        if row.state == model.State.ACTIVE:
            for title in (row.title, row.legal_name, row.short_name):
                known.add(row.id, title=title or "")
    return known
