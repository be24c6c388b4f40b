"""Which IRIs a record may speak about.

Whatever is said of an IRI in the export is taken for the word of the record that bears it. So an
IRI below the portal's own addresses belongs to the record that the portal made it for, and an IRI
from elsewhere, which a harvested record keeps, to the public record that had it first. A record
that claims another one is written under its own IRI, and the claim is noted as a loss.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa

from ckan import model

from ckanext.dcat.utils import catalog_uri

from ckanext.nd47.agencies import migrated
from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.store import public
from ckanext.nd47.lib import config

_ID = "[^/#?]{36}"
_RECORD = re.compile(rf"/(?:dataset|organization|focal-point)/{_ID}(?:/resource/{_ID})?(?:#.*)?")
_HOLDERS = sa.text(f"""
    SELECT e.iri FROM {public.LISTED} AND e.iri = ANY(:iris) AND e.id <> :id AND NOT EXISTS (
        SELECT FROM nd47_dcat_entry own
        WHERE own.id = :id AND own.state = 'live' AND own.iri = e.iri AND own.ordinal < e.ordinal
    )
""")  # noqa: S608 - constants
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def path_on_portal(iri: str) -> str | None:
    """Return the part of an IRI below the portal's own addresses, None for one from elsewhere.

    Case of the host, `http` or `https`, a default port and percent-encoding make no difference:
    whoever follows the IRI gets to the same record.
    """
    place = _place(iri)
    starts = (_place(one) for one in (catalog_uri(), config.site_base(), config.base_iri()))
    for start in sorted({one.rstrip("/") for one in starts}, key=len, reverse=True):
        rest = place.removeprefix(start)
        if place.startswith(start) and (not rest or rest[0] in "/#?"):
            return rest
    return None


def _place(iri: str) -> str:
    """Return host and path of an IRI in one spelling."""
    parts = urlsplit(iri)
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), ""))
    rest = iri.partition("//")[2][len(parts.netloc) :]
    rest = unquote(rest)
    path = re.split("[?#]", rest, maxsplit=1)[0]
    return f"{host}{posixpath.normpath(path) if path else ''}{rest[len(path) :]}"


def own_dataset_iri(dataset_id: str) -> str:
    """Return the IRI that the portal makes for a dataset."""
    return f"{catalog_uri().rstrip('/')}/dataset/{dataset_id}"


def dataset_iri(dataset: Mapping[str, Any], default: str) -> str:
    """Return the IRI of a dataset: the one it came with, where that is its own.

    Args:
        dataset: the dataset.
        default: what ckanext-dcat takes; that of a harvested dataset may be no IRI at all, or the
            IRI of another record.
    """
    dataset_id = str(dataset.get("id") or "")
    given = terms.web(default)
    if given is None or not _may_be_called(given.value, dataset_id):
        return own_dataset_iri(dataset_id)
    return given.value


def _may_be_called(iri: str, dataset_id: str) -> bool:
    path = path_on_portal(iri)
    if path is not None:
        return path == f"/dataset/{dataset_id}"
    return not _holders({iri}, dataset_id)


def is_record(iri: str) -> bool:
    """Say whether an IRI is one that the portal makes for a record, of whomever."""
    path = path_on_portal(iri)
    return path is not None and bool(_RECORD.fullmatch(path))


def of_others(iris: Iterable[str], dataset: Mapping[str, Any]) -> frozenset[str]:
    """Return those of some IRIs that a dataset may not describe, nor a part of it bear.

    Args:
        iris: the IRIs.
        dataset: the dataset.
    """
    dataset_id = str(dataset.get("id") or "")
    paths = {one: path_on_portal(one) for one in iris}
    start = (f"/dataset/{dataset_id}/", f"/dataset/{dataset_id}#")
    below = {one for one, path in paths.items() if path is not None and not path.startswith(start)}
    elsewhere = {one for one, path in paths.items() if path is None}
    if not elsewhere:
        return frozenset(below)
    return frozenset(below | _holders(elsewhere, dataset_id) | _files(elsewhere, dataset_id))


def _holders(iris: Collection[str], dataset_id: str) -> set[str]:
    """Return those of some IRIs that another public dataset is called by.

    Who is called so already keeps the name; of two that got it at the same moment, the older.
    """
    if not migrated.ready():
        return set()
    values = {**public.values(), "iris": list(iris), "id": dataset_id}
    return set(model.Session.scalars(_HOLDERS, values))


def _files(iris: Collection[str], dataset_id: str) -> set[str]:
    """Return those of some IRIs that a file of another public dataset had earlier."""
    package = model.package_table.alias("p")
    resource: Any = model.Resource
    # CKAN keeps what else it knows of a resource as JSON in a column of text.
    text = sa.type_coerce(resource.extras, sa.Text)
    own = model.package_table.alias("own")
    mine = sa.select(own.c.metadata_created).where(own.c.id == dataset_id).scalar_subquery()
    query = (
        sa.select(resource.extras)
        .join(package, package.c.id == resource.package_id)
        .where(
            sa.or_(*(text.contains(json.dumps(one), autoescape=True) for one in iris)),
            resource.state == model.State.ACTIVE,
            package.c.id != dataset_id,
            sa.text(public.CONDITION).bindparams(**public.values()),
            package.c.metadata_created < sa.func.coalesce(mine, sa.func.now()),
        )
    )
    return {str((one or {}).get("uri")) for one in model.Session.scalars(query)} & set(iris)
