"""The licences of open data of Vietnamese state agencies, among those that CKAN knows.

Their terms are those of the law itself (`terms`): no agency prescribes a public licence, and none
of them is a Creative Commons licence. They join whatever list the portal has, CKAN's own or that of
`licenses_group_url`, so no licence that a dataset uses is lost from it.

CKAN translates the titles of its own licences because they are properties that are read anew for
each request; a list read from a file has one language. Ours are properties likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.license import DefaultLicense, License

from ckanext.nd47.lib import config, language
from ckanext.nd47.metadata import licence_names, terms_of_use

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
        return terms_of_use.in_language(found.title, language.current()) if found else self.id

    @property
    def url(self) -> str:
        """Address, which is also the IRI."""
        return address(self.id)

    def isopen(self) -> bool:
        """Say whether data under these terms are open data in the sense of Vietnamese law."""
        found = terms_of_use.find(self.id)
        return found is not None and found.open

    def license_dictize(self) -> dict[str, Any]:
        """Return the licence as the action `license_list` gives it."""
        return {**super().license_dictize(), "title": self.title, "url": self.url}


def address(license_id: str) -> str:
    """Return the address of a licence on this portal, which is also its IRI."""
    return f"{config.base_iri()}/license/{license_id}"


def find(license_id: str) -> License | None:
    """Return a licence that the portal offers, None where it has none of this id."""
    return model.Package.get_license_register().get(license_id)


def title(license_id: str, lang: str | None = None) -> str:
    """Return the title of a licence; its id where nothing is known of it.

    Args:
        license_id: id of the licence.
        lang: language; that of the request where none is given.
    """
    own = terms_of_use.find(license_id)
    if own:
        return terms_of_use.in_language(own.title, lang or language.current())
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


def show(dataset: dict[str, Any]) -> None:
    """Renew what CKAN says of the licence in a dataset that an action returns.

    The search index holds it in the language of whoever saved the dataset last, and as it was then.
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
    for one in known.licenses:
        standard = vars(one).get("_data")
        if isinstance(standard, DefaultLicense):
            standard.url = licence_names.own_address(one.id, standard.url)
    missing = [one for one in terms_of_use.ids() if terms_of_use.find(one) and one not in known]
    known.licenses = [*map(StateLicence, missing), *known.licenses]
