"""Which IRIs a record may describe.

Readers of the export take all statements about an IRI for statements of the record with this IRI.
An IRI below the portal's addresses therefore belongs to the record that it was generated for. An
IRI from elsewhere, which a harvested record keeps, belongs to the first public record that had it.
If a record has the IRI of another record, the export uses the generated IRI and notes a problem.
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
_RECORD_PATH = re.compile(
    rf"/(?:dataset|organization|focal-point)/{_ID}(?:/resource/{_ID})?(?:#.*)?"
)
_IRIS_OF_OTHER_DATASETS = sa.text(f"""
    SELECT e.iri FROM {public.LISTED} AND e.iri = ANY(:iris) AND e.id <> :id AND NOT EXISTS (
        SELECT FROM nd47_dcat_entry own
        WHERE own.id = :id AND own.state = 'live' AND own.iri = e.iri AND own.ordinal < e.ordinal
    )
""")  # noqa: S608 - constants
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def path_on_portal(iri: str) -> str | None:
    """Return the part of an IRI below the portal's addresses, None for an IRI from elsewhere.

    Differences in the case of the host, `http` or `https`, a default port and percent-encoding are
    ignored, because all of these lead to the same record.
    """
    address = _normalised(iri)
    bases = (_normalised(base) for base in (catalog_uri(), config.site_base(), config.base_iri()))
    for base in sorted({base.rstrip("/") for base in bases}, key=len, reverse=True):
        rest = address.removeprefix(base)
        if address.startswith(base) and (not rest or rest[0] in "/#?"):
            return rest
    return None


def _normalised(iri: str) -> str:
    """Return host and path of an IRI in a normalised form."""
    parts = urlsplit(iri)
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), ""))
    rest = unquote(iri.partition("//")[2][len(parts.netloc) :])
    path = re.split("[?#]", rest, maxsplit=1)[0]
    return f"{host}{posixpath.normpath(path) if path else ''}{rest[len(path) :]}"


def own_dataset_iri(dataset_id: str) -> str:
    """Return the IRI that the portal generates for a dataset."""
    return f"{catalog_uri().rstrip('/')}/dataset/{dataset_id}"


def dataset_iri(dataset: Mapping[str, Any], default: str) -> str:
    """Return the IRI of a dataset: its original IRI if that is valid and not another record's.

    Args:
        dataset: the dataset.
        default: IRI that ckanext-dcat uses. For a harvested dataset it may be invalid, or the IRI
            of another record.
    """
    dataset_id = str(dataset.get("id") or "")
    iri = terms.web_iri(default)
    if iri is None or not _is_iri_of(iri.value, dataset_id):
        return own_dataset_iri(dataset_id)
    return iri.value


def _is_iri_of(iri: str, dataset_id: str) -> bool:
    path = path_on_portal(iri)
    if path is not None:
        return path == f"/dataset/{dataset_id}"
    return not _iris_of_other_datasets({iri}, dataset_id)


def is_record(iri: str) -> bool:
    """Tell whether the portal generates an IRI of this form for a record."""
    path = path_on_portal(iri)
    return path is not None and bool(_RECORD_PATH.fullmatch(path))


def foreign_iris(iris: Iterable[str], dataset: Mapping[str, Any]) -> frozenset[str]:
    """Return those of some IRIs that belong to another record, so this dataset may not use them.

    Args:
        iris: the IRIs.
        dataset: the dataset.
    """
    dataset_id = str(dataset.get("id") or "")
    paths = {iri: path_on_portal(iri) for iri in iris}
    own = (f"/dataset/{dataset_id}/", f"/dataset/{dataset_id}#")
    on_portal = {
        iri for iri, path in paths.items() if path is not None and not path.startswith(own)
    }
    elsewhere = {iri for iri, path in paths.items() if path is None}
    if not elsewhere:
        return frozenset(on_portal)
    return frozenset(
        on_portal
        | _iris_of_other_datasets(elsewhere, dataset_id)
        | _iris_of_other_files(elsewhere, dataset_id)
    )


def _iris_of_other_datasets(iris: Collection[str], dataset_id: str) -> set[str]:
    """Return those of some IRIs that another public dataset has.

    A dataset that is in the export with an IRI keeps it; of two such datasets, the older one.
    """
    if not migrated.ready():
        return set()
    values = {**public.values(), "iris": list(iris), "id": dataset_id}
    return set(model.Session.scalars(_IRIS_OF_OTHER_DATASETS, values))


def _iris_of_other_files(iris: Collection[str], dataset_id: str) -> set[str]:
    """Return those of some IRIs that a resource of an older public dataset has."""
    package = model.package_table.alias("p")
    resource: Any = model.Resource
    # CKAN stores the extras of a resource as JSON in a text column.
    extras_text = sa.type_coerce(resource.extras, sa.Text)
    own = model.package_table.alias("own")
    created = sa.select(own.c.metadata_created).where(own.c.id == dataset_id).scalar_subquery()
    query = (
        sa.select(resource.extras)
        .join(package, package.c.id == resource.package_id)
        .where(
            sa.or_(*(extras_text.contains(json.dumps(iri), autoescape=True) for iri in iris)),
            resource.state == model.State.ACTIVE,
            package.c.id != dataset_id,
            sa.text(public.CONDITION).bindparams(**public.values()),
            package.c.metadata_created < sa.func.coalesce(created, sa.func.now()),
        )
    )
    return {str((extras or {}).get("uri")) for extras in model.Session.scalars(query)} & set(iris)
