"""Schemas of the register's actions.

A missing field stays as it is; an empty one is cleared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args
from ckan.types import Context, Schema, Validator, ValidatorFactory

from ckanext.nd47.lib import inputs

LINE = 500
LONGEST_LIST = 1000
"""Entries of a list in one response, as in CKAN's own lists."""


@validator_args
def agency(  # noqa: PLR0913, PLR0917 - CKAN passes validators by name
    ignore_missing: Validator,
    nd47_register_text: Validator,
    nd47_register_day: Validator,
    nd47_register_choice: Validator,
    nd47_register_former_code: Validator,
    nd47_register_unit: Validator,
    nd47_register_agency: Validator,
    nd47_agency_code: Validator,
    nd47_line: Callable[[int], Validator],
    nd47_phone: Validator,
    nd47_email: Validator,
    nd47_url: Validator,
) -> Schema:
    """Return the schema of an agency's own fields."""
    start = [ignore_missing, nd47_register_text]
    line = [*start, nd47_line(LINE)]
    return {
        "code": [*start, nd47_agency_code],
        "former_code": [*start, nd47_register_former_code],
        "legal_name": line,
        "short_name": line,
        "title_en": line,
        "level": [*start, nd47_register_choice],
        "parent": [*start, nd47_register_agency],
        "administrative_unit": [*start, nd47_register_unit],
        "address": line,
        "telephone": [*start, nd47_phone],
        "email": [*start, nd47_email],
        "url": [*start, nd47_url],
        "valid_from": [*start, nd47_register_day],
        "valid_to": [*start, nd47_register_day],
        "successor": [*start, nd47_register_agency],
    }


@validator_args
def focal_point(  # noqa: PLR0913, PLR0917 - CKAN passes validators by name
    ignore_missing: Validator,
    not_empty: Validator,
    nd47_register_text: Validator,
    nd47_register_day: Validator,
    nd47_register_choice: Validator,
    nd47_line: Callable[[int], Validator],
    nd47_phone: Validator,
    nd47_email: Validator,
    nd47_url: Validator,
) -> Schema:
    """Return the schema of a focal point's own fields, for a change."""
    start = [ignore_missing, nd47_register_text]
    required = [ignore_missing, not_empty, nd47_register_text]
    line = [*start, nd47_line(LINE)]
    return {
        "role": [*required, nd47_register_choice],
        "rank": [*required, nd47_register_choice],
        "full_name": line,
        "position": line,
        "function": line,
        "telephone": [*start, nd47_phone],
        "email": [*start, nd47_email],
        "personal_telephone": [*start, nd47_phone],
        "personal_email": [*start, nd47_email],
        "document_number": line,
        "document_date": [*start, nd47_register_day],
        "document_url": [*start, nd47_url],
        "valid_from": [*required, nd47_register_day],
        "valid_to": [*start, nd47_register_day],
    }


@validator_args
def new_focal_point(
    not_empty: Validator, nd47_register_text: Validator, nd47_register_choice: Validator
) -> Schema:
    """Return the schema of a new focal point, which needs a role."""
    return {
        **focal_point(),
        "role": [not_empty, nd47_register_text, nd47_register_choice],
    }


@validator_args
def successor(ignore: Validator) -> Schema:
    """Return the schema of a successor in office, without role and rank."""
    return {**focal_point(), "role": [ignore], "rank": [ignore]}


@validator_args
def page(
    natural_number_validator: Validator,
    limit_to_configured_maximum: ValidatorFactory,
    nd47_register_offset: Validator,
    default: ValidatorFactory,
) -> Schema:
    """Return the schema of a page of a list."""
    return {
        "limit": [
            default(100),
            natural_number_validator,
            limit_to_configured_maximum("ckan.search.rows_max", LONGEST_LIST),
        ],
        "offset": [default(0), natural_number_validator, nd47_register_offset],
    }


@validator_args
def agency_list(
    ignore_missing: Validator,
    nd47_register_text: Validator,
    nd47_register_choice: Validator,
    nd47_register_agency: Validator,
) -> Schema:
    """Return the schema of a list of agencies."""
    start = [ignore_missing, nd47_register_text]
    return {
        **page(),
        "q": start,
        "level": [*start, nd47_register_choice],
        "parent": [*start, nd47_register_agency],
    }


@validator_args
def focal_point_list(
    ignore_missing: Validator,
    boolean_validator: Validator,
    nd47_register_text: Validator,
    nd47_register_choice: Validator,
    nd47_register_owner: Validator,
) -> Schema:
    """Return the schema of a list of focal points."""
    start = [ignore_missing, nd47_register_text]
    return {
        **page(),
        "q": start,
        "role": [*start, nd47_register_choice],
        "level": [*start, nd47_register_choice],
        "agency": [*start, nd47_register_owner],
        "all_terms": [ignore_missing, boolean_validator],
    }


def validated(data_dict: Mapping[str, Any], schema: Schema, context: Context) -> dict[str, Any]:
    """Return the validated fields of a schema.

    Raises:
        ckan.plugins.toolkit.ValidationError: a value is not valid.
    """
    # Without other fields, because CKAN fails on unknown lists and dictionaries.
    fields = {name: data_dict[name] for name in schema if name in data_dict}
    for name in ("limit", "offset"):
        if fields.get(name) not in (None, ""):
            # CKAN's validator fails on a list.
            fields[name] = inputs.number(fields, name, 0, inputs.LARGEST)
    data, errors = tk.navl_validate(fields, schema, context)
    if errors:
        raise tk.ValidationError(errors)
    return {name: data[name] for name in schema if name in data}
