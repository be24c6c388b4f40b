"""Which fields a harvest transferred and which it lost, field by field.

A field is equal when the national portal has the value of the province, in the form that DCAT-AP
gives it: codes become the concepts they are mapped to, the rest is equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.vocabularies import vocabulary

Dataset = Mapping[str, Any]
EXAMPLES = 3
FIELD_SCHEMES = ("field-national", "field-hcm", "field-da-nang")
STOCK_LICENCES = {"nd47-open-data": "other-at", "vn-open-data-2023": "other-at"}
"""A portal without our plugins has no licence of the law; it knows each by its kind."""
SOMETHING = re.compile(r"\S")
ADDRESS = re.compile(r"^https?://")
IANA = "https://www.iana.org/assignments/media-types/"


@dataclass
class FieldResult:
    """Result of the comparison of one field.

    Attributes:
        name: the field.
        present: in how many datasets, or resources, the province has it.
        equal: in how many the national portal has the same.
        examples: names of the first that lost it, with both values.
    """

    name: str
    present: int = 0
    equal: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """In how many the national portal does not have it."""
        return self.present - self.equal

    def count(self, where: str, sent: object, stored: object, same: bool) -> None:
        """Count one occurrence."""
        self.present += 1
        if same:
            self.equal += 1
        elif len(self.examples) < EXAMPLES:
            self.examples.append(f"{where}: {sent!r} -> {stored!r}")


@dataclass
class Report:
    """The outcome of one harvest.

    Attributes:
        province: number of public datasets of the province.
        national: number of them on the national portal.
        job: what the harvest job counted: added, updated, deleted, errored.
        missing: names of datasets the national portal does not have.
        stale: addresses of datasets it has and the province no longer has.
        errors: messages of the harvester.
        fields: the fields, in the order of the table.
        left_out: names of datasets without a field that the receiver's schema requires.
    """

    province: int
    national: int
    job: dict[str, int]
    missing: list[str]
    stale: list[str]
    errors: list[str]
    fields: list[FieldResult]
    left_out: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Return whether a dataset is missing or the harvester met an error."""
        return bool(self.missing or self.stale or self.errors)

    def lost(self) -> list[str]:
        """Return the names of the fields that some dataset lost."""
        return [result.name for result in self.fields if result.lost]

    def table(self) -> str:
        """Return the table that is printed."""
        counts = ", ".join(f"{name} {number}" for name, number in sorted(self.job.items()))
        lines = [
            f"datasets   province {self.province}   national {self.national}",
            f"job        {counts or 'nothing to do'}",
            "",
            f"{'field':28}{'province':>10}{'equal':>8}{'lost':>8}",
        ]
        for result in self.fields:
            lines.append(f"{result.name:28}{result.present:>10}{result.equal:>8}{result.lost:>8}")
            lines += [f"    {example}" for example in result.examples]
        for title, items in (
            ("missing on the national portal", self.missing),
            ("gone from the province, still on the national portal", self.stale),
            ("errors of the harvester", self.errors),
            ("without a field that the receiver requires", self.left_out),
        ):
            lines += ["", f"{title}: {len(items)}", *(f"    {item}" for item in items)]
        return "\n".join(lines)


@dataclass(frozen=True)
class Check:
    """How one field is compared.

    Attributes:
        name: the field.
        sent: returns the value of the province in the form that must arrive; empty for none.
        stored: returns the value on the national portal.
    """

    name: str
    sent: Callable[[Dataset], Any]
    stored: Callable[[Dataset], Any]


def compare_fields(pairs: Iterable[tuple[Dataset, Dataset]]) -> list[FieldResult]:
    """Compare each pair of a province's dataset and the national copy of it."""
    results = {check.name: FieldResult(check.name) for check in (*DATASET, *RESOURCE)}
    for original, copy in pairs:
        _compare(results, DATASET, str(original["name"]), original, copy)
        copies = {resource.get("uri"): resource for resource in copy.get("resources", [])}
        for resource in original.get("resources", []):
            address = f"{copy.get('uri')}/resource/{resource['id']}"
            where = f"{original['name']}/{resource.get('name')}"
            _compare(
                results,
                RESOURCE,
                where,
                {**resource, "license": resource.get("license") or original.get("license_id")},
                copies.get(address, {}),
            )
    return list(results.values())


