"""Harvests the portal's own catalogue as the national side would, without changing anything.

The pages are fetched by their addresses and read with ckanext-dcat's own parser and profiles, so
what is found here is what a stock harvester finds. Compared are this portal's datasets, and what
the last rehearsal saw.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
"""What a portal with ckanext-dcat alone reads with."""

MEMORY = "rehearsal.json"
MAX_PAGES = 100_000

_OF_THE_PORTAL = frozenset(
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
"""What every portal has of its own, or derives."""


@dataclass
class Report:
    """What a harvest would do.

    Attributes:
        created: datasets that the last rehearsal did not see.
        updated: datasets that say something else than then.
        deleted: IRIs that it saw and that are no more.
        rejected: what is wrong with datasets that a portal would refuse, by IRI.
        missing: public datasets that did not arrive.
        repeated: IRIs that came more than once.
        present: how many datasets have each field.
        lost: how many of them arrive without it.
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
        """Whether something would go wrong."""
        return bool(self.rejected or self.missing or self.repeated)


def run(
    app: Flask, profiles: Sequence[str] = PROFILES, progress: Callable[[int], None] = print
) -> Report:
    """Rehearse a harvest, and remember what was seen for the next time.

    Args:
        app: the portal.
        profiles: what the harvesting portal reads with.
        progress: called with the number of datasets read, after each page.

    Raises:
        RuntimeError: a page could not be fetched or read.
    """
    report = Report()
    local = _local()
    before = _remembered()
    seen: dict[str, str] = {}
    for datasets in _pages(app, profiles):
        for one in datasets:
            iri = _iri(one)
            if iri in seen:
                report.repeated.append(iri)
                continue
            seen[iri] = hashlib.sha256(
                json.dumps(one, sort_keys=True, default=str).encode()
            ).hexdigest()
            problem = _refused(one)
            if problem:
                report.rejected[iri] = problem
            if iri in local:
                _compare(report, local[iri], one)
        progress(len(seen))
    report.missing = sorted(local.keys() - seen.keys())
    report.created = sorted(seen.keys() - before.keys())
    report.deleted = sorted(before.keys() - seen.keys())
    report.updated = sorted(one for one in seen.keys() & before.keys() if seen[one] != before[one])
    _remember(seen)
    return report


def _pages(app: Flask, profiles: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield the datasets of each page, following the links as ckanext-dcat's harvester does."""
    client = app.test_client()
    address = "/catalog.xml"
    for _ in range(MAX_PAGES):
        reply = client.get(address)
        if reply.status_code != 200:  # noqa: PLR2004 - a status of HTTP
            msg = f"{address} answers {reply.status_code}: {reply.text[:200]}"
            raise RuntimeError(msg)
        parser = RDFParser(profiles=list(profiles))
        parser.parse(reply.data, _format="xml")
        yield list(parser.datasets())
        following = parser.next_page()
        if not following:
            return
        parts = urlsplit(following)
        address = f"/catalog.xml?{parts.query}"


def _local() -> dict[str, str]:
    """Return ids of the public datasets by IRI."""
    query = sa.text(f"SELECT e.iri, e.id FROM {public.LISTED}")  # noqa: S608 - a constant
    return {row.iri: row.id for row in model.Session.execute(query, public.values())}


def _extras(dataset: Mapping[str, Any]) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in dataset.get("extras") or ()}


def _iri(dataset: Mapping[str, Any]) -> str:
    return str(dataset.get("uri") or _extras(dataset).get("uri") or "")


def _refused(dataset: Mapping[str, Any]) -> str:
    """Return why a portal with CKAN's own rules would refuse a dataset, empty when it would not."""
    if not dataset.get("title"):
        return "title: missing"
    given = {**dataset, "name": "rehearsal-of-a-harvest", "type": "dataset"}
    keys = [key for key in given if key not in default_create_package_schema()]
    plain = {key: value for key, value in given.items() if key not in keys}
    context = Context(session=model.Session, ignore_auth=True, user="")
    _data, errors = tk.navl_validate(plain, default_create_package_schema(), context)
    found = {name: words for name, words in errors.items() if name not in ("owner_org", "name")}
    return "; ".join(f"{name}: {words}" for name, words in sorted(found.items()))


def _compare(report: Report, dataset_id: str, arrived: Mapping[str, Any]) -> None:
    context = Context(ignore_auth=True)
    ours = tk.get_action("package_show")(context, {"id": dataset_id})
    theirs = {**_extras(arrived), **arrived}
    _count(report, "", ours, theirs)
    files = {str(one.get("url")): one for one in arrived.get("resources") or ()}
    for resource in ours.get("resources") or ():
        _count(report, "resources.", resource, files.get(str(resource.get("url")), {}))


def _count(report: Report, start: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    skipped = {*_OF_THE_PORTAL, "extras", "resources", "groups", "relationships_as_subject"}
    for name, value in ours.items():
        if value in (None, "", [], {}, "[]") or (
            name in skipped and start + name != "resources.name"
        ):
            continue
        report.present[start + name] += 1
        if theirs.get(name) in (None, "", [], {}):
            report.lost[start + name] += 1


def _remembered() -> dict[str, str]:
    where = dump.folder()
    try:
        return json.loads((where / MEMORY).read_text("utf-8")) if where else {}
    except (OSError, ValueError):
        return {}


def _remember(seen: Mapping[str, str]) -> None:
    where = dump.folder()
    if where is not None:
        where.mkdir(parents=True, exist_ok=True)
        dump.replace(where / MEMORY, json.dumps(dict(seen)).encode())
