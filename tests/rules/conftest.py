"""Fixtures of the tests of the rules: a dataset that meets all of them, and its findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from copy import deepcopy
from typing import Any, cast

import pytest

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.rules import file_facts
from ckanext.nd47.rules.file_facts import FileFacts
from ckanext.nd47.rules.report import Finding, examine
from tests.metadata.conftest import (  # noqa: F401 - fixtures
    PROPOSED,
    Create,
    app,
    browse,
    department,
    officer,
    portal,
    province,
    without_rules,
)
from tests.metadata.conftest import create as create_by_api  # noqa: F401 - a fixture

TODAY = dt.date(2026, 11, 22)
EDITIONS = ("luat-20-2023", "nd-47-2020")
LICENCES = {"luat-20-2023": "vn-open-data-2023", "nd-47-2020": "nd47-open-data"}
INSTRUMENTS = {"luat-20-2023": "luat-20-2023", "nd-47-2020": "nd-47-2020"}

ASSESSMENT = [{"assessed_by": "Sở Y tế", "date": "2026-10-01", "content": "Không có rủi ro"}]
RESOURCE = {
    "id": "r1",
    "name": "Danh sách trường",
    "url": "https://du-lieu.example/truong.csv",
    "format": "CSV",
    "size": 1200,
    "publication_method": "goi-tai-ve",
}
UNDECIDED = "undecided"
FACTS = {
    "r1": FileFacts(size=1200, decided=True),
    UNDECIDED: FileFacts(size=1200, undecided=True),
    "scanned": FileFacts(format="PDF"),
    "broken": FileFacts(is_whole=False),
}
"""What the check of the files found, by the id of the resource."""

RECORD: dict[str, Any] = {
    "type": "dataset",
    "id": "1",
    "name": "truong-hoc",
    "title": "Danh sách trường học",
    "state": "active",
    "private": False,
    "notes": "Trường học các cấp",
    "owner_org": "so-giao-duc",
    "license_id": "vn-open-data-2023",
    "isopen": True,
    "sharing_class": "du-lieu-mo",
    "access_rights": "cong-khai",
    "frequency": "hang-nam",
    "issued": "2026-10-02",
    "modified": "2026-10-02",
    "metadata_created": "2026-10-02T01:00:00",
    "metadata_modified": "2026-10-02T01:00:00",
    "applicable_legislation": ["luat-20-2023"],
    "open_data_category": "thong-ke-dung-chung",
    "contact": [
        {
            "name": "Phòng Kế hoạch",
            "position": "Chuyên viên",
            "function": "Đầu mối dữ liệu",
            "telephone": "0203 3835 123",
            "email": "dulieu@sgd.example",
        }
    ],
    "catalogue_entry": [{"decision_number": "12/QĐ-UBND", "decision_date": "2026-01-05"}],
    "national_portal": [{"sent_date": "2026-10-03"}],
    "personal_data_assessment": ASSESSMENT,
    "security_assessment": ASSESSMENT,
    "provenance": "Báo cáo của các trường",
    "source_database": [
        {
            "name": "CSDL ngành giáo dục",
            "purpose": "Quản lý",
            "scope": "Toàn tỉnh",
            "collection": "Trường nhập",
            "updating": "Hằng năm",
        }
    ],
    "usage_regulation": "https://du-lieu.example/quy-che",
    "resources": [RESOURCE],
}


@pytest.fixture(params=EDITIONS)
def edition(request: pytest.FixtureRequest, ckan_config: Any) -> str:
    """Each legal edition in turn, as the portal's."""
    ckan_config["ckanext.nd47.legal_edition"] = request.param
    return request.param


@pytest.fixture
def record() -> dict[str, Any]:
    """A record that meets every rule of the law in force."""
    return deepcopy(RECORD)


@pytest.fixture
def findings() -> Callable[[dict[str, Any]], dict[str, Finding]]:
    """The findings for a dataset on a fixed day, by the id of the rule."""

    def look(dataset: dict[str, Any], today: dt.date = TODAY) -> dict[str, Finding]:
        return {finding.rule.id: finding for finding in examine(dataset, today)}

    return look


def of_edition(dataset: dict[str, Any], edition: str) -> dict[str, Any]:
    """Return a record with licence and legal basis of an edition."""
    return {
        **dataset,
        "license_id": LICENCES[edition],
        "applicable_legislation": [INSTRUMENTS[edition]],
    }


def stored(dataset: dict[str, Any]) -> model.Package:
    """Return a dataset as stored in the database."""
    package = model.Package.get(dataset["id"])
    assert package
    return package


def errors_of(refusal: pytest.ExceptionInfo[tk.ValidationError]) -> dict[str, Any]:
    """Return the messages of a refusal by field."""
    return cast("dict[str, Any]", refusal.value.error_dict)


@pytest.fixture(scope="module")
def create(create_by_api: Create) -> Create:  # noqa: F811
    """Creates datasets as the form does, with its proposals unless a test sets other values."""
    return lambda **fields: create_by_api(**{**PROPOSED, **fields})


@pytest.fixture(autouse=True)
def checked_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal that knows `FACTS` of the files."""

    def source(resource_ids: Collection[str]) -> dict[str, FileFacts]:
        return {one: FACTS[one] for one in resource_ids if one in FACTS}

    sources = file_facts._sources  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    monkeypatch.setitem(sources, "tests", source)
