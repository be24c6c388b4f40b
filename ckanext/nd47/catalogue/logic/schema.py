"""Parameters of the actions of this room."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.directory import AgencyInfo
from ckanext.nd47.catalogue.records import stored
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.language import text

PAGE = 50
LARGEST_PAGE = 1_000
MOST_IDS = 500
LONGEST_TEXT = 2_000
LONGEST_LINE = 500
NAME_LENGTH = 90
NOT_NAME = re.compile(r"[^a-z0-9]+")


def page(data_dict: DataDict) -> tuple[int, int]:
    """Return the limit and the offset of a page."""
    limit = inputs.number(data_dict, "limit", PAGE, LARGEST_PAGE)
    return limit, inputs.number(data_dict, "offset", 0, inputs.LARGEST)


def agency(data_dict: DataDict) -> AgencyInfo | None:
    """Return the agency that an input names, None where it names none."""
    reference = data_dict.get("agency")
    is_text = isinstance(reference, str) and reference and inputs.storable(reference)
    return directory.get(reference) if is_text else None


def version(data_dict: DataDict) -> int | None:
    """Return the version that somebody looked at, None where they name none."""
    if data_dict.get(stored.VERSION) in (None, ""):
        return None
    return inputs.number(data_dict, stored.VERSION, 0, inputs.LARGEST)


def note(data_dict: DataDict, name: str = "note", *, required: bool = False) -> str:
    """Return a text of some lines.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is missing, too long, or not a text.
    """
    value = data_dict.get(name)
    if value is not None and not isinstance(value, str):
        message = tk._("Enter a text here, not a list or another structure.")
        raise stored.invalid(name, message)
    try:
        cleaned = values.clean_text((value or "").replace("\r\n", "\n").strip())
    except ValueError as error:
        raise stored.invalid(name, inputs.hidden_character(str(error))) from None
    if required and not cleaned:
        raise stored.invalid(name, tk._("Give the reason: it is obligatory here."))
    if len(cleaned) > LONGEST_TEXT:
        message = tk._("This is too long: at most {limit} characters.")
        raise stored.invalid(name, message.format(limit=LONGEST_TEXT))
    return cleaned


def line(data_dict: DataDict, name: str, *, required: bool = False) -> str:
    """Return a text of one line; as `note`."""
    value = values.one_line(note(data_dict, name))
    if required and not value:
        raise stored.invalid(name, tk._("Enter a value here."))
    if len(value) > LONGEST_LINE:
        message = tk._("This is too long: at most {limit} characters.")
        raise stored.invalid(name, message.format(limit=LONGEST_LINE))
    return value


def day(data_dict: DataDict, name: str, *, required: bool = False) -> dt.date | None:
    """Return a day, which may be missing unless it is required."""
    value = line(data_dict, name, required=required)
    if not value:
        return None
    try:
        return dates.parse(value)
    except ValueError:
        raise stored.invalid(name, tk._("Write the day as in 31/12/2026.")) from None


def choice(data_dict: DataDict, name: str, allowed: Collection[str], default: str = "") -> str:
    """Return one of some words."""
    value = line(data_dict, name) or default
    if value not in allowed:
        raise stored.invalid(name, inputs.none_of(value, list(allowed)))
    return value


def ids(data_dict: DataDict, name: str) -> list[str]:
    """Return references, each once.

    Raises:
        ckan.plugins.toolkit.ValidationError: there is none, or there are too many.
    """
    references: list[str] = inputs.of_kinds(data_dict, **{name: "list"}).get(name) or []
    chosen = list(dict.fromkeys(reference for reference in references if reference))
    if not chosen:
        raise stored.invalid(name, tk._("Choose at least one."))
    if len(chosen) > MOST_IDS:
        message = tk._("At most {number} at once.")
        raise stored.invalid(name, message.format(number=MOST_IDS))
    return chosen


def name_of(title: str) -> str:
    """Return the name in addresses for a title."""
    return NOT_NAME.sub("-", text.fold(title)).strip("-")[:NAME_LENGTH].strip("-") or "danh-muc"


def filters(data_dict: DataDict, names: Collection[str]) -> dict[str, str]:
    """Return the filters that have a value."""
    chosen = {name: line(data_dict, name) for name in names if data_dict.get(name)}
    if "q" in chosen:
        chosen["q"] = text.search_words(chosen["q"])
    return {name: value for name, value in chosen.items() if value}


def cleaned(data: dict[str, Any]) -> dict[str, Any]:
    """Return an input without the parameters that are about the row itself."""
    return {name: value for name, value in data.items() if name not in ("id", stored.VERSION)}
