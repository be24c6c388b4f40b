"""The portal as the functions of this room see it: a `Site` built from CKAN."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ckan import model

from ckanext.dcat.utils import (
    catalog_uri,
    publisher_uri_organization_fallback,
)

from ckanext.nd47.agencies import contacts, directory
from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.dcat import contact_points, identity
from ckanext.nd47.dcat.rdf import codes, targets
from ckanext.nd47.dcat.rdf.distributions import AVAILABILITIES
from ckanext.nd47.dcat.rdf.record import Site, Territory
from ckanext.nd47.lib import config
from ckanext.nd47.lib.geometry import read_extent
from ckanext.nd47.metadata import citation, dataset_reader, licence, terms_of_use

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

NAMESPACE = "/ns/nd47#"
"""How the IRI of the project's own namespace ends, on every portal."""


def current_site() -> Site:
    """Return the portal that runs this code."""
    return Site(
        base=catalog_uri().rstrip("/"),
        namespace=config.base_iri() + NAMESPACE,
        language=config.default_language(),
        organisation=_organisation,
        agent_iri=_agent_iri,
        licence=_licence,
        responsible=_responsible,
        contacts=_contacts,
        # One language whoever asks, so that equal records give equal bytes.
        attribution=partial(citation.statement, lang=config.default_language()),
        territory=_territory(),
        availability=_availability(),
        target=_target(),
        referred=_referred,
        of_others=identity.of_others,
        is_record=identity.is_record,
    )


def _territory() -> Territory | None:
    place = config.dcat_place()
    if not place:
        return None
    try:
        extent = read_extent(config.dcat_extent())
    except ValueError:
        log.warning("Option %s holds no extent: %r", config.DCAT_EXTENT, config.dcat_extent())
        extent = None
    unit = codes.find("province", place)
    name = unit.labels[config.default_language()] if unit else place
    return Territory(name, unit.iri if unit else None, extent)


def _target() -> targets.Target | None:
    found = targets.current()
    return found if found.changes else None


def _availability() -> str:
    code = config.dcat_availability()
    if code and code not in AVAILABILITIES:
        log.warning("Option %s holds no code of the EU table: %r", config.DCAT_AVAILABILITY, code)
        return ""
    return code


def _organisation(name: str) -> Mapping[str, Any] | None:
    """Return the fields of an organisation as the register has them in this transaction."""
    found = directory.cached().get(name)
    if found is None:
        return None
    return {
        "id": found.id,
        "name": found.name,
        "title": found.title,
        "title_en": found.title_en,
        "identifier": found.code,
        "email": found.email,
        "telephone": found.telephone,
        "url": found.url,
        "agency_level": found.level,
    }


def _contacts(dataset: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the contact of a dataset that names none: that of its agency, else CKAN's fields."""
    contact = contact_points.of_dataset(dataset)
    return [contact] if contact else dataset_reader.contacts(dataset)


def _referred(contact: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the contact of the register that an entry refers to, None where it is none."""
    point = contact_points.of_entry(contact)
    if point is None:
        return {} if contacts.is_bare_reference(contact) else None
    return contact_points.shown(point) if _organisation(point.agency) else {}


def _responsible(dataset: Mapping[str, Any]) -> str:
    agency = dataset_reader.responsible(dataset)
    return agency.id if agency else ""


def _agent_iri(organisation_id: str) -> str:
    return publisher_uri_organization_fallback({"organization": {"id": organisation_id}}) or ""


def agency_id(iri: str, code: str, name: str) -> str:
    """Return the id of the organisation that another portal means, empty when there is none.

    Its id at the end of the address counts when it is an organisation of this portal, else its
    code, else its name: agencies are not created by a harvest.
    """
    known = directory.get(iri.rpartition("/")[2])
    if known:
        return known.id
    active = sa.and_(model.Group.is_organization, model.Group.state == model.State.ACTIVE)
    of_this_code = sa.select(Agency.id).join(model.Group, Agency.id == model.Group.id)
    of_this_name = sa.select(model.Group.id)
    for given, query in (
        (code, of_this_code.where(active, Agency.code == code)),
        (name, of_this_name.where(active, model.Group.title == name)),
    ):
        found = list(model.Session.scalars(query.limit(2))) if given else []
        if len(found) == 1:
            return found[0]
    return ""


def licence_id(iri: str) -> str:
    """Return the id of the licence that an IRI stands for, empty when the portal has none such."""
    return licence.recognise(iri) or ""


def _licence(name: str) -> Mapping[str, Any] | None:
    found = licence.find(licence.recognise(name) or "")
    if found is None:
        return None
    name = found.id
    return {
        "id": name,
        "title": licence.title(name, "en"),
        "title_vi": licence.title(name, "vi"),
        "url": getattr(found, "url", ""),
        "open": found.isopen(),
        "own": terms_of_use.find(name) is not None,
    }
