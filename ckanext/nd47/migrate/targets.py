"""The fields that values can be brought into: ours, by name, or `group.subfield`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from ckanext.nd47.lib.data import data_path, read_yaml

Kind = Literal[
    "line",
    "text",
    "lines",
    "urls",
    "code",
    "codes",
    "date",
    "url",
    "email",
    "phone",
    "place",
    "licence",
    "group",
]

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "nd47_line": "line",
        "nd47_paragraph": "text",
        "nd47_markdown": "text",
        "nd47_lines": "lines",
        "nd47_urls": "urls",
        "nd47_choice": "code",
        "nd47_choices": "codes",
        "nd47_date": "date",
        "nd47_url": "url",
        "nd47_email": "email",
        "nd47_phone": "phone",
        "nd47_group": "group",
    }
)
"""By preset of our schema."""

CORE: Mapping[str, Kind] = MappingProxyType(
    {"title": "line", "notes": "text", "version": "line", "url": "url", "license_id": "licence"}
)
"""Columns of CKAN that a value can be brought into."""

MOST = MappingProxyType({"line": 500, "text": 8_000, "version": 100, "notes": 20_000, "group": 500})
"""Characters, by kind or field, as the validators of the schema have it."""

FIRST: Mapping[str, str] = MappingProxyType(
    {
        "source_database": "name",
        "quality_plan": "state",
        "yearly_check": "date",
        "personal_data_assessment": "content",
        "security_assessment": "content",
        "national_portal": "url",
    }
)
"""Subfield that a text for a whole group is for; the other groups have a way to split a text."""

SPLIT = frozenset({"contact", "catalogue_entry", "temporal_coverage", "spatial_coverage"})
GEOMETRIES = frozenset({"geom", "bbox", "centroid", "identifier", "uri"})
"""Subfields that are left to programs."""


@dataclass(frozen=True)
class Target:
    """A place for a value.

    Attributes:
        path: its name, `group.subfield` for a subfield.
        kind: what it holds.
        vocabulary: its code list, empty for none.
        label: its name by language.
    """

    path: str
    kind: Kind
    vocabulary: str = ""
    label: Mapping[str, str] = field(default_factory=dict)

    @property
    def field(self) -> str:
        """The field of our schema."""
        return self.path.partition(".")[0]

    @property
    def subfield(self) -> str:
        """The subfield, empty for a whole field."""
        return self.path.partition(".")[2]

    @property
    def most(self) -> int:
        """Characters that it takes."""
        return MOST.get(self.path, MOST.get(self.kind, 500))


@cache
def known() -> Mapping[str, Target]:
    """Return all targets by path, in the order of the form."""
    found: dict[str, Target] = {}
    for one in read_yaml(data_path("schemas", "dataset.yaml"))["dataset_fields"]:
        name = one["field_name"]
        kind = CORE.get(name) or KINDS.get(one.get("preset"))
        if kind is None:
            continue
        found[name] = Target(name, kind, one.get("vocabulary", ""), one["label"])
        for part in one.get("repeating_subfields") or ():
            found.update(_subfield(one, part))
    return MappingProxyType(found)


def _subfield(group: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Target]:
    name, path = part["field_name"], f"{group['field_name']}.{part['field_name']}"
    if path == "spatial_coverage.uri":
        kind: Kind = "place"
    elif name in GEOMETRIES or part.get("preset") not in KINDS:
        return {}
    else:
        kind = KINDS[part["preset"]]
    label = {lang: f"{group['label'][lang]} – {text}" for lang, text in part["label"].items()}
    return {path: Target(path, kind, part.get("vocabulary", ""), label)}
