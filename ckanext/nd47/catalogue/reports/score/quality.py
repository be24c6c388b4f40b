"""The score of a dataset as RDF, in the Data Quality Vocabulary of the W3C."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from ckanext.nd47.catalogue.reports.score.method import method
from ckanext.nd47.catalogue.reports.score.metrics import Score
from ckanext.nd47.lib import config

DQV = "http://www.w3.org/ns/dqv#"
PIVEAU = "https://piveau.eu/ns/voc#"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
TOTAL = "scoring"
"""Last part of the IRI of the metric that is the sum of all."""

FORMATS: Mapping[str, ox.RdfFormat] = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "nt": ox.RdfFormat.N_TRIPLES,
}
"""By extension of the address, the preferred one first."""


def write(dataset_id: str, score: Score, extension: str) -> bytes:
    """Return the measurements of a dataset in one of `FORMATS`; equal scores give equal bytes."""
    prefixes = {"dqv": DQV, "piveau": PIVEAU, "xsd": XSD}
    target = io.BytesIO()
    ox.serialize(_triples(dataset_id, score), target, FORMATS[extension], prefixes=prefixes)
    return target.getvalue()


def _triples(dataset_id: str, score: Score) -> Iterator[ox.Triple]:
    dataset = ox.NamedNode(f"{config.base_iri()}/dataset/{dataset_id}")
    measured = dict.fromkeys(score.met, True) | dict.fromkeys(score.unmet, False)
    for code, metric in method().metrics.items():
        if code in measured:
            # What was not measured is left out: it is neither true nor false.
            value = ox.Literal(measured[code])
            yield from _measurement(dataset, code, metric.iri, value)
    yield from _measurement(dataset, TOTAL, TOTAL, ox.Literal(score.points))


def _measurement(
    dataset: ox.NamedNode, code: str, metric: str, value: ox.Literal
) -> Iterator[ox.Triple]:
    node = ox.NamedNode(f"{dataset.value}#quality-{code}")
    yield ox.Triple(dataset, ox.NamedNode(f"{DQV}hasQualityMeasurement"), node)
    yield ox.Triple(node, TYPE, ox.NamedNode(f"{DQV}QualityMeasurement"))
    yield ox.Triple(node, ox.NamedNode(f"{DQV}computedOn"), dataset)
    yield ox.Triple(node, ox.NamedNode(f"{DQV}isMeasurementOf"), ox.NamedNode(PIVEAU + metric))
    yield ox.Triple(node, ox.NamedNode(f"{DQV}value"), value)
