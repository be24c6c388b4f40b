"""Validators that look at a record as a whole; `validators` offers them to the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.nd47.agencies import directory, permissions
from ckanext.nd47.lib import dataset_fields, dates, values
from ckanext.nd47.lib.inputs import Validator, hidden_character, refuse, text_of
from ckanext.nd47.metadata import files, harvested, licence, scheming_compat
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
    """Bring every text of the record to NFC, and refuse what no database or export can hold."""
    _keep_unknown_subfields(data)
    known = dataset_fields.of_type(data.get(("type",)))
    for flat_key, value in list(data.items()):
        if isinstance(value, str):
            if value.isascii() and value.isprintable():
                continue
        elif isinstance(value, (int, float)):
            _number(flat_key, data, errors, known)
            continue
        elif not isinstance(value, (list, dict)) or not value:
            continue
        if previous_values.unchanged(value, flat_key, data, context):
            continue
        try:
            data[flat_key] = _clean(value)
        except ValueError as error:
            errors.setdefault(flat_key, []).append(hidden_character(str(error)))
            # CKAN goes through the unknown fields of a resource as a mapping even so.
            data[flat_key] = {} if flat_key[-1] == scheming_compat.UNKNOWN else ""


def _number(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, known: dataset_fields.Fields
) -> None:
    """Make a text of a number: CKAN takes nought and false for nothing given, and drops them."""
    if key[0] == "resources":
        ours = key[-1] in known.resource_texts or key[-1] in known.resource_lists
    else:
        ours = key[0] in known.texts or key[0] in known.lists or key[0] in known.groups
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
    """Put subfields that the schema does not know beside the others of their group.

    CKAN sets them aside, and ckanext-scheming would store them one level deeper at each saving.
    """
    for flat_key, unknown in list(data.items()):
        if (
            flat_key[-1] != scheming_compat.UNKNOWN
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
    """Refuse a period covered that ends before it starts, unless it was stored so."""
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
    """Accept a field as it is: what may be proposed for it, the form proposes.

    Schema files that were composed by an earlier version name this validator.
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
    """Note the day on which a draft is published here, unless somebody gave another.

    What a program sends as published already was published elsewhere, nobody knows when.
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
    """Give a dataset its identifier at the first saving, and keep it for ever."""
    given = data.get(key)
    given = "" if given in (tk.missing, None) else values.one_line(text_of(given, key, errors))
    package = cast("Any", context.get("package"))
    field = key[-1]
    known = package.extras.get(field, "") if package else ""
    if known:
        if given not in ("", known):
            refuse(key, errors, tk._("The identifier of a dataset never changes."))
        data[key] = known
    elif given:
        if identifier.is_taken(given, package.id if package else None, field):
            refuse(key, errors, tk._("Another dataset has this identifier. Leave it empty."))
        holder = identifier.holder(given, previous_values.owner(data, context))
        if holder and not _administers(context):
            refuse(
                key,
                errors,
                tk._(
                    "The code at the start of this identifier is that of another agency: {agency}. "
                    "Leave it empty, or ask an administrator of the portal."
                ).format(agency=holder),
            )
        data[key] = given
    else:
        data[key] = identifier.assign(previous_values.owner(data, context), field)


def _administers(context: Context) -> bool:
    """Say whether a record comes from a system administrator, or from a harvest or an import."""
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user"))


@harvested.as_it_came
def nd47_agency(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept id or name of an organisation that may answer for the data; stored as its id."""
    if errors.get(key):
        raise tk.StopOnError
    if previous_values.unchanged(data[key], key, data, context):
        return
    found = directory.get(text_of(data[key], key, errors).strip())
    if found is None:
        refuse(key, errors, tk._("There is no such agency on this portal. Choose one."))
    owner = previous_values.owner(data, context)
    if not permissions.may_name(context, found.id, owner, "editor"):
        refuse(
            key,
            errors,
            tk._(
                "“{agency}” answers only for its own data and those of agencies below it. Choose "
                "the providing agency, one above it, or one that you work for."
            ).format(agency=directory.display_title(found)),
        )
    data[key] = found.id


@harvested.as_it_came
def nd47_license(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a licence that the portal offers, by id or by another name that stands for it."""
    if previous_values.unchanged(
        data[key], key, data, context
    ) and not previous_values.publishes_draft(data, context):
        return
    name = text_of(data[key], key, errors).strip()
    known = licence.recognise(name)
    if known is None and previous_values.may_keep_code(name, data, context):
        known = name
    if known is None:
        refuse(
            key,
            errors,
            tk._("“{value}” is not a licence of this portal. Choose one from the list.").format(
                value=name[:80]
            ),
        )
    data[key] = known


@harvested.as_it_came
def nd47_format(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Bring a file format to the name that the vocabulary gives it; others stay as they are."""
    if not isinstance(data[key], str) or previous_values.unchanged(data[key], key, data, context):
        return
    address = data.get((*key[:-1], "url"))
    found = files.recognise_format(data[key], address if isinstance(address, str) else "")
    if found:
        data[key] = found.code
    elif not files.is_ambiguous_format(data[key]):
        # CKAN knows more names of formats than the vocabulary.
        data[key] = cast("Any", tk.get_validator("clean_format"))(data[key])


@harvested.as_it_came
def nd47_media_type(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Fill in the media type of a format that is given now, not of one that was stored before."""
    place = (*key[:-1], "format")
    file_format = data.get(place)
    if not isinstance(file_format, str) or data.get(key) not in (tk.missing, None, ""):
        return
    if not previous_values.unchanged(file_format, place, data, context):
        found = files.recognise_format(file_format)
        if found and found["media_type"]:
            data[key] = found["media_type"]
