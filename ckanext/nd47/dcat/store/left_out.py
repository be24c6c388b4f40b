"""Finds fields that are not exported: free extras, and fields of the portal's own schema.

Each field is counted with the number of public datasets that have a value for it; the number of SQL
statements does not depend on the number of datasets.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.dcat.rdf import exported
from ckanext.nd47.dcat.store import public
from ckanext.nd47.lib.fields import dataset_fields

_FETCHED = 1_000
"""Number of rows of resources that are read at a time."""

_OF_DATASETS = sa.text(f"""
    SELECT p.type, extra.key, count(*) AS datasets
    FROM package p CROSS JOIN LATERAL jsonb_each_text(p.extras) AS extra
    WHERE {public.CONDITION} AND jsonb_typeof(p.extras) = 'object'
        AND extra.value IS NOT NULL AND btrim(extra.value) NOT IN ('', '[]', '{{}}')
    GROUP BY p.type, extra.key
""")  # noqa: S608 - constant of `public`
# As text: the values are unchecked JSON, which the database might refuse.
_OF_RESOURCES = sa.text(f"""
    SELECT p.id, p.type, r.extras
    FROM resource r JOIN package p ON p.id = r.package_id
    WHERE {public.CONDITION} AND r.state = 'active' AND length(r.extras) > 2
    ORDER BY p.id
""")  # noqa: S608 - as above


class LeftOut(TypedDict):
    """A field that is not exported.

    `field` is its name in the portal's schema, with the prefix `resources.` for fields of
    resources.
    """

    field: str
    datasets: int


def fields() -> list[LeftOut]:
    """Return the fields that are not exported, those with most datasets first."""
    counts: dict[str, int] = defaultdict(int)
    exported_fields = exported.fields()
    for row in model.Session.execute(_OF_DATASETS, public.values()):
        fields = dataset_fields.of_type(row.type)
        if not _is_exported(row.key, fields.names, fields.hidden, exported_fields.dataset):
            counts[row.key] += row.datasets
    for name, datasets in _of_resources(exported_fields.resource).items():
        counts[f"resources.{name}"] = len(datasets)
    result = [LeftOut(field=name, datasets=count) for name, count in counts.items()]
    return sorted(result, key=lambda field: (-field["datasets"], field["field"]))


def _of_resources(exported_names: frozenset[str]) -> dict[str, set[str]]:
    datasets: dict[str, set[str]] = defaultdict(set)
    for row in _rows():
        fields = dataset_fields.of_type(row.type)
        for name, value in _values(row.extras).items():
            if value in (None, "", "[]", "{}", [], {}):
                continue
            if not _is_exported(
                name, fields.resource_names, fields.resource_hidden, exported_names
            ):
                datasets[name].add(row.id)
    return datasets


def _rows() -> Iterator[Any]:
    with model.Session.execute(_OF_RESOURCES, public.values()) as result:
        for rows in result.partitions(_FETCHED):
            yield from rows


def _values(extras: str) -> dict[str, Any]:
    try:
        content = json.loads(extras)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _is_exported(
    name: str, names: Mapping[str, str], hidden: frozenset[str], exported_names: frozenset[str]
) -> bool:
    """Return whether a field of the portal is exported, by its name or as a field of the suite."""
    ours = {theirs: own for own, theirs in names.items()}
    if name in ours:
        return ours[name] in exported_names
    return name in exported_names and name not in hidden
