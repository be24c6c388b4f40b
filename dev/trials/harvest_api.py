"""Harvests the province's portal from other portals by CKAN's API, and reports the results.

The stock `ckan_harvester` stores what `package_search` answers. A portal with ckanext-scheming
uses the address of the province's portal and stores the fields in its schema. A portal without it
uses the address `/plain` and stores the other fields as extras.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ckanext.nd47.lib.data import data_path, read_yaml
from dev.trials.harvest import (
    HarvestError,
    Portal,
    Source,
    ensure_source,
    job_errors,
    read_portals,
    run_job,
)
from dev.trials.harvest_report import Dataset, FieldResult, Report, label

SCHEMED = Source("tinh-api", "ckan", "")
PLAIN = Source("tinh-plain", "ckan", "/plain")
REFERENCES = frozenset({"responsible_agency"})
"""Fields with an id, which receivers get as a name."""

NOT_COMPARED = frozenset({"owner_org", "tag_string", "name"})
"""The receiver's own organisation and name; keywords are compared as `tags`."""

Schema = Mapping[str, "Field"]
"""The fields of a receiver's schema by name; empty for a receiver without one."""


@dataclass(frozen=True)
class Field:
    """A field of a receiver's schema.

    Attributes:
        is_required: whether it refuses a dataset without it.
        subfields: names of the subfields it stores; empty for a field without subfields.
    """

    is_required: bool
    subfields: frozenset[str]

    def storable(self, value: Any) -> Any:
        """Return a value with the subfields alone that this field has."""
        if not self.subfields or not isinstance(value, list):
            return value
        return [{k: v for k, v in group.items() if k in self.subfields} for group in value]


def compare(province: Portal, receiver: Portal, source: Source, schema: Schema) -> Report:
    """Harvest once and compare every public dataset with its copy.

    A dataset without a field that the receiver's schema requires is left out: no export can make
    another portal accept what it does not accept from its own editors.

    Args:
        province: the portal that is harvested.
        receiver: the portal that harvests.
        source: how it does.
        schema: the receiver's schema.
    """
    # Before the job: what the portal itself adds to a file meanwhile is not lost by the harvest.
    public = list(province.datasets())
    left_out = {dataset["id"] for dataset in public if lacking(dataset, schema)}
    ours = {dataset["id"]: dataset for dataset in public if dataset["id"] not in left_out}
    job = run_job(receiver, ensure_source(province, receiver, source))
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
        errors=[error for error in job_errors(job) if not is_refusal(error, schema)],
        fields=[results[name] for name in sorted(results)],
        left_out=sorted(str(dataset["name"]) for dataset in public if dataset["id"] in left_out),
    )


def _compare(results: dict[str, FieldResult], ours: Dataset, copy: Dataset, schema: Schema) -> None:
    extras = {extra["key"]: extra["value"] for extra in copy.get("extras") or []}
    for name, definition in _fields("dataset_fields").items():
        value = ours.get(name)
        if value in (None, "", []) or name in NOT_COMPARED or (schema and name not in schema):
            continue
        result = results.setdefault(name, FieldResult(name))
        stored = copy.get(name)
        if schema:
            value = schema[name].storable(value)
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


def lacking(dataset: Dataset, schema: Schema) -> list[str]:
    """Return the fields that a receiver requires and a dataset does not have."""
    return [
        name
        for name, field in schema.items()
        if field.is_required and name not in NOT_COMPARED and not dataset.get(name)
    ]


def is_refusal(error: str, schema: Schema) -> bool:
    """Return whether a message names nothing but missing values of required fields."""
    missing = re.findall(r"'(\w+)': \['Missing value'\]", error)
    others = error.count("': [") - len(missing)
    return bool(missing) and not others and all(schema[name].is_required for name in missing)


def schema_of(receiver: Portal) -> Schema:
    """Return the schema of a portal that has one."""
    schema = receiver.call("scheming_dataset_schema_show", type="dataset")
    return {
        field["field_name"]: Field(
            is_required=bool(field.get("required")),
            subfields=frozenset(f["field_name"] for f in field.get("repeating_subfields", ())),
        )
        for field in schema["dataset_fields"]
    }


def main(arguments: Sequence[str]) -> int:
    """Run from the command line; 0 when every dataset arrived whole at both portals."""
    parser = argparse.ArgumentParser(prog="python -m dev.trials.harvest_api", description=__doc__)
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
                province, plain, PLAIN, {}
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
