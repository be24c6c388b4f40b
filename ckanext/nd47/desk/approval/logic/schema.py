"""Parameters of the actions of the approval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.desk.approval import service
from ckanext.nd47.desk.approval.axes import Event
from ckanext.nd47.desk.approval.steps.chain import STEPS, known_steps
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import values

PAGE = 50
LARGEST_PAGE = 1_000
MOST_AT_ONCE = 50
"""Datasets of one decision at most."""

LONGEST_TEXT = 2_000
LONGEST_NUMBER = 100
MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M")
"""Moments without a time zone are in Viet Nam's."""


def text(data_dict: DataDict, name: str, *, required: bool = False) -> str:
    """Return a text of some lines.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is missing, too long, or not a text.
    """
    value = data_dict.get(name)
    if value is not None and not isinstance(value, str):
        raise _error(name, tk._("Enter a text here, not a list or another structure."))
    try:
        cleaned = values.clean_text((value or "").replace("\r\n", "\n").strip())
    except ValueError as error:
        raise _error(name, inputs.hidden_character(str(error))) from None
    if required and not cleaned:
        raise _error(name, tk._("Give the reason: it is obligatory here."))
    if len(cleaned) > LONGEST_TEXT:
        message = tk._("This is too long: at most {limit} characters.")
        raise _error(name, message.format(limit=LONGEST_TEXT))
    return cleaned


def line(data_dict: DataDict, name: str) -> str:
    """Return a text of one line, such as the number of a decision."""
    value = text(data_dict, name)
    if len(value) > LONGEST_NUMBER:
        message = tk._("This is too long: at most {limit} characters.")
        raise _error(name, message.format(limit=LONGEST_NUMBER))
    return values.one_line(value)


def day(data_dict: DataDict, name: str) -> dt.date | None:
    """Return a day, which may be missing."""
    value = text(data_dict, name)
    if not value:
        return None
    try:
        return dates.parse(value)
    except ValueError:
        raise _error(name, tk._("Write the day as in 31/12/2026.")) from None


def moment(data_dict: DataDict, name: str) -> dt.datetime | None:
    """Return a moment with its time zone; None where it is empty."""
    value = text(data_dict, name)
    if not value:
        return None
    try:
        return _moment(value)
    except (ValueError, OverflowError):
        message = tk._("Write the moment as in 31/12/2026 08:30.")
        raise _error(name, message) from None


def _moment(value: str) -> dt.datetime:
    """Return a moment with its time zone.

    Raises:
        ValueError: it is none.
        OverflowError: it is before the year 1 in another time zone, or after the year 9999.
    """
    read = _as_written(value)
    if read.astimezone(dt.timezone.utc).year == dt.MAXYEAR:
        # The database would store it, and in some time zones nobody could read it again.
        raise OverflowError(value)
    return read


def _as_written(value: str) -> dt.datetime:
    spaced = value.replace("T", " ", 1)
    for written in MOMENTS:
        try:
            return dt.datetime.strptime(spaced, written).replace(tzinfo=values.VIETNAM)
        except ValueError:  # noqa: PERF203 - three forms
            continue
    read = dt.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return read if read.tzinfo else read.replace(tzinfo=values.VIETNAM)


def decision(data_dict: DataDict) -> Event:
    """Return the decision."""
    value = text(data_dict, "decision")
    if value not in service.DECISIONS:
        raise _error("decision", inputs.none_of(value, service.DECISIONS))
    return service.DECISIONS[value]


def ids(data_dict: DataDict) -> list[str]:
    """Return the ids of datasets, each once."""
    references = inputs.of_kinds(data_dict, ids="list").get("ids") or []
    chosen = list(dict.fromkeys(reference for reference in references if reference))
    if not chosen:
        raise _error("ids", tk._("Choose at least one dataset."))
    if len(chosen) > MOST_AT_ONCE:
        message = tk._("At most {number} datasets at once.")
        raise _error("ids", message.format(number=MOST_AT_ONCE))
    return chosen


def versions(data_dict: DataDict) -> dict[str, int]:
    """Return the version of the row of each dataset that was seen, by id."""
    versions_by_id = data_dict.get("versions")
    if versions_by_id in (None, ""):
        return {}
    if not isinstance(versions_by_id, Mapping):
        raise _error("versions", tk._("Enter names and numbers here."))
    return {
        str(key): inputs.number(versions_by_id, key, 0, inputs.LARGEST) for key in versions_by_id
    }


def version(data_dict: DataDict) -> int | None:
    """Return the version of the row that was seen; None where it is not compared."""
    if data_dict.get("version") in (None, ""):
        return None
    return inputs.number(data_dict, "version", 0, inputs.LARGEST)


def steps(data_dict: DataDict) -> list[str]:
    """Return the steps of a chain, which may be empty."""
    submitted: list[str] = inputs.of_kinds(data_dict, chain="list").get("chain") or []
    chosen = [step for step in submitted if step]
    for step in chosen:
        if step not in STEPS:
            raise _error("chain", inputs.none_of(step, STEPS))
    if len(known_steps(chosen)) != len(chosen):
        message = tk._("Write one to three different steps of these: {steps}.")
        raise _error("chain", message.format(steps=", ".join(STEPS)))
    return chosen


def required(data_dict: DataDict) -> bool | None:
    """Return whether an agency needs approval; None where it follows others."""
    value = data_dict.get("required")
    if value in (None, ""):
        return None
    return inputs.of_kinds(data_dict, required="flag")["required"]


def _error(name: str, message: str) -> tk.ValidationError:
    return tk.ValidationError({name: [message]})
