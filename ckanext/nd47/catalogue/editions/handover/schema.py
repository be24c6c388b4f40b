"""Parameters of the actions of the hand-over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.catalogue.editions.handover.model import ACCEPTED, REFUSED, STATES, WAYS
from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.calendar import dates

OF_SENDING = ("recipient", "document_number", "note")
OF_ANSWER = ("answer_number", "answer")
SCHEMES = ("https://", "http://")


def sending(data_dict: DataDict) -> dict[str, Any]:
    """Return what was sent.

    Raises:
        ckan.plugins.toolkit.ValidationError: a parameter is wrong or missing.
    """
    names = ("way", "sent", *OF_SENDING, "document_date")
    parameters = inputs.of_kinds(data_dict, **dict.fromkeys(names, "words"))
    errors: dict[str, Any] = {}
    if parameters.get("way") not in WAYS:
        errors["way"] = [inputs.none_of(str(parameters.get("way", "")), WAYS)]
    if not parameters.get("recipient", "").strip():
        errors["recipient"] = [tk._("Enter to whom it was sent.")]
    days = _days(parameters, ("sent", "document_date"), errors)
    if days.get("sent") is None and "sent" not in errors:
        errors["sent"] = [tk._("Enter the day on which it was sent.")]
    if errors:
        raise tk.ValidationError(errors)
    texts = {name: parameters.get(name, "").strip() for name in OF_SENDING}
    return {"way": parameters["way"], **texts, **days}


def answer(data_dict: DataDict) -> dict[str, Any]:
    """Return what came back.

    Raises:
        ckan.plugins.toolkit.ValidationError: a parameter is wrong.
    """
    names = ("answered", *OF_ANSWER)
    parameters = inputs.of_kinds(data_dict, **dict.fromkeys(names, "words"))
    errors: dict[str, Any] = {}
    days = _days(parameters, ("answered",), errors)
    if errors:
        raise tk.ValidationError(errors)
    return {**{name: parameters.get(name, "").strip() for name in OF_ANSWER}, **days}


def result(data_dict: DataDict) -> tuple[str, str, str]:
    """Return state, reason and address of a dataset.

    Raises:
        ckan.plugins.toolkit.ValidationError: a parameter is wrong, or a refusal has no reason.
    """
    names = ("state", "reason", "address")
    parameters = inputs.of_kinds(data_dict, **dict.fromkeys(names, "words"))
    state = parameters.get("state", "")
    reason, address = parameters.get("reason", "").strip(), parameters.get("address", "").strip()
    errors: dict[str, Any] = {}
    if state not in STATES:
        errors["state"] = [inputs.none_of(state, STATES)]
    if state == REFUSED and not reason:
        errors["reason"] = [tk._("Enter why it was refused.")]
    if address and not address.startswith(SCHEMES):
        errors["address"] = [tk._("Enter a web address, with http:// or https:// in front.")]
    if errors:
        raise tk.ValidationError(errors)
    return state, reason if state == REFUSED else "", address if state == ACCEPTED else ""


def state(data_dict: DataDict) -> str:
    """Return a state, empty for all.

    Raises:
        ckan.plugins.toolkit.ValidationError: there is none.
    """
    wanted = inputs.of_kinds(data_dict, state="text").get("state", "")
    if wanted and wanted not in STATES:
        raise tk.ValidationError({"state": [inputs.none_of(wanted, STATES)]})
    return wanted


def _days(
    parameters: Mapping[str, Any], names: tuple[str, ...], errors: dict[str, Any]
) -> dict[str, dt.date | None]:
    return {name: _day(parameters.get(name, "").strip(), name, errors) for name in names}


def _day(written: str, name: str, errors: dict[str, Any]) -> dt.date | None:
    try:
        return dates.parse(written) if written else None
    except ValueError:
        errors[name] = [tk._("Enter a day as 31/01/2027 or 2027-01-31.")]
        return None
