"""Spellings of one word fold to one form, and different words do not."""

from __future__ import annotations

import unicodedata

import pytest

from ckanext.nd47.lib.language import text


def nfd(typed: str) -> str:
    return unicodedata.normalize("NFD", typed)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Sở Giáo dục và Đào tạo", "so giao duc va dao tao"),
        ("ĐƯỜNG", "duong"),
        ("  hai\tdòng\n mới ", "hai dong moi"),
        ("km²", "km2"),
        ("Straße", "strasse"),
        ("", ""),
        ("H99.02-a_b", "h99.02-a_b"),
    ],
)
def test_fold_takes_diacritics_and_case_away(typed, folded):
    assert text.fold(typed) == folded
    assert text.fold(nfd(typed)) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hòa", "hoà"),
        ("Thủy", "THUỶ"),
        ("kỹ", "kĩ"),
        ("lý", "lí"),
        ("quý", "quí"),
        ("Y", "i"),
        ("đất", nfd("Đất")),
    ],
)
def test_ways_of_writing_one_word_are_one(one, other):
    assert text.common(one) == text.common(other)
    assert text.spelling(one) == text.spelling(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("thủy", "thúy"), ("hoa", "hóa"), ("đất", "dất"), ("ban", "bản"), ("tô", "to"), ("dự", "du")],
)
def test_different_words_keep_different_spellings(one, other):
    assert text.common(one) == text.common(other)
    assert text.spelling(one) != text.spelling(other)


@pytest.mark.parametrize(("one", "other"), [("thuy", "thui"), ("tay", "tai"), ("huy", "hui")])
def test_y_stays_where_it_is_another_sound(one, other):
    assert text.common(one) != text.common(other)


@pytest.mark.parametrize("word", ["m2", "2024", "中文", "G20"])
def test_words_that_are_no_letters_of_ours_have_no_spelling(word):
    assert text.spelling(word) == ""


def test_a_spelling_is_letters_only_so_that_the_index_takes_it_whole():
    assert text.spelling("đường").isalpha()
    assert text.spelling("đường").isascii()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Thủy lợi", nfd("Thủy lợi"), True),
        ("thủy lợi", "thuỷ lợi", True),
        ("thủy lợi", "Thủy lợi", False),
        ("thủy lợi", "thuy loi", False),
        ("kỹ", "kĩ", False),
        ("a-b", "a b", False),
    ],
)
def test_one_spelling_tells_only_the_ways_of_typing_apart(one, other, same):
    assert (text.one_spelling(one) == text.one_spelling(other)) is same


@pytest.mark.parametrize(
    ("typed", "marked"),
    [("đ", True), ("hoà", True), (nfd("â"), True), ("hoa", False), ("ü", False)],
)
def test_marks_are_those_of_vietnamese(typed, marked):
    assert text.has_marks(typed) is marked


def test_words_of_decomposed_text_stay_whole():
    assert text.words(nfd("Đất đai, nhà-ở_2")) == ["Đất", "đai", "nhà", "ở", "2"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("(Giá đất) 2025,", ["gia", "dat", "2025"]),
        ("“giá đất”?", ["gia", "dat"]),
        ("giá—đất; --nhà && ở!", ["gia", "dat", "nha", "o"]),
        ("47/2020/NĐ-CP.", ["47/2020/nd-cp"]),
        ("C++ a@b.vn H99.02", ["c++", "a@b.vn", "h99.02"]),
        ("họ:tên [x TO y}", ["ho", "ten", "x", "to", "y"]),
        ("???", ["???"]),
        ("", []),
    ],
)
def test_words_of_a_query_have_no_punctuation_around_them(typed: str, words: list[str]) -> None:
    assert text.query_words(typed) == words
