"""Validators that read several fields of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields, values
from ckanext.nd47.lib.inputs import Validator, hidden_character, refuse, text_of
from ckanext.nd47.metadata import files, harvested, licence
from ckanext.nd47.metadata.compat import scheming
from ckanext.nd47.metadata.logic import identifier, previous_values

__all__ = [
    "nd47_agency",
    "nd47_clean_input",
    "nd47_default",
    "nd47_first_publication",
    "nd47_format",
    "nd47_identifier",
    "nd47_license",
    "nd47_media_type",
    "nd47_periods_in_order",
]

DRAFT = "draft"

SUBFIELD_DEPTH = 3
"""Length of the key of a subfield: `("contact", 0, "name")`."""


def nd47_clean_input(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Normalise all texts of the record to NFC, and refuse characters that cannot be stored."""
    _keep_unknown_subfields(data)
    fields = dataset_fields.of_type(data.get(("type",)))
    for flat_key, value in list(data.items()):
        if isinstance(value, str):
            if value.isascii() and value.isprintable():
                continue
        elif isinstance(value, (int, float)):
            _number(flat_key, data, errors, fields)
            continue
        elif not isinstance(value, (list, dict)) or not value:
            continue
        if previous_values.unchanged(value, flat_key, data, context):
            continue
        try:
            data[flat_key] = _clean(value)
        except ValueError as error:
            errors.setdefault(flat_key, []).append(hidden_character(str(error)))
            # CKAN expects a mapping for the unknown fields of a resource.
            data[flat_key] = {} if flat_key[-1] == scheming.UNKNOWN else ""


def _number(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, fields: dataset_fields.Fields
) -> None:
    """Convert a number to text: CKAN treats 0 and False as missing, and drops them."""
    if key[0] == "resources":
        ours = key[-1] in fields.resource_texts or key[-1] in fields.resource_lists
    else:
        ours = key[0] in fields.texts or key[0] in fields.lists or key[0] in fields.groups
    if not ours:
        return
    if isinstance(data[key], bool):
        errors.setdefault(key, []).append(
            tk._("Enter a text here, not a list or another structure.")
        )
        data[key] = ""
    else:
        data[key] = str(data[key])


def _keep_unknown_subfields(data: FlattenDataDict) -> None:
    """Move unknown subfields back into their group.

    CKAN collects them under a key of their own, and ckanext-scheming would store them one level
    deeper at each save.
    """
    for flat_key, unknown in list(data.items()):
        if (
            flat_key[-1] != scheming.UNKNOWN
            or len(flat_key) != SUBFIELD_DEPTH
            or flat_key[0] in dataset_fields.core()
        ):
            continue
        del data[flat_key]
        data.update({(*flat_key[:-1], name): value for name, value in unknown.items()})


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return values.clean_text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items()}
    return value


