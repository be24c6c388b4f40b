"""Checks of the values of options: each returns the stored form, or raises `tk.Invalid`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import DataFileError
from ckanext.nd47.lib.fields import geometry, values
from ckanext.nd47.lib.inputs import hidden_character
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import citation, licence

Choices = list[tuple[str, str]]
"""Values with their labels, in the order of the page."""


PLACE_LIMIT = 200
SENTENCE_LIMIT = 500
TEXT_LIMIT = 20_000


def lines(text: str) -> str:
    # Browsers send the lines of a text area with CR LF.
    return text.replace("\r\n", "\n").strip()


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise tk.Invalid(tk._("Enter a text here, not a list or another structure."))
    try:
        return values.clean_text(lines(value))
    except ValueError as error:
        raise tk.Invalid(hidden_character(str(error))) from error


def _whole_address(value: str) -> str:
    """Return a web address; unlike the address of a file it must not contain spaces.

    Raises:
        ValueError: it is invalid.
    """
    if len(value.split()) > 1:
        raise ValueError(value)
    return values.web_address(value)


def base_iri(value: str) -> str:
    if not value:
        return value
    try:
        address = _whole_address(value)
    except ValueError as error:
        message = tk._(
            "“{value}” is not a web address. Write it whole, starting with http:// or https://."
        )
        raise tk.Invalid(message.format(value=value[:80])) from error
    parts = urlsplit(address)
    if parts.query or parts.fragment or parts.username:
        raise tk.Invalid(
            tk._("The address may have no question mark, no # and no user name: others add to it.")
        )
    return address.rstrip("/")


def place(value: str) -> str:
    name = values.one_line(value)
    if len(name) > PLACE_LIMIT:
        raise tk.Invalid(
            tk._("This is too long: at most {limit} characters.").format(limit=PLACE_LIMIT)
        )
    return name


def extent(value: str) -> str:
    try:
        geometry.read_extent(value)
    except ValueError as error:
        message = tk._(
            "“{value}” is not an area. Write four numbers in degrees: west, south, east and north, "
            "as in 107.8 15.9 108.4 16.3."
        )
        raise tk.Invalid(message.format(value=value[:80])) from error
    return values.one_line(value)


def agency_code(value: str) -> str:
    if not value:
        return value
    try:
        return values.agency_code(value)
    except ValueError as error:
        message = tk._(
            "“{value}” is not an agency code. It starts with a capital letter and two digits and "
            "goes on in groups after dots, as in H99 or H99.02; at most 35 characters."
        )
        raise tk.Invalid(message.format(value=value[:80])) from error


def template(value: str) -> str:
    if not value:
        raise tk.Invalid(tk._("The sentence may not be empty: the law asks users to cite."))
    if len(value) > SENTENCE_LIMIT:
        raise tk.Invalid(
            tk._("This is too long: at most {limit} characters.").format(limit=SENTENCE_LIMIT)
        )
    if "<" in value or ">" in value:
        raise tk.Invalid(
            tk._("The sentence is plain text, also for programs: it may hold no HTML.")
        )
    try:
        parts = citation.parse(values.one_line(value))
    except citation.TemplateError as error:
        raise tk.Invalid(_template_message(error.place)) from error
    if not any(place for _, place in parts):
        raise tk.Invalid(_template_message("…"))
    return values.one_line(value)


def _template_message(place: str) -> str:
    places = ", ".join(f"{{{name}}}" for name in citation.PLACEHOLDERS)
    if not place:
        return tk._("The braces do not match. Places: {places}.").format(places=places)
    if place == "…":
        return tk._("The sentence names nothing of the dataset. Places: {places}.").format(
            places=places
        )
    return tk._("There is no place “{place}”. Places: {places}.").format(
        place=place[:40], places=places
    )


def long_text(value: str) -> str:
    if len(value) > TEXT_LIMIT:
        raise tk.Invalid(
            tk._("This is too long: at most {limit} characters.").format(limit=TEXT_LIMIT)
        )
    return value


def one_of(choices: Callable[[], Choices]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in dict(choices()):
            raise tk.Invalid(
                tk._("“{value}” is not among the choices. Choose one of the list.").format(
                    value=value[:80]
                )
            )
        return value

    return check


def editions() -> Choices:
    lang = http.language()
    return [(term.code, term.text(lang)) for term in vocabulary.get("legal-edition")]


def field_schemes() -> Choices:
    lang = http.language()
    schemes: Choices = []
    for vocabulary_id in vocabulary.ids():
        if vocabulary_id.startswith("field-"):
            # An invalid file of the portal is not offered; the page lists it with the error.
            with suppress(DataFileError, vocabulary.UnknownVocabularyError):
                scheme = vocabulary.get(vocabulary_id)
                # An incomplete list is not offered, except on a portal that uses it.
                if not scheme.incomplete or vocabulary_id == config.field_scheme():
                    schemes.append((vocabulary_id, scheme.title.get(lang, scheme.title["vi"])))
    return schemes


def licences() -> Choices:
    choices = [
        (license_id, licence.title(license_id))
        for license_id in model.Package.get_license_register()
    ]
    return [("", tk._("That of the legal edition")), *choices]


def yes_or_no() -> Choices:
    return [("false", tk._("No")), ("true", tk._("Yes"))]


def flag(value: str) -> str:
    try:
        return str(tk.asbool(value or False)).lower()
    except ValueError as error:
        raise tk.Invalid(tk._("Enter true or false here.")) from error


def chain(value: str) -> str:
    steps = value.split()
    is_known = all(step in config.APPROVAL_STEPS for step in steps)
    if not is_known or not 1 <= len(steps) <= config.LONGEST_APPROVAL or len({*steps}) < len(steps):
        message = tk._("Write one to three different steps of these: {steps}.")
        raise tk.Invalid(message.format(steps=", ".join(config.APPROVAL_STEPS)))
    return " ".join(steps)


def field_names(value: str) -> str:
    names = value.split()
    for name in names:
        is_name = name.isascii() and name.replace("_", "").isalnum()
        if not is_name and name != config.PERSONAL_DATA:
            message = tk._("“{value}” is not the name of a field.")
            raise tk.Invalid(message.format(value=name[:80]))
    return " ".join(dict.fromkeys(names))
