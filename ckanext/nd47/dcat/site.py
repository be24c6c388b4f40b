"""The portal as the functions of this room see it: a `Site` built from CKAN."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ckan import model

from ckanext.dcat.utils import (
    catalog_uri,
    dataset_uri,
    publisher_uri_organization_fallback,
)

from ckanext.nd47 import config
from ckanext.nd47.agencies import contacts, intake
from ckanext.nd47.agencies.model import Agency
from ckanext.nd47.dcat import codes, identity, targets
from ckanext.nd47.dcat.distributions import AVAILABILITIES
from ckanext.nd47.dcat.record import Site, Territory
from ckanext.nd47.metadata import agency, attribution, licence, licence_names, record
from ckanext.nd47.metadata import terms as terms_of_use
from ckanext.nd47.metadata.geometry import read_extent

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
        contacts=record.contacts,
        # One language whoever asks, so that equal records give equal bytes.
        attribution=partial(attribution.sentence, lang=config.default_language()),
        territory=_territory(),
        availability=_availability(),
        target=_target(),
        of_others=identity.of_others,
        is_record=identity.is_record,
        is_registered=contacts.is_registered,
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


def expected_iri(package: Any) -> str:
    """Return the IRI of a dataset that was just saved, before it is shown and written.

    Args:
        package: of the model. A plugin may make IRIs of what only `package_show` tells; where it
            does, the address stands in until the dataset is written.
    """
    extras = [{"key": key, "value": value} for key, value in (package.extras or {}).items()]
    known = {"id": package.id, "name": package.name, "type": package.type, "extras": extras}
    try:
        return dataset_uri(known)
    except Exception:  # noqa: BLE001 - somebody else's code, and the dataset must be saved
        return identity.own_dataset_iri(package.id)


def _organisation(name: str) -> Mapping[str, Any] | None:
    # Read each time: a cache in the process would show a renamed agency under its old name until
    # the restart, as ckanext-dcat's does. A page asks once for each organisation, because the graph
    # already knows those it has described.
    # CKAN does not declare the column `extras` of its model, hence Any.
    group: Any = model.Group.get(name)
    if group is None or not group.is_organization or group.state != model.State.ACTIVE:
        return None
    details = {**group.extras, "id": group.id, "name": group.name, "title": group.title}
    intake.show(details)
    return details


def _responsible(dataset: Mapping[str, Any]) -> str:
    agency = record.responsible(dataset)
    return agency.id if agency else ""


def _agent_iri(organisation_id: str) -> str:
    return publisher_uri_organization_fallback({"organization": {"id": organisation_id}}) or ""


def agency_id(iri: str, code: str, name: str) -> str:
    """Return the id of the organisation that another portal means, empty when there is none.

    Its id at the end of the address counts when it is an organisation of this portal, else its
    code, else its name: agencies are not created by a harvest.
    """
    known = agency.get(iri.rpartition("/")[2])
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
    return licence_names.recognise(iri) or ""


def _licence(name: str) -> Mapping[str, Any] | None:
    found = licence.find(licence_names.recognise(name) or "")
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
