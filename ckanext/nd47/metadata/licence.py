"""The licences of the portal: those of Vietnamese law in addition to CKAN's, and their names.

The terms of the statutory licences are those of the law itself (`terms_of_use`): no agency
prescribes a public licence, and none of them is a Creative Commons licence. They are added to the
portal's list, CKAN's own or that of `licenses_group_url`, so that no licence in use is lost.

CKAN translates the titles of its own licences because they are properties, evaluated for each
request; a list read from a file has one language. Here they are properties as well.

A name (address, SPDX id, title or another common name) refers to a licence only if the version is
the same: CC BY 3.0 is not CC BY 4.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from flask_babel import force_locale

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.license import DefaultLicense, License

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from ckanext.nd47.metadata import terms_of_use

CURRENT = "vn-open-data-2023"

_FACTS: Mapping[str, Any] = {
    "family": "vn-government",
    "maintainer": "",
    "status": "active",
    "is_generic": False,
    "domain_content": False,
    "domain_data": True,
    "domain_software": False,
    # They have not been reviewed under the Open Definition; `isopen` follows the law.
    "od_conformance": "not reviewed",
    "osd_conformance": "not reviewed",
}


class StateLicence(License):
    """A licence whose title is in the language of the request and whose address is up to date."""

    def __init__(self, license_id: str) -> None:
        """Create the licence of the terms with this id."""
        super().__init__({**_FACTS, "id": license_id})

    @property
    def title(self) -> str:
        """Title in the language of the request."""
        terms = terms_of_use.find(self.id)
        return terms_of_use.in_language(terms.title, http.language()) if terms else self.id

    @property
    def url(self) -> str:
        """Address, which is also the IRI."""
        return terms_of_use.address(self.id)

    def isopen(self) -> bool:
        """Return whether data under these terms are open data in the sense of Vietnamese law."""
        terms = terms_of_use.find(self.id)
        return terms is not None and terms.open

    def license_dictize(self) -> dict[str, Any]:
        """Return the licence for the action `license_list`."""
        return {**super().license_dictize(), "title": self.title, "url": self.url}


def find(license_id: str) -> License | None:
    """Return a licence of the portal, None if there is none with this id."""
    return model.Package.get_license_register().get(license_id)


def legal_edition() -> vocabulary.Term | None:
    """Return the configured legal edition."""
    return vocabulary.term("legal-edition", config.legal_edition())


def default_id() -> str:
    """Return the licence of new datasets: the configured one, otherwise that of the legal edition.

    A licence that the portal does not have is skipped, since it would be refused.
    """
    edition = legal_edition()
    for license_id in (config.default_license(), edition["licence"] if edition else ""):
        if license_id and find(license_id):
            return license_id
    return ""


def instruments() -> list[str]:
    """Return the codes of the legal instruments of new datasets."""
    edition = legal_edition()
    return list(edition["instruments"] or ()) if edition else []


def title(license_id: str, lang: str | None = None) -> str:
    """Return the title of a licence; its id if it is unknown.

    Args:
        license_id: id of the licence.
        lang: language; default: that of the request.
    """
    terms = terms_of_use.find(license_id)
    if terms:
        return terms_of_use.in_language(terms.title, lang or http.language())
    registered = find(license_id)
    if registered is None or not registered.title:
        return license_id
    if lang is None:
        return tk._(registered.title)
    with force_locale(lang):
        return tk._(registered.title)


def title_of(dataset: Mapping[str, Any], lang: str | None = None) -> str:
    """Return the title of the licence of a dataset, empty if it has none."""
    license_id = dataset.get("license_id")
    return title(license_id, lang) if isinstance(license_id, str) and license_id else ""


def refresh(dataset: dict[str, Any], known: dict[str, dict[str, Any]]) -> None:
    """Update the licence title and address in a dataset that an action returns.

    In the search index they are in the language of the user who last saved the dataset.

    Args:
        dataset: the dataset.
        known: fields of licences looked up for the same response so far, by id; updated.
    """
    license_id = dataset.get("license_id")
    if not isinstance(license_id, str):
        return
    if license_id not in known:
        known[license_id] = _fields(license_id)
    dataset.update(known[license_id])


def _fields(license_id: str) -> dict[str, Any]:
    """Return the fields of a dataset that follow from its licence."""
    registered = find(license_id)
    if registered is None:
        return {}
    fields = {"isopen": registered.isopen(), "license_title": title(registered.id)}
    address = getattr(registered, "url", "")
    return {**fields, "license_url": address} if address else fields


def register() -> None:
    """Add the licences to the portal's list, unless it has an entry with the same id.

    CKAN's own licences get their official addresses.
    """
    licence_register = model.Package.get_license_register()
    for registered in licence_register.licenses:
        standard = vars(registered).get("_data")
        if isinstance(standard, DefaultLicense):
            standard.url = official_address(registered.id, standard.url)
    missing = [
        license_id
        for license_id in terms_of_use.ids()
        if terms_of_use.find(license_id) and license_id not in licence_register
    ]
    licence_register.licenses = [*map(StateLicence, missing), *licence_register.licenses]


NAME_LENGTH = 500
"""Maximum length of a name or an address of a licence."""

REPLACED = "http://www.opendefinition.org/licenses/"
"""Addresses in CKAN's own list instead of those of the licences; they name no version."""

