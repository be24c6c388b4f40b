"""What the actions of the register share."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import focal_points, listing, public, register
from ckanext.nd47.agencies.logic import schema
from ckanext.nd47.agencies.model import Agency, FocalPoint


def agency(data_dict: DataDict) -> Agency:
    """Return the entry that the parameter `id` names.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such agency.
    """
    reference = tk.get_or_bust(data_dict, "id")
    found = register.by_reference(reference) if isinstance(reference, str) else None
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such agency."))
    return register.ensure(found)


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


def shown(entry: Agency) -> dict[str, Any]:
    """Return an agency with the public fields of who is in office."""
    group = model.Session.get_one(model.Group, entry.id)
    _, people = listing.focal_points({"agency_id": entry.id}, None, 0)
    return {**public.agency(entry, group), "focal_points": people}


def committed(context: Context, result: Any) -> Any:
    """Commit unless the caller does, and return the result."""
    if not context.get("defer_commit"):
        model.Session.commit()
    return result
