"""Parameters of the actions of the plans."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.catalogue.logic import schema
from ckanext.nd47.catalogue.records.stored import invalid
from ckanext.nd47.lib import inputs

MOST_STAGES = 20
HUNDRED = 100


def values(data_dict: DataDict, *, required: bool) -> dict[str, Any]:
    """Return the fields of a plan that an input has.

    Args:
        data_dict: the input.
        required: whether it must have title and days.
    """
    plan_fields: dict[str, Any] = {}
    if required or "title" in data_dict:
        plan_fields["title"] = schema.line(data_dict, "title", required=True)
    for name in ("first_day", "last_day"):
        if required or name in data_dict:
            plan_fields[name] = schema.day(data_dict, name, required=True)
    if "description" in data_dict:
        plan_fields["description"] = schema.note(data_dict, "description")
    return plan_fields


def stages(data_dict: DataDict) -> list[dict[str, Any]] | None:
    """Return the stages of an input, None where it does not have them."""
    submitted = data_dict.get("stages")
    if submitted is None:
        return None
    if not isinstance(submitted, list) or len(submitted) > MOST_STAGES:
        raise invalid("stages", tk._("Enter a list of names and values here."))
    made: list[dict[str, Any]] = []
    for stage in submitted:
        if not isinstance(stage, dict):
            raise invalid("stages", tk._("Enter a list of names and values here."))
        try:
            made.append(
                {
                    "title": schema.line(stage, "title", required=True),
                    "first_day": schema.day(stage, "first_day", required=True),
                    "last_day": schema.day(stage, "last_day", required=True),
                    "share_of_items": _share(stage, "share_of_items"),
                    "share_of_agencies": _share(stage, "share_of_agencies"),
                    "minimum_level": schema.line(stage, "minimum_level"),
                }
            )
        except tk.ValidationError as error:
            messages = [text for texts in inputs.error_messages(error).values() for text in texts]
            raise tk.ValidationError({"stages": messages}) from error
    return made


def _share(data_dict: DataDict, name: str) -> int | None:
    if data_dict.get(name) in (None, ""):
        return None
    share = inputs.number(data_dict, name, 0, inputs.LARGEST)
    if share > HUNDRED:
        raise invalid(name, tk._("Enter a share in percent, from 0 to 100."))
    return share
