"""The project's own SHACL shapes: the rules of Decree 47/2020/NĐ-CP on the DCAT export.

The file `schemas/shapes/nd47.ttl` leaves the portal's address open, because the project's own
properties and its code lists have the address of the portal that runs it.
"""

from __future__ import annotations

from rdflib import Graph

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path

FILE = ("shapes", "nd47.ttl")


def read(base: str = "") -> Graph:
    """Return the shapes for a portal.

    Args:
        base: IRI that the portal's own IRIs start with; empty for this portal.
    """
    path = data_path("schemas", *FILE)
    return Graph().parse(path, format="turtle", publicID=f"{base or config.base_iri()}/")


def namespace(base: str = "") -> str:
    """Return what the IRI of each shape starts with; the id of its rule follows."""
    return f"{base or config.base_iri()}/ns/nd47/shapes#"


def turtle() -> str:
    """Return the shapes of this portal as Turtle with whole addresses."""
    return read().serialize(format="turtle")
