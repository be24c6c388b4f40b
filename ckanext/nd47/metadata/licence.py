"""The licences of the portal: those of Vietnamese law beside CKAN's, and the names of each.

The terms of the law's licences are those of the law itself (`terms_of_use`): no agency prescribes
a public licence, and none of them is a Creative Commons licence. They are added to the portal's
list, CKAN's own or that of `licenses_group_url`, so no licence that a dataset uses is lost.

CKAN translates the titles of its own licences because they are properties, evaluated for each
request; a list read from a file has one language. Ours are properties likewise.

A name (address, SPDX id, title or another usual name) stands for a licence only where it names the
same version: CC BY 3.0 is not CC BY 4.0.
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

from ckanext.nd47.lib import config, http, vocabulary
from ckanext.nd47.lib.data import data_path, read_yaml
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
    # Nobody has measured them by the Open Definition; `isopen` says what the law says.
    "od_conformance": "not reviewed",
    "osd_conformance": "not reviewed",
}


class StateLicence(License):
    """A licence whose title is in the language of the request and whose address is up to date."""

    def __init__(self, license_id: str) -> None:
        """Make the licence of the terms with this id."""
        super().__init__({**_FACTS, "id": license_id})

    @property
    def title(self) -> str:
        """Title in the language of the request."""
        found = terms_of_use.find(self.id)
        return terms_of_use.in_language(found.title, http.language()) if found else self.id

    @property
    def url(self) -> str:
        """Address, which is also the IRI."""
        return terms_of_use.address(self.id)

    def isopen(self) -> bool:
        """Say whether data under these terms are open data in the sense of Vietnamese law."""
        found = terms_of_use.find(self.id)
        return found is not None and found.open

    def license_dictize(self) -> dict[str, Any]:
        """Return the licence as the action `license_list` gives it."""
        return {**super().license_dictize(), "title": self.title, "url": self.url}


def find(license_id: str) -> License | None:
    """Return a licence that the portal offers, None where it has none of this id."""
    return model.Package.get_license_register().get(license_id)


def legal_edition() -> vocabulary.Term | None:
    """Return the legal edition that the portal has chosen."""
    return vocabulary.term("legal-edition", config.legal_edition())


def default_id() -> str:
    """Return the licence of a new dataset: that of the portal, else of its legal edition.

    One that the portal does not offer would make every new dataset be refused.
    """
    edition = legal_edition()
    for license_id in (config.default_license(), edition["licence"] if edition else ""):
        if license_id and find(license_id):
            return license_id
    return ""


def instruments() -> list[str]:
    """Return the codes of the instruments that a new dataset is published under."""
    edition = legal_edition()
    return list(edition["instruments"] or ()) if edition else []


def title(license_id: str, lang: str | None = None) -> str:
    """Return the title of a licence; its id where nothing is known of it.

    Args:
        license_id: id of the licence.
        lang: language; that of the request where none is given.
    """
    own = terms_of_use.find(license_id)
    if own:
        return terms_of_use.in_language(own.title, lang or http.language())
    known = find(license_id)
    if known is None or not known.title:
        return license_id
    if lang is None:
        return tk._(known.title)
    with force_locale(lang):
        return tk._(known.title)


def title_of(dataset: Mapping[str, Any], lang: str | None = None) -> str:
    """Return the title of the licence of a dataset, or nothing where it has none."""
    license_id = dataset.get("license_id")
    return title(license_id, lang) if isinstance(license_id, str) and license_id else ""


def refresh(dataset: dict[str, Any]) -> None:
    """Refresh what CKAN shows of the licence in a dataset that an action returns.

    The search index has it in the language of the person who saved the dataset last.
    """
    license_id = dataset.get("license_id")
    known = find(license_id) if isinstance(license_id, str) else None
    if known is None:
        return
    dataset["isopen"] = known.isopen()
    dataset["license_title"] = title(known.id)
    if getattr(known, "url", ""):
        dataset["license_url"] = known.url


def register() -> None:
    """Add the licences to the portal's list; an entry of the same id there keeps its place.

    CKAN's own licences get the addresses that they have themselves.
    """
    known = model.Package.get_license_register()
    for registered in known.licenses:
        standard = vars(registered).get("_data")
        if isinstance(standard, DefaultLicense):
            standard.url = own_address(registered.id, standard.url)
    missing = [
        license_id
        for license_id in terms_of_use.ids()
        if terms_of_use.find(license_id) and license_id not in known
    ]
    known.licenses = [*map(StateLicence, missing), *known.licenses]


NAME_LENGTH = 500
"""Of a name or an address of a licence."""

REPLACED = "http://www.opendefinition.org/licenses/"
"""Pages that CKAN's own list has in place of the address of a licence; they name no version."""

_SCHEME = re.compile(r"^https?://(?:www\.)?")
_PAGE = re.compile(r"/(?:deed|legalcode)(?:\.[a-z_-]{2,10})?$")
_PATH = "/license/"


@dataclass(frozen=True)
class PublicLicence:
    """A licence that many portals know.

    Attributes:
        url: its own address, with its version.
        keys: its names and addresses, in the form that they are compared in.
    """

    url: str
    keys: frozenset[str]


def own_address(license_id: str, address: str) -> str:
    """Return the address of its own that a licence has, that of CKAN's list where it is one."""
    known = _public().get(license_id)
    return known.url if known and address.startswith(REPLACED) else address


def recognise(name: str) -> str | None:
    """Return the id of the portal's licence that a name or address stands for, if there is one."""
    register = model.Package.get_license_register()
    name = " ".join(name.split())
    if name in register or not name or len(name) > NAME_LENGTH:
        return name if name in register else None
    # The address of a licence of the law is that of the portal that exports it.
    _, mark, end = name.rpartition(_PATH)
    if mark and end in register and terms_of_use.find(end):
        return end
    wanted = _normalised(name)
    found = [license_id for license_id, keys in _keys_of_register() if wanted in keys]
    if found:
        return found[0] if len(found) == 1 else None
    group = next(
        (public.keys for public in _public().values() if wanted in public.keys), frozenset()
    )
    found = [license_id for license_id, keys in _keys_of_register() if group & keys]
    return found[0] if len(found) == 1 else None


def _keys_of_register() -> Iterator[tuple[str, frozenset[str]]]:
    for license_id, known in model.Package.get_license_register().items():
        own = terms_of_use.find(license_id)
        titles = own.title.values() if own else [getattr(known, "title", "")]
        named = (license_id, getattr(known, "url", ""), *titles)
        yield license_id, frozenset(_normalised(name) for name in named if name)


@cache
def _public() -> Mapping[str, PublicLicence]:
    listed = read_yaml(data_path("schemas", "licences.yaml"))
    return MappingProxyType(
        {license_id: _public_licence(license_id, of) for license_id, of in listed.items()}
    )


def _public_licence(license_id: str, entry: Mapping[str, list[str] | str]) -> PublicLicence:
    url = str(entry["url"])
    named = (license_id, url, *entry["names"], *entry["addresses"])
    return PublicLicence(url, frozenset(map(_normalised, named)))


def _normalised(name: str) -> str:
    """Return a name in the form in which names are compared."""
    address, is_address = _SCHEME.subn("", name.strip().casefold())
    return _PAGE.sub("", address.rstrip("/")).rstrip("/") if is_address else address
