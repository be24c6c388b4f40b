"""The decision of a catalogue as legal basis of its datasets in the export."""

from __future__ import annotations

import pytest
from rdflib import Graph, Namespace, URIRef

from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.catalogue.public import decisions
from ckanext.nd47.dcat import tasks
from tests.catalogue.conftest import (
    FILE,
    PLUGINS,
    dataset,
    empty_catalogues,
    issued,
    items_of,
    world,
)
from tests.desk.conftest import World
from tests.support.fixtures import portal_and_app

__all__ = ["world"]

portal, app = portal_and_app(
    f"{PLUGINS.replace('nd47_l10n', 'nd47_l10n nd47_dcat')} dcat", prepare=empty_catalogues
)

EU = Namespace("http://data.europa.eu/r5r/")


def basis_of(app: CKANTestApp, name: str) -> set[str]:
    """Return the legal basis of a dataset, as harvesters see it once the worker has run."""
    tasks.refresh()
    graph = Graph().parse(data=app.get(f"/dataset/{name}.ttl").get_data(True), format="turtle")
    return {str(one) for one in graph.objects(None, EU.applicableLegislation)}


@pytest.mark.usefixtures("world")
def test_a_linked_dataset_names_its_decision(app: CKANTestApp, world: World):
    made = issued(world)
    one = dataset(world, resources=[FILE])
    decision = decisions.iri(made["name"])
    assert decision not in basis_of(app, one["name"])
    item = items_of(world, made)[0]["id"]
    world.call("compiler", "nd47_catalogue_link", id=item, datasets=[one["id"]])
    assert decision in basis_of(app, one["name"])
    world.call("compiler", "nd47_catalogue_unlink", id=item, datasets=[one["id"]])
    assert decision not in basis_of(app, one["name"])


def test_planned_items_are_not_in_the_catalogue_of_datasets(app: CKANTestApp, world: World):
    item = items_of(world, issued(world))[0]
    text = app.get("/catalog.ttl").get_data(True)
    assert item["line_id"] not in text
    graph = Graph().parse(data=app.get("/catalogues/planned.ttl").get_data(True), format="turtle")
    available = URIRef("http://www.w3.org/ns/dcat#Dataset")
    assert available not in set(graph.objects())
