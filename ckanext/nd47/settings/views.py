"""The administrator's page of the suite: `/ckan-admin/nd47`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import DataFileError
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.vocabularies.vocabulary import Term
from ckanext.nd47.lib.web import http, pages
from ckanext.nd47.metadata import citation, terms_of_use
from ckanext.nd47.settings import options

__all__ = ["nd47_settings"]

CODE = re.compile(r"`([^`]+)`")

nd47_settings = Blueprint("nd47_settings", __name__, url_prefix="/ckan-admin/nd47")


nd47_settings.before_request(pages.require_sysadmin())


nd47_settings.before_request(http.require_csrf_token)


@nd47_settings.get("")
def edit() -> str:
    """Show the current values with error messages."""
    return _render(options.current(), options.problems())


@nd47_settings.post("")
def save() -> str | Response:
    """Store the changes, or show a preview of the attribution template."""
    submitted = {
        name: value for name, value in tk.request.form.items() if name in options.current()
    }
    if "preview" in tk.request.form:
        return _render(submitted, options.problems(submitted))
    try:
        tk.get_action("config_option_update")({}, options.changed(submitted))
    except tk.ValidationError as error:
        return _render(submitted, error.error_dict)
    tk.h.flash_success(tk._("The settings were saved."))
    return tk.redirect_to("nd47_settings.edit")


@nd47_settings.post("/reset")
def reset() -> Response:
    """Reset the options to the configuration file."""
    tk.get_action("nd47_settings_reset")({}, {})
    tk.h.flash_success(tk._("The settings follow the configuration file again."))
    return tk.redirect_to("nd47_settings.edit")


def _render(values: Mapping[str, str], errors: Mapping[str, object]) -> str:
    return tk.render("nd47/settings/edit.html", _variables(values, errors))


@dataclass(frozen=True)
class UnverifiedList:
    """A code list with its unverified rows.

    Attributes:
        id: id of the list.
        title: its title.
        rows: the rows.
        problem: why the list cannot be read, empty if it can.
    """

    id: str
    title: str
    rows: tuple[Term, ...] = ()
    problem: str = ""


def _variables(values: Mapping[str, str], errors: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the template.

    Args:
        values: values by option.
        errors: messages by option.
    """
    return {
        "data": values,
        "errors": errors,
        "error_summary": {
            options.label(option): _first(messages) for option, messages in errors.items()
        },
        "sections": sections(),
        "label": options.label,
        "description": description_html,
        "example": options.example,
        "stored": options.stored(),
        "preview": preview(values.get(config.ATTRIBUTION_TEMPLATE, "")),
        "template_option": config.ATTRIBUTION_TEMPLATE,
        "rules": rules(),
        "unverified": unverified_lists(),
        "unchecked": unchecked(),
    }


def sections() -> dict[str, list[options.Setting]]:
    """Return the options by section."""
    by_section: dict[str, list[options.Setting]] = {}
    for setting in options.offered():
        by_section.setdefault(setting.section, []).append(setting)
    return by_section


def description_html(option: str) -> Markup:
    """Return the description with text in backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(options.description(option)))))  # noqa: S704 - escaped


def preview(template: str) -> str:
    """Return a template filled with example values, empty if the template is invalid."""
    try:
        return citation.preview(template)
    except citation.TemplateError:
        return ""


def rules() -> list[Mapping[str, Any]]:
    """Return the rules that the portal applies, each with id, level, title and basis."""
    return tk.get_action("nd47_rule_list")({}, {})["rules"]


def unverified_lists() -> list[UnverifiedList]:
    """Return the rows of all lists that are inferred or unverified."""
    list_ids = sorted({path.stem for path in vocabulary.files()})
    entries = [_unverified_rows(vocabulary_id) for vocabulary_id in list_ids]
    return [entry for entry in entries if entry.rows or entry.problem]


def _unverified_rows(vocabulary_id: str) -> UnverifiedList:
    problem = ""
    try:
        vocabulary.own(vocabulary_id)
    except DataFileError as error:
        # The list of the package is used instead, if there is one.
        problem = str(error)
    try:
        read = vocabulary.get(vocabulary_id)
    except vocabulary.UnknownVocabularyError:
        return UnverifiedList(vocabulary_id, vocabulary_id, problem=problem)
    title = terms_of_use.in_language(read.title, http.language())
    return UnverifiedList(vocabulary_id, title, tuple(row for row in read if row.doubtful), problem)


def unchecked() -> list[terms_of_use.Terms]:
    """Return the terms of use whose text has not been compared with the gazette."""
    terms_list = [terms_of_use.find(license_id) for license_id in terms_of_use.ids()]
    return [terms for terms in terms_list if terms and not terms.compared_with_gazette]


def _first(messages: Any) -> str:
    return str(messages[0]) if isinstance(messages, list) and messages else str(messages)
