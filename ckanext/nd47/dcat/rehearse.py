"""Harvests the portal's own catalogue as the national portal would, without changing anything.

The pages are requested from the portal and read with ckanext-dcat's parser and profiles, so the
result is that of a stock harvester. It is compared with the datasets of the portal and with the
last rehearsal.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic.schema import default_create_package_schema
from ckan.types import Context

from ckanext.dcat.processors import RDFParser

from ckanext.nd47.dcat import dump
from ckanext.nd47.dcat.store import public

PROFILES = ("euro_dcat_ap_3", "euro_dcat_ap_scheming")
"""Profiles of a portal with ckanext-dcat alone."""

STATE_FILE = "rehearsal.json"
MAX_PAGES = 100_000

_NOT_COMPARED = frozenset(
    {
        "creator_user_id",
        "extras",
        "groups",
        "id",
        "isopen",
        "license_title",
        "license_url",
        "metadata_created",
        "metadata_modified",
        "name",
        "num_resources",
        "num_tags",
        "organization",
        "owner_org",
        "package_id",
        "position",
        "private",
        "relationships_as_object",
        "relationships_as_subject",
        "resources",
        "state",
        "type",
    }
)
"""Fields that every portal sets itself."""


@dataclass
class Report:
    """What a harvest would do.

    Attributes:
        created: IRIs of datasets that were not in the last rehearsal.
        updated: IRIs of datasets that have changed since then.
        deleted: IRIs of datasets of the last rehearsal that no longer exist.
        rejected: validation errors of datasets that a portal would reject, by IRI.
        missing: IRIs of public datasets that are not in the catalogue.
        repeated: IRIs that are in the catalogue more than once.
        present: number of datasets that have a value, by field.
        lost: number of datasets whose value is lost, by field.
    """

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    rejected: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    present: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> bool:
        """Whether a dataset would be rejected, is missing or repeated."""
        return bool(self.rejected or self.missing or self.repeated)


def run(app: Flask, profiles: Sequence[str] = PROFILES) -> Report:
    """Rehearse a harvest, and store its result for the next rehearsal.

    Args:
        app: the portal.
        profiles: profiles of the harvesting portal.

    Raises:
        RuntimeError: a page cannot be fetched.
    """
    report = Report()
    local = _public_datasets()
    previous = _read_state()
    hashes: dict[str, str] = {}
    for dataset in _harvested_datasets(app, profiles):
        iri = str(dataset.get("uri") or _extras(dataset).get("uri") or "")
        if iri in hashes:
            report.repeated.append(iri)
            continue
        content = json.dumps(dataset, sort_keys=True, default=str)
        hashes[iri] = hashlib.sha256(content.encode()).hexdigest()
        errors = _validation_errors(dataset)
        if errors:
            report.rejected[iri] = errors
        if iri in local:
            _compare(report, local[iri], dataset)
    report.missing = sorted(local.keys() - hashes.keys())
    report.created = sorted(hashes.keys() - previous.keys())
    report.deleted = sorted(previous.keys() - hashes.keys())
    both = hashes.keys() & previous.keys()
    report.updated = sorted(iri for iri in both if hashes[iri] != previous[iri])
    _write_state(hashes)
    return report


def _harvested_datasets(app: Flask, profiles: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the datasets of all pages, following the links as ckanext-dcat's harvester does."""
    client = app.test_client()
    address = "/catalog.xml"
    for _ in range(MAX_PAGES):
        response = client.get(address)
        if response.status_code != HTTPStatus.OK:
            msg = f"{address} answers {response.status_code}: {response.text[:200]}"
            raise RuntimeError(msg)
        parser = RDFParser(profiles=list(profiles))
        parser.parse(response.data, _format="xml")
        yield from parser.datasets()
        next_page = parser.next_page()
        if not next_page:
            return
        address = f"/catalog.xml?{urlsplit(next_page).query}"


def _public_datasets() -> dict[str, str]:
    """Return the ids of the public datasets by IRI."""
    query = sa.text(f"SELECT e.iri, e.id FROM {public.LISTED}")  # noqa: S608 - a constant
    return {row.iri: row.id for row in model.Session.execute(query, public.values())}


def _extras(dataset: Mapping[str, Any]) -> dict[str, Any]:
    return {extra["key"]: extra["value"] for extra in dataset.get("extras") or ()}


def _validation_errors(dataset: Mapping[str, Any]) -> str:
    """Return why CKAN's default schema would refuse a dataset, empty if it would not."""
    if not dataset.get("title"):
        return "title: missing"
    schema = default_create_package_schema()
    data = {key: value for key, value in dataset.items() if key in schema}
    data |= {"name": "rehearsal-of-a-harvest", "type": "dataset"}
    context = Context(session=model.Session, ignore_auth=True, user="")
    _data, errors = tk.navl_validate(data, schema, context)
    return "; ".join(
        f"{name}: {messages}"
        for name, messages in sorted(errors.items())
        if name not in ("owner_org", "name")
    )


def _compare(report: Report, dataset_id: str, harvested: Mapping[str, Any]) -> None:
    context = Context(ignore_auth=True)
    dataset = tk.get_action("package_show")(context, {"id": dataset_id})
    _count_fields(report, "", dataset, {**_extras(harvested), **harvested})
    harvested_resources = {
        str(resource.get("url")): resource for resource in harvested.get("resources") or ()
    }
    for resource in dataset.get("resources") or ():
        harvested_resource = harvested_resources.get(str(resource.get("url")), {})
        _count_fields(report, "resources.", resource, harvested_resource)


def _count_fields(
    report: Report, prefix: str, original: Mapping[str, Any], harvested: Mapping[str, Any]
) -> None:
    for name, value in original.items():
        path = prefix + name
        is_compared = name not in _NOT_COMPARED or path == "resources.name"
        if not is_compared or value in (None, "", [], {}, "[]"):
            continue
        report.present[path] += 1
        if harvested.get(name) in (None, "", [], {}):
            report.lost[path] += 1


def _read_state() -> dict[str, str]:
    folder = dump.folder()
    try:
        return json.loads((folder / STATE_FILE).read_text("utf-8")) if folder else {}
    except (OSError, ValueError):
        return {}


def _write_state(hashes: Mapping[str, str]) -> None:
    folder = dump.folder()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        dump.replace(folder / STATE_FILE, json.dumps(dict(hashes)).encode())
