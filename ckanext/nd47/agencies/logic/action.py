"""Actions of the register of agencies."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Action, Context, DataDict

from ckanext.nd47.agencies import history, register
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.logic import organisation_fields, schema, support
from ckanext.nd47.agencies.lookup import listing
from ckanext.nd47.lib import inputs

__all__ = [
    "nd47_agency_create",
    "nd47_agency_delete",
    "nd47_agency_list",
    "nd47_agency_show",
    "nd47_agency_update",
    "nd47_register_history",
    "organization_create",
    "organization_show",
    "organization_update",
]

SHOW_PARAMETERS = {
    "id": "text",
    "include_datasets": "flag",
    "include_dataset_count": "flag",
    "include_extras": "flag",
    "include_followers": "flag",
    "include_groups": "flag",
    "include_tags": "flag",
    "include_users": "flag",
}
"""Types of the parameters of CKAN's organization_show, which does not check them."""


@tk.chained_action
def organization_create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create an organisation, and write its fields of the register."""
    inputs.require_access("organization_create", context, data_dict)
    with organisation_fields.capture(context, data_dict):
        return next_action(context, data_dict)


@tk.chained_action
def organization_update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update an organisation, and write its fields of the register."""
    inputs.require_access("organization_update", context, data_dict)
    with organisation_fields.capture(context, data_dict):
        updated = next_action(context, data_dict)
    if isinstance(updated, dict):
        organisation_fields.show(updated)
    return updated


@tk.chained_action
@tk.side_effect_free
def organization_show(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Show an organisation with its fields of the register."""
    organisation = next_action(context, inputs.of_kinds(data_dict, **SHOW_PARAMETERS))
    organisation_fields.show(organisation)
    return organisation


@tk.side_effect_free
def nd47_agency_show(context: Context, data_dict: DataDict) -> support.AgencyWithFocalPoints:
    """Return an agency with its focal points in office.

    :param id: id, name or code of the agency
    :type id: string

    :returns: the agency; `focal_points` has the public fields of those in office
    :rtype: dictionary
    """
    support.require("nd47_agency_show", context, data_dict)
    return support.agency_with_focal_points(
        support.agency_id(context, tk.get_or_bust(data_dict, "id"))
    )


@tk.side_effect_free
def nd47_agency_list(context: Context, data_dict: DataDict) -> listing.AgencyPage:
    """Return a page of the agencies, by name.

    :param q: words of a name or code, with or without diacritics (optional)
    :type q: string
    :param level: code of the vocabulary `agency-level` (optional)
    :type level: string
    :param parent: id, name or code of the superior agency (optional)
    :type parent: string
    :param limit: entries to return (optional, default: 100)
    :type limit: int
    :param offset: entries before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`
    :rtype: dictionary
    """
    support.require("nd47_agency_list", context, data_dict)
    data = schema.validated(data_dict, schema.agency_list(), context)
    filters = {**data, "parent_id": data.get("parent")}
    return listing.agencies(filters, data["limit"], data["offset"])


def nd47_agency_create(context: Context, data_dict: DataDict) -> support.AgencyWithFocalPoints:
    """Add an organisation to the register; a missing organisation is created.

    :param organization: id or name of the organisation
    :type organization: string
    :param title: name of a new organisation (optional)
    :type title: string
    :param code: electronic agency code (Decision 20/2020/QĐ-TTg), as in H99.02 (optional)
    :type code: string
    :param former_code: code in the older form, as in 000.02.00.H99 (optional)
    :type former_code: string
    :param legal_name: name in full (optional)
    :type legal_name: string
    :param short_name: abbreviation (optional)
    :type short_name: string
    :param title_en: name in English (optional)
    :type title_en: string
    :param level: code of the vocabulary `agency-level` (optional)
    :type level: string
    :param parent: id, name or code of the superior agency (optional)
    :type parent: string
    :param administrative_unit: code of province or commune (optional)
    :type administrative_unit: string
    :param address: postal address (optional)
    :type address: string
    :param telephone: office telephone (optional)
    :type telephone: string
    :param email: office mailbox (optional)
    :type email: string
    :param url: website (optional)
    :type url: string
    :param valid_from: first day of its existence (optional)
    :type valid_from: date
    :param valid_to: last day of its existence (optional)
    :type valid_to: date
    :param successor: id, name or code of the agency that took over (optional)
    :type successor: string

    :returns: the agency
    :rtype: dictionary
    """
    support.require("nd47_agency_create", context, data_dict)
    reference = tk.get_or_bust(data_dict, "organization")
    data = schema.validated(data_dict, schema.agency(), context)
    organisation_id = register.organisation_id(str(reference))
    if organisation_id is None:
        new = {"name": reference, "title": data_dict.get("title") or reference}
        created = tk.get_action("organization_create")(
            tk.fresh_context(context, defer_commit=True), new
        )
        organisation_id = created["id"]
    entry = register.ensure(organisation_id)
    values = support.by_column(data)
    permissions.check_named(context, entry, values)
    register.update(entry, values, organisation_fields.user_id(context), "create")
    return support.committed(context, support.agency_with_focal_points(entry.id))


def nd47_agency_update(context: Context, data_dict: DataDict) -> support.AgencyWithFocalPoints:
    """Change the entry of an agency. Missing fields stay as they are; empty ones are cleared.

    :param id: id, name or code of the agency
    :type id: string

    The other parameters are those of `nd47_agency_create`.

    :returns: the agency
    :rtype: dictionary
    """
    support.require("nd47_agency_update", context, data_dict)
    entry = register.ensure(support.agency_id(context, tk.get_or_bust(data_dict, "id")))
    data = schema.validated(data_dict, schema.agency(), context)
    values = support.by_column(data)
    permissions.check_named(context, entry, values)
    register.update(entry, values, organisation_fields.user_id(context))
    return support.committed(context, support.agency_with_focal_points(entry.id))


def nd47_agency_delete(context: Context, data_dict: DataDict) -> None:
    """Delete an agency from the register; refused while anything refers to it.

    The organisation and its datasets stay.

    :param id: id, name or code of the agency
    :type id: string
    """
    support.require("nd47_agency_delete", context, data_dict)
    entry = register.ensure(support.agency_id(context, tk.get_or_bust(data_dict, "id")))
    register.delete(entry, organisation_fields.user_id(context))
    support.committed(context, None)


@tk.side_effect_free
def nd47_register_history(context: Context, data_dict: DataDict) -> history.HistoryPage:
    """Return a page of the changes of an agency's entry and focal points, the newest first.

    :param agency: id, name or code of the agency
    :type agency: string
    :param limit: entries to return (optional, default: 100)
    :type limit: int
    :param offset: entries before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`; personal telephone and e-mail are hidden
    :rtype: dictionary
    """
    support.require("nd47_register_history", context, data_dict)
    agency_id = support.agency_id(context, tk.get_or_bust(data_dict, "agency"))
    data = schema.validated(data_dict, schema.page(), context)
    return history.entries(agency_id, data["limit"], data["offset"])
