"""Validators of the schema, by the names that `schemas/*.yaml` use.

All of them accept a value that is already stored, so that an old dataset can be edited and saved.
They check the form of values; no field is required here, which is left to the rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.converters import convert_to_extras
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.scheming.validation import scheming_validator

from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import dataset_fields, geometry, values
from ckanext.nd47.lib.inputs import Validator, refuse, text_of
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import dataset_reader, harvested
from ckanext.nd47.metadata.logic import previous_values

SchemingField = dict[str, Any]

__all__ = [
    "nd47_agency_code",
    "nd47_choice",
    "nd47_choices",
    "nd47_date",
    "nd47_email",
    "nd47_geojson",
    "nd47_line",
    "nd47_lines",
    "nd47_period",
    "nd47_phone",
    "nd47_place",
    "nd47_resource_url",
    "nd47_size",
    "nd47_spatial_extra",
    "nd47_stored_choice",
    "nd47_text",
    "nd47_url",
    "nd47_urls",
    "nd47_values_output",
]


def _form(
    convert: Callable[[str], Any],
    message: Callable[[str], str],
    *,
    is_code: bool = False,
    of_column: bool = False,
) -> Validator:
    """Return a validator from a function that converts a text to its stored form.

    Args:
        convert: raises ValueError for an invalid text.
        message: returns the message for an invalid text, in the language of the request.
        is_code: whether the text is a code; a draft keeps unknown codes.
        of_column: whether the database requires this form, also from a harvest.
    """

    def validator(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        if errors.get(key):
            raise tk.StopOnError
        before = previous_values.values(key, data, context)
        if data[key] in before and not (is_code and previous_values.publishes_draft(data, context)):
            return
        text = text_of(data[key], key, errors)
        if not is_code and (old := previous_values.same_lines(text, before)) is not None:
            data[key] = old
            return
        try:
            data[key] = _as_stored(convert(text), before, convert)
        except ValueError:
            if not (is_code and previous_values.may_keep_code(text, data, context)):
                refuse(key, errors, message(text[:80]))
            data[key] = values.one_line(text)
        if data[key] == "" and key[0] != "resources":
            # Only whitespace. A column of a resource is emptied by an empty text, see the schema.
            data.pop(key)
            raise tk.StopOnError

    return validator if of_column else harvested.as_it_came(validator)


def _as_stored(value: Any, before: list[Any], convert: Callable[[str], Any]) -> Any:
    """Return the stored form of an equivalent value, otherwise the value.

    A form shows and submits only the day of a date that another schema stored with its time.
    """
    for old in before:
        try:
            if isinstance(old, str) and convert(old) == value:
                return old
        except ValueError:  # noqa: PERF203 - a value of another schema may be invalid
            continue
    return value


def _within(limit: int, convert: Callable[[str], str]) -> Validator:
    def checked(text: str) -> str:
        text = convert(text)
        if len(text) > limit:
            raise ValueError(text)
        return text

    return _form(
        checked,
        lambda _text: tk._("This is too long: at most {limit} characters.").format(limit=limit),
    )


def nd47_line(limit: int) -> Validator:
    """Accept a text of at most `limit` characters, converted to one line."""
    return _within(limit, values.one_line)


def nd47_text(limit: int) -> Validator:
    """Accept a text of at most `limit` characters, with line breaks."""
    return _within(limit, values.paragraphs)


nd47_date = _form(
    values.date,
    lambda text: tk._(
        "“{value}” is not a date. Write it in the order day/month/year, as in 31/12/2024; "
        "a month (12/2024) or a year (2024) is enough."
    ).format(value=text),
)


def _invalid_period(text: str) -> str:
    try:
        dates.period(text)
    except dates.TwoYearsError as error:
        return tk._(
            "“{value}” may be one school year or two whole years. Write “school year {years}” "
            "or “years {years}”."
        ).format(value=text, years=error)
    except ValueError:
        pass
    return tk._(
        "“{value}” is not a period. Write it as in 2024, quarter 1/2024, 03/2024, first half of "
        "2024, school year 2024-2025, years 2021-2025 or 01/2024 - 09/2024."
    ).format(value=text)


nd47_period = _form(dates.period, _invalid_period)
nd47_agency_code = _form(
    values.agency_code,
    lambda text: tk._(
        "“{value}” is not an agency code. It starts with a capital letter and two digits and goes "
        "on in groups after dots, as in H99 or H99.02; at most 35 characters."
    ).format(value=text),
)
nd47_phone = _form(
    values.phone,
    lambda text: tk._(
        "“{value}” holds no telephone number. Write it with its area code, as in 0236 3822 999; "
        "put semicolons between several."
    ).format(value=text),
)


def _invalid_web_address(text: str) -> str:
    """Return the message for an invalid address."""
    if values.is_file_transfer(text):
        message = tk._(
            "“{value}” is an FTP address, which browsers no longer open. Upload the file here, or "
            "give the address at which it is found with http:// or https://."
        )
    elif values.is_local(text):
        message = tk._(
            "“{value}” is a place on one computer or a local network, where nobody else can get "
            "it. Upload the file here."
        )
    elif values.has_several_addresses(text):
        message = tk._("“{value}” holds more than one address. Give one in each place.")
    else:
        message = tk._(
            "“{value}” is not a web address. Write it whole, starting with http:// or https://."
        )
    return message.format(value=text)


nd47_url = _form(
    values.web_address,
    _invalid_web_address,
)
nd47_size = _form(
    values.size,
    lambda text: tk._("“{value}” is not a size. Write the number of bytes in digits.").format(
        value=text
    ),
    of_column=True,
)
nd47_place = _form(
    values.place,
    lambda text: tk._(
        "“{value}” is not a place. Choose a province, or write the code of a commune (5 digits) "
        "or a web address that stands for the place."
    ).format(value=text),
)


nd47_email = _form(
    values.email,
    lambda text: tk._(
        "“{value}” is not a mailbox. Write the address, as in vanthu@haison.example; put "
        "semicolons between several, and a name as in Văn thư <vanthu@haison.example>."
    ).format(value=text),
)


@harvested.as_it_came
def nd47_geojson(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a geometry in GeoJSON, as text or structure; stored as text."""
    if errors.get(key):
        raise tk.StopOnError
    if previous_values.unchanged(data[key], key, data, context):
        return
    try:
        data[key] = geometry.geojson(data[key])
    except geometry.GeometryError as error:
        refuse(key, errors, _invalid_geometry(error))


