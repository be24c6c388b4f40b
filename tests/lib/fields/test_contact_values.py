"""Telephone numbers as people write them, and how they are dialled; cost of long texts."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from ckanext.nd47.lib.fields import contact_values


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("(0236) 3822999", ["02363822999"]),
        ("0236/3822999", ["02363822999"]),
        ("0236-3822-999/0236-3822-998", ["02363822999", "02363822998"]),
        ("02363822999-0905123456", ["02363822999", "0905123456"]),
        ("(024) 3823 1234/3823 1235", ["02438231234", "02438231235"]),
        ("0236 3822 999 – 3822 998", ["02363822999", "02363822998"]),
        ("0905 123 456, 0905.123.457", ["0905123456", "0905123457"]),
        ("+84 (0)236 3822999", ["+842363822999"]),
        ("(84-24) 3823 1234", ["+842438231234"]),
        ("0084 236 3822999", ["+842363822999"]),
        ("0236.3822.999 máy lẻ 12", ["02363822999;ext=12"]),
        ("0236 3822999 (nhánh: 12)", ["02363822999;ext=12"]),
        ("0236 3822999 ext. 12; 1022", ["02363822999;ext=12", "1022"]),
        ("0236 3822999 (máy lẻ 101)", ["02363822999;ext=101"]),
        ("0236 3822999, máy lẻ: 113; 1022", ["02363822999;ext=113", "1022"]),
        (
            "0236 3822999 máy lẻ 101, 102 hoặc 103",
            [f"02363822999;ext={n}" for n in (101, 102, 103)],
        ),
        ("0236 3822999 máy lẻ 12, 113", ["02363822999;ext=12", "113"]),
        ("0236 3822999 lẻ 101/0905123456", ["02363822999;ext=101", "0905123456"]),
        ("1900 1234", ["19001234"]),
        ("1800.6132", ["18006132"]),
        ("069.3000.888", ["0693000888"]),
        ("02000.818.568", ["02000818568"]),
        ("098 765 4321 (giờ hành chính)", ["0987654321"]),
        ("ĐT: 0236 3822999; Fax: 0236 3822998", ["02363822999"]),
        ("Liên hệ Cục A05: 069.000.4053", ["0690004053"]),
        ("(0200) 3824 Báo cáo qua 113", ["113"]),
        ("024 3823 1234/35", ["02438231234"]),
        ("gọi Lan", []),
        ("Phòng A05, tầng 3", []),
        ("2024", ["2024"]),
        ("từ 2024 đến 2025", []),
    ],
)
def test_each_number_is_dialled_as_written(written: str, dialled: list[str]) -> None:
    """Nothing is invented: what lacks digits, a room and a year are no numbers."""
    assert [
        telephone.uri.removeprefix("tel:") for telephone in contact_values.find_telephones(written)
    ] == dialled


@pytest.mark.parametrize("written", ["(0236) 3822999 / (0236) 3822998", "0236 3822999 (nhánh 12)"])
def test_each_number_is_shown_as_written(written: str) -> None:
    assert all(
        telephone.written in written for telephone in contact_values.find_telephones(written)
    )


KINDS = ("telephones", "mailboxes")
SHAPES = (
    " máy lẻ 101, 102",
    "0 ",
    "(",
    "+",
    "1-",
    "/0",
    "0236 3822999 ",
    "0236 3822999 x",
    "máy lẻ ",
    "a@",
    "@",
)
MORE_SHAPES = (" ", "\n", "\u00a0", "a@x.vn ", "a@x.vn;", "<", ":", ". ", "a ", "mailto:", "; ")


@pytest.mark.parametrize("shape", SHAPES + MORE_SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_time_grows_with_the_length(kind: str, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the limit of length, eight times the text takes some eight times as long."""
    monkeypatch.setattr(contact_values, f"{kind.upper()}_LENGTH", 10**9)
    find: Callable[[str], object] = getattr(contact_values, f"find_{kind}")

    def seconds(length: int) -> float:
        text = f"0236 3822999{(shape * length)[:length]}b@x.vn"
        times = []
        for _ in range(3):
            start = process_time()
            find(text)
            times.append(process_time() - start)
        return min(times)

    assert seconds(32_000) < 24 * seconds(4_000) + 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_long_text_is_not_read(kind: str) -> None:
    length: int = getattr(contact_values, f"{kind.upper()}_LENGTH")
    find: Callable[[str], object] = getattr(contact_values, f"find_{kind}")
    assert find("0236 3822999; a@x.vn" + " " * length) == []