@harvested.as_it_came
def nd47_periods_in_order(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse a period that ends before it starts, unless it is already stored."""
    field = dataset_fields.of_type(data.get(("type",))).name("temporal_coverage")
    for flat_key, start in list(data.items()):
        if flat_key[0] != field or flat_key[-1] != "start":
            continue
        last = (*flat_key[:-1], "end")
        if _reversed(start, data.get(last)) and not errors.get(last):
            if all(
                previous_values.unchanged(data[part], part, data, context)
                for part in (flat_key, last)
            ):
                continue
            errors.setdefault(last, []).append(tk._("The period ends before it starts."))


def _reversed(start: Any, end: Any) -> bool:
    try:
        first, last = values.date(start), values.date(end)
    except (TypeError, ValueError, AttributeError):
        return False
    return last < first[: len(last)]


def nd47_default(_field_name: str) -> Validator:
    """Accept a field unchanged.

    Schema files composed by an earlier version refer to this validator.
    """

    def validator(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        return None

    return validator


@harvested.as_it_came
def nd47_first_publication(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Set the day on which a draft is published, unless it is submitted.

    A dataset created as active by a program was published elsewhere, on an unknown day.
    """
    if data.get(key) not in (tk.missing, None, ""):
        return
    package = cast("Any", context.get("package"))
    if package and package.state == DRAFT and data.get(("state",)) == model.State.ACTIVE:
        data[key] = dates.today().isoformat()


@harvested.as_it_came
def nd47_identifier(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Assign the identifier of a dataset at the first save, and never change it."""
    submitted = data.get(key)
    submitted = (
        "" if submitted in (tk.missing, None) else values.one_line(text_of(submitted, key, errors))
    )
    package = cast("Any", context.get("package"))
    field = key[-1]
    assigned = package.extras.get(field, "") if package else ""
    if assigned:
        if submitted not in ("", assigned):
            refuse(key, errors, tk._("The identifier of a dataset never changes."))
        data[key] = assigned
    elif submitted:
        if identifier.is_taken(submitted, package.id if package else None, field):
            refuse(key, errors, tk._("Another dataset has this identifier. Leave it empty."))
        holder = identifier.holder(submitted, previous_values.owner(data, context))
        if holder and not _is_administrator(context):
            refuse(
                key,
                errors,
                tk._(
                    "The code at the start of this identifier is that of another agency: {agency}. "
                    "Leave it empty, or ask an administrator of the portal."
                ).format(agency=holder),
            )
        data[key] = submitted
    else:
        data[key] = identifier.assign(previous_values.owner(data, context), field)


def _is_administrator(context: Context) -> bool:
    """Return whether a record comes from a system administrator, a harvest or an import."""
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user"))


@harvested.as_it_came
def nd47_agency(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept id or name of an organisation as responsible agency; stored as id."""
    if errors.get(key):
        raise tk.StopOnError
    if previous_values.unchanged(data[key], key, data, context):
        return
    agency = directory.get(text_of(data[key], key, errors).strip())
    if agency is None:
        refuse(key, errors, tk._("There is no such agency on this portal. Choose one."))
    owner = previous_values.owner(data, context)
    if not permissions.may_name(context, agency.id, owner, "editor"):
        refuse(
            key,
            errors,
            tk._(
                "“{agency}” answers only for its own data and those of agencies below it. Choose "
                "the providing agency, one above it, or one that you work for."
            ).format(agency=directory.display_title(agency)),
        )
    data[key] = agency.id


@harvested.as_it_came
def nd47_license(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a licence of the portal, by id or by another name."""
    if previous_values.unchanged(
        data[key], key, data, context
    ) and not previous_values.publishes_draft(data, context):
        return
    name = text_of(data[key], key, errors).strip()
    recognised = licence.recognise(name)
    if recognised is None and previous_values.may_keep_code(name, data, context):
        recognised = name
    if recognised is None:
        refuse(
            key,
            errors,
            tk._("“{value}” is not a licence of this portal. Choose one from the list.").format(
                value=name[:80]
            ),
        )
    data[key] = recognised


@harvested.as_it_came
def nd47_format(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Convert a file format to its code in the vocabulary; unknown formats are kept."""
    if not isinstance(data[key], str) or previous_values.unchanged(data[key], key, data, context):
        return
    address = data.get((*key[:-1], "url"))
    format_term = files.recognise_format(data[key], address if isinstance(address, str) else "")
    if format_term:
        data[key] = format_term.code
    elif not files.is_ambiguous_format(data[key]):
        # CKAN recognises more names of formats than the vocabulary.
        data[key] = cast("Any", tk.get_validator("clean_format"))(data[key])


@harvested.as_it_came
def nd47_media_type(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Set the media type of a new format, not of one that is already stored."""
    place = (*key[:-1], "format")
    file_format = data.get(place)
    if not isinstance(file_format, str) or data.get(key) not in (tk.missing, None, ""):
        return
    if not previous_values.unchanged(file_format, place, data, context):
        format_term = files.recognise_format(file_format)
        if format_term and format_term["media_type"]:
            data[key] = format_term["media_type"]
