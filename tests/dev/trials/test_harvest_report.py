"""The comparison after a harvest finds what was lost, and only that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dev.trials.harvest_report import FieldResult, Report, compare_fields

EU = "http://publications.europa.eu/resource/authority/"
URI = "https://tinh.example/dataset/d1"


@pytest.fixture
def ours() -> dict[str, Any]:
    """A dataset of the province."""
    return {
        "id": "d1",
        "name": "ho-chua",
        "title": "Hồ chứa",
        "notes": "Danh sách hồ chứa",
        "tags": [{"name": "thủy lợi"}, {"name": "hồ chứa"}],
        "license_id": "nd47-open-data",
        "organization": {"title": "Sở A"},
        "responsible_agency": "o2",
        "contact": [{"name": "Phòng B", "email": "b@tinh.example"}],
        "frequency": "hang-thang",
        "theme": ["nong-nghiep", "moi-truong"],
        "access_rights": "cong-khai",
        "language": ["vi"],
        "applicable_legislation": ["luat-20-2023"],
        "temporal_coverage": [{"start": "2024", "end": ""}],
        "spatial_coverage": [{"uri": "48"}],
        "resources": [
            {
                "id": "r1",
                "name": "Tệp",
                "url": "https://tinh.example/a.csv",
                "format": "CSV",
                "mimetype": "text/csv",
                "size": 12,
            }
        ],
    }


@pytest.fixture
def theirs() -> dict[str, Any]:
    """The copy of it on a stock portal."""
    return {
        "uri": URI,
        "title": "Hồ chứa",
        "notes": "Danh sách hồ chứa",
        "tags": [{"name": "hồ chứa"}, {"name": "thủy lợi"}],
        "license_id": "other-at",
        "publisher": [{"name": "Sở A"}],
        "creator": [{"name": "UBND tỉnh"}],
        "contact": [{"name": "Phòng B", "email": "b@tinh.example", "uri": f"{URI}#contact-1"}],
        "frequency": f"{EU}frequency/MONTHLY",
        "theme": [f"{EU}data-theme/ENVI", f"{EU}data-theme/AGRI"],
        "access_rights": f"{EU}access-right/PUBLIC",
        "language": json.dumps([f"{EU}language/VIE"]),
        "applicable_legislation": [
            "https://tinh.example/catalogues/danh-muc",
            "https://tinh.example/vocabulary/instrument/luat-20-2023",
        ],
        "temporal_coverage": [{"start": "2024"}],
        "spatial_coverage": [{"text": "Thành phố Đà Nẵng"}],
        "resources": [
            {
                "uri": f"{URI}/resource/r1",
                "name": "Tệp",
                "url": "https://tinh.example/a.csv",
                "format": "CSV",
                "mimetype": "https://www.iana.org/assignments/media-types/text/csv",
                "size": 12,
                "license": "https://tinh.example/licence/nd47-open-data",
            }
        ],
    }


def lost(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return [field.name for field in compare_fields([(ours, theirs)]) if field.lost]


def test_a_complete_copy_lost_nothing(ours: dict[str, Any], theirs: dict[str, Any]):
    results = {field.name: field for field in compare_fields([(ours, theirs)])}
    assert [name for name, field in results.items() if field.lost] == []
    assert results["theme"].equal == 1
    assert results["resources.license"].equal == 1


def test_what_the_province_does_not_say_cannot_be_lost(
    ours: dict[str, Any], theirs: dict[str, Any]
):
    results = {field.name: field for field in compare_fields([(ours, theirs)])}
    assert results["version"].present == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Ho chua"),
        ("tags", [{"name": "hồ chứa"}]),
        ("license_id", ""),
        ("frequency", "hang-thang"),
        ("theme", [f"{EU}data-theme/AGRI"]),
        ("access_rights", None),
        ("language", ["vi"]),
        ("applicable_legislation", ["https://tinh.example/vocabulary/instrument/nd-47-2020"]),
        ("temporal_coverage", [{"start": "2023"}]),
        ("spatial_coverage", []),
        ("publisher", [{"name": "Cổng dữ liệu"}]),
        ("resources", []),
    ],
)
def test_a_wrong_or_missing_value_is_lost(
    ours: dict[str, Any], theirs: dict[str, Any], field: str, value: object
):
    assert field in lost(ours, {**theirs, field: value})


def test_a_lost_resource_loses_its_fields(ours: dict[str, Any], theirs: dict[str, Any]):
    found = lost(ours, {**theirs, "resources": []})
    assert {"resources", "resources.url", "resources.format", "resources.license"} <= set(found)


def test_a_code_that_no_vocabulary_has_is_never_kept(ours: dict[str, Any], theirs: dict[str, Any]):
    assert lost({**ours, "frequency": "khong-co"}, {**theirs, "frequency": ""}) == ["frequency"]


def test_only_the_first_losses_are_shown(ours: dict[str, Any], theirs: dict[str, Any]):
    pairs = [({**ours, "title": str(number)}, theirs) for number in range(9)]
    title = compare_fields(pairs)[0]
    assert (title.present, title.lost, len(title.examples)) == (9, 9, 3)


class TestReport:
    @staticmethod
    def report(**facts: Any) -> Report:
        empty: dict[str, Any] = {
            "province": 1,
            "national": 1,
            "job": {"added": 1},
            "missing": [],
            "stale": [],
            "errors": [],
            "fields": [
                FieldResult("title", 1, 1),
                FieldResult("license_id", 1, 0, ["a: 'x' -> ''"]),
            ],
        }
        return Report(**{**empty, **facts})

    def test_a_lost_field_alone_is_no_failure(self):
        report = self.report()
        assert (report.failed, report.lost()) == (False, ["license_id"])

    @pytest.mark.parametrize("what", ["missing", "stale", "errors"])
    def test_a_missing_dataset_or_an_error_is_a_failure(self, what: str):
        assert self.report(**{what: ["x"]}).failed

    def test_the_table_shows_counts_losses_and_errors(self):
        table = self.report(errors=["hỏng (x1)"]).table()
        assert "title                                1       1       0" in table
        assert "a: 'x' -> ''" in table
        assert "hỏng (x1)" in table
