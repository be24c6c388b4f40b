"""Options that an administrator may change at run time, with their validation.

CKAN stores them in its table `system_info`, where they override the configuration file, and each
web process reads them again after a change (`ckan.lib.app_globals`). Nothing is cached here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import config_declaration
from ckan.lib import app_globals
from ckan.types import Schema

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import DataFileError, data_path, read_yaml
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.inputs import hidden_character
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import citation, licence, terms_of_use
from ckanext.nd47.rules import edition
from ckanext.nd47.settings import catalogue_options, portal_options

log = logging.getLogger(__name__)

Words = Mapping[str, Any]
Choices = list[tuple[str, str]]
"""Values with their labels, in the order of the page."""

SENTENCE_LIMIT = 500
TEXT_LIMIT = 20_000
LAST_UPDATE = "ckan.config_update"
"""Row of `system_info` that makes the other processes of CKAN reload their options."""


@dataclass(frozen=True)
class Setting:
    """An option on the administrator's page.

    Attributes:
        option: key of the option.
        section: key of its section.
        check: returns the stored form, or raises `tk.Invalid` with the reason.
        choices: returns the choices, None for a text input.
        rows: lines of the input.
        plugin: plugin of the option, which is offered only if the plugin is loaded.
        words: returns the names that a text consists of with their meanings, None for any text.
        empty: what CKAN has read where it leaves an empty text, which it does for zero too.
    """

    option: str
    section: str
    check: Callable[[str], str]
    choices: Callable[[], Choices] | None = None
    rows: int = 1
    plugin: str = ""
    words: Callable[[], Choices] | None = None
    empty: str = ""


def schema() -> Schema:
    """Return the validators by option, for CKAN's action `config_option_update`."""
    ignore_missing = tk.get_validator("ignore_missing")
    return {setting.option: [ignore_missing, _validator(setting)] for setting in offered()}


def offered() -> list[Setting]:
    """Return the options of the plugins that are loaded, in the order of the page."""
    return [
        setting for setting in SETTINGS if not setting.plugin or p.plugin_loaded(setting.plugin)
    ]


def _validator(setting: Setting) -> Callable[[Any], str]:
    # A function: CKAN counts the arguments of a method with `self`.
    return lambda value: setting.check(_text(value))


def current() -> dict[str, str]:
    """Return the current values of the options."""
    return {setting.option: _as_text(setting) for setting in offered()}


def _as_text(setting: Setting) -> str:
    value = tk.config.get(setting.option)
    if setting.check is _flag:
        # CKAN leaves an empty text where it reads a false value again.
        return _flag(str(value or False))
    return str(value or setting.empty)


def changed(submitted: Mapping[str, str]) -> dict[str, str]:
    """Return the submitted options whose value has changed.

    Only these are stored: a stored option no longer follows the configuration file.
    """
    present = current()
    return {
        option: value
        for option, value in submitted.items()
        if option in present and _lines(value) != _lines(present[option])
    }


