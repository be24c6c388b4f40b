"""The dataset and the resource that the address of a view names, for who may read them."""

from __future__ import annotations

from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.lib.web import http
from ckanext.nd47.tables.check_jobs import requests


class Shown(NamedTuple):
    """A resource and its dataset, as actions return them."""

    dataset: dict[str, Any]
    resource: dict[str, Any]

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return not self.dataset.get("private") and self.dataset.get("state") == "active"


def shown(id: str, resource_id: str) -> Shown:
    """Return the dataset and the resource of an address.

    Raises:
        werkzeug.exceptions.HTTPException: 404 or 403, where CKAN finds nothing or refuses.
    """
    dataset = http.act("package_show", id=id)
    resource = next((r for r in dataset["resources"] if r["id"] == resource_id), None)
    if resource is None:
        tk.abort(404, tk._("Resource not found"))
    return Shown(dataset, resource)


def stored(resource_id: str) -> model.Resource:
    """Return the row of a resource that `shown` has found.

    Raises:
        werkzeug.exceptions.HTTPException: 404, if it was deleted meanwhile.
    """
    resource = model.Resource.get(resource_id)
    if resource is None:
        tk.abort(404, tk._("Resource not found"))
    return resource


def file_version(resource: model.Resource) -> str:
    """Return the fingerprint of the file of a resource: it changes with the file."""
    return requests.version(resource)


def is_uploaded(resource: dict[str, Any]) -> bool:
    """Return whether the portal has the file; others are at a foreign address, or have none."""
    return resource.get("url_type") == "upload"


def format_of(resource: dict[str, Any]) -> str:
    """Return the format of a resource in small letters, without a dot: `geojson`, `pdf`."""
    stated = str(resource.get("format") or "").strip().lower()
    return stated.removeprefix(".") or str(resource.get("url") or "").rpartition(".")[2].lower()
