"""What the actions of the register share."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import focal_points, listing, public, register
from ckanext.nd47.agencies.logic import schema
from ckanext.nd47.agencies.model import FocalPoint


def agency_id(context: Context, reference: object) -> str:
    """Return the id of the agency that a parameter names.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such agency, or it was deleted and the
            account is not a system administrator's.
    """
    found = None
    if isinstance(reference, str):
        found = register.by_reference(reference, deleted=public.sees_deleted(context))
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such agency."))
    return found


def focal_point(data_dict: DataDict) -> FocalPoint:
    """Return the focal point that the parameter `id` names.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such focal point.
    """
    reference = tk.get_or_bust(data_dict, "id")
    found = focal_points.find(reference) if isinstance(reference, str) else None
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such focal point."))
    return found


def by_column(data: dict[str, Any]) -> dict[str, Any]:
    """Return values by column of the register, given by parameter."""
    return {schema.REFERENCES.get(name, name): value for name, value in data.items()}


def shown(agency_id: str) -> dict[str, Any]:
    """Return an agency with the public fields of who is in office; stores nothing."""
    group = model.Session.get_one(model.Group, agency_id)
    _, people = listing.focal_points({"agency_id": agency_id}, None, 0)
    return {**public.agency(register.entry_of(agency_id), group), "focal_points": people}


def committed(context: Context, result: Any) -> Any:
    """Commit unless the caller does, and return the result."""
    if not context.get("defer_commit"):
        model.Session.commit()
    return result