def _compare(
    results: Mapping[str, FieldResult],
    checks: Sequence[Check],
    where: str,
    original: Dataset,
    copy: Dataset,
) -> None:
    for check in checks:
        sent = check.sent(original)
        if sent not in (None, "", [], {}):
            stored = check.stored(copy)
            results[check.name].count(where, sent, stored, _same(sent, stored))


def _same(sent: object, stored: object) -> bool:
    """Return whether the national value is the one that was sent; a pattern matches own IRIs."""
    if isinstance(sent, re.Pattern):
        return bool(sent.search(str(stored or "")))
    if isinstance(sent, list):
        values = stored if isinstance(stored, list) else []
        return len(values) == len(sent) and all(
            any(_same(expected, value) for value in values) for expected in sent
        )
    if isinstance(sent, dict):
        return isinstance(stored, dict) and all(_same(v, stored.get(k)) for k, v in sent.items())
    return sent == stored


def get(name: str) -> Callable[[Dataset], Any]:
    """Return a function that returns a field unchanged."""
    return lambda dataset: dataset.get(name)


def listed(name: str) -> Callable[[Dataset], list[Any]]:
    """Return a function that gives a field as list, stored as JSON or not."""

    def read(dataset: Dataset) -> list[Any]:
        value = dataset.get(name) or []
        if isinstance(value, str) and value.startswith("["):
            value = json.loads(value)
        return sorted(value, key=str) if isinstance(value, list) else [value]

    return read


def mapped(name: str, *vocabularies: str) -> Callable[[Dataset], Any]:
    """Return a function that gives the public concept a code is mapped to."""
    return lambda dataset: _mapping(vocabularies, dataset.get(name))


def all_mapped(name: str, *vocabularies: str) -> Callable[[Dataset], list[Any]]:
    """Return a function that gives the public concepts the codes of a list are mapped to."""

    def read(dataset: Dataset) -> list[Any]:
        concepts = {_mapping(vocabularies, code) for code in listed(name)(dataset)}
        return sorted(concept for concept in concepts if concept)

    return read


def _mapping(vocabularies: Sequence[str], code: object) -> str | None:
    if not code:
        return None
    for name in vocabularies:
        term = _vocabulary(name).term(str(code))
        if term:
            return term.mapping
    return f"no code of {', '.join(vocabularies)}: {code}"


def label(name: str, code: str) -> str:
    """Return the Vietnamese label of a code; the code itself where the list does not have it."""
    lists = FIELD_SCHEMES if name == "field" else (name,)
    terms = (_vocabulary(list_id).term(code) for list_id in lists)
    return next((term.text("vi") for term in terms if term), code)


@cache
def _vocabulary(name: str) -> vocabulary.Vocabulary:
    return vocabulary.read(data_path("schemas", "vocabularies", f"{name}.yaml"))


def first(name: str, part: str) -> Callable[[Dataset], Any]:
    """Return a function that gives a part of the first of a repeating field."""

    def read(dataset: Dataset) -> Any:
        groups = listed(name)(dataset)
        return groups[0].get(part) if groups and isinstance(groups[0], dict) else None

    return read


def each(name: str, *parts: str) -> Callable[[Dataset], list[dict[str, Any]]]:
    """Return a function that gives the filled parts of every group of a repeating field."""

    def read(dataset: Dataset) -> list[dict[str, Any]]:
        groups = [{p: g[p] for p in parts if g.get(p)} for g in listed(name)(dataset)]
        return [group for group in groups if group]

    return read


def tags(dataset: Dataset) -> list[str]:
    """Return the keywords."""
    return sorted(tag["name"] for tag in dataset.get("tags", []))


