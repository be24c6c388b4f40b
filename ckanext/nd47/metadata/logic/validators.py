"""Validators of the schema, by the names that `schemas/*.yaml` use.

All of them let a value pass that the database holds already, so that an old dataset can be edited
and saved. Drafts are free of duties: nothing here asks for a value, only for a right form.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.scheming.validation import scheming_validator

from ckanext.nd47 import vocabulary
from ckanext.nd47.metadata import agency, defaults, identifier, language, stored, values

Validator = Callable[[FlattenKey, FlattenDataDict, FlattenErrorDict, Context], None]
SchemingField = dict[str, Any]

DRAFT = "draft"

__all__ = [
    "nd47_agency",
    "nd47_agency_code",
    "nd47_choice",
    "nd47_choices",
    "nd47_clean_input",
    "nd47_date",
    "nd47_default",
    "nd47_email",
    "nd47_first_publication",
    "nd47_format",
    "nd47_identifier",
    "nd47_license",
    "nd47_line",
    "nd47_lines",
    "nd47_media_type",
    "nd47_period",
    "nd47_periods_in_order",
    "nd47_phone",
    "nd47_place",
    "nd47_resource_url",
    "nd47_text",
    "nd47_url",
    "nd47_urls",
]


def _refuse(key: FlattenKey, errors: FlattenErrorDict, message: str) -> NoReturn:
    errors.setdefault(key, []).append(message)
    raise tk.StopOnError


def _text(value: Any, key: FlattenKey, errors: FlattenErrorDict) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        _refuse(key, errors, tk._("Enter a text here, not a list or another structure."))
    return value


def _form(convert: Callable[[str], str], message: Callable[[str], str]) -> Validator:
    """Make a validator of a function from text to its stored form.

    Args:
        convert: raises ValueError for a text of another form.
        message: gives the words for a refused text, in the language of the request.
    """

    def validator(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        if errors.get(key):
            raise tk.StopOnError
        value = data[key]
        if stored.unchanged(value, key, data, context):
            return
        text = _text(value, key, errors)
        try:
            data[key] = convert(text)
        except ValueError:
            _refuse(key, errors, message(text[:80]))

    return validator


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
    """Accept a text, made one line, of at most `limit` characters."""
    return _within(limit, values.one_line)


def nd47_text(limit: int) -> Validator:
    """Accept a text of at most `limit` characters, line breaks kept."""
    return _within(limit, str.strip)


nd47_date = _form(
    values.date,
    lambda text: tk._(
        "“{value}” is not a date. Write the day first, as in 31/12/2024, or 2024-12-31; "
        "a month (2024-12) or a year (2024) is enough."
    ).format(value=text),
)
nd47_period = _form(
    values.period,
    lambda text: tk._(
        "“{value}” is not a period. Write the year (2024), year and quarter (20241) "
        "or year and month (202401)."
    ).format(value=text),
)
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
        "“{value}” is not a telephone number. Use digits, blanks, dots and a plus sign."
    ).format(value=text),
)
nd47_url = _form(
    values.web_address,
    lambda text: tk._(
        "“{value}” is not a web address. Write it whole, starting with http:// or https://."
    ).format(value=text),
)
nd47_place = _form(
    values.place,
    lambda text: tk._(
        "“{value}” is not a place. Choose a province, or write the code of a commune (5 digits) "
        "or a web address that stands for the place."
    ).format(value=text),
)


def nd47_email(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept an e-mail address as CKAN understands it."""
    if errors.get(key):
        raise tk.StopOnError
    if stored.unchanged(data[key], key, data, context):
        return
    address = _text(data[key], key, errors).strip()
    data[key] = cast("Any", tk.get_validator("email_validator"))(address, context)


