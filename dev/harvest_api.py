"""Harvests the province's portal from other portals by CKAN's API, and reports the results.

The stock `ckan_harvester` stores what `package_search` answers. A portal with ckanext-scheming
uses the address of the province's portal and stores the fields in its schema. A portal without it
uses the address `/plain` and stores the other fields as extras.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ckanext.nd47.lib.data import data_path, read_yaml
from dev.harvest import (
    HarvestError,
    Portal,
    Source,
    ensure_source,
    job_errors,
    read_portals,
    run_job,
)
from dev.harvest_report import Dataset, FieldResult, Report, label

SCHEMED = Source("tinh-api", "ckan", "")
PLAIN = Source("tinh-plain", "ckan", "/plain")
REFERENCES = frozenset({"responsible_agency"})
"""Fields with an id, which receivers get as a name."""

NOT_COMPARED = frozenset({"owner_org", "tag_string", "name"})
"""The receiver's own organisation and name; keywords are compared as `tags`."""


def compare(province: Portal, receiver: Portal, source: Source, schema: Sequence[str]) -> Report:
    """Harvest once and compare every public dataset with its copy.

    Args:
        province: the portal that is harvested.
        receiver: the portal that harvests.
        source: how it does.
        schema: names of the fields that the receiver's schema has; without any it has no schema.
    """
    job = run_job(receiver, ensure_source(province, receiver, source))
    ours = {dataset["id"]: dataset for dataset in province.datasets()}
    theirs = {dataset["id"]: dataset for dataset in receiver.datasets() if dataset["id"] in ours}
    results: dict[str, FieldResult] = {}
    for key, copy in theirs.items():
        _compare(results, ours[key], copy, schema)
    return Report(
        province=len(ours),
        national=len(theirs),
        job={name: count for name, count in job.get("stats", {}).items() if count},
        missing=sorted(str(ours[key]["name"]) for key in ours.keys() - theirs.keys()),
        # This harvester deletes nothing, so a withdrawn dataset is not its error.
        stale=[],
        errors=job_errors(job),
        fields=[results[name] for name in sorted(results)],
    )


def _compare(
    results: dict[str, FieldResult], ours: Dataset, copy: Dataset, schema: Sequence[str]
) -> None:
    extras = {extra["key"]: extra["value"] for extra in copy.get("extras") or []}
    for name, definition in _fields("dataset_fields").items():
        value = ours.get(name)
        if value in (None, "", []) or name in NOT_COMPARED or (schema and name not in schema):
            continue
        result = results.setdefault(name, FieldResult(name))
        stored = copy.get(name)
        if not schema and stored != value:
            stored = _extras_of(extras, name)
            same = all(_is_in(text, stored.values()) for text in _texts(definition, value))
        else:
            same = _value(stored) == _value(value)
        result.count(str(ours["name"]), value, stored, same)
    _compare_files(results, ours, copy)


def _compare_files(results: dict[str, FieldResult], ours: Dataset, copy: Dataset) -> None:
    copies = {resource["id"]: resource for resource in copy.get("resources", [])}
    for resource in ours.get("resources", []):
        stored = copies.get(resource["id"], {})
        for name, definition in _fields("resource_fields").items():
            value = resource.get(name)
            if value in (None, "", []):
                continue
            texts = _texts(definition, value)
            same = _value(stored.get(name)) == _value(value) or all(
                _is_in(text, [str(stored.get(name) or "")]) for text in texts
            )
            result = results.setdefault(f"resources.{name}", FieldResult(f"resources.{name}"))
            result.count(f"{ours['name']}/{resource.get('name')}", value, stored.get(name), same)


def _extras_of(extras: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the extras of a field: its own, and those of its subfields."""
    return {k: v for k, v in extras.items() if k == name or k.startswith(f"{name}_")}


def _texts(definition: Mapping[str, Any], value: Any) -> Iterator[str]:
    """Yield each text that a receiver without a schema must hold of a value."""
    if isinstance(value, Mapping):
        subfields = {
            field["field_name"]: field for field in definition.get("repeating_subfields", ())
        }
        for name, inner in value.items():
            # Two forms of a geometry that is there itself.
            if name not in {"bbox", "centroid"}:
                yield from _texts(subfields.get(name, {}), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(definition, inner)
    elif value not in (None, "") and definition.get("field_name") not in REFERENCES:
        vocabulary = definition.get("vocabulary")
        yield label(vocabulary, str(value)) if vocabulary else str(value)


def _is_in(text: str, values: Any) -> bool:
    return any(text in value for value in values)


def _value(value: Any) -> Any:
    """Return a value as it is meant, stored as JSON or not; the order of lists does not count."""
    if isinstance(value, str) and value.startswith(("[", "{")):
        value = json.loads(value)
    return sorted(value, key=str) if isinstance(value, list) else value


@cache
def _fields(kind: str) -> Mapping[str, Mapping[str, Any]]:
    schema = read_yaml(data_path("schemas", "dataset.yaml"))
    return {field["field_name"]: field for field in schema[kind]}


def schema_of(receiver: Portal) -> list[str]:
    """Return the names of the fields in the schema of a portal that has one."""
    schema = receiver.call("scheming_dataset_schema_show", type="dataset")
    return [field["field_name"] for field in schema["dataset_fields"]]


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; 0 when every dataset arrived whole at both portals."""
    parser = argparse.ArgumentParser(prog="python -m dev.harvest_api", description=__doc__)
    parser.add_argument("credentials", type=Path, help="JSON file with addresses and tokens")
    options = parser.parse_args(arguments)
    names = ("portal", "national", "plain")
    try:
        province, national, plain = read_portals(options.credentials, names)
        reports = {
            "by the API, into ckanext-dcat's schema": compare(
                province, national, SCHEMED, schema_of(national)
            ),
            "by the API under /plain, into a CKAN without a schema": compare(
                province, plain, PLAIN, ()
            ),
        }
    except HarvestError as error:
        print(error, file=sys.stderr)
        return 2
    for title, report in reports.items():
        print(f"\nharvested {title}\n\n{report.table()}")
    return int(any(report.failed or report.lost() for report in reports.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