def problems(submitted: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Return error messages about submitted values, by default the current ones, by option."""
    checked_values = current() if submitted is None else submitted
    messages = {
        setting.option: _problem(setting, checked_values.get(setting.option, ""))
        for setting in offered()
    }
    return {option: [message] for option, message in messages.items() if message}


def _problem(setting: Setting, value: str) -> str:
    try:
        setting.check(_text(value))
    except tk.Invalid as error:
        return error.error
    return ""


def stored() -> set[str]:
    """Return the options that were changed at run time and no longer follow the file."""
    options = [setting.option for setting in SETTINGS]
    rows = sa.select(model.SystemInfo.key).where(model.SystemInfo.key.in_(options))
    return set(model.Session.scalars(rows))


def reset() -> list[str]:
    """Reset the options changed at run time, in all processes, and return their keys."""
    forgotten = sorted(stored())
    for option in forgotten:
        model.delete_system_info(option)
    model.set_system_info(LAST_UPDATE, str(time.time()))
    app_globals.reset()
    return forgotten


def warn() -> None:
    """Log warnings about invalid values in the configuration file."""
    for option, messages in problems().items():
        log.warning("Option %s: %s", option, " ".join(messages))


def label(option: str) -> str:
    """Return the label of an option in the language of the request."""
    return words(option, "label")


def description(option: str) -> str:
    """Return the description of an option in the language of the request."""
    return words(option, "description")


def example(option: str) -> str:
    """Return an example of a value, empty if the declaration has none."""
    declared = config_declaration.get(option)
    return str((declared and declared.example) or "")


def words(option: str, kind: str) -> str:
    """Return the label or the description of an option; its key if there is none.

    The English description is that of the declaration, which CKAN's own commands show.
    """
    texts = wording().get(option, {}).get(kind, {})
    if http.language().startswith("en") and kind == "description":
        declared = config_declaration.get(option)
        return (declared.description or option) if declared else option
    return terms_of_use.in_language(texts, http.language()) if texts else option


@lru_cache(maxsize=1)
def wording() -> Mapping[str, Words]:
    """Return labels and Vietnamese descriptions by option, from `schemas/options.yaml`."""
    return read_yaml(data_path("schemas", "options.yaml"))


def _lines(text: str) -> str:
    # Browsers send the lines of a text area with CR LF.
    return text.replace("\r\n", "\n").strip()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise tk.Invalid(tk._("Enter a text here, not a list or another structure."))
    try:
        return values.clean_text(_lines(value))
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


def _base_iri(value: str) -> str:
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


def _agency_code(value: str) -> str:
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


def _template(value: str) -> str:
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


def _long_text(value: str) -> str:
    if len(value) > TEXT_LIMIT:
        raise tk.Invalid(
            tk._("This is too long: at most {limit} characters.").format(limit=TEXT_LIMIT)
        )
    return value


def _one_of(choices: Callable[[], Choices]) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in dict(choices()):
            raise tk.Invalid(
                tk._("“{value}” is not among the choices. Choose one of the list.").format(
                    value=value[:80]
                )
            )
        return value

    return check


def _editions() -> Choices:
    lang = http.language()
    return [(term.code, term.text(lang)) for term in vocabulary.get("legal-edition")]


def _field_schemes() -> Choices:
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


def _licences() -> Choices:
    choices = [
        (license_id, licence.title(license_id))
        for license_id in model.Package.get_license_register()
    ]
    return [("", tk._("That of the legal edition")), *choices]


APPROVAL_PLUGIN = "nd47_desk"


def _yes_or_no() -> Choices:
    return [("false", tk._("No")), ("true", tk._("Yes"))]


def _flag(value: str) -> str:
    try:
        return str(tk.asbool(value or False)).lower()
    except ValueError as error:
        raise tk.Invalid(tk._("Enter true or false here.")) from error


def _chain(value: str) -> str:
    steps = value.split()
    is_known = all(step in config.APPROVAL_STEPS for step in steps)
    if not is_known or not 1 <= len(steps) <= config.LONGEST_APPROVAL or len({*steps}) < len(steps):
        message = tk._("Write one to three different steps of these: {steps}.")
        raise tk.Invalid(message.format(steps=", ".join(config.APPROVAL_STEPS)))
    return " ".join(steps)


def _field_names(value: str) -> str:
    names = value.split()
    for name in names:
        is_name = name.isascii() and name.replace("_", "").isalnum()
        if not is_name and name != config.PERSONAL_DATA:
            message = tk._("“{value}” is not the name of a field.")
            raise tk.Invalid(message.format(value=name[:80]))
    return " ".join(dict.fromkeys(names))


def _approval(
    option: str, check: Callable[[str], str], choices: Callable[[], Choices] | None = None
) -> Setting:
    return Setting(option, "approval", check, choices, plugin=APPROVAL_PLUGIN)


APPROVAL_SETTINGS = (
    _approval(config.APPROVAL, _flag, _yes_or_no),
    _approval(config.APPROVAL_CHAIN, _chain),
    _approval(config.APPROVAL_FIELDS, _field_names),
    _approval(config.APPROVAL_BY_AUTHOR, _flag, _yes_or_no),
)

CATALOGUE_PLUGIN = "nd47_catalogue"


def _catalogue(
    option: str, check: Callable[[str], str], choices: Callable[[], Choices] | None = None
) -> Setting:
    return Setting(option, "catalogue", check, choices, plugin=CATALOGUE_PLUGIN)


def _columns(option: str, words: Callable[[], Choices]) -> Setting:
    check = catalogue_options.columns_of(words)
    return Setting(option, "catalogue", check, rows=6, plugin=CATALOGUE_PLUGIN, words=words)


CATALOGUE_SETTINGS = (
    _columns(config.CATALOGUE_COLUMNS, catalogue_options.item_columns),
    _columns(config.PLAN_COLUMNS, catalogue_options.plan_columns),
    _catalogue(config.PUBLIC_PLANS, _flag, _yes_or_no),
    _catalogue(config.PUBLIC_REPORTS, _flag, _yes_or_no),
    _catalogue(config.REPORT_CLOSE_DAY, catalogue_options.day_from(1)),
    Setting(
        config.REPORT_MAIL_DAY,
        "catalogue",
        catalogue_options.day_from(0),
        plugin=CATALOGUE_PLUGIN,
        empty="0",
    ),
    _catalogue(config.USAGE_MONITORS, portal_options.line),
)

PORTAL_PLUGIN = "nd47_portal"
PORTAL_PAGES = ("about", "terms", "accessibility", "contact", "developers")


def _portal(option: str, check: Callable[[str], str], rows: int = 1) -> Setting:
    return Setting(option, "portal", check, rows=rows, plugin=PORTAL_PLUGIN)


PORTAL_SETTINGS = (
    # In any theme.
    Setting(config.PORTAL_TITLE_EN, "portal", portal_options.line),
    _portal(config.PORTAL_OPERATOR_VI, portal_options.line),
    _portal(config.PORTAL_OPERATOR_EN, portal_options.line),
    _portal(config.PORTAL_ADDRESS, portal_options.line),
    _portal(config.PORTAL_EMAIL, portal_options.mailbox),
    _portal(config.PORTAL_TELEPHONE, portal_options.line),
    _portal(config.PORTAL_EMBLEM, portal_options.picture),
    _portal(config.PORTAL_FAVICON, portal_options.picture),
    _portal(config.PORTAL_PICTURE, portal_options.picture),
    _portal(config.PORTAL_COLOUR, portal_options.colour),
    _portal(config.PORTAL_NEWS_VI, _long_text, rows=2),
    _portal(config.PORTAL_NEWS_EN, _long_text, rows=2),
    _portal(config.PORTAL_MAINTENANCE_FROM, portal_options.moment),
    _portal(config.PORTAL_MAINTENANCE_UNTIL, portal_options.moment),
    *[
        _portal(f"ckanext.nd47.portal_{page}_{language}", _long_text, rows=5)
        for page in PORTAL_PAGES
        for language in ("vi", "en")
    ],
)

SETTINGS = (
    Setting(config.AGENCY_CODE, "law", _agency_code),
    Setting(config.LEGAL_EDITION, "law", _one_of(_editions), _editions),
    Setting(config.DEFAULT_LICENSE, "law", _one_of(_licences), _licences),
    Setting(config.TERMS_ADDITION_VI, "law", _long_text, rows=5),
    Setting(config.TERMS_ADDITION_EN, "law", _long_text, rows=5),
    Setting(config.ATTRIBUTION_TEMPLATE, "citation", _template, rows=2),
    Setting(config.RULES, "rules", edition.stored_levels, rows=6),
    Setting(config.RULES_FROM, "rules", edition.stored_day),
    Setting(config.RULES_FOR_ALL_FROM, "rules", edition.stored_day),
    Setting(config.FIELD_SCHEME, "lists", _one_of(_field_schemes), _field_schemes),
    Setting(config.BASE_IRI, "lists", _base_iri),
    *APPROVAL_SETTINGS,
    *CATALOGUE_SETTINGS,
    *PORTAL_SETTINGS,
)
"""The options in the order of the page."""
