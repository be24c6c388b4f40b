"""What the export is made for: the mapping table as it is, or with properties changed by a file.

A target is a YAML file that says which property of which kind of node becomes another one, or is
left out. It changes the finished graph, so the functions that write and read need not know of it,
and a national profile that comes later is a file and no release.
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
"""Class of the nodes of each owner in the mapping table."""

_KEYS = frozenset({"id", "title", "about", "prefixes", "changes"})
_NAME = re.compile(r"[A-Za-z][\w-]*:[A-Za-z_][\w.-]*")
# How services come to properties that the table has for datasets.
_SHARED = {"dcatap:applicableLegislation", "dct:publisher", "dcat:theme", "dct:license"}


@dataclass(frozen=True)
class Change:
    """One property of one kind of node.

    Attributes:
        of: the owner in the mapping table: `dataset`, `distribution`, a group.
        property: prefixed name in the mapping table.
        becomes: IRI or prefixed name in its place, empty when it is left out.
    """

    of: str
    property: str
    becomes: str


@dataclass(frozen=True, eq=False)
class Target:
    """What the export is made for.

    Attributes:
        id: name of the file without its ending.
        title: by language.
        about: by language.
        prefixes: IRIs of prefixes of its own.
        changes: what differs from the mapping table.
    """

    id: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    prefixes: Mapping[str, str]
    changes: tuple[Change, ...]

    def apply(self, graph: Graph, namespace: str) -> None:
        """Change a graph that was written by the mapping table."""
        for kind, old, new in self._steps(namespace):
            for node in [one for one in graph.subjects() if graph.has_type(one, kind)]:
                for value in graph.objects(node, old):
                    graph.remove(Triple(node, old, value))
                    if new:
                        graph.add(node, new, value)

    def restore(self, graph: rdflib.Graph, namespace: str) -> None:
        """Add to a graph of this target what the mapping table says in its place."""
        for kind, old, new in self._steps(namespace):
            if new is None:
                continue
            table, own = rdflib.URIRef(old.value), rdflib.URIRef(new.value)
            for node in list(graph.subjects(rdflib.RDF.type, rdflib.URIRef(kind.value))):
                for value in list(graph.objects(node, own)):
                    graph.add((node, table, value))

    def _steps(self, namespace: str) -> Iterator[tuple[NamedNode, NamedNode, NamedNode | None]]:
        """Yield the class of nodes, the property of the table, and what it becomes."""
        for change in self.changes:
            kind = terms.expand(CLASSES[change.of], namespace)
            old = terms.expand(change.property, namespace)
            yield kind, old, self._iri(change.becomes, namespace)

    def _iri(self, name: str, namespace: str) -> NamedNode | None:
        prefix, _, local = name.partition(":")
        if prefix in self.prefixes:
            return NamedNode(self.prefixes[prefix] + local)
        return terms.expand(name, namespace) if name else None


def current() -> Target:
    """Return the target that the portal has set; a file that cannot be used changes nothing."""
    name = config.dcat_target() or DEFAULT
    try:
        return find(name)
    except DataFileError:
        # A slip in a file of the portal must not take its export down.
        log.exception("Option %s is not used", config.DCAT_TARGET)
        return find(DEFAULT)


def find(name: str) -> Target:
    """Return a target by its name, or by the path of its file.

    Raises:
        DataFileError: there is no such file, or it is no target.
    """
    path = data_path(*FOLDER, f"{name}.yaml") if name in names() else Path(name)
    try:
        return _read(path)
    except OSError as error:
        msg = f"{name}: neither one of {', '.join(names())} nor a file that can be read"
        raise DataFileError(msg) from error


@cache
def names() -> tuple[str, ...]:
    """Return the names of the targets that come with the software."""
    return tuple(sorted(path.stem for path in data_path(*FOLDER).glob("*.yaml")))


def _target(path: Path) -> Target:
    entry = read_entry(path)
    entry.check_keys({"id"}, _KEYS)
    prefixes = entry.values.get("prefixes") or {}
    if not isinstance(prefixes, dict):
        entry.fail("prefixes must map names to addresses")
    for prefix, iri in prefixes.items():
        if prefix in terms.PREFIXES or prefix == "nd47" or terms.web(iri) is None:
            entry.fail(f"prefix {prefix!r} is taken, or {iri!r} is no address")
    rows = entry.rows("changes", may_be_empty=True) if entry.values.get("changes") else []
    changes = tuple(_change(row, prefixes) for row in rows)
    _check_distinct(entry, changes)
    labels = {name: entry.optional(name, entry.labels, {}) for name in ("title", "about")}
    return Target(entry.check_id(), labels["title"], labels["about"], prefixes, changes)


_read = cached_until_changed(_target)


def _change(row: Entry, prefixes: Mapping[str, str]) -> Change:
    row.check_keys({"of", "property", "becomes"})
    change = Change(str(row.values["of"]), row.text("property"), row.values["becomes"] or "")
    if change.property not in properties(change.of):
        row.fail(f"the mapping table has no {change.property} of {change.of!r}")
    known = {**terms.PREFIXES, **prefixes, "nd47": ""}
    if change.becomes and (
        not _NAME.fullmatch(change.becomes) or change.becomes.partition(":")[0] not in known
    ):
        row.fail(f"no property with a known prefix: {change.becomes!r}")
    return change


def _check_distinct(entry: Entry, changes: tuple[Change, ...]) -> None:
    """Refuse two properties that become one: a reader of the graph could not tell them apart."""
    for of in {change.of for change in changes}:
        table = {name: name for name in properties(of)}
        table |= {change.property: change.becomes for change in changes if change.of == of}
        names = [name for name in table.values() if name]
        for name in names:
            if names.count(name) > 1:
                entry.fail(f"two properties of {of!r} become {name}")


def properties(of: str) -> set[str]:
    """Return the prefixed names of all properties that nodes of a kind may have."""
    rows = [row for row in ROWS if row.of == of]
    found = {name for row in rows for name in (row.prefix_name, row.eu_property) if name}
    return found | _SHARED if of == "service" else found
