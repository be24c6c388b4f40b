"""What each account may see of the register, and which agencies it may name in a record.

Everybody sees the public fields of the focal points in office at active organisations. All pages,
actions, searches, files and RDF use the functions of this module to decide that.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, TypedDict, get_args

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import Context

from ckanext.nd47.agencies import directory, register
from ckanext.nd47.agencies.directory import FocalPointInfo
from ckanext.nd47.agencies.model import Agency, FocalPoint
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates

log = logging.getLogger(__name__)

Level = Literal["public", "editor", "admin"]
"""What an account may see of an agency's focal points: the public fields of those in office, all
fields except personal ones, or everything."""

LEVELS: tuple[Level, ...] = ("public", "editor", "admin")

PublicField = Literal["full_name", "position", "function", "telephone", "email"]
InternalField = Literal[
    "valid_from", "valid_to", "document_number", "document_date", "document_url", "document_file"
]
PersonalField = Literal["personal_telephone", "personal_email"]
FocalPointField = PublicField | InternalField | PersonalField

CHOICES: tuple[PublicField, ...] = get_args(PublicField)
"""The public set of Decree 47/2020/NĐ-CP, Article 7(1): telephone, e-mail, name, position and
function. A portal chooses among them, since the law on personal data binds it too."""

INTERNAL: tuple[PublicField | InternalField, ...] = (*CHOICES, *get_args(InternalField))
PERSONAL: tuple[PersonalField, ...] = get_args(PersonalField)

FOCAL_POINT_PATH = "focal-point"


class _Person(TypedDict, total=False):
    full_name: str
    position: str
    function: str
    telephone: str
    email: str
    valid_from: str
    valid_to: str
    document_number: str
    document_date: str
    document_url: str
    document_file: str
    personal_telephone: str
    personal_email: str


class FocalPointDict(_Person):
    """A focal point as actions return it: those of its fields that the reader may see.

    Days are ISO dates; a field without a value is empty.
    """

    id: str
    agency_id: str
    role: str
    rank: str
    uri: str


class AgencyDict(TypedDict):
    """An agency as actions return it; `parent` and `successor` are ids, days ISO dates."""

    id: str
    name: str
    title: str
    code: str
    former_code: str
    legal_name: str
    short_name: str
    title_en: str
    level: str
    parent: str
    administrative_unit: str
    address: str
    telephone: str
    email: str
    url: str
    valid_from: str
    valid_to: str
    successor: str


def public_fields() -> tuple[PublicField, ...]:
    """Return the fields of a focal point that everybody may see."""
    return _public_fields(tuple(config.focal_point_public_fields()))


@lru_cache(maxsize=4)
def _public_fields(names: tuple[str, ...]) -> tuple[PublicField, ...]:
    for name in names:
        if name not in CHOICES:
            log.warning("%s: there is no field “%s”", config.FOCAL_POINT_PUBLIC_FIELDS, name)
    return tuple(name for name in CHOICES if name in names)


def is_public() -> sa.ColumnElement[bool]:
    """Return the condition for a focal point that everybody may see."""
    # An alias, because the statement may join the table of organisations already.
    holder = model.group_table.alias("holder")
    active = sa.exists().where(
        holder.c.id == FocalPoint.agency_id, holder.c.state == model.State.ACTIVE
    )
    return sa.and_(directory.in_office(), active)


def has_public_address() -> sa.ColumnElement[bool]:
    """Return the condition for a focal point whose e-mail or telephone everybody may see."""
    names = [name for name in ("email", "telephone") if name in public_fields()]
    return sa.or_(sa.false(), *(getattr(FocalPoint, name) != "" for name in names))


def level(context: Context, agency_id: str) -> Level:
    """Return what the account of a context may see of an agency."""
    user = context.get("user") or ""
    if sees_deleted(context):
        return "admin"
    group = model.Group.get(agency_id)
    # CKAN checks the state of the membership, but not that of the organisation.
    if not user or group is None or group.state != model.State.ACTIVE:
        return "public"
    if authz.has_user_permission_for_group_or_org(agency_id, user, "update"):
        return "admin"
    is_editor = authz.has_user_permission_for_group_or_org(agency_id, user, "update_dataset")
    return "editor" if is_editor else "public"


def has_level(context: Context, agency_id: str, required: Level) -> bool:
    """Return whether the account of a context has at least a level in an agency."""
    return LEVELS.index(level(context, agency_id)) >= LEVELS.index(required)


def sees_deleted(context: Context) -> bool:
    """Return whether an account may see deleted agencies: only system administrators may."""
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user") or "")


def public_view(
    record: FocalPoint | FocalPointInfo, day: dt.date | None = None
) -> FocalPointDict | None:
    """Return what everybody may see of a focal point on a day.

    None for one that is not in office on that day, or whose agency was deleted.
    """
    if not dates.within(record.valid_from, record.valid_to, day):
        return None
    if directory.get(record.agency_id) is None:
        return None
    return view(record, "public")


def view(record: FocalPoint | FocalPointInfo, level: Level) -> FocalPointDict:
    """Return a focal point as actions return it.

    Args:
        record: the focal point.
        level: what the reader may see.
    """
    shown: FocalPointDict = {
        "id": record.id,
        "agency_id": record.agency_id,
        "role": record.role,
        "rank": record.rank,
        "uri": focal_point_iri(record.id),
    }
    for name in _visible(level):
        value: str | dt.date | None = getattr(record, name)
        shown[name] = value if isinstance(value, str) else dates.iso(value)
    return shown


def _visible(level: Level) -> tuple[FocalPointField, ...]:
    if level == "public":
        return public_fields()
    return (*INTERNAL, *PERSONAL) if level == "admin" else INTERNAL


def focal_point_iri(focal_point_id: str) -> str:
    """Return the IRI of a focal point, which also leads to the page of its agency."""
    return f"{config.base_iri()}/{FOCAL_POINT_PATH}/{focal_point_id}"


def agency_view(entry: Agency, group: model.Group) -> AgencyDict:
    """Return an agency as actions return it; all of it is public."""
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


def may_name(context: Context, agency_id: str, owner: str | None, required: Level) -> bool:
    """Return whether an account may name an agency in a record of another agency.

    A superior agency may always be named. Any other one only by an account with a role in both
    agencies, or by a system administrator.

    Args:
        context: of the action.
        agency_id: id of the agency that is named.
        owner: id or name of the agency whose record names it.
        required: level that the account must have in the agency that is named.
    """
    return directory.is_within(owner, agency_id) or has_level(context, agency_id, required)


def check_named(context: Context, entry: Agency, values: Mapping[str, Any]) -> None:
    """Check that an account may name the superior agency and the successor in an entry.

    Args:
        context: of the action.
        entry: the entry before the change.
        values: the new values by column of the register.

    Raises:
        ckan.plugins.toolkit.ValidationError: it may not; by parameter of the action.
    """
    problems: dict[str, Any] = {
        parameter: [naming_refused(str(values[column]))]
        for parameter, column in register.REFERENCES.items()
        if values.get(column)
        and values[column] not in (getattr(entry, column), entry.id)
        and not may_name(context, str(values[column]), entry.id, "admin")
    }
    if problems:
        raise tk.ValidationError(problems)


def naming_refused(agency_id: str) -> str:
    """Return why an agency cannot be named, and who can name it."""
    agency = directory.get(agency_id)
    return tk._(
        "“{agency}” has to agree. Ask somebody who administers both agencies, or an administrator "
        "of the portal, to enter it."
    ).format(agency=directory.display_title(agency) if agency else agency_id)
