"""Template helpers; each calls a service function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from dominate import tags
from markupsafe import Markup

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.pagination import Page

from ckanext.nd47.agencies import directory
from ckanext.nd47.lib import contact_values, dates, http, values, vocabulary
from ckanext.nd47.lib import dataset_fields as schema_fields
from ckanext.nd47.metadata import (
    activity,
    citation,
    dataset_input,
    dataset_reader,
    facets,
    files,
    form_layout,
    licence,
    search_fields,
    stored_choices,
    terms_of_use,
    update_state,
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
    "nd47_facet_label",
    "nd47_field_values",
    "nd47_filter_labels",
    "nd47_form_choices",
    "nd47_form_errors",
    "nd47_form_parts",
    "nd47_groups",
    "nd47_license_choices",
    "nd47_is_link",
    "nd47_label",
    "nd47_license_page",
    "nd47_license_title",
    "nd47_listed",
    "nd47_machine_forms",
    "nd47_mailbox_links",
    "nd47_not_asked",
    "nd47_outside",
    "nd47_several_formats",
    "nd47_several_formats",
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
    "nd47_sorting",
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
            "text": term.text(http.language()),
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
    return vocabulary.label(vocabulary_id, code, http.language())


def nd47_field_values(field: dict[str, Any], value: Any) -> list[str]:
    """Return what a page shows of a field of one or more values: labels where it has a list."""
    found = dataset_reader.codes({"value": value}, "value")
    vocabulary_id = field.get("vocabulary")
    return [nd47_label(vocabulary_id, code) for code in found] if vocabulary_id else found


def nd47_agencies() -> list[tuple[str, str]]:
    """Return id and title of every agency of the portal."""
    return directory.titles()


def nd47_agency_title(reference: str) -> str:
    """Return the title of an agency; the reference itself where there is no such agency."""
    found = directory.get(reference)
    return directory.display_title(found) if found else reference


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
    return dates.period_in_words(value)


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
    return citation.statement(dataset)


def nd47_citation_formats() -> list[tuple[str, str]]:
    """Return extension and name of each format in which a reference can be had."""
    return [(file_format.extension, file_format.name) for file_format in citation.FORMATS.values()]


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
    return terms_of_use.address(license_id)


def nd47_terms_media_type(extension: str) -> str:
    """Return the media type of a machine-readable form of terms."""
    return terms_of_use.RDF_FORMATS[extension][1]


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
        "next_update": update_state.next_due(dataset),
        "update_state": update_state.of(dataset),
    }


def nd47_facet_label(item: Mapping[str, Any]) -> str:
    """Return the whole label of a value of a facet: names of agencies differ at their end."""
    return item["display_name"]


def nd47_filter_labels(filters: Mapping[str, list[str]] | None) -> dict[tuple[str, str], str]:
    """Return the labels of the values that a list of datasets is filtered by."""
    return facets.labels(filters or {})


def nd47_listed(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list says of a dataset, without a statement for each."""
    agency = dataset.get("organization") or {}
    found = directory.get(dataset.get("owner_org")) if agency else None
    return {
        "agency": directory.display_title(found) if found else agency.get("title") or "",
        "agency_name": agency.get("name") or "",
        "updated": nd47_day(dataset_reader.updated(dataset)),
        "period": _periods(dataset),
        "state": update_state.of(dataset),
        "files": len(dataset.get("resources") or []),
    }


def nd47_sorting(query: str) -> list[tuple[str, str]]:
    """Return the orders of a list of datasets, that by relevance only with words to look for."""
    orders = [
        (tk._("Date of the data, newest first"), f"{search_fields.DATA_DATE} desc"),
        (tk._("Name Ascending"), "title_string asc"),
        (tk._("Name Descending"), "title_string desc"),
        (tk._("Last Modified"), "metadata_modified desc"),
    ]
    relevance = (tk._("Relevance"), "score desc, metadata_modified desc")
    most_used = (tk._("Most used"), "views_recent desc")
    return [
        *([relevance] if query else []),
        *orders,
        *([most_used] if p.plugin_loaded("tracking") else []),
    ]


def _periods(dataset: Mapping[str, Any]) -> str:
    """Return the periods that the data are about in words, the first and the last of many."""
    spans = [
        " - ".join(nd47_day(group[key]) for key in ("start", "end") if group.get(key))
        for group in dataset_reader.groups(dataset, "temporal_coverage")
    ]
    files = [resource.get("period") for resource in dataset_reader.resources(dataset)]
    found = list(dict.fromkeys(filter(None, spans)))
    found = found or list(dict.fromkeys(nd47_period(one) for one in files if one))
    return ", ".join(found if len(found) <= MOST_PERIODS else [found[0], "…", found[-1]])


