"""What the administrator's page shows, besides the options themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

import ckan.plugins.toolkit as tk
from ckan.common import config_declaration

from ckanext.nd47.lib import config, http, vocabulary
from ckanext.nd47.lib.data import DataFileError, data_path, read_yaml
from ckanext.nd47.lib.vocabulary import Term
from ckanext.nd47.metadata import attribution, terms_of_use
from ckanext.nd47.settings import options

CODE = re.compile(r"`([^`]+)`")

Words = Mapping[str, Any]


@dataclass(frozen=True)
class Doubts:
    """The rows of a list that nobody has verified.

    Attributes:
        id: id of the list.
        title: its title.
        rows: the rows.
        problem: why the list cannot be read, empty where it can.
    """

    id: str
    title: str
    rows: tuple[Term, ...] = ()
    problem: str = ""


def facts(given: Mapping[str, str], errors: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the template.

    Args:
        given: values by option.
        errors: messages by option.
    """
    return {
        "data": given,
        "errors": errors,
        "error_summary": {label(option): _first(found) for option, found in errors.items()},
        "sections": sections(),
        "label": label,
        "description": described,
        "example": example,
        "stored": options.stored(),
        "preview": preview(given.get(config.ATTRIBUTION_TEMPLATE, "")),
        "template_option": config.ATTRIBUTION_TEMPLATE,
        "rules": rules(),
        "doubts": doubts(),
        "unchecked": unchecked(),
    }


def sections() -> dict[str, list[options.Setting]]:
    """Return the options by the key of the heading that they stand under."""
    found: dict[str, list[options.Setting]] = {}
    for one in options.SETTINGS:
        found.setdefault(one.section, []).append(one)
    return found


def label(option: str) -> str:
    """Return the name of an option for people, in the language of the request."""
    return words(option, "label")


def description(option: str) -> str:
    """Return what an option is for, in the language of the request."""
    return words(option, "description")


def described(option: str) -> Markup:
    """Return the description with what stands between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(description(option)))))  # noqa: S704 - escaped


def example(option: str) -> str:
    """Return an example of a value, nothing where the declaration has none."""
    declared = config_declaration.get(option)
    return str((declared and declared.example) or "")


def words(option: str, kind: str) -> str:
    """Return the label or the description of an option; its key where there is none.

    The English description is that of the declaration, which CKAN's own commands show.
    """
    own = wording().get(option, {}).get(kind, {})
    if http.language().startswith("en") and kind == "description":
        declared = config_declaration.get(option)
        return (declared.description or option) if declared else option
    return terms_of_use.in_language(own, http.language()) if own else option


@lru_cache(maxsize=1)
def wording() -> Mapping[str, Words]:
    """Return labels and Vietnamese descriptions by option, from `schemas/options.yaml`."""
    return read_yaml(data_path("schemas", "options.yaml"))


def preview(template: str) -> str:
    """Return the example sentence of a template, nothing where the template is wrong."""
    try:
        return attribution.preview(template)
    except attribution.TemplateError:
        return ""


def rules() -> list[Mapping[str, Any]]:
    """Return the rules that the portal applies, each with id, level, title and basis."""
    return tk.get_action("nd47_rule_list")({}, {})["rules"]


def doubts() -> list[Doubts]:
    """Return the rows of all lists that are inferred or unverified."""
    listed = sorted({path.stem for path in vocabulary.files()})
    found = [_doubts_of(vocabulary_id) for vocabulary_id in listed]
    return [one for one in found if one.rows or one.problem]


def _doubts_of(vocabulary_id: str) -> Doubts:
    problem = ""
    try:
        vocabulary.own(vocabulary_id)
    except DataFileError as error:
        # The list of the package is used in its place, if there is one.
        problem = str(error)
    try:
        read = vocabulary.get(vocabulary_id)
    except vocabulary.UnknownVocabularyError:
        return Doubts(vocabulary_id, vocabulary_id, problem=problem)
    title = terms_of_use.in_language(read.title, http.language())
    return Doubts(vocabulary_id, title, tuple(row for row in read if row.doubtful), problem)


def unchecked() -> list[terms_of_use.Terms]:
    """Return the terms of use whose text nobody has compared with the gazette."""
    known = [terms_of_use.find(license_id) for license_id in terms_of_use.ids()]
    return [one for one in known if one and not one.compared_with_gazette]


def _first(messages: Any) -> str:
    return str(messages[0]) if isinstance(messages, list) and messages else str(messages)
