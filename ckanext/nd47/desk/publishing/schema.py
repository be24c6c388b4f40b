"""Parameters of the actions of publication."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates


class NewPeriod(NamedTuple):
    """The checked parameters of a new period."""

    upload: FileStorage
    period: str
    modified: dt.date


def reference(data_dict: DataDict) -> str:
    """Return the id or name of a dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is missing.
    """
    return tk.get_or_bust(inputs.of_kinds(data_dict, id="text"), "id")


def upload(data_dict: DataDict) -> FileStorage | None:
    """Return the uploaded file, None if there is none.

    Raises:
        ckan.plugins.toolkit.ValidationError: it is no file.
    """
    value: Any = data_dict.get("upload")
    if value is None or value == "":
        return None
    if not isinstance(value, FileStorage):
        raise tk.ValidationError({"upload": [tk._("Choose a file.")]})
    return value if value.filename else None


def new_period(data_dict: DataDict) -> NewPeriod:
    """Return the checked parameters of a new period.

    Raises:
        ckan.plugins.toolkit.ValidationError: one of them is missing or invalid, all at once.
    """
    texts = inputs.of_kinds(data_dict, period="text", modified="text")
    errors: dict[str, Any] = {}
    file = upload(data_dict)
    if file is None:
        errors["upload"] = [tk._("Choose a file.")]
    period, modified = "", dates.today()
    try:
        period = dates.period(texts.get("period", ""))
    except ValueError:
        errors["period"] = [
            tk._("Give the period as in 2024, quarter 1/2024, 01/2024 or school year 2024-2025.")
        ]
    try:
        modified = dates.parse(texts.get("modified", ""))
    except ValueError:
        errors["modified"] = [tk._("Give the day as day/month/year, for example 05/04/2025.")]
    if modified > dates.today():
        errors["modified"] = [tk._("This day is in the future.")]
    if errors or file is None:
        raise tk.ValidationError(errors)
    return NewPeriod(file, period, modified)
