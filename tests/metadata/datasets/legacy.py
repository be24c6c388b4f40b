"""Datasets of a portal before it had the plugin, and what the database stores of them."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from tests.metadata.conftest import new_name
from tests.support.loaded import OURS

WITH = f"{OURS} nd47_dcat dcat"
BEFORE_PLAIN = ""
BEFORE_DCAT = "scheming_datasets dcat"
DCAT_OPTIONS = {
    "scheming__dataset_schemas": "ckanext.dcat.schemas:dcat_ap_full.yaml",
    "scheming__presets": "ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml",
}
EU = "http://publications.europa.eu/resource/authority"
PLAIN: dict[str, dict[str, Any]] = {
    "nothing": {},
    "core": {
        "notes": "Mô tả\r\n\r\nhai đoạn",
        "license_id": "cc-by",
        "author": "Nguyễn Văn A",
        "maintainer": "Phòng Kỹ thuật",
        "maintainer_email": "kt@so.example",
        "url": "ftp://so.example/cu",
        "version": "v" * 100,
        "tags": [{"name": "đất đai"}],
        "resources": [
            {
                "url": "so.example/không có giao thức.csv",
                "name": "Cũ",
                "format": "bảng tính",
                "language": "tiếng Việt",
                "period": "quý này",
                "own_key": "của cổng",
                "size": 12,
            },
            {"url": "https://so.example/b.pdf", "format": "PDF"},
        ],
    },
    "own extras": {
        "extras": [
            {"key": "so_quyet_dinh", "value": "12/QĐ"},
            {"key": "Khóa tiếng Việt", "value": "giá trị"},
            {"key": "json", "value": '{"a": [1]}'},
        ]
    },
    "extras with our names": {
        "extras": [
            {"key": "frequency", "value": "khi có thay đổi"},
            {"key": "theme", "value": "Giáo dục"},
            {"key": "conforms_to", "value": "TCVN 1"},
            {"key": "language", "value": '["tiếng Việt"]'},
            {"key": "issued", "value": "31/02/2019"},
            {"key": "modified", "value": "05/04/2020"},
            {"key": "identifier", "value": "số 5"},
            {"key": "attribution", "value": "a" * 9000},
            {"key": "access_rights", "value": "ai cũng xem"},
            {"key": "documentation", "value": "2024"},
        ]
    },
    "text where groups are now": {
        "extras": [
            {"key": "contact", "value": "Phòng Kế hoạch, điện thoại 1022"},
            {"key": "temporal_coverage", "value": "2019-2020"},
            {"key": "spatial_coverage", "value": '"toàn tỉnh"'},
            {"key": "source_database", "value": "[1, 2]"},
        ]
    },
    "groups of another kind": {
        "extras": [
            {
                "key": "contact",
                "value": '[{"name":"Phòng Kế hoạch","fax":"1","role":{"vi":"x"}},{"email":"sai"}]',
            },
            {"key": "temporal_coverage", "value": '{"start":"31/12/2021","end":"01/01/2020"}'},
        ]
    },
    "flat extras of ckanext-dcat": {
        "extras": [
            {"key": "contact_name", "value": "Phòng Kế hoạch"},
            {"key": "contact_email", "value": "kh@so.example"},
            {"key": "temporal_start", "value": "2020-01-01"},
            {"key": "temporal_end", "value": "2020-12-31"},
            {"key": "spatial_uri", "value": "https://a.example/place"},
            {"key": "theme", "value": f'["{EU}/data-theme/EDUC"]'},
            {"key": "frequency", "value": f"{EU}/frequency/ANNUAL"},
            {"key": "publisher_name", "value": "Sở"},
        ]
    },
}
DCAT: dict[str, Any] = {
    "notes": "Mô tả",
    "contact": [{"name": "Phòng Kế hoạch", "email": "kh@so.example", "url": "ftp://a.example"}],
    "publisher": [{"name": "Sở", "type": f"{EU}/corporate-body/X"}],
    "creator": [{"name": "Sở"}],
    "homepage": "https://so.example",
    "license_id": "cc-by",
    "issued": "2020-01-01T10:00:00+07:00",
    "modified": "2021",
    "frequency": f"{EU}/frequency/ANNUAL",
    "identifier": "doi:10.1/5",
    "provenance": "Do các trường báo cáo.",
    "temporal_coverage": [{"start": "2020-01-01T00:00:00", "end": "2019"}],
    "spatial_coverage": [
        {"uri": "https://a.example/place", "geom": '{"type":"Point","coordinates":[105,21]}'}
    ],
    "access_rights": f"{EU}/access-right/PUBLIC",
    "theme": [f"{EU}/data-theme/EDUC", "tự do"],
    "language": [f"{EU}/language/VIE"],
    "documentation": ["không phải địa chỉ"],
    "conforms_to": ["TCVN 1", "TCVN 2"],
    "applicable_legislation": ["http://data.europa.eu/eli/reg_impl/2023/138/oj"],
    "dcat_type": "danh-sach",
    "alternate_identifier": ["a", "b"],
    "qualified_relation": [{"uri": "https://a.example/r", "role": "nguồn"}],
    "resources": [
        {
            "url": "https://so.example/a.csv",
            "name": "Năm 2020",
            "language": [f"{EU}/language/VIE"],
            "status": "http://purl.org/adms/status/Completed",
            "issued": "2020",
            "rights": "tự do",
            "access_services": [{"title": "API"}],
        }
    ],
}
DATASETS = [*PLAIN, "dcat"]


def rows() -> dict[str, Any]:
    """Return what the database holds of every dataset, to the letter."""
    model.Session.expire_all()
    return {package.name: row(package) for package in model.Session.query(model.Package)}


def row(package: Any) -> dict[str, Any]:
    columns = model.package_table.columns.keys()
    resource_columns = model.resource_table.columns.keys()
    return {
        **{name: str(getattr(package, name)) for name in columns if name != "extras"},
        "extras": dict(package.extras),
        "tags": sorted(tag.name for tag in package.get_tags()),
        "resources": [
            {name: str(getattr(resource, name)) for name in resource_columns}
            for resource in package.resources
        ],
    }


def content(record_row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without the note of the last change."""
    return {key: value for key, value in record_row.items() if key != "metadata_modified"}


def make(kind: str, **fields: Any) -> str:
    owner = factories.Organization(title="Sở Giáo dục và Đào tạo")
    title = f"Trường học {kind}"
    made = call_action(
        "package_create", name=new_name(), title=title, owner_org=owner["id"], **fields
    )
    return made["name"]