_SCHEME = re.compile(r"^https?://(?:www\.)?")
_PAGE = re.compile(r"/(?:deed|legalcode)(?:\.[a-z_-]{2,10})?$")
_PATH = "/license/"


@dataclass(frozen=True)
class PublicLicence:
    """A widely used public licence.

    Attributes:
        url: its official address, with the version.
        keys: its names and addresses in normalised form.
    """

    url: str
    keys: frozenset[str]


def official_address(license_id: str, address: str) -> str:
    """Return the official address of a licence, otherwise the address from CKAN's list."""
    public_licence = _public().get(license_id)
    return public_licence.url if public_licence and address.startswith(REPLACED) else address


def recognise(name: str) -> str | None:
    """Return the id of the portal's licence that a name or address refers to, if any."""
    register = model.Package.get_license_register()
    name = " ".join(name.split())
    if name in register or not name or len(name) > NAME_LENGTH:
        return name if name in register else None
    # A statutory licence has the address of the portal that exports it.
    _, mark, end = name.rpartition(_PATH)
    if mark and end in register and terms_of_use.find(end):
        return end
    key = _normalised(name)
    matches = [license_id for license_id, keys in _keys_of_register() if key in keys]
    if matches:
        return matches[0] if len(matches) == 1 else None
    group = next((public.keys for public in _public().values() if key in public.keys), frozenset())
    matches = [license_id for license_id, keys in _keys_of_register() if group & keys]
    return matches[0] if len(matches) == 1 else None


def _keys_of_register() -> Iterator[tuple[str, frozenset[str]]]:
    for license_id, registered in model.Package.get_license_register().items():
        terms = terms_of_use.find(license_id)
        titles = terms.title.values() if terms else [getattr(registered, "title", "")]
        names = (license_id, getattr(registered, "url", ""), *titles)
        yield license_id, frozenset(_normalised(name) for name in names if name)


@cache
def _public() -> Mapping[str, PublicLicence]:
    entries = read_yaml(data_path("schemas", "licences.yaml"))
    return MappingProxyType(
        {license_id: _public_licence(license_id, entry) for license_id, entry in entries.items()}
    )


def _public_licence(license_id: str, entry: Mapping[str, list[str] | str]) -> PublicLicence:
    url = str(entry["url"])
    names = (license_id, url, *entry["names"], *entry["addresses"])
    return PublicLicence(url, frozenset(map(_normalised, names)))


def _normalised(name: str) -> str:
    """Return a name in the form used for comparison."""
    address, is_address = _SCHEME.subn("", name.strip().casefold())
    return _PAGE.sub("", address.rstrip("/")).rstrip("/") if is_address else address
