"""Validates a graph with the SHACL shapes of DCAT-AP 3.0.1.

The shapes are not part of this project. `ND47_DCAT_AP` names the folder that holds a copy of
SEMICeu/DCAT-AP (`releases/3.0.1/html/shacl/`); without it the folder `dcat-ap` of `shared`, beside
the repository, is used.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, SH, SKOS
from rdflib.term import Node

EU = "http://publications.europa.eu/resource/authority/"
ADMS = "http://purl.org/adms/"
CORPORATE_BODY = "the EU table of corporate bodies lists bodies of the EU and of its members"
PLACE = "the EU tables of places list no province of Vietnam"
FOLDER = Path(
    os.environ.get("ND47_DCAT_AP", Path(__file__).resolve().parents[3] / "shared" / "dcat-ap")
)

ALL = (
    "shapes.ttl",
    "range.ttl",
    "shapes_recommended.ttl",
    "mdr-vocabularies.shape.ttl",
    "deprecateduris.ttl",
)

EXCEPTIONS = {
    ("publisher", "NodeConstraintComponent", "Catalog_ShapeCV"): CORPORATE_BODY,
    ("publisher", "NodeConstraintComponent", "Dataset_ShapeCV"): CORPORATE_BODY,
    ("publisher", "NodeConstraintComponent", "DataService_ShapeCV"): CORPORATE_BODY,
    ("spatial", "NodeConstraintComponent", "Catalog_ShapeCV"): PLACE,
    ("spatial", "NodeConstraintComponent", "Dataset_ShapeCV"): PLACE,
}
"""Accepted findings by path, constraint and shape, with the reason. All are warnings."""

# The class that range.ttl wants of each EU table; the tables themselves do not state it.
CLASSES = {
    "frequency": DCTERMS.Frequency,
    "language": DCTERMS.LinguisticSystem,
    "access-right": DCTERMS.RightsStatement,
    "file-type": DCTERMS.MediaTypeOrExtent,
}


def shapes_folder() -> Path:
    """The folder with the shapes; without it the test is skipped, with the path."""
    folder = FOLDER / "releases" / "3.0.1" / "html" / "shacl"
    if not folder.is_dir():
        pytest.skip(f"no DCAT-AP shapes in {FOLDER}: set ND47_DCAT_AP to a copy of SEMICeu/DCAT-AP")
    return folder


@cache
def shapes(name: str) -> Graph:
    return Graph().parse(shapes_folder() / name, format="turtle")


def closed(graph: Graph) -> Graph:
    """The graph, with the statements of EU and ADMS tables about the concepts that it uses.

    Passing the complete tables to pyshacl does not help: it ignores their individuals.
    """
    extended = Graph()
    extended += graph
    for node in {o for o in graph.objects() if isinstance(o, URIRef)}:
        start = next((base for base in (EU, ADMS) if node.startswith(base)), "")
        table, _, code = node.removeprefix(start).partition("/")
        if not start:
            continue
        scheme = URIRef(f"{start}{table}" if start == EU else f"{start}{table}/1.0")
        if code:
            extended.add((node, RDF.type, SKOS.Concept))
            extended.add((node, SKOS.inScheme, scheme))
            extended.add((node, SKOS.prefLabel, Literal(code, lang="en")))
        if table in CLASSES and code:
            extended.add((node, RDF.type, CLASSES[table]))
        extended.add((scheme, RDF.type, SKOS.ConceptScheme))
        extended.add((scheme, DCTERMS.title, Literal(table, lang="en")))
    return extended


@dataclass(frozen=True, order=True)
class Finding:
    """A result of a validation.

    Attributes:
        severity: `Violation`, `Warning` or `Info`.
        path: local name of the property, `None` for a finding about the node itself.
        constraint: local name of the constraint component.
        shape: name of the node shape with the constraint.
        node: the focus node.
    """

    severity: str
    path: str
    constraint: str
    shape: str
    node: str

    @property
    def kind(self) -> tuple[str, str, str]:
        """The key of an exception."""
        return self.path, self.constraint, self.shape


def findings(graph: Graph, name: str) -> list[Finding]:
    """All results of a shapes file.

    Details of a result are not counted separately.
    """
    _, report, _ = validate(
        closed(graph), shacl_graph=shapes(name), inference="none", advanced=False
    )
    assert isinstance(report, Graph)
    return sorted(
        Finding(
            _local(report.value(result, SH.resultSeverity)),
            _local(report.value(result, SH.resultPath)),
            _local(report.value(result, SH.sourceConstraintComponent)),
            _local(_owner(shapes(name), report.value(result, SH.sourceShape))),
            str(report.value(result, SH.focusNode)),
        )
        for result in report.objects(None, SH.result)
    )


def unexpected(graph: Graph, name: str) -> list[Finding]:
    """All results without an exception.

    An exception applies once per node: a second unmet restriction on the same property, such as the
    type of the publisher beside its place in the EU list, is a second result.
    """
    results = findings(graph, name)
    return [
        result for result in results if result.kind not in EXCEPTIONS or results.count(result) > 1
    ]


def _owner(graph: Graph, shape: Node | None) -> Node | None:
    return graph.value(predicate=SH.property, object=shape) or shape


def _local(node: Node | None) -> str:
    return str(node).replace("#", "/").rpartition("/")[2]
