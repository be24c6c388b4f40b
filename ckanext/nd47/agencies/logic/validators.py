"""Validators of the register's actions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.agencies import columns, public, register
from ckanext.nd47.agencies.model import RANKS, ROLES
from ckanext.nd47.lib import dates, values, vocabulary
from ckanext.nd47.lib.inputs import hidden_character, refuse, text_of

__all__ = [
    "nd47_register_agency",
    "nd47_register_choice",
    "nd47_register_day",
    "nd47_register_former_code",
    "nd47_register_holder",
    "nd47_register_offset",
    "nd47_register_text",
    "nd47_register_unit",
]

FORMER_CODE = re.compile(r"[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Y][0-9]{2}")
"""QCVN 102:2016/BTTTT, whose groups stand from the lowest to the highest."""

LARGEST_OFFSET = 10**9
"""Beyond any list, and within what PostgreSQL takes."""

REACHED_BY = ("telephone", "email")
"""How the fields end where "Không công bố" means that there is none."""

ALLOWED: dict[str, Callable[[], Any]] = {
    "level": lambda: [term.code for term in vocabulary.get("agency-level")],
    "role": lambda: ROLES,
    "rank": lambda: RANKS,
}


def nd47_register_text(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Clean a text; one that is empty clears the field and needs no more checks."""
    if data[key] is None:
        data[key] = ""
    try:
        data[key] = values.clean_text(text_of(data[key], key, errors)).strip()
    except ValueError as error:
        refuse(key, errors, hidden_character(str(error)))
    if key[-1].endswith(REACHED_BY) and values.says_nothing(data[key]):
        data[key] = ""
    if not data[key]:
        raise tk.StopOnError


def nd47_register_day(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a whole date, day first or ISO."""
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
    """Keep a number within what the database can count."""
    return min(value, LARGEST_OFFSET)


def nd47_register_choice(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a code of the list that the field has; who writes another is told the labels."""
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
    """Accept id, name or code of an agency; it becomes the id."""
    found = register.by_reference(data[key])
    if found is None:
        refuse(
            key,
            errors,
            tk._("There is no agency “{value}” on this portal.").format(value=data[key][:80]),
        )
    data[key] = found


def nd47_register_holder(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept the agency that a list is about, from system administrators also a deleted one."""
    found = register.by_reference(data[key], deleted=public.sees_deleted(context))
    if found is None:
        nd47_register_agency(key, data, errors, context)
    data[key] = found
