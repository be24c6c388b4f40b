"""Functions that the actions of the register share."""

from __future__ import annotations

from typing import Any, TypeVar

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.nd47.agencies import focal_points, migrated, register
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.lookup import listing
from ckanext.nd47.agencies.model import FocalPoint

Result = TypeVar("Result")


class AgencyWithFocalPoints(permissions.AgencyDict):
    """An agency with the public fields of its focal points in office."""

    focal_points: list[listing.ListedFocalPoint]


def require(action: str, context: Context, data_dict: DataDict) -> None:
    """Check that the register has its tables and that the account may use an action.

    Raises:
        ckan.plugins.toolkit.ValidationError: the tables are missing; it says what to run.
        ckan.plugins.toolkit.NotAuthorized: the account may not use the action.
    """
    migrated.require()
    tk.check_access(action, context, data_dict)


def agency_id(context: Context, reference: object) -> str:
    """Return the id of the agency in a parameter.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such agency, or it was deleted and the
            account is not a system administrator.
    """
    organisation_id = None
    if isinstance(reference, str):
        deleted = permissions.sees_deleted(context)
        organisation_id = register.organisation_id(reference, deleted=deleted)
    if organisation_id is None:
        raise tk.ObjectNotFound(tk._("There is no such agency."))
    return organisation_id


def focal_point(data_dict: DataDict) -> FocalPoint:
    """Return the focal point in the parameter `id`.

    Raises:
        ckan.plugins.toolkit.ObjectNotFound: there is no such focal point.
    """
    reference = tk.get_or_bust(data_dict, "id")
    record = focal_points.get(reference) if isinstance(reference, str) else None
    if record is None:
        raise tk.ObjectNotFound(tk._("There is no such focal point."))
    return record


def by_column(data: dict[str, Any]) -> dict[str, Any]:
    """Return values by column of the register instead of by parameter."""
    return {register.REFERENCES.get(name, name): value for name, value in data.items()}


def agency_with_focal_points(agency_id: str) -> AgencyWithFocalPoints:
    """Return an agency with the public fields of its focal points in office."""
    group = model.Session.get_one(model.Group, agency_id)
    people = listing.focal_points({"agency_id": agency_id}, None, 0)["results"]
    return {**permissions.agency_view(register.entry(agency_id), group), "focal_points": people}


def committed(context: Context, result: Result) -> Result:
    """Commit unless the context defers it, and return the result."""
    if not context.get("defer_commit"):
        model.Session.commit()
    return result
