"""Texts are read as values of fields."""

from __future__ import annotations

import pytest

from ckanext.nd47.lib.fields import spellings
from ckanext.nd47.migrate.targets import UnreadError, known_targets, read

pytestmark = pytest.mark.usefixtures("portal")


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("frequency", "theo yêu cầu"),
        ("frequency", "hàng tháng; hàng năm"),
        ("issued", "31/02/2024"),
        ("contact.email", "không phải hộp thư"),
        ("contact.telephone", "gọi văn phòng"),
        ("usage_regulation", "xem trang chủ"),
        ("contact.name", "x" * 501),
        ("notes", "a\x00b"),
        ("license_id", "Giấy phép tự nghĩ ra"),
        ("temporal_coverage", "nhiều năm"),
    ],
)
def test_a_text_that_a_field_cannot_hold_is_not_read(path: str, written: str) -> None:
    with pytest.raises(UnreadError):
        read(known_targets()[path], written)


def test_several_codes_are_read_one_by_one_and_labels_with_commas_stay_whole() -> None:
    assert read(known_targets()["theme"], "Kinh tế, thương mại; Y TẾ, giáo dục") == [
        "kinh-te-thuong-mai",
        "y-te",
        "giao-duc",
    ]


def test_text_that_says_there_is_nothing_gives_nothing() -> None:
    assert read(known_targets()["contact.email"], "Không có") == ""


def test_every_name_in_the_file_of_names_is_of_a_field() -> None:
    assert set(spellings.fields_by_key().values()) <= set(known_targets())