def instruments(dataset: Dataset) -> list[re.Pattern[str]]:
    """Return what the IRIs of the legal instruments must end in."""
    codes = listed("applicable_legislation")(dataset)
    return [re.compile(f"/vocabulary/instrument/{re.escape(code)}$") for code in codes]


def own_instruments(dataset: Dataset) -> list[str]:
    """Return the IRIs of the legal instruments that arrived, without the decisions of catalogues.

    The export adds the decision that lists a dataset, which is no value of the dataset.
    """
    return [iri for iri in listed("applicable_legislation")(dataset) if "/catalogues/" not in iri]


def place(dataset: Dataset) -> Any:
    """Return the name of the first place, or a pattern for its IRI when only a code was given."""
    text = first("spatial_coverage", "text")(dataset)
    code = first("spatial_coverage", "uri")(dataset)
    return text or (SOMETHING if code else None)


def agency(dataset: Dataset) -> Any:
    """Return a pattern for the name of the responsible agency, which is stored as id."""
    return SOMETHING if dataset.get("responsible_agency") else None


def licence(resource: Dataset) -> Any:
    """Return a pattern for the address of a licence, which is stored as id."""
    return ADDRESS if resource.get("license") not in (None, "", "notspecified") else None


def licence_at_a_stock_portal(dataset: Dataset) -> Any:
    """Return the licence of CKAN's own list under which a licence of the law arrives."""
    license_id = dataset.get("license_id")
    return STOCK_LICENCES.get(str(license_id), license_id)


def publisher(dataset: Dataset) -> Any:
    """Return the title of the organisation that owns a dataset."""
    return (dataset.get("organization") or {}).get("title")


def resources(dataset: Dataset) -> int:
    """Return the number of resources."""
    return len(dataset.get("resources", []))


def media_type(resource: Dataset) -> str:
    """Return a media type without the address of its register."""
    return str(resource.get("mimetype") or "").removeprefix(IANA)


def number(name: str) -> Callable[[Dataset], Any]:
    """Return a function that gives a whole number, stored as text or not."""
    return lambda dataset: int(dataset[name]) if str(dataset.get(name) or "").isdigit() else None


PERIOD = each("temporal_coverage", "start", "end")

DATASET: tuple[Check, ...] = (
    Check("title", get("title"), get("title")),
    Check("notes", get("notes"), get("notes")),
    Check("tags", tags, tags),
    Check("identifier", get("identifier"), get("identifier")),
    Check("license_id", licence_at_a_stock_portal, get("license_id")),
    Check("publisher", publisher, first("publisher", "name")),
    Check("responsible_agency", agency, first("creator", "name")),
    Check("contact.name", first("contact", "name"), first("contact", "name")),
    Check("contact.email", first("contact", "email"), first("contact", "email")),
    Check("frequency", mapped("frequency", "frequency"), get("frequency")),
    Check("theme", all_mapped("theme", *FIELD_SCHEMES), listed("theme")),
    Check("access_rights", mapped("access_rights", "disclosure"), get("access_rights")),
    Check("language", all_mapped("language", "language"), listed("language")),
    Check("applicable_legislation", instruments, own_instruments),
    Check("issued", get("issued"), get("issued")),
    Check("modified", get("modified"), get("modified")),
    Check("temporal_coverage", PERIOD, PERIOD),
    Check("spatial_coverage", place, first("spatial_coverage", "text")),
    Check("url", get("url"), get("url")),
    Check("version", get("version"), get("version")),
    Check("provenance", get("provenance"), get("provenance")),
    Check("documentation", listed("documentation"), listed("documentation")),
    Check("resources", resources, resources),
)

RESOURCE: tuple[Check, ...] = (
    Check("resources.name", get("name"), get("name")),
    Check("resources.description", get("description"), get("description")),
    Check("resources.url", get("url"), get("url")),
    Check("resources.format", get("format"), get("format")),
    Check("resources.mimetype", media_type, media_type),
    Check("resources.size", number("size"), number("size")),
    Check("resources.checksum", get("checksum"), get("hash")),
    Check("resources.license", licence, get("license")),
)
