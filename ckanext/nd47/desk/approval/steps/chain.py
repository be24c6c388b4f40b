"""Which agencies publish with approval, and the steps of it.

The setting of the nearest agency that has one decides, from the agency itself upwards; without any
that of the portal. An agency that was deleted keeps its setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.desk.approval import model as tables
from ckanext.nd47.desk.approval.model import AgencySetting, Case
from ckanext.nd47.lib import config

AGENCY, ABOVE, COMPILING = STEPS = config.APPROVAL_STEPS
"""An approver of the agency, one of the superior agency, an account of the compiling agency."""


@dataclass(frozen=True)
class Rule:
    """Whether an agency publishes with approval, and the steps of it."""

    required: bool
    steps: tuple[str, ...]


class SettingDict(TypedDict):
    """The setting of an agency, for pages and the API."""

    agency_id: str
    agency_name: str
    agency_title: str
    required: bool
    chain: list[str]


def rule_for(agency_id: str | None) -> Rule:
    """Return the rule of an agency; datasets without an agency follow the portal."""
    path = _path(agency_id)
    settings = {}
    if path and tables.ready():
        query = sa.select(AgencySetting).where(AgencySetting.agency_id.in_(path))
        settings = {setting.agency_id: setting for setting in model.Session.scalars(query)}
    nearest = next((settings[org_id] for org_id in path if org_id in settings), None)
    if nearest is None:
        return Rule(config.approval(), portal_steps())
    return Rule(nearest.required, known_steps(nearest.chain) or portal_steps())


def is_used() -> bool:
    """Return whether anything on the portal needs approval or ever did."""
    if not tables.ready():
        return False
    if config.approval():
        return True
    has_rows = sa.or_(sa.exists().select_from(AgencySetting), sa.exists().select_from(Case))
    return bool(model.Session.scalar(sa.select(has_rows)))


def portal_steps() -> tuple[str, ...]:
    """Return the steps of the portal; one step where the option says nothing that is known."""
    return known_steps(config.approval_chain()) or (AGENCY,)


def known_steps(steps: Sequence[str]) -> tuple[str, ...]:
    """Return the steps that are known, each once."""
    return tuple(dict.fromkeys(step for step in steps if step in STEPS))[: config.LONGEST_APPROVAL]


def parent_of(agency_id: str | None) -> str:
    """Return the id of the superior agency; of the agency itself at the top of the tree."""
    agency = directory.cached().get_any(agency_id) if agency_id else None
    return (agency.parent_id or agency.id) if agency else agency_id or ""


def settings() -> list[SettingDict]:
    """Return the settings of all active agencies, by title."""
    query = (
        sa.select(AgencySetting, model.Group.name, model.Group.title)
        .join(model.Group, model.Group.id == AgencySetting.agency_id)
        .where(model.Group.state == model.State.ACTIVE)
        .order_by(model.Group.title, model.Group.id)
    )
    return [
        {
            "agency_id": setting.agency_id,
            "agency_name": name,
            "agency_title": title or name,
            "required": setting.required,
            "chain": list(setting.chain),
        }
        for setting, name, title in model.Session.execute(query)
    ]


def set_rule(agency_id: str, required: bool | None, steps: Sequence[str]) -> None:
    """Set the rule of an agency; None lets it follow the agency above or the portal."""
    if required is None:
        model.Session.execute(sa.delete(AgencySetting).where(AgencySetting.agency_id == agency_id))
        return
    values = {"required": required, "chain": list(steps)}
    statement = insert(AgencySetting).values(agency_id=agency_id, **values)
    model.Session.execute(
        statement.on_conflict_do_update(index_elements=["agency_id"], set_=values)
    )


def _path(agency_id: str | None) -> list[str]:
    """Return an agency and those above it, nearest first, deleted ones too."""
    path: list[str] = []
    while agency_id and agency_id not in path and len(path) < directory.MAX_DEPTH:
        path.append(agency_id)
        agency = directory.cached().get_any(agency_id)
        agency_id = agency.parent_id if agency else None
    return path