MOST_PERIODS = 3
"""Periods of a dataset that a list names."""

FormField = dict[str, Any]

DEFAULTED = frozenset({"responsible_agency", "contact", "attribution"})
"""Fields of a dataset that stand for something when they are left empty."""


def nd47_form_parts(
    fields: list[FormField], data: Mapping[str, Any], errors: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the sections of a form page.

    Each holds `title`, `description`, `fields`, `filled` (how many have a value, their own or one
    that holds by itself) and `faulty` (whether one of them has an error).
    """
    found = []
    for part in form_layout.parts(fields):
        asked = stored_choices.in_form(form_layout.in_form(part), data)
        names = {schema_field["field_name"] for schema_field in asked}
        assumed = nd47_assumed(data) if names & DEFAULTED else {}
        found.append(
            {
                "title": part.title,
                "description": part.description,
                "fields": asked,
                "filled": sum(
                    form_layout.is_filled(schema_field, data)
                    or bool(assumed.get(schema_field["field_name"]))
                    for schema_field in asked
                ),
                "faulty": bool(names.intersection(errors)),
            }
        )
    return [part for part in found if part["fields"]]


def nd47_page_parts(
    fields: list[FormField], shown: Mapping[str, Any], left_out: list[str]
) -> list[dict[str, Any]]:
    """Return the sections of a page about a record, with only the fields that have a value."""
    found = [
        {"title": part.title, "fields": form_layout.on_page(part, shown, left_out)}
        for part in form_layout.parts(fields, by_page=True)
    ]
    return [part for part in found if part["fields"]]


def nd47_groups(field: FormField, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups of subfields that a form shows."""
    return form_layout.groups(field, data)


def nd47_not_asked(field: FormField, group: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a group that its form does not ask for."""
    return form_layout.not_asked(field, group)


def nd47_resource_not_asked(resource: Mapping[str, Any], fields: list[FormField]) -> dict[str, Any]:
    """Return what is stored of a resource and its form does not ask for."""
    return dataset_input.resource_values_not_in_form(resource.get("id"), fields)


def nd47_error_texts(error: Any) -> list[str]:
    """Return the messages of a field's error, of whatever shape."""
    return form_layout.texts(error) if error else []


def nd47_form_errors(errors: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the errors of a dataset form; a missing title is named as such.

    CKAN misses the name in addresses then, which the form makes of the title.
    """
    named = dict(errors)
    if "name" in named and not data.get("name") and not data.get("title"):
        del named["name"]
        named["title"] = [tk._("Give the dataset a title.")]
    return named


def nd47_problems(errors: Mapping[str, Any], dataset_type: str) -> list[dict[str, Any]]:
    """Return the errors of a dataset form in the order of its fields, for the summary on top."""
    schema = tk.h.scheming_get_dataset_schema(dataset_type) or {}
    pages = tk.h.scheming_get_dataset_form_pages(dataset_type)
    listed = [page["fields"] for page in pages] if pages else [schema.get("dataset_fields", [])]
    return [vars(problem) for problem in form_layout.problems(errors, listed)]


def nd47_proposed(
    asked: list[FormField], data: Mapping[str, Any], dataset_type: str
) -> dict[str, Any]:
    """Return the data of a form, with what is proposed for the fields that it asks for."""
    on_page = {
        schema_field["field_name"] for schema_field in asked if schema_field.get("form_proposed")
    }
    names = {ours: schema_fields.of_type(dataset_type).name(ours) for ours in form_layout.PROPOSED}
    wanted = {ours: theirs for ours, theirs in names.items() if theirs in on_page}
    return {**data, **form_layout.proposed(data, wanted)}


def nd47_owners(current: str) -> list[tuple[str, str]]:
    """Return the agencies that a user may put a dataset under, and the one that it is under."""
    allowed = tk.h.organizations_available("create_dataset")
    owners = [(agency["id"], agency["display_name"]) for agency in allowed]
    if current and current not in dict(owners):
        found = directory.get(current)
        owners += [(found.id, found.title)] if found else []
    return owners


def nd47_assumed(data: Mapping[str, Any]) -> dict[str, str]:
    """Return what holds for the fields of a form that are left empty."""
    bare = {key: value for key, value in data.items() if key not in DEFAULTED}
    above = dataset_reader.responsible(bare)
    return {
        "responsible_agency": above.title if above else "",
        "contact": "; ".join(map(_contact_text, dataset_reader.contacts(bare))),
        "attribution": citation.statement(bare) if data.get("title") else "",
    }


def nd47_period_input(value: Any) -> Any:
    """Return a stored reporting period as one types it; anything else as it stands."""
    try:
        return dates.period_in_words(dates.period(value))
    except (ValueError, TypeError, AttributeError):
        return value


def _contact_text(contact: Mapping[str, Any]) -> str:
    told = (contact.get(key) for key in ("name", "email", "telephone"))
    return ", ".join(str(value) for value in told if value)


MACHINE_FORMS = {"ttl": "Turtle", "jsonld": "JSON-LD", "rdf": "RDF/XML"}


def nd47_resource_facts(dataset: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, str]:
    """Return what a list says of a resource: `format`, `size`, `period` and `updated`."""
    period = dataset_reader.resource_text(dataset, resource, "period")
    moment = resource.get("last_modified") or resource.get("created") or ""
    return {
        "format": resource.get("format") or "",
        "size": _file_size(resource.get("size")),
        "period": tk.h.nd47_period(period) if period else "",
        "updated": values.day_first(dataset_reader.day_in_vietnam(str(moment))),
    }


def nd47_machine_forms(dataset: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and address of each form of a dataset's metadata made for programs."""
    if not p.plugin_loaded("dcat"):
        return []
    return [
        (name, tk.url_for("dcat.read_dataset", _id=dataset["name"], _format=extension))
        for extension, name in MACHINE_FORMS.items()
    ]


def nd47_mailbox_links(text: str) -> list[tuple[str, str]]:
    """Return the parts of a field of mailboxes, each with the address that opens a letter."""
    found = contact_values.find_mailboxes(text)
    parts = [
        (f"{mailbox.name} ({mailbox.address})" if mailbox.name else mailbox.address, mailbox)
        for mailbox in found
    ]
    return [(shown, f"mailto:{part.address}") for shown, part in parts] or [(text, "")]


def nd47_telephone_links(text: str) -> list[tuple[str, str]]:
    """Return the parts of a field of telephone numbers as written.

    Each comes with the address that dials it, empty for what stands between the numbers.
    """
    parts: list[tuple[str, str]] = []
    rest = text
    for telephone in contact_values.find_telephones(text):
        before, _, rest = rest.partition(telephone.written)
        parts += [(before, ""), (telephone.written, telephone.uri)]
    return [part for part in (*parts, (rest, "")) if part[0].strip()]


def nd47_pager(page: Page, **query: Any) -> Markup:
    """Return CKAN's links to the pages of a list, the two arrows with a name."""
    return page.pager(
        symbol_previous=_arrow("left", tk._("Previous page")),
        symbol_next=_arrow("right", tk._("Next page")),
        **query,
    )


def nd47_dataset_title(name: str) -> str:
    """Return the title of a dataset that the reader of the page may see already."""
    found = model.Package.get(name)
    return (found.title or found.name) if found else name


def nd47_agency_above(organisation: Mapping[str, Any]) -> str:
    """Return the title of the agency directly above another, or nothing."""
    parents = organisation.get("groups") or []
    found = directory.get(parents[0].get("name")) if parents else None
    return directory.display_title(found) if found else ""


def _arrow(way: str, name: str) -> Any:  # dominate types its tags as decorators too
    arrow = tags.i(cls=f"fa-solid fa-chevron-{way}", aria_hidden="true")
    return tags.span(arrow, tags.span(name, cls="visually-hidden"))


def _file_size(value: Any) -> str:
    try:
        return tk.h.localised_filesize(int(value)) if value else ""
    except (ValueError, TypeError):
        return ""


def nd47_version(version: Mapping[str, Any]) -> activity.Facts:
    """Return what a former version of a dataset holds of who answers for the data."""
    return activity.version_facts(version)


def nd47_changes(
    found: list[activity.Change], old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[activity.Change]:
    """Return the changes between two versions of a dataset with labels and readable values."""
    return activity.changes(found, old, new)


def nd47_several_formats(dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources whose format names several, which the export cannot write."""
    named = ((resource, resource.get("format")) for resource in dataset.get("resources") or [])
    return [
        resource
        for resource, name in named
        if isinstance(name, str) and files.several_formats(name)
    ]


def nd47_outside(dataset: Mapping[str, Any]) -> str:
    """Return a position of a dataset's geometries outside the area of the portal, or nothing."""
    return dataset_reader.position_outside(dataset)


def nd47_license_choices(current: Any) -> list[tuple[str, str]]:
    """Return titles and ids of the licences that a form offers, as ckanext-scheming expects them.

    Args:
        current: what the record has; it stays on offer where the portal no longer has that licence.
    """
    existing = current if isinstance(current, str) and current else None
    return [(title, name) for name, title in tk.h.license_options(existing)]
