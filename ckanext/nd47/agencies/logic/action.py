"""Actions of the register of agencies and focal points."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Action, Context, DataDict

from ckanext.nd47.agencies import (
    alerts,
    focal_points,
    history,
    intake,
    listing,
    public,
    register,
    tables,
)
from ckanext.nd47.agencies.logic import schema
from ckanext.nd47.agencies.model import Agency, FocalPoint

__all__ = [
    "nd47_agency_create",
    "nd47_agency_delete",
    "nd47_agency_list",
    "nd47_agency_show",
    "nd47_agency_update",
    "nd47_focal_point_alerts",
    "nd47_focal_point_create",
    "nd47_focal_point_delete",
    "nd47_focal_point_list",
    "nd47_focal_point_show",
    "nd47_focal_point_succeed",
    "nd47_focal_point_update",
    "nd47_register_history",
    "organization_create",
    "organization_show",
    "organization_update",
]


@tk.chained_action
def organization_create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Create an organisation; what concerns the register goes there."""
    with intake.of(context, data_dict):
        return next_action(context, data_dict)


@tk.chained_action
def organization_update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Update an organisation; what concerns the register goes there."""
    with intake.of(context, data_dict):
        updated = next_action(context, data_dict)
    if isinstance(updated, dict):
        intake.show(updated)
    return updated


@tk.chained_action
@tk.side_effect_free
def organization_show(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Show an organisation, with what the register knows of it."""
    organisation = next_action(context, data_dict)
    intake.show(organisation)
    return organisation


@tk.side_effect_free
def nd47_agency_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return an agency with its focal points in office.

    :param id: id, name or code of the agency
    :type id: string

    :returns: the agency; `focal_points` has the public fields of those in office
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_agency_show", context, data_dict)
    entry = _agency(data_dict)
    return _shown(entry)


@tk.side_effect_free
def nd47_agency_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return a page of the agencies, by name.

    :param q: words of a name or code, with or without diacritics (optional)
    :type q: string
    :param level: code of the vocabulary `agency-level` (optional)
    :type level: string
    :param parent: id, name or code of the agency above (optional)
    :type parent: string
    :param limit: entries to return (optional, default: 100)
    :type limit: int
    :param offset: entries before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_agency_list", context, data_dict)
    data = schema.validated(data_dict, schema.agency_list(), context)
    filters = {**data, "parent_id": data.get("parent")}
    count, results = listing.agencies(filters, data["limit"], data["offset"])
    return {"count": count, "results": results}


def nd47_agency_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Enter an organisation in the register; where there is no such organisation, make it.

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
    :param parent: id, name or code of the agency above (optional)
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
    tables.need()
    tk.check_access("nd47_agency_create", context, data_dict)
    reference = tk.get_or_bust(data_dict, "organization")
    data = schema.validated(data_dict, schema.agency(), context)
    organisation_id = register.by_reference(str(reference))
    if organisation_id is None:
        made = {"name": reference, "title": data_dict.get("title") or reference}
        created = tk.get_action("organization_create")(
            tk.fresh_context(context, defer_commit=True), made
        )
        organisation_id = created["id"]
    entry = register.ensure(organisation_id)
    register.change(entry, _columns(data), intake.user_id(context), "create")
    return _committed(context, _shown(entry))


def nd47_agency_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change the entry of an agency. What is not given stays; what is given empty is cleared.

    :param id: id, name or code of the agency
    :type id: string

    The other parameters are those of `nd47_agency_create`.

    :returns: the agency
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_agency_update", context, data_dict)
    entry = _agency(data_dict)
    data = schema.validated(data_dict, schema.agency(), context)
    register.change(entry, _columns(data), intake.user_id(context))
    return _committed(context, _shown(entry))


def nd47_agency_delete(context: Context, data_dict: DataDict) -> None:
    """Take an agency out of the register; refused while anything refers to it.

    The organisation and its datasets stay.

    :param id: id, name or code of the agency
    :type id: string
    """
    tables.need()
    tk.check_access("nd47_agency_delete", context, data_dict)
    register.delete(_agency(data_dict), intake.user_id(context))
    _committed(context, None)


@tk.side_effect_free
def nd47_focal_point_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return a focal point: its public fields, and more to who keeps the agency's register.

    :param id: id of the focal point
    :type id: string

    :returns: the focal point; one out of office is not found by the public
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_focal_point_show", context, data_dict)
    record = _focal_point(data_dict)
    seen = public.level(context, record.agency_id)
    if seen == "public" and not focal_points.serves(record):
        raise tk.ObjectNotFound(tk._("There is no such focal point."))
    return public.focal_point(record, seen)


