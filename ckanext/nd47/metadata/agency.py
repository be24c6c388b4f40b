"""What is known of an agency, that is of a CKAN organisation with the fields of the suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

MAX_DEPTH = 10
"""Levels that are climbed at most, so that a loop of parents ends."""


@dataclass(frozen=True)
class Agency:
    """An agency.

    Attributes:
        id: id of the CKAN organisation.
        name: its name in addresses.
        title: its name for people.
        code: electronic agency code (Decision 20/2020/QĐ-TTg), empty if it has none.
        level: code of the vocabulary `agency-level`.
        email: mailbox of the focal point.
        telephone: number of the focal point.
        url: its website.
        address: where it sits.
    """

    id: str
    name: str
    title: str
    code: str = ""
    level: str = ""
    email: str = ""
    telephone: str = ""
    url: str = ""
    address: str = ""


def get(reference: str | None) -> Agency | None:
    """Return the agency of an organisation id or name, None where there is none."""
    group = model.Group.get(reference) if reference else None
    return _agency(group) if group and group.is_organization else None


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
    return _climb(reference)[-1] if _climb(reference) else None


def code_for(reference: str | None) -> str:
    """Return the code of an organisation, or of its nearest parent that has one, or nothing."""
    return next((agency.code for agency in _climb(reference) if agency.code), "")


def _climb(reference: str | None) -> list[Agency]:
    group = model.Group.get(reference) if reference else None
    path: list[Agency] = []
    while group is not None and group.is_organization and len(path) < MAX_DEPTH:
        path.append(_agency(group))
        group = next(iter(group.get_parent_groups(type=group.type)), None)
    return path


def _agency(group: Any) -> Agency:
    # CKAN does not declare the column `extras` of its model, hence Any.
    extras = group.extras
    return Agency(
        id=group.id,
        name=group.name,
        title=group.title or group.name,
        code=extras.get("identifier", ""),
        level=extras.get("agency_level", ""),
        email=extras.get("email", ""),
        telephone=extras.get("telephone", ""),
        url=extras.get("url", ""),
        address=extras.get("address", ""),
    )