@harvested.as_it_came
def nd47_spatial_extra(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse an extra `spatial` that is not a WGS 84 geometry, unless it is already stored.

    ckanext-spatial and the export read it. The message is at the key of the extra, where CKAN shows
    messages.
    """
    for flat_key, name in list(data.items()):
        if flat_key[0] != "extras" or flat_key[-1] != "key" or name != dataset_reader.SPATIAL:
            continue
        place = (*flat_key[:-1], "value")
        value = data.get(place)
        if not isinstance(value, str) or not value.strip():
            continue
        if previous_values.unchanged(value, place, data, context):
            continue
        try:
            geometry.geojson(value)
        except geometry.GeometryError as error:
            errors.setdefault(flat_key, []).append(f"{name}: {_invalid_geometry(error)}")


def nd47_stored_choice(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Let a value of a list pass that is stored already, whatever the list has today."""
    value = data.get(key)
    if value is tk.missing or not value or errors.get(key):
        return
    for old in previous_values.values(key, data, context):
        if old and sorted(_texts(value)) == sorted(_texts(old)):
            data[key] = old if isinstance(old, str) else json.dumps(old, ensure_ascii=False)
            if len(key) == 1 and key[0] not in dataset_fields.core():
                # ckanext-scheming has this at the end of the validators that are left out now.
                convert_to_extras(key, data, errors, context)
            raise tk.StopOnError


def _texts(value: Any) -> list[str]:
    """Return the values of a list, as a program sends it, a form with one value, or as stored."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    return [str(text) for text in value] if isinstance(value, list) else [str(value)]


def _invalid_geometry(error: geometry.GeometryError) -> str:
    """Return the message for an invalid geometry, with the remedy."""
    hint = tk._(
        "Coordinates have to be longitude and latitude of WGS 84 (EPSG:4326) in degrees, as in "
        "[105.85, 21.03]. QGIS converts a layer when it is exported in EPSG:4326."
    )
    messages = {
        geometry.Fault.FEATURE: tk._(
            "This is a Feature. Give what stands in its “geometry” alone."
        ),
        geometry.Fault.COLLECTION: tk._(
            "This is a FeatureCollection. Give one geometry, as in MultiPolygon or "
            "GeometryCollection; the features themselves belong into a file."
        ),
        geometry.Fault.SYSTEM: tk._("The coordinates are in another system ({detail}).")
        + f" {hint}",
        geometry.Fault.METRES: tk._("The coordinates are in metres, as those of VN-2000: {detail}.")
        + f" {hint}",
        geometry.Fault.SWAPPED: tk._(
            "Latitude stands before longitude: {detail}. Write longitude first, as in "
            "[105.85, 21.03]."
        ),
        geometry.Fault.OUTSIDE: tk._("There is no such place on the globe: {detail}.") + f" {hint}",
        geometry.Fault.OPEN: tk._(
            "A ring of the polygon is not closed. Repeat its first position at its end."
        ),
        geometry.Fault.NONE_AT_ALL: tk._(
            "This is not a geometry in GeoJSON of at most {limit} bytes."
        ),
    }
    return messages[error.fault].format(detail=error.detail, limit=values.TERM_BYTES)


def nd47_resource_url(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a web address, or the name of an uploaded file."""
    kind = data.get((*key[:-1], "url_type"))
    if not data[key] or (kind and kind is not tk.missing):
        return
    # CKAN adds a missing http:// when it shows an address.
    before = [old for old in previous_values.values(key, data, context) if isinstance(old, str)]
    if data[key] not in [f"http://{old.lstrip('/')}" for old in before]:
        nd47_url(key, data, errors, context)


@scheming_validator
def nd47_choice(field: SchemingField, schema: dict[str, Any]) -> Validator:
    """Accept a code of the field's vocabulary."""
    return _form(
        lambda text: _recognised(field, text),
        lambda text: _unknown_choice(field, text),
        is_code=True,
    )


@scheming_validator
def nd47_choices(field: SchemingField, schema: dict[str, Any]) -> Validator:
    """Accept codes of the field's vocabulary; stored as a JSON list."""
    return _list_of(
        lambda text: _recognised(field, text),
        lambda text: _unknown_choice(field, text),
        is_code=True,
    )


def _recognised(field: SchemingField, code: str) -> str:
    """Return the code that a text refers to: code, label, or code of another table."""
    recognised = vocabulary.recognise(field["vocabulary"], code.strip())
    if recognised not in vocabulary.get(field["vocabulary"]):
        raise ValueError(code)
    return recognised


def _unknown_choice(field: SchemingField, text: str) -> str:
    title = vocabulary.get(field["vocabulary"]).title
    return tk._("“{value}” is not in the list “{list}”. Choose a value from the list.").format(
        value=text, list=title.get(http.language(), title["vi"])
    )


def nd47_lines(limit: int) -> Validator:
    """Accept a list of texts of at most `limit` characters each; stored as a JSON list."""

    def short(text: str) -> str:
        text = values.one_line(text)
        if len(text) > limit:
            raise ValueError(text)
        return text

    return _list_of(
        short,
        lambda _text: tk._("This is too long: at most {limit} characters.").format(limit=limit),
    )


def _list_of(
    convert: Callable[[str], str], message: Callable[[str], str], *, is_code: bool = False
) -> Validator:
    def validator(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        if errors.get(key):
            raise tk.StopOnError
        before = previous_values.values(key, data, context)
        # A form sends an empty text in addition to the selected values.
        items = [item for item in _items(data[key]) if item != ""]
        strict = is_code and previous_values.publishes_draft(data, context)
        if before and items == _items(before[0]) and not strict:
            # Unchanged, in the form in which another schema stored it.
            data[key] = before[0]
            return
        old = [] if strict else [item for value in before for item in _items(value)]
        texts = [text_of(item, key, errors) for item in items]

        def reject(text: str) -> None:
            if not (is_code and previous_values.may_keep_code(text, data, context)):
                refuse(key, errors, message(text[:80]))

        stored_values = _converted(texts, old, convert, reject)
        if not stored_values:
            data.pop(key)
            raise tk.StopOnError
        data[key] = json.dumps(stored_values, ensure_ascii=False)
        if len(data[key].encode()) > values.TERM_BYTES:
            refuse(key, errors, tk._("These are too many values for one field."))

    return harvested.as_it_came(validator)


def _converted(
    texts: list[str],
    old: list[Any],
    convert: Callable[[str], str],
    reject: Callable[[str], None],
) -> list[str]:
    converted: dict[str, None] = {}
    for text in filter(str.strip, texts):
        try:
            converted[text if text in old else convert(values.clean_text(text))] = None
        except ValueError:  # noqa: PERF203 - the message names the value
            reject(text)
            converted[values.one_line(text)] = None
    return list(converted)


nd47_urls = _list_of(
    values.web_address,
    _invalid_web_address,
)


def nd47_values_output(value: Any) -> list[str]:
    """Return the values of a stored list as texts, whatever another schema stored."""
    return [item if isinstance(item, str) else json.dumps(item) for item in _items(value or [])]


def _items(value: Any) -> list[Any]:
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            parsed = None
        # A form has one value per line.
        return parsed if isinstance(parsed, list) else value.splitlines()
    return value if isinstance(value, list) else [value]
