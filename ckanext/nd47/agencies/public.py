"""Who sees what of the register: the one place that decides what is public of a person.

Everybody sees the chosen fields of those in office at an agency whose organisation is active, and
nothing of anybody else. Every surface asks here: `person` for one focal point, `shown` for a
condition of a statement.
"""

from __future__ import annotations

import datetime as dt
import logging
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa

from ckan import authz, model
from ckan.types import Context

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.directory import Officer
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib import config, dates

log = logging.getLogger(__name__)

Level = Literal["public", "editor", "admin"]
"""What someone may see of an agency's focal points: the public fields of those in office, all but
what is personal, or everything."""

RANKED: tuple[Level, ...] = ("public", "editor", "admin")

CHOICES = ("full_name", "position", "function", "telephone", "email")
"""The public set of Decree 47/2020/NĐ-CP, Article 7(1): telephone, e-mail, name, position and
function. A portal chooses among them, since the law on personal data binds it too."""

FACTS = ("id", "agency_id", "role", "rank")
INTERNAL = (
    *CHOICES,
    "valid_from",
    "valid_to",
    "document_number",
    "document_date",
    "document_url",
    "document_file",
)
PERSONAL = ("personal_telephone", "personal_email")

FOCAL_POINT_PATH = "focal-point"


def fields() -> tuple[str, ...]:
    """Return the fields of a focal point that everybody may see."""
    return _chosen(tuple(config.focal_point_public_fields()))


def reachable() -> sa.ColumnElement[bool]:
    """Return the condition for a focal point that everybody sees a mailbox or number of."""
    shown = [name for name in ("email", "telephone") if name in fields()]
    return sa.or_(sa.false(), *(getattr(FocalPoint, name) != "" for name in shown))


@lru_cache(maxsize=4)
def _chosen(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in CHOICES:
            log.warning("%s: there is no field “%s”", config.FOCAL_POINT_PUBLIC_FIELDS, name)
    return tuple(name for name in CHOICES if name in names)


def level(context: Context, agency_id: str) -> Level:
    """Return what the account of a context may see of an agency."""
    user = context.get("user") or ""
    if sees_deleted(context):
        return "admin"
    group = model.Group.get(agency_id)
    # CKAN asks for the member's state and not for that of the organisation.
    if group is None or group.state != model.State.ACTIVE:
        return "public"
    if user and _may(agency_id, user, "update"):
        return "admin"
    return "editor" if user and _may(agency_id, user, "update_dataset") else "public"


def at_least(context: Context, agency_id: str, wanted: Level) -> bool:
    """Say whether the account of a context is something in an agency, or more than that."""
    return RANKED.index(level(context, agency_id)) >= RANKED.index(wanted)


def sees_deleted(context: Context) -> bool:
    """Say whether an account may know of deleted agencies: a system administrator's."""
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user") or "")


def shown() -> sa.ColumnElement[bool]:
    """Return the condition for a focal point that everybody may know of."""
    # Under a name of its own, since a statement may have the table of organisations already.
    holder = model.group_table.alias("holder")
    active = sa.exists().where(
        holder.c.id == FocalPoint.agency_id, holder.c.state == model.State.ACTIVE
    )
    return sa.and_(directory.in_office(), active)


def person(record: FocalPoint | Officer, day: dt.date | None = None) -> dict[str, Any] | None:
    """Return what everybody may see of a focal point on a day, None where that is nothing.

    Nothing is public of who is not in office yet or any more, nor where the agency was deleted.
    """
    if not dates.within(record.valid_from, record.valid_to, day):
        return None
    if directory.directory().get(record.agency_id) is None:
        return None
    return focal_point(record, "public")


def _may(agency_id: str, user: str, permission: str) -> bool:
    return bool(authz.has_user_permission_for_group_or_org(agency_id, user, permission))


def focal_point(
    record: FocalPoint | Officer, seen: Level, names: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return a focal point as an action gives it to somebody who may know of it.

    Args:
        record: the focal point.
        seen: what the reader may see.
        names: more to say of its agency.
    """
    shown = {"public": fields(), "editor": INTERNAL, "admin": INTERNAL + PERSONAL}[seen]
    found = {name: _plain(getattr(record, name)) for name in (*FACTS, *shown)}
    return {**found, "uri": iri(record.id), **(names or {})}


def agency(entry: Agency, group: model.Group) -> dict[str, Any]:
    """Return an agency as an action gives it; all of it is public."""
    return {
        "id": entry.id,
        "name": group.name,
        "title": group.title or group.name,
        "code": entry.code or "",
        "former_code": entry.former_code,
        "legal_name": entry.legal_name,
        "short_name": entry.short_name,
        "title_en": entry.title_en,
        "level": entry.level,
        "parent": entry.parent_id or "",
        "administrative_unit": entry.administrative_unit,
        "address": entry.address,
        "telephone": entry.telephone,
        "email": entry.email,
        "url": entry.url,
        "valid_from": dates.iso(entry.valid_from),
        "valid_to": dates.iso(entry.valid_to),
        "successor": entry.successor_id or "",
    }


def iri(focal_point_id: str) -> str:
    """Return the address that stands for a focal point, in RDF and for people."""
    return f"{config.base_iri()}/{FOCAL_POINT_PATH}/{focal_point_id}"


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else dates.iso(value)
