"""What is said before a dataset is published: the rules with their remedies, and the ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypedDict

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.nd47.desk.publishing import ways
from ckanext.nd47.desk.publishing.ways import FileFinding
from ckanext.nd47.desk.work_list.kinds.kind import form_address
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import gate, records
from ckanext.nd47.rules.model import RESOURCES, Level

PERSONAL_DATA = "personal-data-decision"
"""The rule that is met on the page of the check."""


class Rule(TypedDict):
    """A rule that is not met: `url` leads to the field that mends it."""

    rule: str
    level: str
    label: str
    message: str
    remedy: str
    url: str


class Review(TypedDict):
    """What is known before a publication.

    `refused` says whether rules prevent that everybody sees the dataset; `ways` are the fields of
    `Ways`; `files` is what the check of files found, `waiting` the files whose check has not ended.
    """

    rules: list[Rule]
    refused: bool
    ways: dict[str, Any]
    files: list[FileFinding]
    waiting: list[str]


def of(context: Context, dataset: Mapping[str, Any]) -> Review:
    """Return what is known of a dataset before its publication."""
    findings = tk.h.nd47_rule_results(dataset)
    binding = gate.rules_in_force()
    checks = ways.file_checks(context, dataset["id"])
    files = ways.file_findings(checks, dataset["id"])
    decided_at = next((file["url"] for file in files if file["undecided"]), "")
    rules: list[Rule] = [
        {
            "rule": finding["rule"],
            "level": finding["level"],
            "label": finding["label"],
            "message": finding["message"],
            "remedy": finding["remedy"],
            "url": (
                decided_at
                if decided_at and finding["rule"] == PERSONAL_DATA
                else mended_at(dataset, finding["field"])
            ),
        }
        for finding in findings
    ]
    refusing = {
        finding["rule"]
        for finding in findings
        if finding["level"] == Level.ERROR.value and records.has_field(dataset, finding["field"])
    }
    return {
        "rules": rules,
        "refused": binding and bool(refusing),
        "ways": asdict(ways.of(context, dataset["id"])),
        "files": files,
        "waiting": [check["resource_name"] for check in checks if check["state"] == "waiting"],
    }


def mended_at(dataset: Mapping[str, Any], field: str) -> str:
    """Return the address at which a field is corrected, by its name in the nd47 schema."""
    name = field.partition(".")[0]
    if name != RESOURCES:
        return form_address(dataset["name"], dataset_reader.field_name(dataset, name))
    resources = dataset.get("resources") or []
    kind, parts = dataset["type"], {"id": dataset["name"]}
    if not resources:
        return tk.url_for(f"{kind}_resource.new", **parts)
    if len(resources) == 1:
        return tk.url_for(f"{kind}_resource.edit", resource_id=resources[0]["id"], **parts)
    return tk.url_for(f"{kind}.resources", **parts)
