"""Template helpers for pages of datasets, licences and agencies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypedDict
from urllib.parse import urlsplit

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.agencies import directory
from ckanext.nd47.agencies.contacts import Contact
from ckanext.nd47.lib.calendar import dates
from ckanext.nd47.lib.fields import contact_values, values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import (
    citation,
    dataset_reader,
    files,
    licence,
    terms_of_use,
    update_state,
)
from ckanext.nd47.metadata.pages import activity, form_layout, kept_codes

__all__ = [
    "nd47_agencies",
    "nd47_agency_above",
    "nd47_agency_title",
    "nd47_changes",
    "nd47_choices",
    "nd47_citation",
    "nd47_citation_formats",
    "nd47_dataset_title",
    "nd47_day",
    "nd47_field_values",
    "nd47_is_link",
    "nd47_kept_codes",
    "nd47_label",
    "nd47_license_page",
    "nd47_license_title",
    "nd47_machine_forms",
    "nd47_mailbox_links",
    "nd47_outside",
    "nd47_page_parts",
    "nd47_period",
    "nd47_resource_facts",
    "nd47_series",
    "nd47_several_formats",
    "nd47_summary",
    "nd47_telephone_links",
    "nd47_terms",
    "nd47_terms_address",
    "nd47_terms_media_type",
    "nd47_version",
]


MOST_PERIODS = 3
"""Maximum number of periods that a list shows of a dataset."""


def nd47_choices(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the choices of a schema field from its vocabulary."""
    return vocabulary.choices(field["vocabulary"])


def nd47_label(vocabulary_id: str, code: str) -> str:
    """Return the label of a code in the language of the page."""
    return vocabulary.label(vocabulary_id, code, http.language())


def nd47_field_values(field: dict[str, Any], value: Any) -> list[str]:
    """Return the values of a field for display; labels if the field has a vocabulary."""
    codes = dataset_reader.codes({"value": value}, "value")
    vocabulary_id = field.get("vocabulary")
    return [nd47_label(vocabulary_id, code) for code in codes] if vocabulary_id else codes


def nd47_agencies() -> list[tuple[str, str]]:
    """Return id and name, in the language of the page, of all agencies, by name."""
    return directory.titles()


def nd47_agency_title(reference: str) -> str:
    """Return the title of an agency; the reference itself if there is no such agency."""
    agency = directory.get(reference)
    return directory.display_title(agency) if agency else reference


def nd47_day(value: str | dt.date | None) -> str:
    """Return a stored date in day/month/year order; other values unchanged."""
    if isinstance(value, dt.date):
        value = value.isoformat()
    try:
        return values.day_first(values.date(value)) if value else ""
    except ValueError:
        return value or ""


def nd47_period(value: str) -> str:
    """Return a reporting period in words: 2024, quarter 1/2024, 01/2024, first half of 2024."""
    return dates.period_in_words(value)


def nd47_is_link(value: Any) -> bool:
    """Return whether a value may be shown as a link: complete web addresses only."""
    if not isinstance(value, str):
        return False
    try:
        return urlsplit(value).scheme.lower() in {"http", "https"}
    except ValueError:  # "http://["
        return False


def nd47_citation(dataset: dict[str, Any]) -> str:
    """Return the attribution statement of a dataset."""
    return citation.statement(dataset)


def nd47_citation_formats() -> list[tuple[str, str]]:
    """Return extension and name of each citation format."""
    return [(file_format.extension, file_format.name) for file_format in citation.FORMATS.values()]


def nd47_license_page(license_id: str | None) -> str:
    """Return the address of the page of a licence, empty for an unknown licence."""
    registered = licence.find(license_id) if license_id else None
    if registered is None:
        return ""
    if terms_of_use.find(registered.id) is None and nd47_is_link(registered.url):
        return registered.url
    return tk.h.url_for("nd47_terms.read", license_id=registered.id)


def nd47_terms(license_id: str | None) -> terms_of_use.Terms | None:
    """Return the terms of a licence, None if the portal does not have them."""
    return terms_of_use.find(license_id) if license_id else None


def nd47_terms_address(license_id: str) -> str:
    """Return the IRI of a licence."""
    return terms_of_use.address(license_id)


def nd47_terms_media_type(extension: str) -> str:
    """Return the media type of an RDF format of terms of use."""
    return terms_of_use.RDF_FORMATS[extension][1]


def nd47_license_title(dataset: dict[str, Any]) -> str:
    """Return the title of a dataset's licence in the language of the page."""
    return licence.title_of(dataset)


class Summary(TypedDict):
    """The values of the summary panel of a dataset page.

    `period` and `updated` are texts to show; `next_update` is None unless an update is scheduled.
    """

    openness: dataset_reader.Openness
    responsible: directory.AgencyInfo | None
    provider: directory.AgencyInfo | None
    contacts: list[Contact]
    period: str
    updated: str
    next_update: dt.date | None
    update_state: update_state.State


def nd47_summary(dataset: dict[str, Any]) -> Summary:
    """Return the values of the summary panel of a dataset page."""
    state, due = update_state.state_and_due(dataset)
    return {
        "openness": dataset_reader.openness(dataset),
        "responsible": dataset_reader.responsible(dataset),
        "provider": dataset_reader.provider(dataset),
        "contacts": dataset_reader.contacts(dataset),
        "period": covered_periods(dataset),
        "updated": nd47_day(dataset_reader.updated(dataset)),
        "next_update": due,
        "update_state": state,
    }


