"""What the pages of this room have in common: forms, filters, page numbers, errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page

from ckanext.nd47.agencies import directory
from ckanext.nd47.catalogue.records import fields
from ckanext.nd47.catalogue.records import model as tables
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.lib.web import pages as web_pages

PER_PAGE = 50
LONGEST = 200
"""Characters of a filter at most."""


require_account = web_pages.require_account(tables)


def require_tables() -> None:
    """Refuse pages without the tables."""
    web_pages.require_tables(tables)


def filters(*names: str) -> dict[str, str]:
    """Return the filters of the address that have a value."""
    arguments = {name: tk.request.args.get(name, "").strip()[:LONGEST] for name in names}
    printable = {name: "".join(filter(str.isprintable, value)) for name, value in arguments.items()}
    return {name: value for name, value in printable.items() if value}


def pager(
    endpoint: str, number: int, count: int, values: Mapping[str, str], per_page: int = PER_PAGE
) -> Page:
    """Return the links to the other pages of a list; `values` are those of its address."""

    def address(page: int) -> str:
        return tk.url_for(endpoint, page=page, **values)

    return web_pages.pager(address, number, count, per_page)


def form_data(known: Iterable[fields.Field]) -> dict[str, Any]:
    """Return the values of a sent form, by field."""
    form = tk.request.form
    data: dict[str, Any] = {}
    for field in known:
        if field.kind == "codes":
            data[field.name] = form.getlist(field.name)
        elif field.name in form:
            data[field.name] = form.get(field.name, "")
        # An agency keeps its id as long as nobody edits the name that stands for it.
        before = form.get(f"{field.name}_before", "").strip()
        if field.kind == "agency" and data.get(field.name, "").strip() == before:
            data[f"{field.name}_id"] = form.get(f"{field.name}_id", "")
    return data


def typed(row: Mapping[str, Any], known: Iterable[fields.Field]) -> dict[str, Any]:
    """Return the values of a stored row as a form shows them, by field."""
    data: dict[str, Any] = {}
    for field in known:
        value = row.get(field.name)
        data[field.name] = (
            list(value or []) if field.kind == "codes" else fields.typed(field, value)
        )
        if field.kind == "agency":
            data[f"{field.name}_id"] = row.get(f"{field.name}_id") or ""
    return data


def choices(known: Iterable[fields.Field]) -> dict[str, dict[str, str]]:
    """Return the values that a form offers, by field: titles by code."""
    lang = http.language()
    offered: dict[str, dict[str, str]] = {}
    for field in known:
        if field.vocabulary:
            offered[field.name] = {
                term.code: term.text(lang) for term in vocabulary.get(field.vocabulary)
            }
        elif field.kind == "licence":
            offered[field.name] = fields.licences()
    return offered


def agency_titles() -> list[str]:
    """Return the titles of all active agencies, in order, for suggestions."""
    return [title for _agency_id, title in directory.titles()]


def codes(vocabulary_id: str) -> dict[str, str]:
    """Return the titles of the codes of a vocabulary."""
    lang = http.language()
    return {term.code: term.text(lang) for term in vocabulary.get(vocabulary_id)}
