"""What the graph of one dataset says: facts, not bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.compare import to_isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from tests.dcat.conftest import BASE, DATASET, LICENCES, NS, RESOURCE, Written, iri

EU = "http://publications.europa.eu/resource/authority/"
VCARD = "http://www.w3.org/2006/vcard/ns#"
Export = Callable[[Mapping[str, Any]], Written]


def values(record: Written, subject: Node, name: str) -> set[str]:
    """The values of a property as text."""
    return {str(value) for value in record.graph.objects(subject, iri(name))}


def fields(record: Written) -> list[str]:
    """The fields that were left out."""
    return [problem.field for problem in record.problems]


@pytest.fixture
def full(export: Export, dataset: dict[str, Any]) -> Written:
    return export(dataset)


class TestComplete:
    def test_nothing_is_left_out(self, full: Written):
        assert full.problems == []

    def test_there_are_no_blank_nodes(self, full: Written):
        assert not [t for triple in full.graph for t in triple if isinstance(t, BNode)]

    def test_the_same_dataset_gives_the_same_triples(
        self, export: Export, dataset: dict[str, Any], full: Written
    ):
        assert set(export(dataset).graph) == set(full.graph)

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("dct:identifier", Literal("H99.10-000017")),
            ("dct:title", Literal("Hồ chứa thủy lợi", lang="vi")),
            ("dcat:keyword", Literal("hồ chứa", lang="vi")),
            ("dcat:version", Literal("1.2")),
            ("dct:issued", Literal("2025-02-01", datatype=XSD.date)),
            ("dct:modified", Literal("2025-03-01", datatype=XSD.date)),
            ("dct:accrualPeriodicity", URIRef(f"{EU}frequency/MONTHLY")),
            ("dct:accessRights", URIRef(f"{EU}access-right/PUBLIC")),
            ("dct:language", URIRef(f"{EU}language/VIE")),
            ("dcat:theme", URIRef(f"{EU}data-theme/AGRI")),
            ("dct:subject", URIRef(f"{BASE}/vocabulary/field-national/nong-nghiep")),
            (
                "dcatap:applicableLegislation",
                URIRef(f"{BASE}/vocabulary/instrument/nd-194-2025"),
            ),
            ("nd47:sharingClass", URIRef(f"{BASE}/vocabulary/sharing-class/du-lieu-mo")),
            ("dct:publisher", URIRef(f"{BASE}/organization/o1")),
            ("dct:creator", URIRef(f"{BASE}/organization/o2")),
            ("dct:rightsHolder", URIRef(f"{BASE}/organization/o2")),
            ("dct:license", URIRef(f"{BASE}/licence/nd47-open-data")),
            ("foaf:page", URIRef("https://snnmt.tinh.example/huong-dan")),
            ("dct:spatial", URIRef(f"{BASE}/vocabulary/province/48")),
        ],
    )
    def test_a_field_of_the_dataset(self, full: Written, name: str, expected: Literal | URIRef):
        assert (DATASET, iri(name), expected) in full.graph

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("dct:title", Literal("Danh sách hồ chứa", lang="vi")),
            ("dct:format", URIRef(f"{EU}file-type/CSV")),
            ("dcat:byteSize", Literal("2048", datatype=XSD.nonNegativeInteger)),
            ("dct:license", URIRef(f"{BASE}/licence/nd47-open-data")),
            ("dcat:downloadURL", URIRef(f"{RESOURCE}/download/ho-chua.csv")),
            ("dcat:accessURL", URIRef(f"{RESOURCE}/download/ho-chua.csv")),
            (
                "dcat:mediaType",
                URIRef("https://www.iana.org/assignments/media-types/text/csv"),
            ),
        ],
    )
    def test_a_field_of_the_resource(self, full: Written, name: str, expected: Literal | URIRef):
        assert (RESOURCE, iri(name), expected) in full.graph

    def test_a_concept_has_labels_code_and_scheme(self, full: Written):
        concept = URIRef(f"{BASE}/vocabulary/frequency/hang-thang")
        assert (concept, RDF.type, SKOS.Concept) in full.graph
        assert (concept, SKOS.prefLabel, Literal("Hằng tháng", lang="vi")) in full.graph
        assert (concept, SKOS.notation, Literal("hang-thang")) in full.graph
        assert (concept, SKOS.inScheme, URIRef(f"{BASE}/vocabulary/frequency")) in full.graph

    def test_a_group_is_a_node_below_the_dataset(self, full: Written):
        node = URIRef(f"{DATASET}#source-database")
        assert (DATASET, iri("nd47:sourceDatabase"), node) in full.graph
        assert (node, DCTERMS.title, Literal("CSDL thủy lợi", lang="vi")) in full.graph
        assert (node, iri("nd47:scope"), Literal("Toàn tỉnh", lang="vi")) in full.graph

    def test_every_own_property_in_use_is_labelled(self, full: Written):
        used = {p for p in full.graph.predicates() if str(p).startswith(NS)}
        assert used
        for predicate in used:
            labels = full.graph.objects(predicate, RDFS.label)
            languages = {label.language for label in labels if isinstance(label, Literal)}
            assert languages == {"vi", "en"}, predicate

    def test_a_standard_is_an_iri_or_a_named_node(self, full: Written):
        found = set(full.graph.objects(DATASET, DCTERMS.conformsTo))
        named = URIRef(f"{DATASET}#conforms-to-2")
        assert found == {URIRef("https://qcvn.example/109"), named}
        assert (named, DCTERMS.title, Literal("QCVN 109:2017/BTTTT", lang="vi")) in full.graph

    def test_turtle_xml_and_json_give_the_same_graph(self, full: Written):
        for form in ("turtle", "xml", "pretty-xml", "json-ld", "nt"):
            again = Graph().parse(
                data=full.graph.serialize(format=form), format=form.removeprefix("pretty-")
            )
            assert to_isomorphic(again) == to_isomorphic(full.graph), form


class TestAgents:
    def test_the_publisher_is_described(self, full: Written):
        agent = URIRef(f"{BASE}/organization/o1")
        assert (agent, RDF.type, FOAF.Agent) in full.graph
        assert values(full, agent, "dct:identifier") == {"H99.10"}
        assert values(full, agent, "foaf:mbox") == {"mailto:snnmt@tinh.example"}
        assert values(full, agent, "dct:type") == {
            "http://purl.org/adms/publishertype/RegionalAuthority"
        }
        assert Literal("Department of Agriculture and Environment", lang="en") in set(
            full.graph.objects(agent, FOAF.name)
        )

    def test_an_organisation_that_is_gone_is_named_by_the_dataset(self, export: Export):
        record = export({"owner_org": "x", "organization": {"id": "x", "title": "Sở cũ"}})
        assert values(record, URIRef(f"{BASE}/organization/x"), "foaf:name") == {"Sở cũ"}

    def test_a_dataset_without_owner_has_no_publisher(self, export: Export):
        assert values(export({"title": "x"}), DATASET, "dct:publisher") == set()

    def test_an_unknown_responsible_agency_is_left_out(self, export: Export):
        record = export({"responsible_agency": "khong-co"})
        assert values(record, DATASET, "dct:creator") == set()
        assert fields(record) == ["responsible_agency"]


class TestContact:
    def test_it_is_one_node_with_an_iri(self, full: Written):
        nodes = list(full.graph.objects(DATASET, DCAT.contactPoint))
        assert nodes == [URIRef(f"{DATASET}#contact-1")]
        assert values(full, nodes[0], "vcard:fn") == {"Phòng Thủy lợi"}
        assert values(full, nodes[0], "vcard:hasEmail") == {"mailto:thuyloi@tinh.example"}
        assert values(full, nodes[0], "vcard:hasTelephone") == {"tel:02993822001"}
        assert values(full, nodes[0], "vcard:title") == {"Trưởng phòng"}
        assert values(full, nodes[0], "vcard:role") == {"Đầu mối kỹ thuật"}

    def test_its_own_address_is_kept(self, export: Export):
        record = export({"contact": [{"uri": "https://a.vn/c", "name": "A"}]})
        assert values(record, DATASET, "dcat:contactPoint") == {"https://a.vn/c"}

    def test_the_contact_of_the_agency_stands_in(self, export: Export):
        record = export({"contacts_of_agency": [{"name": "A"}]})
        assert values(record, URIRef(f"{DATASET}#contact"), "vcard:fn") == {"A"}

    def test_the_contact_of_the_agency_is_not_added_to_a_contact(self, export: Export):
        record = export({"contacts_of_agency": [{"name": "A"}], "contact": [{"name": "B"}]})
        assert values(record, DATASET, "dcat:contactPoint") == {f"{DATASET}#contact-1"}

    def test_a_bad_mail_address_is_left_out(self, export: Export):
        record = export({"contact": [{"name": "A", "email": "không có"}]})
        assert fields(record) == ["contact.email"]
        assert values(record, URIRef(f"{DATASET}#contact-1"), "vcard:fn") == {"A"}

    def test_each_number_and_mailbox_of_a_field_has_its_own_iri(self, export: Export):
        numbers = "(0299) 3822001 máy lẻ 5; 0905.123.456"
        mailboxes = "a@x.example; Văn thư <b@x.example>"
        record = export({"contact": [{"name": "A", "telephone": numbers, "email": mailboxes}]})
        node = URIRef(f"{DATASET}#contact-1")
        first, second = "tel:02993822001;ext=5", "tel:0905123456"
        assert values(record, node, "vcard:hasTelephone") == {first, second}
        assert values(record, node, "vcard:hasEmail") == {
            "mailto:a@x.example",
            "mailto:b@x.example",
        }
        assert values(record, URIRef(second), "rdfs:label") == {"0905.123.456"}
        assert not record.problems

    def test_numbers_with_notes_keep_them_as_label(self, export: Export):
        written = "Liên hệ Cục A05: 069.000.4053"
        record = export({"contact": [{"name": "A", "telephone": written}]})
        assert values(record, URIRef("tel:0690004053"), "rdfs:label") == {written}

    @pytest.mark.parametrize("contact", [None, "", [], [{}], [{"name": ""}], "[]", "x", 5])
    def test_an_empty_contact_gives_no_node(self, export: Export, contact: object):
        assert values(export({"contact": contact}), DATASET, "dcat:contactPoint") == set()


class TestLicence:
    def test_it_is_typed_and_named(self, full: Written):
        node = URIRef(f"{BASE}/licence/nd47-open-data")
        assert values(full, node, "dct:type") == {"http://purl.org/adms/licencetype/Attribution"}
        assert set(full.graph.objects(node, SKOS.prefLabel)) == {
            Literal("Dữ liệu mở của cơ quan nhà nước", lang="vi"),
            Literal("Open data of Vietnamese state agencies", lang="en"),
        }

    def test_one_of_the_law_has_the_one_title_by_which_a_stock_portal_knows_its_kind(
        self, full: Written
    ):
        node = URIRef(f"{BASE}/licence/nd47-open-data")
        titles = list(full.graph.objects(node, DCTERMS.title))
        assert titles == [Literal("Other (Attribution)", lang="en")]

    def test_one_of_the_register_keeps_its_title(self, export: Export):
        record = export({"license_id": "cc-by"})
        node = URIRef(LICENCES["cc-by"]["url"])
        assert values(record, node, "dct:title") == {"Creative Commons Attribution"}

    def test_no_licence_is_called_unknown(self, full: Written):
        assert "UnknownIPR" not in full.graph.serialize(format="nt")

    def test_one_without_address_gets_an_iri_of_the_portal(self, export: Export):
        record = export({"license_id": "other-open"})
        assert values(record, DATASET, "dct:license") == {f"{BASE}/license/other-open"}
        assert values(record, URIRef(f"{BASE}/license/other-open"), "dct:type") == set()

    @pytest.mark.parametrize("licence", ["", None, "notspecified"])
    def test_none_stated_gives_none(self, export: Export, licence: object):
        record = export({"license_id": licence})
        assert values(record, DATASET, "dct:license") == set()
        assert record.problems == []

    def test_a_text_that_is_no_licence_is_left_out(self, export: Export):
        record = export({"license_id": 'Giấy phép "tự do"'})
        assert values(record, DATASET, "dct:license") == set()
        assert fields(record) == ["license"]

    def test_a_resource_may_have_its_own(self, export: Export):
        record = export(
            {
                "license_id": "nd47-open-data",
                "resources": [{"id": "r1", "url": "https://a.vn/x", "license": "cc-by"}],
            }
        )
        assert values(record, RESOURCE, "dct:license") == {
            "http://www.opendefinition.org/licenses/cc-by"
        }

    def test_an_address_is_a_licence(self, export: Export):
        record = export({"license_id": "https://a.vn/gp"})
        assert values(record, DATASET, "dct:license") == {"https://a.vn/gp"}


class TestDistribution:
    @staticmethod
    def one(export: Export, **fields: object) -> Written:
        return export({"resources": [{"id": "r1", "url": "https://a.vn/x", **fields}]})

    def test_a_link_is_no_download(self, export: Export):
        record = self.one(export)
        assert values(record, RESOURCE, "dcat:accessURL") == {"https://a.vn/x"}
        assert values(record, RESOURCE, "dcat:downloadURL") == set()

    def test_a_package_on_another_server_is_a_download(self, export: Export):
        record = self.one(export, publication_method="goi-tai-ve")
        assert values(record, RESOURCE, "dcat:downloadURL") == {"https://a.vn/x"}

    def test_a_sharing_service_is_no_download(self, export: Export):
        record = self.one(export, publication_method="dich-vu-chia-se")
        assert values(record, RESOURCE, "dcat:downloadURL") == set()

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "tệp của tôi.csv", "//a.vn/x"])
    def test_a_bad_address_is_left_out_and_the_resource_stays(self, export: Export, url: str):
        record = self.one(export, url=url, name="Tệp")
        assert values(record, RESOURCE, "dcat:accessURL") == set()
        assert values(record, RESOURCE, "dct:title") == {"Tệp"}
        assert fields(record) == ["distribution.url"]

    @pytest.mark.parametrize(
        ("given", "expected"),
        [("csv", "CSV"), (".XLSX", "XLSX"), ("GeoJSON", "GEOJSON"), ("text/csv", "CSV")],
    )
    def test_a_format_is_an_entry_of_the_eu_table(self, export: Export, given: str, expected: str):
        record = self.one(export, format=given)
        assert values(record, RESOURCE, "dct:format") == {f"{EU}file-type/{expected}"}

    def test_an_unknown_format_is_left_out(self, export: Export):
        record = self.one(export, format="bảng")
        assert values(record, RESOURCE, "dct:format") == set()
        assert fields(record) == ["distribution.format"]

    def test_the_media_type_follows_from_the_format(self, export: Export):
        record = self.one(export, format="CSV")
        node = URIRef("https://www.iana.org/assignments/media-types/text/csv")
        assert values(record, RESOURCE, "dcat:mediaType") == {str(node)}
        assert values(record, node, "rdfs:label") == {"text/csv"}

    @pytest.mark.parametrize("digest", ["abc", "không", "sha256:", "g" * 32])
    def test_a_checksum_of_no_known_kind_is_left_out(self, export: Export, digest: str):
        record = self.one(export, hash=digest)
        assert values(record, RESOURCE, "spdx:checksum") == set()
        assert fields(record) == ["distribution.hash"]

    def test_a_size_that_is_no_number_is_left_out(self, export: Export):
        record = self.one(export, size="2 MB")
        assert values(record, RESOURCE, "dcat:byteSize") == set()
        assert fields(record) == ["distribution.size"]

    def test_a_resource_without_id_is_left_out(self, export: Export):
        record = export({"resources": [{"url": "https://a.vn/x", "name": "Tệp"}]})
        assert values(record, DATASET, "dcat:distribution") == set()
        assert fields(record) == ["resources"]

    def test_a_data_dictionary_may_be_text(self, export: Export):
        record = self.one(export, data_dictionary="cột 1: mã hồ")
        assert values(record, RESOURCE, "nd47:dataDictionary") == {"cột 1: mã hồ"}
        assert values(record, RESOURCE, "foaf:page") == set()


class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("theme", ["khong-co"]),
            ("theme", ["https://a.vn/chủ đề"]),
            ("frequency", "thỉnh thoảng"),
            ("access_rights", "mở"),
            ("applicable_legislation", ["nd-0-0000"]),
            ("language", ["fr"]),
            ("issued", "31/12/2024"),
            ("url", "javascript:alert(1)"),
            ("documentation", ["huong-dan.pdf"]),
        ],
    )
    def test_a_value_that_rdf_or_the_vocabulary_lacks_is_left_out(
        self, export: Export, field: str, value: object
    ):
        record = export({"title": "Tên", field: value})
        assert fields(record) == [field]
        assert values(record, DATASET, "dct:title") == {"Tên"}

    @pytest.mark.parametrize(
        "shape",
        [
            "{",
            "POINT(1",
            '{"type": "Point"}',
            "hình",
            5,
            "null",
            "POINT(587654 2325678)",
            "POINT(21.03 105.85)",
            "POLYGON((105 21,106 21,106 22,105 22))",
            '{"type": "Point", "coordinates": [105, 21],'
            ' "crs": {"type": "name", "properties": {"name": "EPSG:9210"}}}',
        ],
    )
    def test_a_geometry_that_is_none_is_left_out(self, export: Export, shape: object):
        record = export({"spatial_coverage": [{"text": "Xã A", "bbox": shape}]})
        assert fields(record) == ["spatial_coverage.bbox"]

    def test_a_bare_dataset_is_a_dataset(self, export: Export):
        record = export({})
        assert {str(p) for p in record.graph.predicates(DATASET)} == {
            str(iri(name)) for name in ("rdf:type", "dct:spatial", "nd47:derived")
        }

    @pytest.mark.parametrize("hostile", ["\x00\x0b", "\ud800", "]]>", '"""', "\u202e", "<>", "\\"])
    def test_every_form_stays_readable_with_hostile_text_everywhere(
        self, export: Export, dataset: dict[str, Any], hostile: str
    ):
        record = export(_spoilt(dataset, hostile))
        for form in ("turtle", "xml", "json-ld", "nt"):
            again = Graph().parse(data=record.graph.serialize(format=form), format=form)
            assert (DATASET, RDF.type, DCAT.Dataset) in again

    def test_two_datasets_may_give_one_unit_two_outlines(self, export: Export):
        place = {"uri": "48", "bbox": "POLYGON((108 16,109 16,109 17,108 16))"}
        record = export({"spatial_coverage": [place]})
        unit = URIRef(f"{BASE}/vocabulary/province/48")
        node = URIRef(f"{DATASET}#place-1")
        assert values(record, DATASET, "dct:spatial") == {str(node)}
        assert values(record, node, "skos:exactMatch") == {str(unit)}
        assert values(record, unit, "dcat:bbox") == set()


def _spoilt(value: Any, hostile: str) -> Any:
    """The same structure with hostile characters in every text but the ids."""
    if isinstance(value, dict):
        return {k: v if k == "id" else _spoilt(v, hostile) for k, v in value.items()}
    if isinstance(value, list):
        return [_spoilt(item, hostile) for item in value]
    return f"{hostile}{value}{hostile}" if isinstance(value, str) else value
