"""The portal as the functions of this room see it: a `Site` built from CKAN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.dcat.utils import catalog_uri, publisher_uri_organization_fallback

from ckanext.nd47 import config
from ckanext.nd47.dcat.record import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "/ns/nd47#"
"""How the IRI of the project's own namespace ends, on every portal."""

# Only the fields of the organisation itself: its datasets, users and followers are not wanted, and
# costly.
_FIELDS_ONLY = {
    "include_dataset_count": False,
    "include_datasets": False,
    "include_users": False,
    "include_groups": False,
    "include_tags": False,
    "include_followers": False,
}


def current_site() -> Site:
    """Return the portal that runs this code."""
    return Site(
        base=catalog_uri().rstrip("/"),
        namespace=config.base_iri() + NAMESPACE,
        language=tk.config["ckan.locale_default"].partition("_")[0],
        organisation=_organisation,
        agent_iri=_agent_iri,
        licence=_licence,
    )


def _organisation(name: str) -> Mapping[str, Any] | None:
    # Read each time: a cache in the process would show a renamed agency under its old name until
    # the restart (ckanext-dcat keeps one). A page asks once for each organisation, because the
    # graph already knows those it has described.
    context: Any = {"ignore_auth": True}
    try:
        return tk.get_action("organization_show")(context, {"id": name, **_FIELDS_ONLY})
    except tk.ObjectNotFound:
        return None


def _agent_iri(organisation_id: str) -> str:
    return publisher_uri_organization_fallback({"organization": {"id": organisation_id}}) or ""


def _licence(name: str) -> Mapping[str, Any] | None:
    found = model.Package.get_license_register().get(name)
    if found is None:
        return None
    return {"title": found.title, "url": getattr(found, "url", "")}
