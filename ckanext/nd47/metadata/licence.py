"""The licences of open data of Vietnamese state agencies.

Their terms are those of the law itself: no agency prescribes a public licence, and neither text is
a Creative Commons licence. `schemas/licences.json` names them to CKAN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.license import License, LicenseRegister

from ckanext.nd47 import config

CURRENT = "vn-open-data-2023"
DECREE_47 = "nd47-open-data"
OWN = (CURRENT, DECREE_47)


def address(license_id: str) -> str:
    """Return the address of one of our licences, which is also its IRI."""
    return f"{config.base_iri()}/licence/{license_id}"


def title(license_id: str, otherwise: str = "") -> str:
    """Return the title of a licence in the language of the request.

    Args:
        license_id: id of the licence.
        otherwise: title that CKAN has for it, translated where a catalogue knows it.
    """
    own = {
        CURRENT: tk._("Open data of Vietnamese state agencies (Law 20/2023/QH15, Article 43)"),
        DECREE_47: tk._(
            "Open data of Vietnamese state agencies (Decree 47/2020/NĐ-CP, Article 18)"
        ),
    }
    return own.get(license_id) or (tk._(otherwise) if otherwise else license_id)


def title_of(dataset: Mapping[str, Any]) -> str:
    """Return the title of the licence of a dataset in the language of the request, or nothing."""
    license_id = dataset.get("license_id")
    return title(license_id, dataset.get("license_title") or "") if license_id else ""


def register() -> None:
    """Load the licences anew and give ours their address, which the file cannot know."""
    licences = LicenseRegister()
    for position, entry in enumerate(licences.licenses):
        facts = entry.license_dictize()
        if facts["id"] in OWN and not facts["url"]:
            licences.licenses[position] = License({**facts, "url": address(facts["id"])})
    # CKAN keeps one register for the life of the process and has no way to renew it.
    setattr(model.Package, "_license_register", licences)  # noqa: B010 - private to CKAN
