"""Template helpers; each hands over to a service function."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk

from ckanext.nd47.agencies import hierarchy
from ckanext.nd47.lib import language, periods, values, vocabulary
from ckanext.nd47.metadata import (
    attribution,
    citation_formats,
    dataset_reader,
    licence,
    terms_of_use,
    terms_of_use_rdf,
)
from ckanext.nd47.metadata.form_helpers import (
    nd47_assumed,
    nd47_error_texts,
    nd47_form_errors,
    nd47_form_parts,
    nd47_groups,
    nd47_license_choices,
    nd47_not_asked,
    nd47_owners,
    nd47_page_parts,
    nd47_period_input,
    nd47_problems,
    nd47_proposed,
    nd47_resource_not_asked,
)
from ckanext.nd47.metadata.page_helpers import (
    nd47_agency_above,
    nd47_changes,
    nd47_dataset_title,
    nd47_machine_forms,
    nd47_mailbox_links,
    nd47_outside,
    nd47_pager,
    nd47_resource_facts,
    nd47_telephone_links,
    nd47_version,
)

__all__ = [
    "nd47_agencies",
    "nd47_agency_above",
    "nd47_agency_title",
    "nd47_assumed",
    "nd47_changes",
    "nd47_choices",
    "nd47_citation",
    "nd47_citation_formats",
    "nd47_dataset_title",
    "nd47_day",
    "nd47_error_texts",
    "nd47_field_values",
    "nd47_form_choices",
    "nd47_form_errors",
    "nd47_form_parts",
    "nd47_groups",
    "nd47_license_choices",
    "nd47_is_link",
    "nd47_label",
    "nd47_license_page",
    "nd47_license_title",
    "nd47_machine_forms",
    "nd47_mailbox_links",
    "nd47_not_asked",
    "nd47_outside",
    "nd47_owners",
    "nd47_page_parts",
    "nd47_pager",
    "nd47_period",
    "nd47_period_input",
    "nd47_problems",
    "nd47_proposed",
    "nd47_resource_facts",
    "nd47_resource_not_asked",
    "nd47_summary",
    "nd47_telephone_links",
    "nd47_terms",
    "nd47_terms_address",
    "nd47_terms_media_type",
    "nd47_version",
]


def nd47_choices(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the choices of a schema field from the vocabulary that it names."""
    return vocabulary.choices(field["vocabulary"])


def nd47_form_choices(field: dict[str, Any], value: Any) -> list[dict[str, Any]]:
    """Return the options of a form field; a value that is in no list any more stays among them."""
    selected = dataset_reader.codes({"value": value}, "value")
    options = [
        {
            "value": term.code,
            "text": term.text(language.current()),
            "selected": term.code in selected,
        }
        for term in vocabulary.get(field["vocabulary"])
        if term.offered or term.code in selected
    ]
    known = {option["value"] for option in options}
    lost = [code for code in selected if code and code not in known]
    return options + [{"value": code, "text": code, "selected": True} for code in lost]


def nd47_label(vocabulary_id: str, code: str) -> str:
    """Return the label of a code in the language of the page."""
    return vocabulary.label(vocabulary_id, code, language.current())


def nd47_field_values(field: dict[str, Any], value: Any) -> list[str]:
    """Return what a page shows of a field of one or more values: labels where it has a list."""
    found = dataset_reader.codes({"value": value}, "value")
    vocabulary_id = field.get("vocabulary")
    return [nd47_label(vocabulary_id, code) for code in found] if vocabulary_id else found


def nd47_agencies() -> list[tuple[str, str]]:
    """Return id and title of every agency of the portal."""
    return hierarchy.everyone()


def nd47_agency_title(reference: str) -> str:
    """Return the title of an agency; the reference itself where there is no such agency."""
    found = hierarchy.get(reference)
    return hierarchy.shown(found) if found else reference


def nd47_day(value: str | dt.date | None) -> str:
    """Return a stored date in the Vietnamese order; anything else as it stands."""
    if isinstance(value, dt.date):
        value = value.isoformat()
    try:
        return values.day_first(values.date(value)) if value else ""
    except ValueError:
        return value or ""


def nd47_period(value: str) -> str:
    """Return a reporting period in words: 2024, quarter 1/2024, 01/2024, first half of 2024."""
    return periods.in_words(value)


def nd47_is_link(value: Any) -> bool:
    """Say whether a value may be shown as a link: only whole web addresses."""
    if not isinstance(value, str):
        return False
    try:
        return urlsplit(value).scheme.lower() in {"http", "https"}
    except ValueError:  # "http://[", which is no address at all
        return False


def nd47_citation(dataset: dict[str, Any]) -> str:
    """Return the sentence by which a dataset is to be cited."""
    return attribution.sentence(dataset)


def nd47_citation_formats() -> list[tuple[str, str]]:
    """Return extension and name of each format in which a reference can be had."""
    return [(one.extension, one.name) for one in citation_formats.FORMATS.values()]


def nd47_license_page(license_id: str | None) -> str:
    """Return the page of a licence, in the language of the request; nothing for an unknown one."""
    known = licence.find(license_id) if license_id else None
    if known is None:
        return ""
    if terms_of_use.find(known.id) is None and nd47_is_link(known.url):
        return known.url
    return tk.h.url_for("nd47_terms.read", license_id=known.id)


def nd47_terms(license_id: str | None) -> terms_of_use.Terms | None:
    """Return the terms of a licence whose text the portal has."""
    return terms_of_use.find(license_id) if license_id else None


def nd47_terms_address(license_id: str) -> str:
    """Return the address that stands for a licence in RDF."""
    return licence.address(license_id)


def nd47_terms_media_type(extension: str) -> str:
    """Return the media type of a machine-readable form of terms."""
    return terms_of_use_rdf.SERIALISERS[extension][1]


def nd47_license_title(dataset: dict[str, Any]) -> str:
    """Return the title of a dataset's licence in the language of the page."""
    return licence.title_of(dataset)


def nd47_summary(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return what the panel at the top of a dataset page says."""
    return {
        "openness": dataset_reader.openness(dataset),
        "responsible": dataset_reader.responsible(dataset),
        "provider": dataset_reader.provider(dataset),
        "contacts": dataset_reader.contacts(dataset),
        "updated": nd47_day(dataset_reader.updated(dataset)),
        "next_update": dataset_reader.next_update(dataset),
    }
