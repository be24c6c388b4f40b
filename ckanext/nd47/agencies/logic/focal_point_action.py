"""Actions of focal points."""

from __future__ import annotations

import base64
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict, Schema

from ckanext.nd47.agencies import alerts, focal_points, register
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.logic import organisation_fields, schema, support
from ckanext.nd47.agencies.lookup import listing
from ckanext.nd47.agencies.model import FocalPoint

__all__ = [
    "nd47_focal_point_alerts",
    "nd47_focal_point_create",
    "nd47_focal_point_delete",
    "nd47_focal_point_document",
    "nd47_focal_point_list",
    "nd47_focal_point_show",
    "nd47_focal_point_succeed",
    "nd47_focal_point_update",
]


class DocumentDict(TypedDict):
    """The file of an appointing document; `content` is in base64."""

    name: str
    media_type: str
    content: str


@tk.side_effect_free
def nd47_focal_point_show(context: Context, data_dict: DataDict) -> permissions.FocalPointDict:
    """Return a focal point: its public fields, and more to editors of the agency.

    :param id: id of the focal point
    :type id: string

    :returns: the focal point; one out of office is not found by the public
    :rtype: dictionary
    """
    support.require("nd47_focal_point_show", context, data_dict)
    record = support.focal_point(data_dict)
    level = permissions.level(context, record.agency_id)
    if level != "public":
        return permissions.view(record, level)
    person = permissions.public_view(record)
    if person is None:
        raise tk.ObjectNotFound(tk._("There is no such focal point."))
    return person


@tk.side_effect_free
def nd47_focal_point_list(context: Context, data_dict: DataDict) -> listing.FocalPointPage:
    """Return a page of the focal points in office, by agency, role and rank.

    :param q: words of an agency's name or code or of a public field, with or without diacritics
        (optional)
    :type q: string
    :param role: code of the vocabulary `focal-point-role` (optional)
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
    support.require("nd47_focal_point_list", context, data_dict)
    data = schema.validated(data_dict, schema.focal_point_list(), context)
    agency_id = data.get("agency")
    level = permissions.level(context, agency_id) if agency_id else "public"
    filters = {**data, "agency_id": agency_id}
    return listing.focal_points(filters, data["limit"], data["offset"], level)


def nd47_focal_point_create(context: Context, data_dict: DataDict) -> permissions.FocalPointDict:
    """Record a focal point of an agency.

    :param agency: id, name or code of the agency
    :type agency: string
    :param role: code of the vocabulary `focal-point-role`, as `feedback` (on open data) or
        `sharing` (connecting and sharing data)
    :type role: string
    :param rank: `main` or `deputy` (optional, default: `main`)
    :type rank: string
    :param full_name: name of the officer (optional)
    :type full_name: string
    :param position: position in the agency (optional)
    :type position: string
    :param function: duty of the officer (optional)
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
    :param document_upload: the document itself, as PDF, JPEG or PNG; for editors of the agency
        (optional)
    :type document_upload: file
    :param valid_from: first day of the term (optional, default: today)
    :type valid_from: date
    :param valid_to: last day of the term (optional)
    :type valid_to: date

    :returns: the focal point
    :rtype: dictionary
    """
    support.require("nd47_focal_point_create", context, data_dict)
    agency_id = support.agency_id(context, tk.get_or_bust(data_dict, "agency"))
    data, upload = _entered(context, data_dict, schema.new_focal_point())
    entry = register.ensure(agency_id)
    record = focal_points.create(entry.id, data, organisation_fields.user_id(context))
    return _stored(context, record, upload)


def nd47_focal_point_update(context: Context, data_dict: DataDict) -> permissions.FocalPointDict:
    """Change a focal point. Missing fields stay as they are; empty ones are cleared.

    :param id: id of the focal point
    :type id: string

    :param clear_document: delete the file of the appointing document (optional)
    :type clear_document: boolean

    The other parameters are those of `nd47_focal_point_create`, without `agency`.

    :returns: the focal point
    :rtype: dictionary
    """
    support.require("nd47_focal_point_update", context, data_dict)
    record = support.focal_point(data_dict)
    data, upload = _entered(context, data_dict, schema.focal_point())
    focal_points.update(record, data, organisation_fields.user_id(context))
    return _stored(context, record, upload)


def nd47_focal_point_succeed(context: Context, data_dict: DataDict) -> permissions.FocalPointDict:
    """End the term of a focal point and start the term of the successor.

    The old term ends on the day before the new one starts.

    :param id: id of the focal point that leaves office
    :type id: string
    :param valid_from: first day of the new term (optional, default: today)
    :type valid_from: date

    The other parameters are those of `nd47_focal_point_create`, without `agency`, `role` and
    `rank`, for the successor.

    :returns: the new focal point
    :rtype: dictionary
    """
    support.require("nd47_focal_point_succeed", context, data_dict)
    record = support.focal_point(data_dict)
    data, upload = _entered(context, data_dict, schema.successor())
    successor = focal_points.succeed(record, data, organisation_fields.user_id(context))
    return _stored(context, successor, upload)


def nd47_focal_point_delete(context: Context, data_dict: DataDict) -> None:
    """Delete a focal point; refused while it is in use, with a message that says where.

    :param id: id of the focal point
    :type id: string
    """
    support.require("nd47_focal_point_delete", context, data_dict)
    focal_points.delete(support.focal_point(data_dict), organisation_fields.user_id(context))
    support.committed(context, None)


@tk.side_effect_free
def nd47_focal_point_document(context: Context, data_dict: DataDict) -> DocumentDict:
    """Return the file of the document that appoints a focal point, for editors of its agency.

    :param id: id of the focal point
    :type id: string

    :returns: `name`, `media_type` and, in base64, `content`
    :rtype: dictionary
    """
    support.require("nd47_focal_point_document", context, data_dict)
    document = focal_points.document(support.focal_point(data_dict).id)
    if document is None:
        raise tk.ObjectNotFound(tk._("There is no such document."))
    return {
        "name": document.name,
        "media_type": document.media_type,
        "content": base64.b64encode(document.content).decode(),
    }


@tk.side_effect_free
def nd47_focal_point_alerts(context: Context, data_dict: DataDict) -> list[alerts.AlertDict]:
    """Return needed roles without a focal point in agencies with datasets, now or within 30 days.

    :param agency: id, name or code of an agency; only system administrators may leave it out
    :type agency: string

    :returns: one entry for each agency and role, the most urgent first, with `state` (`missing`,
        `unreachable` or `ending`), `last_day`, and the `office_email` of the agency
    :rtype: list of dictionaries
    """
    support.require("nd47_focal_point_alerts", context, data_dict)
    if not data_dict.get("agency"):
        return alerts.pending()
    return alerts.pending([support.agency_id(context, data_dict["agency"])])


def _entered(
    context: Context, data_dict: DataDict, fields: Schema
) -> tuple[dict[str, Any], focal_points.Upload | None]:
    """Return the validated fields of a focal point, and the document of the input."""
    upload = focal_points.uploaded_document(data_dict)
    data = schema.validated(data_dict, fields, context)
    return data | focal_points.document_field(upload), upload


def _stored(
    context: Context, record: FocalPoint, upload: focal_points.Upload | None
) -> permissions.FocalPointDict:
    """Store the document of a focal point, commit, and return what administrators see."""
    focal_points.store_document(record.id, upload)
    return support.committed(context, permissions.view(record, "admin"))
