"""What is known of an agency, that is of a CKAN organisation and its entry in the register."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import directory, register, tables
from ckanext.nd47.agencies.directory import Known as Agency
from ckanext.nd47.agencies.directory import at_hand
from ckanext.nd47.lib import dates, http

__all__ = [
    "Agency",
    "at_hand",
    "code_for",
    "everyone",
    "get",
    "named",
    "of_code",
    "prime",
    "shown",
    "stands_below",
    "successor",
    "top_parent",
]

ENGLISH = "en"


def get(reference: str | None) -> Agency | None:
    """Return the agency of an organisation id or name, None where there is none."""
    return directory.directory().get(reference) if reference else None


def named(agency_id: str | None) -> tuple[str, str] | None:
    """Return name and title of an organisation by its id, None where there is none."""
    return directory.directory().named(agency_id) if agency_id else None


def shown(one: Agency) -> str:
    """Return the name of an agency for a page: in English on an English page, where it has one."""
    return one.title_en if one.title_en and http.language() == ENGLISH else one.title


def everyone() -> list[tuple[str, str]]:
    """Return id and title of each active organisation, by title."""
    rows = model.Session.execute(
        sa.select(model.Group.id, model.Group.title, model.Group.name)
        .where(model.Group.is_organization.is_(True), model.Group.state == model.State.ACTIVE)
        .order_by(model.Group.title)
    )
    return [(group_id, title or name) for group_id, title, name in rows]


def top_parent(reference: str | None) -> Agency | None:
    """Return the agency at the top of the tree that an organisation stands in."""
    path = _climb(reference)
    return path[-1] if path else None


def code_for(reference: str | None) -> str:
    """Return the code of an organisation, or of its nearest parent that has one, or nothing."""
    return next((agency.code for agency in _climb(reference) if agency.code), "")


def of_code(code: str) -> Agency | None:
    """Return the agency of the register that bears a code, None where there is none."""
    if not code or not tables.ready():
        return None
    return directory.directory().get(register.by_code(code) or "")


def stands_below(reference: str | None, other: Agency) -> bool:
    """Say whether an organisation is an agency or stands below it."""
    return any(one.id == other.id for one in _climb(reference))


def successor(one: Agency | None) -> Agency | None:
    """Return the agency that took over from one that has ended, None where none did."""
    if one is None or not one.valid_to or one.valid_to >= dates.today().isoformat():
        return None
    return get(one.successor_id)


def prime(references: Iterable[str]) -> None:
    """Read agencies, those above them and their focal points before a list is gone through."""
    wanted = set(references)
    known = directory.directory()
    known.want(wanted)
    known.want_focal_points(one.id for reference in wanted for one in known.climb(reference))


def _climb(reference: str | None) -> list[Agency]:
    return directory.directory().climb(reference) if reference else []
