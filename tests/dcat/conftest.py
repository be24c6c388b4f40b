"""A portal without services, for the functions that convert a dataset to RDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import NamedNode
from rdflib import Graph, URIRef

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.dcat.rdf import statements, terms
from ckanext.nd47.dcat.rdf.dataset import write
from ckanext.nd47.dcat.rdf.record import Problem, Record, Site, Territory, flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PLUGINS = "nd47 nd47_dcat scheming_datasets scheming_organizations dcat"
BASE = "https://dulieu.tinh.example"
NS = f"{BASE}/ns/nd47#"
DATASET = URIRef(f"{BASE}/dataset/d1")
RESOURCE = URIRef(f"{DATASET}/resource/r1")

ORGANISATIONS: dict[str, dict[str, Any]] = {
    "o1": {
        "id": "o1",
        "name": "so-nong-nghiep-va-moi-truong",
        "title": "Sở Nông nghiệp và Môi trường",
        "title_en": "Department of Agriculture and Environment",
        "identifier": "H99.10",
        "email": "snnmt@tinh.example",
        "telephone": "0299 382 2000",
        "url": "https://snnmt.tinh.example",
        "agency_level": "department",
    },
    "o2": {"id": "o2", "name": "ubnd-tinh", "title": "UBND tỉnh", "agency_level": "province"},
}
LICENCES = {
    "nd47-open-data": {
        "title": "Open data of Vietnamese state agencies",
        "title_vi": "Dữ liệu mở của cơ quan nhà nước",
        "url": f"{BASE}/licence/nd47-open-data",
        "own": True,
        "open": True,
    },
    "cc-by": {
        "title": "Creative Commons Attribution",
        "title_vi": "Creative Commons Ghi công",
        "url": "http://www.opendefinition.org/licenses/cc-by",
    },
    "other-open": {"title": "Other (Open)", "title_vi": "Other (Open)", "url": ""},
    "notspecified": {"title": "License not specified", "title_vi": "Chưa nêu", "url": ""},
}


def find_organisation(name: str) -> Mapping[str, Any] | None:
    """Look an organisation up by id or name, as CKAN does."""
    matches = (o for o in ORGANISATIONS.values() if name in (o["id"], o["name"]))
    return next(matches, None)


@dataclass
class Written:
    """A rendered dataset, as a graph of rdflib for queries of tests."""

    graph: Graph
    subject: URIRef
    problems: list[Problem]
    site: Site
    data: Mapping[str, Any]

    def iri(self, name: str) -> URIRef:
        """Return the IRI of a prefixed name."""
        return iri(name, self.site.namespace)


def iri(name: str, namespace: str = NS) -> URIRef:
    """Return the IRI of a prefixed name, as rdflib has it."""
    return URIRef(terms.expand(name, namespace).value)


def written(dataset: Mapping[str, Any], site: Site, subject: URIRef = DATASET) -> Written:
    """Write a dataset of a portal."""
    record = Record(statements.Graph(), NamedNode(subject), flatten(dataset), site)
    write(record)
    graph = Graph()
    statements.add_to_rdflib(graph, record.triples())
    return Written(graph, subject, record.problems, site, record.data)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    """A portal at BASE whose organisations and licences are the ones above."""
    for key, value in {
        "ckan.site_url": BASE,
        "ckan.root_path": "",
        "ckanext.dcat.base_uri": "",
        "ckanext.nd47.base_iri": BASE,
        "ckanext.nd47.vocabulary_folder": "",
        "ckanext.nd47.field_scheme": "field-national",
    }.items():
        monkeypatch.setitem(tk.config, key, value)
    return Site(
        base=BASE,
        namespace=NS,
        language="vi",
        organisation=find_organisation,
        agent_iri=lambda name: f"{BASE}/organization/{name}",
        licence=LICENCES.get,
        responsible=lambda dataset: dataset.get("responsible_agency") or "",
        contacts=lambda dataset: dataset.get("contacts_of_agency", []),
        attribution=lambda dataset: dataset.get("attribution") or "",
        territory=Territory("Tỉnh Vĩnh Khuê", None, (105.0, 18.0, 106.0, 19.0)),
        availability="AVAILABLE",
    )


@pytest.fixture
def export(site: Site) -> Callable[[Mapping[str, Any]], Written]:
    """Write a dataset and return the graph and the problems."""

    def run(dataset: Mapping[str, Any]) -> Written:
        return written({"id": "d1", **dataset}, site)

    return run


@pytest.fixture
def dataset() -> dict[str, Any]:
    """A dataset with every field of the schema filled in."""
    return complete_dataset()


def complete_dataset() -> dict[str, Any]:
    """Return a dataset with every field of the schema filled in."""
    return {
        "id": "d1",
        "name": "ho-chua-thuy-loi",
        "title": "Hồ chứa thủy lợi",
        "notes": "Danh sách hồ chứa thủy lợi trên địa bàn tỉnh.",
        "tags": [{"name": "hồ chứa"}, {"name": "thủy lợi"}],
        "url": "https://snnmt.tinh.example/ho-chua",
        "owner_org": "o1",
        "organization": {"id": "o1", "title": "Sở Nông nghiệp và Môi trường"},
        "responsible_agency": "ubnd-tinh",
        "license_id": "nd47-open-data",
        "version": "1.2",
        "version_notes": "Bổ sung hai hồ.",
        "identifier": "H99.10-000017",
        "open_data_category": "thong-ke-dung-chung",
        "theme": ["nong-nghiep", "moi-truong"],
        "sharing_class": "du-lieu-mo",
        "access_rights": "cong-khai",
        "catalogue_entry": [
            {
                "decision_number": "12/QĐ-UBND",
                "decision_date": "2025-01-15",
                "issuer": "UBND tỉnh",
                "code": "DM-17",
            }
        ],
        "applicable_legislation": ["luat-20-2023", "nd-194-2025"],
        "contact": [
            {
                "name": "Phòng Thủy lợi",
                "email": "thuyloi@tinh.example",
                "telephone": "0299 382 2001",
                "position": "Trưởng phòng",
                "function": "Đầu mối kỹ thuật",
            }
        ],
        "attribution": "Nguồn: Sở Nông nghiệp và Môi trường",
        "usage_regulation": "https://dulieu.tinh.example/quy-che",
        "frequency": "hang-thang",
        "temporal_coverage": [{"start": "2024-01-01", "end": "2024-12-31"}],
        "spatial_coverage": [{"uri": "48", "text": "Thành phố Đà Nẵng"}],
        "issued": "2025-02-01",
        "modified": "2025-03-01",
        "source_database": [
            {
                "name": "CSDL thủy lợi",
                "purpose": "Quản lý hồ chứa",
                "scope": "Toàn tỉnh",
                "collection": "Báo cáo của đơn vị quản lý",
                "updating": "Hằng tháng",
                "owner": "Sở Nông nghiệp và Môi trường",
                "overlap": "khong",
                "synchronised_from": "CSDL quốc gia",
            }
        ],
        "provenance": "Tổng hợp từ báo cáo của các đơn vị.",
        "conforms_to": ["https://qcvn.example/109", "QCVN 109:2017/BTTTT"],
        "language": ["vi", "en"],
        "documentation": ["https://snnmt.tinh.example/huong-dan"],
        "quality_plan": [
            {
                "state": "can-hoan-thien",
                "improvement": "Đo lại",
                "responsible": "Phòng Thủy lợi",
                "deadline": "2026-06-30",
            }
        ],
        "yearly_check": [{"date": "2025-12-01", "result": "Đạt", "document": "45/BC-SNNMT"}],
        "personal_data_assessment": [
            {"assessed_by": "Phòng Pháp chế", "date": "2025-01-10", "content": "Không có"}
        ],
        "security_assessment": [
            {"assessed_by": "Công an tỉnh", "date": "2025-01-11", "content": "Không mật"}
        ],
        "national_portal": [{"url": "https://data.example/d1", "sent_date": "2025-02-02"}],
        "metadata_created": "2025-01-01T08:00:00.000000",
        "metadata_modified": "2025-03-02T08:00:00.000000",
        "resources": [
            {
                "id": "r1",
                "package_id": "d1",
                "url": f"{DATASET}/resource/r1/download/ho-chua.csv",
                "url_type": "upload",
                "name": "Danh sách hồ chứa",
                "description": "Mỗi dòng một hồ.",
                "format": "CSV",
                "mimetype": "text/csv",
                "size": 2048,
                "checksum": "ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c",
                "publication_method": "goi-tai-ve",
                "period": "202412",
                "data_dictionary": "https://snnmt.tinh.example/tu-dien",
                "language": ["vi"],
                "license": "",
                "created": "2025-02-01T08:00:00.000000",
                "metadata_modified": "2025-03-02T08:00:00.000000",
            }
        ],
    }


@pytest.fixture(scope="module")
def organisation(portal: None) -> dict[str, Any]:
    """The agency that owns the dataset, for modules with a portal."""
    return factories.Organization(
        title="Sở Nông nghiệp và Môi trường",
        title_en="Department of Agriculture",
        identifier="H99.10",
        agency_level="department",
        email="snnmt@tinh.example",
    )


@pytest.fixture(scope="module")
def stored(organisation: dict[str, Any]) -> dict[str, Any]:
    """The complete dataset, as the portal stores and shows it."""
    fields = {
        **complete_dataset(),
        "owner_org": organisation["id"],
        "responsible_agency": organisation["name"],
    }
    del fields["id"], fields["organization"]
    resource = dict(fields.pop("resources")[0])
    for name in ("id", "package_id", "url_type", "created", "metadata_modified"):
        del resource[name]
    resource["url"] = "https://tep.example/ho-chua.csv"
    created = factories.Dataset(**fields, resources=[resource])
    return call_action("package_show", id=created["id"])
