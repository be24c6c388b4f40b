"""What a search engine reads on the page of a dataset."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from ckan import model
from ckan.lib.search import rebuild
from ckan.tests import factories
from ckan.tests.helpers import call_action

SCHEMA = "http://schema.org/"
SITE = "http://test.ckan.net"
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")

pytestmark = [
    pytest.mark.ckan_config(
        "ckan.plugins",
        "nd47 nd47_dcat scheming_datasets scheming_organizations dcat structured_data",
    ),
    # No rule stands in the way of a dataset that says only what a test is about.
    pytest.mark.ckan_config("ckanext.nd47.rules_from", "2999-01-01"),
    pytest.mark.usefixtures("with_plugins", "non_clean_db"),
]


@pytest.fixture
def agencies() -> tuple[dict[str, Any], dict[str, Any]]:
    """A province, and a department of it."""
    top = factories.Organization(title="Ủy ban nhân dân tỉnh Hải Sơn", agency_level="province")
    parent = [{"name": top["name"], "capacity": "public"}]
    return top, factories.Organization(title="Sở Y tế", agency_level="department", groups=parent)


@pytest.fixture
def described(app: Any, agencies: Any) -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """Makes a dataset; returns it, and the nodes of the structured data on its page by id."""

    def describe(lang: str = "vi", **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        made = call_action(
            "package_create",
            **{
                "name": factories.Dataset.stub().name,
                "title": "Danh sách trạm y tế",
                "owner_org": agencies[1]["id"],
                **fields,
            },
        )
        page = BeautifulSoup(app.get(f"/{lang}/dataset/{made['name']}").body, "html.parser")
        script = page.select_one('script[type="application/ld+json"]')
        assert script
        nodes = {node["@id"]: node for node in json.loads(script.get_text())["@graph"]}
        return made, nodes

    return describe


def dataset_of(nodes: dict[str, Any]) -> dict[str, Any]:
    """Return the node of the dataset."""
    (found,) = [node for node in nodes.values() if "schema:Dataset" in str(node["@type"])]
    return found


def test_says_how_to_cite(described):
    made, nodes = described()
    assert dataset_of(nodes)["schema:creditText"] == made["attribution_statement"]


def test_says_the_same_in_every_language(described):
    made, nodes = described(lang="en")
    assert dataset_of(nodes)["schema:creditText"] == made["attribution_statement"]


def test_own_sentence_of_the_dataset_goes_first(described):
    _, nodes = described(attribution="Nguồn: Sở Y tế")
    assert dataset_of(nodes)["schema:creditText"] == "Nguồn: Sở Y tế"


def test_licence_is_the_address_that_stands_for_it(described):
    _, nodes = described(license_id="nd47-open-data")
    assert dataset_of(nodes)["schema:license"] == {"@id": f"{SITE}/license/nd47-open-data"}


def test_licence_without_an_address_has_one_of_the_portal(described):
    _, nodes = described(license_id="other-open")
    assert dataset_of(nodes)["schema:license"] == {"@id": f"{SITE}/license/other-open"}


def test_publisher_is_the_department_and_creator_the_province(described, agencies):
    top, department = agencies
    _, nodes = described()
    dataset = dataset_of(nodes)
    publisher = nodes[dataset["schema:publisher"]["@id"]]
    creator = nodes[dataset["schema:creator"]["@id"]]
    assert publisher["schema:name"] == department["title"]
    assert creator["schema:name"] == top["title"]
    assert publisher["@id"] == f"{SITE}/organization/{department['id']}"


@pytest.mark.parametrize(("licence", "free"), [("vn-open-data-2023", True), ("cc-nc", None)])
def test_only_open_data_are_said_to_be_free(described, licence, free):
    _, nodes = described(license_id=licence)
    assert dataset_of(nodes).get("schema:isAccessibleForFree") is free


def test_hostile_text_does_not_end_the_script(described):
    """The page is parsed: a script that ended early would hold no JSON."""
    title = "</script><script>alert(1)</script>"
    _, nodes = described(title=title, attribution=title)
    assert dataset_of(nodes)["schema:creditText"] == title


class TestParity:
    """Both say the same of one dataset: DCAT by the addresses, schema.org on the page."""

    @pytest.fixture
    def both(self, app: Any, described: Any) -> tuple[dict[str, Any], Graph, URIRef]:
        made, nodes = described(
            license_id="nd47-open-data",
            contact=[
                {"name": "Phòng Kế hoạch", "email": "kh@yte.example", "telephone": "0203 3835 123"},
                {"name": "Phòng Công nghệ", "email": "cn@yte.example"},
            ],
        )
        graph = Graph().parse(data=app.get(f"/dataset/{made['name']}.ttl").body, format="turtle")
        (subject,) = graph.subjects(RDF.type, DCAT.Dataset)
        return nodes, graph, URIRef(str(subject))

    def test_publisher(self, both):
        nodes, graph, subject = both
        (publisher,) = graph.objects(subject, DCTERMS.publisher)
        said = nodes[dataset_of(nodes)["schema:publisher"]["@id"]]
        assert said["@id"] == str(publisher)
        assert said["schema:name"] in {str(name) for name in graph.objects(publisher, FOAF.name)}

    def test_creator(self, both):
        nodes, graph, subject = both
        (creator,) = graph.objects(subject, DCTERMS.creator)
        assert dataset_of(nodes)["schema:creator"] == {"@id": str(creator)}

    def test_licence(self, both):
        nodes, graph, subject = both
        (licence,) = graph.objects(subject, DCTERMS.license)
        assert dataset_of(nodes)["schema:license"] == {"@id": str(licence)}

    def test_attribution(self, both):
        nodes, graph, _ = both
        (text,) = set(graph.objects(None, URIRef("http://schema.theodi.org/odrs#attributionText")))
        assert dataset_of(nodes)["schema:creditText"] == str(text)

    def test_contacts(self, both):
        nodes, graph, subject = both
        publisher = nodes[dataset_of(nodes)["schema:publisher"]["@id"]]
        said = {
            contact["@id"]: nodes[contact["@id"]] for contact in publisher["schema:contactPoint"]
        }
        assert set(said) == {str(node) for node in graph.objects(subject, DCAT.contactPoint)}
        for iri, node in said.items():
            (name,) = graph.objects(URIRef(iri), VCARD.fn)
            (mail,) = graph.objects(URIRef(iri), VCARD.hasEmail)
            assert node["schema:name"] == str(name)
            assert node["schema:email"] == str(mail).removeprefix("mailto:")


def test_each_date_is_said_once(described):
    """Search engines take neither two dates nor a moment without its offset."""
    _, nodes = described(issued="2026-01-07", modified="2026-02-01")
    assert dataset_of(nodes)["schema:datePublished"] == "2026-01-07"
    assert dataset_of(nodes)["schema:dateModified"] == "2026-02-01"


def test_a_moment_has_its_offset(described):
    _, nodes = described()
    assert dataset_of(nodes)["schema:dateModified"].endswith("+00:00")


@pytest.mark.parametrize(
    ("method", "told"),
    [("goi-tai-ve", {"https://a.example/a.csv"}), ("dich-vu-chia-se", set())],
)
def test_a_file_has_the_address_of_its_content(described, method, told):
    resource = {"url": "https://a.example/a.csv", "format": "CSV", "publication_method": method}
    _, nodes = described(resources=[resource])
    found = {node.get("schema:contentUrl") for node in nodes.values()} - {None}
    assert found == told


def test_the_licence_is_a_work_with_a_name(described):
    _, nodes = described(license_id="cc-by")
    node = nodes[dataset_of(nodes)["schema:license"]["@id"]]
    assert node["@type"] == "schema:CreativeWork"
    assert node["schema:name"]


def file_of(nodes: dict[str, Any]) -> dict[str, Any]:
    """Return the node of the only file."""
    (found,) = [node for node in nodes.values() if node.get("@type") == "schema:DataDownload"]
    return found


def test_dates_of_a_file_are_as_precise_as_they_are_known(described):
    resource = {"url": "https://a.example/a.csv", "issued": "2024", "modified": "2024-05"}
    _, nodes = described(resources=[resource])
    assert file_of(nodes)["schema:datePublished"] == "2024"
    assert file_of(nodes)["schema:dateModified"] == "2024-05"


def test_the_licence_of_a_file_is_a_work_as_well(described):
    resource = {"url": "https://a.example/a.csv", "license": "cc-by"}
    _, nodes = described(resources=[resource], license_id="cc-zero")
    node = nodes[file_of(nodes)["schema:license"]["@id"]]
    assert node["@id"] == "https://creativecommons.org/licenses/by/4.0/"
    assert node["@type"] == "schema:CreativeWork"


def test_a_licence_that_is_not_specified_is_none(described):
    _, nodes = described(license_id="notspecified")
    assert "schema:license" not in dataset_of(nodes)


class TestStored:
    """What an older portal or a harvest stored, which the validators would refuse."""

    @pytest.fixture
    def page(self, app: Any, agencies: Any) -> Callable[..., dict[str, Any]]:
        def read(license_id: str = "", **extras: str) -> dict[str, Any]:
            made = factories.Dataset(owner_org=agencies[1]["id"])
            package: Any = model.Package.get(made["id"])
            package.extras = {**package.extras, **extras}
            package.license_id = license_id or package.license_id
            model.Session.commit()
            rebuild(made["id"])
            found = BeautifulSoup(app.get(f"/dataset/{made['name']}").body, "html.parser")
            script = found.select_one('script[type="application/ld+json"]')
            assert script
            return {node["@id"]: node for node in json.loads(script.get_text())["@graph"]}

        return read

    def test_a_geometry_that_is_not_of_wgs_84_is_not_said(self, page):
        metres = '{"type": "Point", "coordinates": [587654.1, 2325987.3]}'
        assert "587654" not in str(page(spatial=metres))
        assert "schema:spatialCoverage" not in dataset_of(page(spatial=metres))
        assert "105.85" in str(page(spatial='{"type": "Point", "coordinates": [105.85, 21.03]}'))

    def test_the_address_of_a_foreign_licence_is_a_work(self, page):
        address = "https://khac.example/giay-phep"
        nodes = page(license_id=address)
        assert dataset_of(nodes)["schema:license"] == {"@id": address}
        assert nodes[address]["@type"] == "schema:CreativeWork"
