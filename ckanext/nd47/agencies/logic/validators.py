"""Validators of the register's actions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.agencies import register
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.import_export import columns
from ckanext.nd47.agencies.model import RANKS, ROLES
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.inputs import hidden_character, refuse, text_of
from ckanext.nd47.lib.vocabularies import vocabulary

__all__ = [
    "nd47_register_agency",
    "nd47_register_choice",
    "nd47_register_day",
    "nd47_register_former_code",
    "nd47_register_owner",
    "nd47_register_offset",
    "nd47_register_text",
    "nd47_register_unit",
]

FORMER_CODE = re.compile(r"[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Y][0-9]{2}")
"""QCVN 102:2016/BTTTT: groups from the lowest to the highest level."""

LARGEST_OFFSET = 10**9
"""More than any list has, and less than PostgreSQL's maximum."""

MAY_BE_UNPUBLISHED = ("telephone", "email")
"""Endings of field names where "Không công bố" means an empty value."""

ALLOWED: dict[str, Callable[[], Any]] = {
    "level": lambda: [term.code for term in vocabulary.get("agency-level")],
    "role": lambda: ROLES,
    "rank": lambda: RANKS,
}


def nd47_register_text(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Clean a text; an empty one clears the field and skips the other validators."""
    if data[key] is None:
        data[key] = ""
    try:
        data[key] = values.clean_text(text_of(data[key], key, errors)).strip()
    except ValueError as error:
        refuse(key, errors, hidden_character(str(error)))
    if key[-1].endswith(MAY_BE_UNPUBLISHED) and values.means_no_value(data[key]):
        data[key] = ""
    if not data[key]:
        raise tk.StopOnError


def nd47_register_day(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a full date, day first or ISO."""
    try:
        data[key] = dates.parse(data[key])
    except ValueError:
        refuse(
            key,
            errors,
            tk._("“{value}” is not a whole date. Write it as in 31/12/2026.").format(
                value=data[key][:80]
            ),
        )


def nd47_register_offset(value: int) -> int:
    """Limit an offset to what the database accepts."""
    return min(value, LARGEST_OFFSET)


def nd47_register_choice(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a code of the field's list; the message for others has the labels."""
    allowed = ALLOWED[key[-1]]()
    if data[key] not in allowed:
        refuse(
            key,
            errors,
            tk._("“{value}” is none of: {values}.").format(
                value=data[key][:80], values=columns.labels(key[-1], allowed)
            ),
        )


def nd47_register_former_code(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a code of the older, reversed form."""
    code = data[key].upper()
    if not FORMER_CODE.fullmatch(code):
        refuse(
            key,
            errors,
            tk._("“{value}” is not a code of the older form, as in 000.02.00.H55.").format(
                value=data[key][:80]
            ),
        )
    data[key] = code


def nd47_register_unit(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept the administrative code of a province or commune."""
    if not values.ADMIN_CODE.fullmatch(data[key]):
        refuse(
            key,
            errors,
            tk._(
                "“{value}” is not an administrative code: 2 digits of a province or 5 of a commune."
            ).format(value=data[key][:80]),
        )


def nd47_register_agency(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept id, name or code of an agency; it is converted to the id."""
    organisation_id = register.organisation_id(data[key])
    if organisation_id is None:
        refuse(
            key,
            errors,
            tk._("There is no agency “{value}” on this portal.").format(value=data[key][:80]),
        )
    data[key] = organisation_id


def nd47_register_owner(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept the agency of a list, from system administrators also a deleted one."""
    organisation_id = register.organisation_id(data[key], deleted=permissions.sees_deleted(context))
    if organisation_id is None:
        nd47_register_agency(key, data, errors, context)
    data[key] = organisation_id
