"""Targets of the export: application profiles that replace or omit properties of the mapping table.

A target is a YAML file with the properties that are replaced or left out, by kind of node. It is
applied to the finished graph, so a new national profile needs a file but no change of the code.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import rdflib
from pyoxigraph import NamedNode, Triple

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.mapping import GROUPS, ROWS
from ckanext.nd47.dcat.rdf.statements import Graph
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import DataFileError, Entry, cached_until_changed, data_path, read_entry

log = logging.getLogger(__name__)

DEFAULT = "dcat-ap-3"
FOLDER = ("schemas", "targets")
CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "dataset": "dcat:Dataset",
        "distribution": "dcat:Distribution",
        "service": "dcat:DataService",
        "contact": "vcard:Kind",
        "organization": "foaf:Agent",
        "spatial_coverage": "dct:Location",
        "temporal_coverage": "dct:PeriodOfTime",
        **{row.field: row.rdf_class for row in GROUPS},
    }
)
"""Class of the nodes that a row of the mapping table belongs to, by `Row.of`."""

_KEYS = frozenset({"id", "title", "about", "prefixes", "changes"})
_NAME = re.compile(r"[A-Za-z][\w-]*:[A-Za-z_][\w.-]*")
# Properties that services have although the mapping table has them for datasets only.
_SERVICE_PROPERTIES = {"dcatap:applicableLegislation", "dct:publisher", "dcat:theme", "dct:license"}


@dataclass(frozen=True)
class Change:
    """A changed property.

    Attributes:
        of: kind of node as in the mapping table: `dataset`, `distribution`, a group.
        property: prefixed name in the mapping table.
        becomes: IRI or prefixed name that replaces it, empty to leave it out.
    """

    of: str
    property: str
    becomes: str


@dataclass(frozen=True, eq=False)
class Target:
    """An application profile that the export follows.

    Attributes:
        id: name of the file without its extension.
        title: by language.
        about: description by language.
        prefixes: namespaces by prefix.
        changes: differences from the mapping table.
    """

    id: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    prefixes: Mapping[str, str]
    changes: tuple[Change, ...]

    def apply(self, graph: Graph, namespace: str) -> None:
        """Change a graph that was written by the mapping table to this target."""
        for rdf_class, old, new in self._replacements(namespace):
            for node in [node for node in graph.subjects() if graph.has_type(node, rdf_class)]:
                for value in graph.objects(node, old):
                    graph.remove(Triple(node, old, value))
                    if new:
                        graph.add(node, new, value)

    def restore(self, graph: rdflib.Graph, namespace: str) -> None:
        """Add the properties of the mapping table to a graph that was written for this target."""
        for rdf_class, old, new in self._replacements(namespace):
            if new is None:
                continue
            table_property, target_property = rdflib.URIRef(old.value), rdflib.URIRef(new.value)
            for node in list(graph.subjects(rdflib.RDF.type, rdflib.URIRef(rdf_class.value))):
                for value in list(graph.objects(node, target_property)):
                    graph.add((node, table_property, value))

    def _replacements(
        self, namespace: str
    ) -> Iterator[tuple[NamedNode, NamedNode, NamedNode | None]]:
        """Yield the class of the nodes, the property of the mapping table, and the new property."""
        for change in self.changes:
            rdf_class = terms.expand(CLASSES[change.of], namespace)
            old = terms.expand(change.property, namespace)
            yield rdf_class, old, self._iri(change.becomes, namespace)

    def _iri(self, name: str, namespace: str) -> NamedNode | None:
        prefix, _, local = name.partition(":")
        if prefix in self.prefixes:
            return NamedNode(self.prefixes[prefix] + local)
        return terms.expand(name, namespace) if name else None


def current() -> Target:
    """Return the configured target, or the default if its file is not valid."""
    name = config.dcat_target() or DEFAULT
    try:
        return find(name)
    except DataFileError:
        # A mistake in this file must not stop the export.
        log.exception("Option %s is not used", config.DCAT_TARGET)
        return find(DEFAULT)


def find(name: str) -> Target:
    """Return a target by its name, or by the path of its file.

    Raises:
        DataFileError: the file does not exist or is not valid.
    """
    path = data_path(*FOLDER, f"{name}.yaml") if name in names() else Path(name)
    try:
        return _cached_target(path)
    except OSError as error:
        msg = f"{name}: neither one of {', '.join(names())} nor a file that can be read"
        raise DataFileError(msg) from error


@cache
def names() -> tuple[str, ...]:
    """Return the names of the targets in `schemas/targets`."""
    return tuple(sorted(path.stem for path in data_path(*FOLDER).glob("*.yaml")))


def _read_target(path: Path) -> Target:
    entry = read_entry(path)
    entry.check_keys({"id"}, _KEYS)
    prefixes = entry.values.get("prefixes") or {}
    if not isinstance(prefixes, dict):
        entry.fail("prefixes must map names to addresses")
    for prefix, iri in prefixes.items():
        if prefix in terms.PREFIXES or prefix == "nd47" or terms.web_iri(iri) is None:
            entry.fail(f"prefix {prefix!r} is taken, or {iri!r} is no address")
    rows = entry.rows("changes", may_be_empty=True) if entry.values.get("changes") else []
    changes = tuple(_change(row, prefixes) for row in rows)
    _check_distinct(entry, changes)
    labels = {name: entry.optional(name, entry.labels, {}) for name in ("title", "about")}
    return Target(entry.check_id(), labels["title"], labels["about"], prefixes, changes)


_cached_target = cached_until_changed(_read_target)


def _change(row: Entry, prefixes: Mapping[str, str]) -> Change:
    row.check_keys({"of", "property", "becomes"})
    change = Change(str(row.values["of"]), row.text("property"), row.values["becomes"] or "")
    if change.property not in properties(change.of):
        row.fail(f"the mapping table has no {change.property} of {change.of!r}")
    known_prefixes = {**terms.PREFIXES, **prefixes, "nd47": ""}
    if change.becomes and (
        not _NAME.fullmatch(change.becomes)
        or change.becomes.partition(":")[0] not in known_prefixes
    ):
        row.fail(f"no property with a known prefix: {change.becomes!r}")
    return change


def _check_distinct(entry: Entry, changes: tuple[Change, ...]) -> None:
    """Refuse two properties with the same replacement: the reader could not tell them apart."""
    for of in {change.of for change in changes}:
        replacements = {name: name for name in properties(of)}
        replacements |= {change.property: change.becomes for change in changes if change.of == of}
        names = [name for name in replacements.values() if name]
        for name in names:
            if names.count(name) > 1:
                entry.fail(f"two properties of {of!r} become {name}")


def properties(of: str) -> set[str]:
    """Return the prefixed names of all properties of a kind of node."""
    rows = [row for row in ROWS if row.of == of]
    names = {name for row in rows for name in (row.prefix_name, row.eu_property) if name}
    return names | _SERVICE_PROPERTIES if of == "service" else names
