"""The profile on a real portal: through ckanext-dcat's serializer, endpoints and parser."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.dcat.processors import RDFParser, RDFSerializer
from ckanext.dcat.utils import dataset_uri

from ckanext.nd47.dcat.rdf.profile import Nd47Profile
from tests.dcat.conftest import BASE, PLUGINS
from tests.support.fixtures import portal_and_app

EU = "http://publications.europa.eu/resource/authority/"
SITE = "http://test.ckan.net"
# What CKAN or the metadata room sets itself.
FOREIGN = {"id", "organization", "owner_org", "responsible_agency", "resources"}

portal, app = portal_and_app(PLUGINS)

pytestmark = pytest.mark.usefixtures("portal")


def graph_of(dataset: Mapping[str, Any], profiles: list[str] | None = None) -> Graph:
    """The graph of a dataset, through the text another portal would get."""
    text = RDFSerializer(profiles=profiles).serialize_dataset(dict(dataset), _format="ttl")
    return Graph().parse(data=text, format="turtle")


def parsed(graph: Graph) -> dict[str, Any]:
    parser = RDFParser()
    parser.parse(graph.serialize(format="turtle"), _format="turtle")
    return next(iter(parser.datasets()))


class TestSerialise:
    def test_the_entry_point_gives_our_profile(self):
        entries = entry_points(group="ckan.rdf.profiles")
        assert entries["nd47_dcat_ap"].load() is Nd47Profile

    def test_the_dataset_is_exported_without_blank_nodes(self, stored: dict[str, Any]):
        graph = graph_of(stored)
        assert not [t for triple in graph for t in triple if isinstance(t, BNode)]

    def test_there_is_one_publisher_one_contact_and_one_licence(self, stored: dict[str, Any]):
        graph = graph_of(stored)
        node = URIRef(dataset_uri(stored))
        for predicate in (DCTERMS.publisher, DCAT.contactPoint, DCTERMS.license):
            assert len(list(graph.objects(node, predicate))) == 1, predicate

    def test_the_publisher_is_the_organisation(
        self, stored: dict[str, Any], organisation: dict[str, Any]
    ):
        graph = graph_of(stored)
        agent = URIRef(f"{SITE}/organization/{organisation['id']}")
        assert (URIRef(dataset_uri(stored)), DCTERMS.publisher, agent) in graph
        assert (agent, DCTERMS.identifier, Literal("H99.10")) in graph
        assert (agent, FOAF.name, Literal("Department of Agriculture", lang="en")) in graph

    def test_a_renamed_organisation_shows_its_new_name_at_once(self):
        owner = factories.Organization(title="Sở cũ", identifier="H99.11")
        dataset = factories.Dataset(owner_org=owner["id"])
        agent = URIRef(f"{SITE}/organization/{owner['id']}")
        assert (agent, FOAF.name, Literal("Sở cũ", lang="vi")) in graph_of(dataset)
        call_action("organization_patch", id=owner["id"], title="Sở mới")
        assert (agent, FOAF.name, Literal("Sở mới", lang="vi")) in graph_of(dataset)

    def test_a_dataset_without_attribution_carries_a_generated_one(
        self, organisation: dict[str, Any]
    ):
        dataset = factories.Dataset(
            owner_org=organisation["id"],
            title="Hồ chứa",
            resources=[{"url": "https://tep.example/ho-chua.csv", "format": "CSV"}],
        )
        graph = graph_of(call_action("package_show", id=dataset["id"]))
        predicate = URIRef("http://schema.theodi.org/odrs#attributionText")
        texts = [str(text) for text in graph.objects(None, predicate)]
        assert len(texts) == 1
        assert "Sở Nông nghiệp và Môi trường" in texts[0]

    def test_fields_of_other_schemas_are_written_by_the_base_profile(self, stored: dict[str, Any]):
        graph = graph_of({**stored, "is_referenced_by": ["https://a.vn/bai-bao"]})
        reference = (URIRef(dataset_uri(stored)), DCTERMS.isReferencedBy, None)
        assert [str(o) for _, _, o in graph.triples(reference)] == ["https://a.vn/bai-bao"]

    def test_a_bad_value_in_a_field_of_another_schema_is_left_out(self, stored: dict[str, Any]):
        spoilt = {**stored, "dcat_type": "https://a b/\x00", "temporal_resolution": "P1D\x0b"}
        graph = graph_of(spoilt)
        assert (URIRef(dataset_uri(stored)), DCTERMS.type, None) not in graph

    def test_what_is_left_out_is_logged_by_dataset_and_field(
        self, stored: dict[str, Any], caplog: pytest.LogCaptureFixture
    ):
        graph_of({**stored, "frequency": "thỉnh thoảng"})
        assert f"Dataset {stored['name']}: frequency not exported" in caplog.text

    def test_a_bad_address_of_a_dataset_does_not_reach_the_page(self):
        assert dataset_uri({"id": "d1", "uri": "https://a b.vn/<x>"}) == f"{SITE}/dataset/d1"
        assert dataset_uri({"id": "d1", "uri": "https://a.vn/x y"}) == "https://a.vn/x%20y"


class TestParse:
    @pytest.mark.ckan_config("ckanext.nd47.public_assessments", "true")
    def test_every_field_of_the_schema_comes_back(self, ckan_config: Any, stored: dict[str, Any]):
        found = parsed(graph_of(stored))
        names = {
            field["field_name"]
            for field in call_action("scheming_dataset_schema_show", type="dataset")[
                "dataset_fields"
            ]
        }
        # RDF has no order among the values of a property.
        unordered = {"applicable_legislation", "conforms_to", "language", "theme"}
        for name in sorted(names - FOREIGN - {"name", "tag_string"} - unordered):
            assert found.get(name) == stored.get(name), name
        for name in unordered:
            assert sorted(found[name]) == sorted(stored[name]), name
        assert sorted(t["name"] for t in found["tags"]) == ["hồ chứa", "thủy lợi"]

    def test_every_field_of_a_resource_comes_back(self, stored: dict[str, Any]):
        found = parsed(graph_of(stored))["resources"][0]
        ours = stored["resources"][0]
        for name in ("url", "name", "description", "format", "mimetype", "size", "period"):
            assert found[name] == ours[name], name
        for name in ("publication_method", "data_dictionary", "language", "checksum"):
            assert found[name] == ours[name], name
        assert not found.get("license")

    def test_what_was_parsed_can_be_stored(
        self, stored: dict[str, Any], organisation: dict[str, Any]
    ):
        found = parsed(graph_of(stored))
        found.update(name="ban-sao", owner_org=organisation["id"])
        found.pop("identifier")
        copy = call_action("package_create", **found)
        assert copy["frequency"] == stored["frequency"]
        assert copy["source_database"] == stored["source_database"]

    def test_a_licence_of_the_law_is_known_by_the_address_of_any_portal(
        self, stored: dict[str, Any]
    ):
        text = graph_of(stored).serialize(format="turtle")
        elsewhere = Graph().parse(data=text.replace(SITE, "https://khac.example"), format="turtle")
        assert parsed(elsewhere)["license_id"] == "nd47-open-data"

    def test_a_licence_that_the_portal_does_not_know_gives_none(self, stored: dict[str, Any]):
        graph = graph_of(stored)
        for subject in list(graph.subjects(DCTERMS.license)):
            graph.set((subject, DCTERMS.license, URIRef("https://khac.example/license/khong-co")))
        assert not parsed(graph)["license_id"]

    def test_a_stock_graph_is_still_understood(self, stored: dict[str, Any]):
        found = parsed(graph_of(stored, ["euro_dcat_ap_3"]))
        assert found["title"] == stored["title"]

    def test_a_graph_without_datasets_gives_none(self):
        parser = RDFParser()
        parser.parse(f"<{BASE}> a <{FOAF.Agent}> .", _format="turtle")
        assert list(parser.datasets()) == []


def test_the_schema_of_the_portal_is_ours():
    """Else the tests of this module would compare nothing."""
    schema = tk.get_action("scheming_dataset_schema_show")({}, {"type": "dataset"})
    assert "sharing_class" in {field["field_name"] for field in schema["dataset_fields"]}