def covered_periods(dataset: Mapping[str, Any]) -> str:
    """Return the periods covered in words; of many only the first and the last."""
    spans = [
        " - ".join(nd47_day(group[key]) for key in ("start", "end") if group.get(key))
        for group in dataset_reader.groups(dataset, "temporal_coverage")
    ]
    files = [resource.get("period") for resource in dataset_reader.resources(dataset)]
    periods = list(dict.fromkeys(filter(None, spans)))
    periods = periods or list(
        dict.fromkeys(dates.period_in_words(period) for period in files if period)
    )
    return ", ".join(periods if len(periods) <= MOST_PERIODS else [periods[0], "…", periods[-1]])


class PagePart(TypedDict):
    """A section of a page: its title by language, and its fields as in the schema."""

    title: Any
    fields: list[form_layout.SchemaField]


def nd47_page_parts(
    fields: list[dict[str, Any]], record: Mapping[str, Any], excluded: list[str]
) -> list[PagePart]:
    """Return the sections of a page with the fields that have a value."""
    sections: list[PagePart] = [
        {"title": part.title, "fields": form_layout.on_page(part, record, excluded)}
        for part in form_layout.parts(fields, by_page=True)
    ]
    return [part for part in sections if part["fields"]]


MACHINE_FORMS = {"ttl": "Turtle", "jsonld": "JSON-LD", "rdf": "RDF/XML"}


class ResourceFacts(TypedDict):
    """What a list shows of a resource, as texts; empty where it is not known."""

    format: str
    size: str
    period: str
    updated: str


def nd47_resource_facts(dataset: Mapping[str, Any], resource: Mapping[str, Any]) -> ResourceFacts:
    """Return what a list shows of a resource."""
    period = dataset_reader.resource_text(dataset, resource, "period")
    moment = resource.get("last_modified") or resource.get("created") or ""
    return {
        "format": resource.get("format") or "",
        "size": _file_size(resource.get("size")),
        "period": tk.h.nd47_period(period) if period else "",
        "updated": values.day_first(dataset_reader.day_in_vietnam(str(moment))),
    }


class Series(TypedDict):
    """The files of a dataset: those of the current period, and the former ones, latest first."""

    current: list[dict[str, Any]]
    former: list[dict[str, Any]]


def _span(period: str) -> dates.Span | None:
    try:
        return dates.period_days(period)
    except ValueError:
        return None


def nd47_series(dataset: Mapping[str, Any], resources: list[dict[str, Any]]) -> Series:
    """Return the files of a dataset by period; a file of no period is among the current ones."""
    spans = {
        place: span
        for place, resource in enumerate(resources)
        if (span := _span(dataset_reader.resource_text(dataset, resource, "period")))
    }
    latest = max(spans.values(), key=lambda span: (span.last, span.first), default=None)
    former = [place for place, span in spans.items() if latest and span.last < latest.first]
    former.sort(key=lambda place: spans[place].last, reverse=True)
    return {
        "current": [resource for place, resource in enumerate(resources) if place not in former],
        "former": [resources[place] for place in former],
    }


def nd47_machine_forms(dataset: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and address of each machine-readable form of a dataset's metadata."""
    if not p.plugin_loaded("dcat"):
        return []
    return [
        (name, tk.url_for("dcat.read_dataset", _id=dataset["name"], _format=extension))
        for extension, name in MACHINE_FORMS.items()
    ]


def nd47_mailbox_links(text: str) -> list[tuple[str, str]]:
    """Return the mailboxes in a text, each with its `mailto:` address."""
    mailboxes = contact_values.find_mailboxes(text)
    parts = [
        (f"{mailbox.name} ({mailbox.address})" if mailbox.name else mailbox.address, mailbox)
        for mailbox in mailboxes
    ]
    return [(label, f"mailto:{part.address}") for label, part in parts] or [(text, "")]


def nd47_telephone_links(text: str) -> list[tuple[str, str]]:
    """Return the parts of a text with telephone numbers.

    Numbers come with their `tel:` address, the text between them with an empty one.
    """
    parts: list[tuple[str, str]] = []
    remaining = text
    for telephone in contact_values.find_telephones(text):
        before, _, remaining = remaining.partition(telephone.written)
        parts += [(before, ""), (telephone.written, telephone.uri)]
    return [part for part in (*parts, (remaining, "")) if part[0].strip()]


def nd47_dataset_title(name: str) -> str:
    """Return the title of a dataset; the caller has checked that the user may see it."""
    package = model.Package.get(name)
    return (package.title or package.name) if package else name


def nd47_agency_above(organisation: Mapping[str, Any]) -> str:
    """Return the title of the parent agency, empty if there is none."""
    parents = organisation.get("groups") or []
    parent = directory.get(parents[0].get("name")) if parents else None
    return directory.display_title(parent) if parent else ""


def _file_size(value: Any) -> str:
    try:
        return tk.h.localised_filesize(int(value)) if value else ""
    except (ValueError, TypeError):
        return ""


def nd47_version(version: Mapping[str, Any]) -> activity.Facts:
    """Return agencies, contacts, licence and dates of a former version of a dataset."""
    return activity.version_facts(version)


def nd47_changes(
    stored_changes: list[activity.Change], old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[activity.Change]:
    """Return the changes between two versions of a dataset with labels and readable values."""
    return activity.changes(stored_changes, old, new)


def nd47_several_formats(dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources with several formats in one value, which cannot be exported."""
    formats = ((resource, resource.get("format")) for resource in dataset.get("resources") or [])
    return [
        resource
        for resource, name in formats
        if isinstance(name, str) and files.several_formats(name)
    ]


def nd47_kept_codes(dataset: Mapping[str, Any]) -> list[kept_codes.KeptCode]:
    """Return the codes of a dataset that are in no list of the portal."""
    return kept_codes.of(dataset)


def nd47_outside(dataset: Mapping[str, Any]) -> str:
    """Return a position of a dataset's geometries outside the area of the portal, or empty."""
    return dataset_reader.position_outside(dataset)
