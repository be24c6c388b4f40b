"""Texts in the encodings of Vietnamese offices, recognised by what they say."""

from __future__ import annotations

import unicodedata

import pytest

from ckanext.nd47.lib.files import encoding

SENTENCE = (
    "Sở Giáo dục và Đào tạo tỉnh Hải Sơn; các ủy ban nhân dân phường Nguyễn Huệ; "
    "đường Trần Hưng Đạo, số 12; kỳ thi tuyển sinh; quyển sổ ghi rõ những điều đã biết; "
    "ngõ hẻm chật hẹp, kẻ chợ, vẽ tranh, ẩm thực, lẫn lộn, khuỷu tay, thuở xưa, ngoằn ngoèo"
)
CAPITALS = "DANH SÁCH CƠ QUAN HÀNH CHÍNH NHÀ NƯỚC; ĐẶC KHU PHÚ QUỐC"


def in_tcvn3(text: str) -> bytes:
    """Write as the ABC keyboard does: marked capitals are the small letter in another font."""
    written = {letter: old for old, letter in _letters("TCVN3 (ABC)").items()}
    return b"".join(
        written.get(one, written.get(one.lower(), one)).encode("latin-1")
        for one in unicodedata.normalize("NFC", text)
    )


def in_vni(text: str) -> bytes:
    written = {letter: old for old, letter in _letters("VNI").items()}
    return "".join(written.get(one, one) for one in text).encode("latin-1")


def in_windows_1258(text: str) -> bytes:
    """Write the tone marks apart, as that code page has it."""
    return b"".join(map(_in_1258, unicodedata.normalize("NFC", text)))


def _in_1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        marks = "".join(mark for mark in parts if mark in "\u0300\u0309\u0303\u0301\u0323")
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in marks))
        return (base + marks).encode("cp1258")


def _letters(label: str) -> dict[str, str]:
    [found] = [font for font in encoding.old_fonts() if font.label == label]
    return found.letters


@pytest.mark.parametrize("text", [SENTENCE, CAPITALS, "Tên cơ quan,Địa chỉ\nSở Y tế,Số 1\n"])
@pytest.mark.parametrize(
    ("write", "name"),
    [
        (lambda text: text.encode(), "UTF-8"),
        (lambda text: text.encode("utf-8-sig"), "UTF-8"),
        (lambda text: unicodedata.normalize("NFD", text).encode(), "UTF-8"),
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (in_windows_1258, "Windows-1258"),
        (in_tcvn3, "TCVN3 (ABC)"),
        (in_vni, "VNI"),
    ],
    ids=["utf-8", "bom", "nfd", "utf-16", "windows-1258", "tcvn3", "vni"],
)
def test_a_file_is_read_and_its_encoding_named(write, name, text) -> None:
    read = encoding.decode(write(text))
    assert read.encoding == name
    assert unicodedata.normalize("NFC", read.text) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Së Gi¸o dôc vµ §µo t¹o", "Sở Giáo dục và Đào tạo"),
        ("Bé Y tÕ", "Bộ Y tế"),
        ("§¬n vÞ hµnh chÝnh", "Đơn vị hành chính"),
        ("Uû ban nh©n d©n tØnh", "Uỷ ban nhân dân tỉnh"),
    ],
)
def test_what_offices_wrote_in_tcvn3(written: str, read: str) -> None:
    """Written by hand from such documents, so that the table is not compared with itself."""
    assert encoding.decode(written.encode("latin-1")) == encoding.Decoded(read, "TCVN3 (ABC)")
    assert encoding.restore([written, "H99"]) == ([read, "H99"], "TCVN3 (ABC)")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Sôû Giaùo duïc vaø Ñaøo taïo", "Sở Giáo dục và Đào tạo"),
        ("UÛy ban nhaân daân tænh", "Ủy ban nhân dân tỉnh"),
        ("THAØNH PHOÁ HOÀ CHÍ MINH", "THÀNH PHỐ HỒ CHÍ MINH"),
    ],
)
def test_what_offices_wrote_in_vni(written: str, read: str) -> None:
    assert encoding.decode(written.encode("latin-1")) == encoding.Decoded(read, "VNI")
    assert encoding.restore([written]) == ([read], "VNI")


@pytest.mark.parametrize(
    "cells",
    [
        ["Sở Y tế", "Trà Vinh", "Cà Mau"],
        ["Trà Vinh", "Hòa Bình", "Hà Nam", "Cô Tô", "Đà Lạt"],
        ["Crédit Agricole", "Hôtel de la Paix", "Café"],
        ["H99.01", "0236 3822999", "± 5 °C", "a@x.example"],
        ["© 2026", "½", "§ 12"],
        [],
        ["", "x"],
    ],
)
def test_unicode_is_left_alone(cells: list[str]) -> None:
    assert encoding.restore(cells) == (cells, "")


def test_a_name_in_unicode_stays_in_a_table_of_an_old_font() -> None:
    cells = ["Së Y tÕ", "Së Néi vô", "Trà Vinh", "Sở Tư pháp"]
    assert encoding.restore(cells)[0] == ["Sở Y tế", "Sở Nội vụ", "Trà Vinh", "Sở Tư pháp"]


def test_utf_8_inside_of_an_older_file_is_read_too() -> None:
    read = encoding.decode(in_tcvn3("Sở Y tế\nSở Nội vụ ") + "mẫu".encode())
    assert read == encoding.Decoded("Sở Y tế\nSở Nội vụ mẫu", "TCVN3 (ABC)")


def test_what_an_encoding_has_no_letter_for_is_marked() -> None:
    read = encoding.decode(in_tcvn3("Sở Nội vụ, Sở Y tế, ") + b"m\xe0u")
    assert read.text.endswith(f"m{encoding.UNREADABLE}u")


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        encoding.decode(b"\x8d\x8e\x8f\x90 \x9d\x9e")


@pytest.mark.parametrize("word", ["Nguyễn", "QUỐC", "gì", "thuở", "khuỷu", "Đắk", "Huế", "ở"])
def test_a_syllable(word: str) -> None:
    assert encoding.is_syllable(word)


@pytest.mark.parametrize("word", ["tÕ", "Tªn", "c¬", "Café", "nghiÖm", "Sôû", "việtnam", "ðýõÌ"])
def test_no_syllable(word: str) -> None:
    assert not encoding.is_syllable(word)
