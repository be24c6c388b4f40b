"""Options that an administrator may change at run time, with their validation.

CKAN stores them in its table `system_info`, where they override the configuration file, and each
web process reads them again after a change (`ckan.lib.app_globals`). Nothing is cached here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import config_declaration
from ckan.lib import app_globals
from ckan.types import Schema

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import terms_of_use
from ckanext.nd47.rules import edition
from ckanext.nd47.settings import catalogue_options, checks, portal_options
from ckanext.nd47.settings.checks import Choices

log = logging.getLogger(__name__)

Words = Mapping[str, Any]

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
    return lambda value: setting.check(checks.text(value))


def current() -> dict[str, str]:
    """Return the current values of the options."""
    return {setting.option: _as_text(setting) for setting in offered()}


def _as_text(setting: Setting) -> str:
    value = tk.config.get(setting.option)
    if setting.check is checks.flag:
        # CKAN leaves an empty text where it reads a false value again.
        return checks.flag(str(value or False))
    return str(value or setting.empty)


def changed(submitted: Mapping[str, str]) -> dict[str, str]:
    """Return the submitted options whose value has changed.

    Only these are stored: a stored option no longer follows the configuration file.
    """
    present = current()
    return {
        option: value
        for option, value in submitted.items()
        if option in present and checks.lines(value) != checks.lines(present[option])
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
        setting.check(checks.text(value))
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


APPROVAL_PLUGIN = "nd47_desk"


def _approval(
    option: str, check: Callable[[str], str], choices: Callable[[], Choices] | None = None
) -> Setting:
    return Setting(option, "approval", check, choices, plugin=APPROVAL_PLUGIN)


APPROVAL_SETTINGS = (
    _approval(config.APPROVAL, checks.flag, checks.yes_or_no),
    _approval(config.APPROVAL_CHAIN, checks.chain),
    _approval(config.APPROVAL_FIELDS, checks.field_names),
    _approval(config.APPROVAL_BY_AUTHOR, checks.flag, checks.yes_or_no),
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
    _catalogue(config.PUBLIC_PLANS, checks.flag, checks.yes_or_no),
    _catalogue(config.PUBLIC_REPORTS, checks.flag, checks.yes_or_no),
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
    _portal(config.PORTAL_NEWS_VI, checks.long_text, rows=2),
    _portal(config.PORTAL_NEWS_EN, checks.long_text, rows=2),
    _portal(config.PORTAL_MAINTENANCE_FROM, portal_options.moment),
    _portal(config.PORTAL_MAINTENANCE_UNTIL, portal_options.moment),
    *[
        _portal(f"ckanext.nd47.portal_{page}_{language}", checks.long_text, rows=5)
        for page in PORTAL_PAGES
        for language in ("vi", "en")
    ],
)

SETTINGS = (
    Setting(config.AGENCY_CODE, "law", checks.agency_code),
    Setting(config.LEGAL_EDITION, "law", checks.one_of(checks.editions), checks.editions),
    Setting(config.DEFAULT_LICENSE, "law", checks.one_of(checks.licences), checks.licences),
    Setting(config.TERMS_ADDITION_VI, "law", checks.long_text, rows=5),
    Setting(config.TERMS_ADDITION_EN, "law", checks.long_text, rows=5),
    Setting(config.ATTRIBUTION_TEMPLATE, "citation", checks.template, rows=2),
    Setting(config.RULES, "rules", edition.stored_levels, rows=6),
    Setting(config.RULES_FROM, "rules", edition.stored_day),
    Setting(config.RULES_FOR_ALL_FROM, "rules", edition.stored_day),
    Setting(
        config.FIELD_SCHEME, "lists", checks.one_of(checks.field_schemes), checks.field_schemes
    ),
    Setting(config.BASE_IRI, "lists", checks.base_iri),
    Setting(config.DCAT_PLACE, "lists", checks.place),
    Setting(config.DCAT_EXTENT, "lists", checks.extent),
    *APPROVAL_SETTINGS,
    *CATALOGUE_SETTINGS,
    *PORTAL_SETTINGS,
)
"""The options in the order of the page."""
