"""SHACL shapes of the rules of Decree 47/2020/NĐ-CP for the DCAT export.

IRIs in the file `schemas/shapes/nd47.ttl` are relative, because the `nd47` namespace and the code
lists have the base IRI of the portal.
"""

from __future__ import annotations

from rdflib import Graph

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path

FILE = ("shapes", "nd47.ttl")


def read(base: str = "") -> Graph:
    """Return the shapes for a portal.

    Args:
        base: base IRI of the portal, empty for this portal.
    """
    path = data_path("schemas", *FILE)
    return Graph().parse(path, format="turtle", publicID=f"{base or config.base_iri()}/")


def namespace(base: str = "") -> str:
    """Return the namespace of the shapes, whose local names are the ids of the rules."""
    return f"{base or config.base_iri()}/ns/nd47/shapes#"


def turtle() -> str:
    """Return the shapes of this portal as Turtle with absolute IRIs."""
    return read().serialize(format="turtle")
