"""The sentence by which a dataset is to be cited.

Citing is a duty of the user: Law 20/2023/QH15, Article 43(5), and before it Decree 47/2020,
Article 18(2). Neither gives a form, so the form is the portal's: one template with places.
"""

from __future__ import annotations

import logging
import re
import string
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import config, values
from ckanext.nd47.metadata import dataset_reader, licence

log = logging.getLogger(__name__)

PLACES = ("agency", "title", "identifier", "url", "date", "license")

_OPENING = re.compile(r"[“\"'(\[]$")
_CLOSING = re.compile(r"^[”\"')\]]?[,;.:]?\s*")
_DANGLING = " ,;:"

Agencies = dict[tuple[Any, str], str]
"""Titles of agencies by owner organisation and responsible agency, for one reply."""


class TemplateError(ValueError):
    """A template that cannot be filled.

    Attributes:
        place: the place that is wrong; empty where the braces themselves are.
    """

    def __init__(self, place: str = "") -> None:
        super().__init__(f"attribution template: {place or 'braces do not match'}")
        self.place = place


def sentence(dataset: dataset_reader.Dataset, lang: str | None = None) -> str:
    """Return the sentence for a dataset: its own, else by the template of the portal.

    Args:
        dataset: the dataset as `package_show` gives it.
        lang: language of the licence's title; that of the request where none is given.
    """
    return dataset_reader.text(dataset, "attribution") or _by_template(facts(dataset, lang))


def preview(template: str) -> str:
    """Return what a template makes of an example.

    Raises:
        TemplateError: the template cannot be filled.
    """
    example = {
        "agency": tk._("Example department"),
        "title": tk._("List of primary schools"),
        "identifier": "H99.02-000017",
        "url": f"{config.site_base()}/dataset/danh-sach-truong-tieu-hoc",
        "date": "31/12/2026",
        "license": licence.title(licence.CURRENT),
    }
    return fill(template, example)


def for_api(dataset: dataset_reader.Dataset, agencies: Agencies) -> str:
    """Return the sentence in the language of the portal's data, whoever asks.

    So the API says what the export says, and a program that sends a dataset back sends what is
    there.

    Args:
        dataset: the dataset as an action gives it.
        agencies: titles found so far for the same reply; added to.
    """
    own = dataset_reader.text(dataset, "attribution")
    return own or _by_template(facts(dataset, config.default_language(), agencies))


def facts(
    dataset: dataset_reader.Dataset, lang: str | None = None, agencies: Agencies | None = None
) -> dict[str, str]:
    """Return what the places of the template stand for."""
    return {
        "agency": _agency_title(dataset, {} if agencies is None else agencies),
        "title": dataset_reader.text(dataset, "title") or dataset_reader.text(dataset, "name"),
        "identifier": dataset_reader.text(dataset, "identifier"),
        "url": page(dataset),
        "date": values.day_first(dataset_reader.updated(dataset)),
        "license": licence.title_of(dataset, lang),
    }


def page(dataset: dataset_reader.Dataset) -> str:
    """Return the address of the page of a dataset."""
    return f"{config.site_base()}/dataset/{dataset.get('name', '')}"


def fill(template: str, places: Mapping[str, str]) -> str:
    """Fill a template; a place with nothing to say goes with the punctuation after it.

    Raises:
        TemplateError: the template names an unknown place, or its braces do not match.
    """
    parts = parse(template)
    words = [text for text, _ in parts]
    filled = [places.get(place, "") if place else "" for _, place in parts]
    for position, (_, place) in enumerate(parts):
        if place and not filled[position]:
            words[position] = _OPENING.sub("", words[position])
            if position + 1 < len(words):
                words[position + 1] = _CLOSING.sub("", words[position + 1])
    pairs = zip(words, filled, strict=True)
    return values.one_line("".join(text + value for text, value in pairs)).rstrip(_DANGLING)


@lru_cache(maxsize=16)
def parse(template: str) -> tuple[tuple[str, str], ...]:
    """Return a template as pairs of a text and the place that follows it, empty at the end.

    Only plain places are taken: a format specification such as `{title:>9999999}` fills the memory,
    and `{title.__class__}` reaches into the program.

    Raises:
        TemplateError: it names an unknown place, or its braces do not match.
    """
    try:
        found = list(string.Formatter().parse(template))
    except ValueError as error:
        raise TemplateError from error
    for _, place, detail, conversion in found:
        if place is not None and (place not in PLACES or detail or conversion):
            raise TemplateError(place or "{}")
    # The text after the last place needs a pair of its own to lose its punctuation.
    return tuple((text, place or "") for text, place, _, _ in found)


def _by_template(places: Mapping[str, str]) -> str:
    try:
        return fill(config.attribution_template(), places)
    except TemplateError as error:
        # A slip in the configuration file must not take the dataset pages down.
        log.warning("%s; the default is used", error)
        return fill(config.declared_default(config.ATTRIBUTION_TEMPLATE), places)


def _agency_title(dataset: dataset_reader.Dataset, known: Agencies) -> str:
    key = (dataset.get("owner_org"), dataset_reader.text(dataset, "responsible_agency"))
    if key not in known:
        found: directory.AgencyInfo | None = dataset_reader.responsible(
            dataset
        ) or dataset_reader.provider(dataset)
        known[key] = found.title if found else ""
    return known[key]
