"""Texts for a group are split into its subfields."""

from __future__ import annotations

import pytest

from ckanext.nd47.lib.fields import splitting


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Nguyễn Văn A - 0912 345 678", {"name": "Nguyễn Văn A", "telephone": "0912 345 678"}),
        (
            "Phòng CNTT, ĐT: 0203 3835 123, Email: cntt@a.example",
            {"name": "Phòng CNTT", "telephone": "0203 3835 123", "email": "cntt@a.example"},
        ),
        (
            "Bà Trần Thị B; Chuyên viên; b@a.example",
            {"name": "Bà Trần Thị B", "position": "Chuyên viên", "email": "b@a.example"},
        ),
        ("cntt@a.example", {"email": "cntt@a.example"}),
        ("Văn phòng Sở", {"name": "Văn phòng Sở"}),
        ("", {}),
        ("x" * 5_000, {}),
    ],
)
def test_a_contact_is_split(written: str, parts: dict[str, str]) -> None:
    assert splitting.contact(written) == parts


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        (
            "Quyết định số 2053/QĐ-UBND ngày 07/7/2023 của UBND tỉnh",
            {
                "decision_number": "2053/QĐ-UBND",
                "decision_date": "2023-07-07",
                "issuer": "UBND tỉnh",
            },
        ),
        (
            "QĐ 15/2022/QĐ-UBND (01/02/2022)",
            {"decision_number": "15/2022/QĐ-UBND", "decision_date": "2022-02-01"},
        ),
        ("Số 5/QĐ-SYT", {"decision_number": "5/QĐ-SYT"}),
        ("Số 5/QĐ-SYT ngày 31/02/2022", {}),
        ("Đã ban hành", {}),
        ("07/7/2023", {}),
    ],
)
def test_a_decision_is_split(written: str, parts: dict[str, str]) -> None:
    assert splitting.decision(written) == parts


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("2023", {"start": "2023-01-01", "end": "2023-12-31"}),
        ("từ 01/01/2022 đến 31/12/2023", {"start": "2022-01-01", "end": "2023-12-31"}),
        ("31/12/2023 - 01/01/2022", {}),
        ("2024-2025", {}),
        ("nhiều năm", {}),
    ],
)
def test_a_period_is_split_unless_it_can_be_read_in_two_ways(
    written: str, parts: dict[str, str]
) -> None:
    assert splitting.period(written) == parts


def test_what_is_too_long_is_a_description() -> None:
    number = "Quyết định 2053/QĐ-UBND"
    assert splitting.decision(f"{number} {'x' * 2_000} của UBND") == {
        "decision_number": "2053/QĐ-UBND"
    }
    assert splitting.period("2024" + " " * 2_000) == {}


@pytest.mark.parametrize("name", ["Tỉnh Quảng Ninh", "quang ninh", "Toàn tỉnh Quảng Ninh"])
def test_a_province_is_found_by_its_name(name: str) -> None:
    assert splitting.place(name) == {"uri": "22", "text": name}


@pytest.mark.parametrize("name", ["Toàn tỉnh", "xã Quảng Ninh Đông", "Biển Đông"])
def test_another_place_is_a_text(name: str) -> None:
    assert splitting.place(name) == {"text": name}
