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
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import rdflib
import yaml
from pyoxigraph import NamedNode, Triple

from ckanext.nd47.dcat.rdf import terms
from ckanext.nd47.dcat.rdf.mapping import GROUPS, ROWS
from ckanext.nd47.dcat.rdf.statements import Graph
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path, read_yaml

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


class TargetError(ValueError):
    """A file that is no target; the message names the file and what is wrong."""


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
    except TargetError:
        # A slip in a file of the portal must not take its export down.
        log.exception("Option %s is not used", config.DCAT_TARGET)
        return find(DEFAULT)


def find(name: str) -> Target:
    """Return a target by its name, or by the path of its file.

    Raises:
        TargetError: there is no such file, or it is no target.
    """
    path = data_path(*FOLDER, f"{name}.yaml") if name in names() else Path(name)
    try:
        found = path.stat()
    except OSError as error:
        msg = f"{name}: neither one of {', '.join(names())} nor a file that can be read"
        raise TargetError(msg) from error
    return _version(path, found.st_mtime_ns, found.st_size)


@cache
def names() -> tuple[str, ...]:
    """Return the names of the targets that come with the software."""
    return tuple(sorted(path.stem for path in data_path(*FOLDER).glob("*.yaml")))


@lru_cache(maxsize=16)
def _version(path: Path, _mtime_ns: int, _size: int) -> Target:
    # Time and size are in the key so that a changed file is read again.
    try:
        return _target(read_yaml(path), path.stem)
    except (OSError, yaml.YAMLError, ValueError) as error:
        msg = f"{path}: {' '.join(str(error).split())}"
        raise TargetError(msg) from error


def _target(content: Any, stem: str) -> Target:
    if not isinstance(content, dict) or not content.keys() <= _KEYS:
        msg = f"the file must have no keys but {', '.join(sorted(_KEYS))}"
        raise ValueError(msg)
    if content.get("id") != stem:
        msg = f"id must be {stem!r}, the name of the file"
        raise ValueError(msg)
    prefixes = content.get("prefixes") or {}
    if not isinstance(prefixes, dict) or not isinstance(content.get("changes") or [], list):
        msg = "`prefixes` maps names to addresses, `changes` is a list"
        raise ValueError(msg)  # noqa: TRY004 - wrong content of a file, not a wrong call
    for prefix, iri in prefixes.items():
        if prefix in terms.PREFIXES or prefix == "nd47" or terms.web(iri) is None:
            msg = f"prefix {prefix!r} is taken, or {iri!r} is no address"
            raise ValueError(msg)
    changes = tuple(_change(one, prefixes) for one in content.get("changes") or ())
    _check_distinct(changes)
    return Target(stem, content.get("title") or {}, content.get("about") or {}, prefixes, changes)


def _change(content: Any, prefixes: Mapping[str, str]) -> Change:
    if not isinstance(content, dict) or set(content) != {"of", "property", "becomes"}:
        msg = f"a change has `of`, `property` and `becomes`: {content!r}"
        raise ValueError(msg)
    change = Change(str(content["of"]), str(content["property"]), content["becomes"] or "")
    if change.property not in properties(change.of):
        msg = f"the mapping table has no {change.property} of {change.of!r}"
        raise ValueError(msg)
    known = {**terms.PREFIXES, **prefixes, "nd47": ""}
    if change.becomes and (
        not _NAME.fullmatch(change.becomes) or change.becomes.partition(":")[0] not in known
    ):
        msg = f"no property with a known prefix: {change.becomes!r}"
        raise ValueError(msg)
    return change


def _check_distinct(changes: tuple[Change, ...]) -> None:
    """Refuse two properties that become one: who reads the graph could not tell them apart."""
    for of in {change.of for change in changes}:
        table = {name: name for name in properties(of)}
        table |= {change.property: change.becomes for change in changes if change.of == of}
        kept = [name for name in table.values() if name]
        for name in kept:
            if kept.count(name) > 1:
                msg = f"two properties of {of!r} become {name}"
                raise ValueError(msg)


def properties(of: str) -> set[str]:
    """Return the prefixed names of all properties that nodes of a kind may have."""
    rows = [row for row in ROWS if row.of == of]
    found = {name for row in rows for name in (row.prefix_name, row.eu_property) if name}
    return found | _SHARED if of == "service" else found
