"""Builds the `Site` that the RDF writers use from the running CKAN."""

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
from ckanext.nd47.lib import config, legal_basis
from ckanext.nd47.lib.fields.geometry import read_extent
from ckanext.nd47.metadata import citation, dataset_reader, licence, terms_of_use

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ckanext.nd47.agencies.contacts import Contact

log = logging.getLogger(__name__)

NAMESPACE = "/ns/nd47#"
"""End of the IRI of the project's own namespace, the same on every portal."""


def current_site() -> Site:
    """Return the running portal."""
    return Site(
        base=catalog_uri().rstrip("/"),
        namespace=config.base_iri() + NAMESPACE,
        language=config.default_language(),
        organisation=_organisation,
        agent_iri=_agent_iri,
        licence=_licence,
        responsible=_responsible_id,
        contacts=_contacts,
        # Not the language of the request: equal datasets must give equal bytes.
        attribution=partial(citation.statement, lang=config.default_language()),
        territory=_territory(),
        availability=_availability(),
        target=_target(),
        registered_contact=_registered_contact,
        foreign_iris=identity.foreign_iris,
        is_record=identity.is_record,
        decisions=lambda dataset: legal_basis.of_dataset(str(dataset.get("id") or "")),
    )


def _territory() -> Territory | None:
    place = config.dcat_place()
    if not place:
        return None
    try:
        extent = read_extent(config.dcat_extent())
    except ValueError:
        log.warning("Option %s is not an extent: %r", config.DCAT_EXTENT, config.dcat_extent())
        extent = None
    unit = codes.find("province", place)
    name = unit.labels[config.default_language()] if unit else place
    return Territory(name, unit.iri if unit else None, extent)


def _target() -> targets.Target | None:
    target = targets.current()
    return target if target.changes else None


def _availability() -> str:
    code = config.dcat_availability()
    if code and code not in AVAILABILITIES:
        log.warning("Option %s is not a code of the EU table: %r", config.DCAT_AVAILABILITY, code)
        return ""
    return code


def _organisation(name: str) -> Mapping[str, Any] | None:
    """Return the fields of an organisation from the register, as of this transaction."""
    agency = directory.cached().get(name)
    if agency is None:
        return None
    return {
        "id": agency.id,
        "name": agency.name,
        "title": agency.title,
        "title_en": agency.title_en,
        "identifier": agency.code,
        "email": agency.email,
        "telephone": agency.telephone,
        "url": agency.url,
        "agency_level": agency.level,
    }


def _contacts(dataset: Mapping[str, Any]) -> Sequence[Contact]:
    """Return the contact of a dataset without contacts: that of its agency, else CKAN's fields."""
    contact = contact_points.of_dataset(dataset)
    return [contact] if contact else dataset_reader.contacts(dataset)


def _registered_contact(contact: Mapping[str, Any]) -> Contact | None:
    """Return the focal point that a contact refers to.

    Returns:
        None if the contact does not refer to the register, an empty dict if the focal point or its
        agency no longer exists.
    """
    point = contact_points.of_contact(contact)
    if point is None:
        return {} if contacts.is_bare_reference(contact) else None
    return contact_points.current(point) if _organisation(point.agency) else {}


def _responsible_id(dataset: Mapping[str, Any]) -> str:
    agency = dataset_reader.responsible(dataset)
    return agency.id if agency else ""


def _agent_iri(organisation_id: str) -> str:
    return publisher_uri_organization_fallback({"organization": {"id": organisation_id}}) or ""


def agency_id(iri: str, code: str, name: str) -> str:
    """Return the id of the organisation that a harvested dataset names, empty if there is none.

    The organisation is found by the id at the end of its IRI, else by its code, else by its name.
    A harvest does not create agencies.
    """
    organisation = directory.get(iri.rpartition("/")[2])
    if organisation:
        return organisation.id
    active = sa.and_(model.Group.is_organization, model.Group.state == model.State.ACTIVE)
    by_code = sa.select(Agency.id).join(model.Group, Agency.id == model.Group.id)
    by_name = sa.select(model.Group.id)
    for value, query in (
        (code, by_code.where(active, Agency.code == code)),
        (name, by_name.where(active, model.Group.title == name)),
    ):
        ids = list(model.Session.scalars(query.limit(2))) if value else []
        if len(ids) == 1:
            return ids[0]
    return ""


def licence_id(iri: str) -> str:
    """Return the id of the licence with this IRI, empty if the portal has no such licence."""
    return licence.recognise(iri) or ""


def _licence(name: str) -> Mapping[str, Any] | None:
    register_entry = licence.find(licence.recognise(name) or "")
    if register_entry is None:
        return None
    name = register_entry.id
    return {
        "id": name,
        "title": licence.title(name, "en"),
        "title_vi": licence.title(name, "vi"),
        "url": getattr(register_entry, "url", ""),
        "open": register_entry.isopen(),
        "own": terms_of_use.find(name) is not None,
    }