def nd47_resource_url(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept a web address, or the file name of what CKAN itself holds."""
    kind = data.get((*key[:-1], "url_type"))
    if not kind or kind is tk.missing:
        nd47_url(key, data, errors, context)


def nd47_clean_input(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Bring every text of the record to NFC, and refuse what no database or export can hold."""
    for one, value in list(data.items()):
        if not isinstance(value, str) or value.isascii() and value.isprintable():
            continue
        if stored.unchanged(value, one, data, context):
            continue
        try:
            data[one] = values.clean_text(value)
        except ValueError as error:
            errors.setdefault(one, []).append(
                tk._(
                    "The text holds a character that cannot be seen and cannot be stored "
                    "({character}). Type the text anew, or paste it as plain text."
                ).format(character=error)
            )
            data[one] = ""


@scheming_validator
def nd47_choice(field: SchemingField, schema: dict[str, Any]) -> Validator:
    """Accept a code of the vocabulary that the field names."""
    return _form(
        lambda text: _known(field, text),
        lambda text: _unknown_choice(field, text),
    )


@scheming_validator
def nd47_choices(field: SchemingField, schema: dict[str, Any]) -> Validator:
    """Accept codes of the vocabulary that the field names; stored as a JSON list."""
    return _list_of(lambda text: _known(field, text), lambda text: _unknown_choice(field, text))


def _known(field: SchemingField, code: str) -> str:
    code = code.strip()
    if code not in vocabulary.get(field["vocabulary"]):
        raise ValueError(code)
    return code


def _unknown_choice(field: SchemingField, text: str) -> str:
    title = vocabulary.get(field["vocabulary"]).title
    return tk._("“{value}” is not in the list “{list}”. Choose a value from the list.").format(
        value=text, list=title.get(language.current(), title["vi"])
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


def _list_of(convert: Callable[[str], str], message: Callable[[str], str]) -> Validator:
    def validator(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        if errors.get(key):
            raise tk.StopOnError
        old = [item for value in stored.values(key, data, context) for item in _items(value)]
        kept: list[str] = []
        for item in _items(data[key]):
            text = _text(item, key, errors)
            if not text.strip():
                continue
            try:
                value = text if text in old else convert(values.clean_text(text))
            except ValueError:
                _refuse(key, errors, message(text[:80]))
            else:
                if value not in kept:
                    kept.append(value)
        if not kept:
            data.pop(key)
            raise tk.StopOnError
        data[key] = json.dumps(kept, ensure_ascii=False)

    return validator


nd47_urls = _list_of(
    values.web_address,
    lambda text: tk._(
        "“{value}” is not a web address. Write it whole, starting with http:// or https://."
    ).format(value=text),
)


def _items(value: Any) -> list[Any]:
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            return [value]
        return parsed if isinstance(parsed, list) else [value]
    return value if isinstance(value, list) else [value]


def nd47_default(field_name: str) -> Validator:
    """Give a new dataset what `defaults.NEW_DATASET` holds for a field that was left empty."""

    def validator(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
    ) -> None:
        if stored.is_new(context) and data.get(key) in (tk.missing, None, "", []):
            data[key] = defaults.NEW_DATASET[field_name]()

    return validator


def nd47_first_publication(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Note the day on which a dataset stops being a draft, unless somebody gave another."""
    if data.get(key) not in (tk.missing, None, ""):
        return
    package = cast("Any", context.get("package"))
    state = data.get(("state",))
    if state in (tk.missing, None, ""):
        state = package.state if package else model.State.ACTIVE
    if state == model.State.ACTIVE and (package is None or package.state == DRAFT):
        data[key] = defaults.today()


def nd47_identifier(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Give a dataset its identifier at the first saving, and keep it for ever."""
    given = data.get(key)
    given = "" if given in (tk.missing, None) else values.one_line(_text(given, key, errors))
    package = cast("Any", context.get("package"))
    known = package.extras.get(identifier.FIELD, "") if package else ""
    if known:
        if given not in ("", known):
            _refuse(key, errors, tk._("The identifier of a dataset never changes."))
        data[key] = known
    elif given:
        if identifier.is_taken(given, package.id if package else None):
            _refuse(key, errors, tk._("Another dataset has this identifier. Leave it empty."))
        data[key] = given
    else:
        owner = data.get(("owner_org",))
        if not isinstance(owner, str):
            owner = package.owner_org if package else None
        data[key] = identifier.assign(owner)


def nd47_agency(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept id or name of an organisation of the portal; stored as its id."""
    if errors.get(key):
        raise tk.StopOnError
    if stored.unchanged(data[key], key, data, context):
        return
    found = agency.get(_text(data[key], key, errors).strip())
    if found is None:
        _refuse(key, errors, tk._("There is no such agency on this portal. Choose one."))
    data[key] = found.id


def nd47_license(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Accept the id of a licence that the portal offers."""
    if stored.unchanged(data[key], key, data, context):
        return
    license_id = _text(data[key], key, errors).strip()
    if license_id not in model.Package.get_license_register():
        _refuse(
            key,
            errors,
            tk._("“{value}” is not a licence of this portal. Choose one from the list.").format(
                value=license_id[:80]
            ),
        )
    data[key] = license_id


def nd47_format(value: Any) -> Any:
    """Bring a file format to the name that the vocabulary gives it; others stay as they are."""
    found = vocabulary.get("file-format").find(value) if isinstance(value, str) else None
    return found.code if found else value


def nd47_media_type(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Fill in the media type of the format."""
    file_format = data.get((*key[:-1], "format"))
    if data.get(key) in (tk.missing, None, "") and isinstance(file_format, str):
        found = vocabulary.get("file-format").find(file_format)
        if found and found["media_type"]:
            data[key] = found["media_type"]


def nd47_periods_in_order(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse a period covered that ends before it starts."""
    for one, start in list(data.items()):
        if one[0] != "temporal_coverage" or one[-1] != "start" or not isinstance(start, str):
            continue
        last = (*one[:-1], "end")
        end = data.get(last)
        if isinstance(end, str) and end and end < start[: len(end)] and not errors.get(last):
            errors.setdefault(last, []).append(tk._("The period ends before it starts."))