@tk.side_effect_free
def nd47_focal_point_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return a page of the focal points in office, by agency, role and rank.

    :param q: words of an agency's name or code or of a public field, with or without diacritics
        (optional)
    :type q: string
    :param role: `feedback` or `sharing` (optional)
    :type role: string
    :param level: level of the agency (optional)
    :type level: string
    :param agency: id, name or code of an agency (optional)
    :type agency: string
    :param all_terms: past and future terms too; for editors of the agency that is named
        (optional)
    :type all_terms: boolean
    :param limit: entries to return (optional, default: 100)
    :type limit: int
    :param offset: entries before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`
    :rtype: dictionary
    """
    tables.need()
    data = schema.validated(data_dict, schema.focal_point_list(), context)
    tk.check_access("nd47_focal_point_list", context, data)
    agency_id = data.get("agency")
    seen = public.level(context, agency_id) if agency_id else "public"
    filters = {**data, "agency_id": agency_id}
    count, results = listing.focal_points(filters, data["limit"], data["offset"], seen)
    return {"count": count, "results": results}


def nd47_focal_point_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Record a focal point of an agency.

    :param agency: id, name or code of the agency
    :type agency: string
    :param role: `feedback` (on open data) or `sharing` (connecting and sharing data)
    :type role: string
    :param rank: `main` or `deputy` (optional, default: `main`)
    :type rank: string
    :param full_name: name of the officer (optional)
    :type full_name: string
    :param position: position in the agency (optional)
    :type position: string
    :param function: what the officer sees to (optional)
    :type function: string
    :param telephone: office telephone (optional)
    :type telephone: string
    :param email: office e-mail (optional)
    :type email: string
    :param personal_telephone: only administrators of the agency see it (optional)
    :type personal_telephone: string
    :param personal_email: only administrators of the agency see it (optional)
    :type personal_email: string
    :param document_number: of the document that appoints the officer (optional)
    :type document_number: string
    :param document_date: its date (optional)
    :type document_date: date
    :param document_url: where it is (optional)
    :type document_url: string
    :param valid_from: first day of the term (optional, default: today)
    :type valid_from: date
    :param valid_to: last day of the term (optional)
    :type valid_to: date

    :returns: the focal point
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_focal_point_create", context, data_dict)
    entry = _agency({"id": tk.get_or_bust(data_dict, "agency")})
    data = schema.validated(data_dict, schema.new_focal_point(), context)
    record = focal_points.create(entry.id, data, intake.user_id(context))
    return _committed(context, public.focal_point(record, "admin"))


def nd47_focal_point_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change a focal point. What is not given stays; what is given empty is cleared.

    :param id: id of the focal point
    :type id: string

    The other parameters are those of `nd47_focal_point_create`, without `agency`.

    :returns: the focal point
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_focal_point_update", context, data_dict)
    record = _focal_point(data_dict)
    data = schema.validated(data_dict, schema.focal_point(), context)
    focal_points.change(record, data, intake.user_id(context))
    return _committed(context, public.focal_point(record, "admin"))


def nd47_focal_point_succeed(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End the term of a focal point and start that of the next, in one step.

    The old term ends on the day before the new one starts.

    :param id: id of the focal point that leaves
    :type id: string
    :param valid_from: first day of the next (optional, default: today)
    :type valid_from: date

    The other parameters, those of `nd47_focal_point_create` without `agency`, `role` and `rank`,
    are about who follows.

    :returns: the new focal point
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_focal_point_succeed", context, data_dict)
    record = _focal_point(data_dict)
    data = schema.validated(data_dict, schema.successor(), context)
    following = focal_points.succeed(record, data, intake.user_id(context))
    return _committed(context, public.focal_point(following, "admin"))


def nd47_focal_point_delete(context: Context, data_dict: DataDict) -> None:
    """Delete a focal point; refused, with the places, while it is in use.

    :param id: id of the focal point
    :type id: string
    """
    tables.need()
    tk.check_access("nd47_focal_point_delete", context, data_dict)
    focal_points.delete(_focal_point(data_dict), intake.user_id(context))
    _committed(context, None)


@tk.side_effect_free
def nd47_focal_point_alerts(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Return the roles in which nobody answers for an agency's datasets, now or within 30 days.

    :param agency: id, name or code of an agency; only system administrators may leave it out
    :type agency: string

    :returns: one entry for each agency and role, the most urgent first, with `state` (`missing`,
        `unreachable` or `ending`), `last_day`, and the `office_email` that answers meanwhile
    :rtype: list of dictionaries
    """
    tables.need()
    tk.check_access("nd47_focal_point_alerts", context, data_dict)
    if not data_dict.get("agency"):
        return alerts.pending()
    return alerts.pending([_agency({"id": data_dict["agency"]}).id])


@tk.side_effect_free
def nd47_register_history(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return a page of the changes of an agency's entry and focal points, the newest first.

    :param agency: id, name or code of the agency
    :type agency: string
    :param limit: entries to return (optional, default: 100)
    :type limit: int
    :param offset: entries before the page (optional, default: 0)
    :type offset: int

    :returns: `count` and `results`; personal numbers and mailboxes are not told
    :rtype: dictionary
    """
    tables.need()
    tk.check_access("nd47_register_history", context, data_dict)
    entry = _agency({"id": tk.get_or_bust(data_dict, "agency")})
    data = schema.validated(data_dict, schema.page(), context)
    count, results = history.entries(entry.id, data["limit"], data["offset"])
    return {"count": count, "results": results}


def _agency(data_dict: DataDict) -> Agency:
    reference = tk.get_or_bust(data_dict, "id")
    found = register.by_reference(reference) if isinstance(reference, str) else None
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such agency."))
    return register.ensure(found)


def _focal_point(data_dict: DataDict) -> FocalPoint:
    reference = tk.get_or_bust(data_dict, "id")
    found = focal_points.find(reference) if isinstance(reference, str) else None
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such focal point."))
    return found


def _columns(data: dict[str, Any]) -> dict[str, Any]:
    return {schema.REFERENCES.get(name, name): value for name, value in data.items()}


def _shown(entry: Agency) -> dict[str, Any]:
    group = model.Session.get_one(model.Group, entry.id)
    _, people = listing.focal_points({"agency_id": entry.id}, None, 0)
    return {**public.agency(entry, group), "focal_points": people}


def _committed(context: Context, result: Any) -> Any:
    if not context.get("defer_commit"):
        model.Session.commit()
    return result
