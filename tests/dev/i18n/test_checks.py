"""The checks of the catalogues find what they are for, and let sound messages pass."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from dev.i18n.checks import (
    disagreements,
    form_problems,
    markup,
    problems,
    read_names,
    spelling_problems,
)
from dev.i18n.glossary import Term


def vietnamese(*messages: tuple) -> Catalog:
    catalogue = Catalog(locale="vi", fuzzy=False)
    for source, text in messages:
        catalogue.add(source, text)
    return catalogue


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello %(name)s", "Xin chào %(name)s"),
        ("{number} of {total}", "{total}, trong đó {number}"),
        ("User %s edits %i", "Người dùng %s sửa %i"),
        ('<a href="%(url)s">here</a>', '<a href="%(url)s">đây</a>'),
        ('<img alt="picture" src="x">', '<img alt="ảnh" src="x">'),
        ("Job: ", "Đợt: "),
        ("100 percent", "100 phần trăm"),
    ],
)
def test_sound_form_passes(source, text):
    assert list(form_problems(source, text)) == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello %(name)s", "Xin chào"),
        ("Hello %(name)s", "Xin chào %(ten)s"),
        ("Hello %(name)s", "Xin chào %(name)d"),
        ("{number} found", "{so} kết quả"),
        ("{a} and {a}", "{a}"),
        ("{value!r}", "{value}"),
        ("User %s edits %i", "%i do người dùng %s sửa"),
        ("User %s", "Người dùng"),
        ("<b>No</b>", "<b>Không"),
        ("<b>No</b>", "<i>Không</i>"),
        ('<a href="%(url)s">here</a>', '<a href="/x" title="%(url)s">đây</a>'),
        ("Job: ", "Đợt:"),
        ("Job", " Đợt"),
    ],
)
def test_broken_form_is_found(source, text):
    assert list(form_problems(source, text))


@pytest.mark.parametrize("text", ["xóa", "hủy", "quý", "quỹ", "khỏe", "toàn", "hoàn", "tùy chọn"])
def test_agreed_spelling_passes(text):
    assert list(spelling_problems(text)) == []


@pytest.mark.parametrize("text", ["xoá", "huỷ", "khoẻ", "quản lí", "kĩ thuật", "a  b", "e\u0302"])
def test_other_spelling_is_found(text):
    assert list(spelling_problems(text))


@pytest.mark.parametrize(
    "catalogue",
    [
        vietnamese(("Home", "")),
        vietnamese(("Home", "  ")),
        vietnamese(("Home", "Home")),
        vietnamese((("{n} row", "{n} rows"), ("{n} dòng", "{n} dòng"))),
        vietnamese((("{n} row", "{n} rows"), ("dòng",))),
        vietnamese(("Dataset", "Gói")),
    ],
    ids=["empty", "blank", "english", "two plurals", "plural without number", "glossary"],
)
def test_problem_of_a_message_is_found(catalogue):
    assert list(problems(catalogue, set(), [Term("dataset", ("bộ dữ liệu",))]))


def test_fuzzy_message_is_a_problem():
    catalogue = Catalog(locale="vi")
    catalogue.add("Home", "Trang chủ", flags=["fuzzy"])
    assert list(problems(catalogue, set(), [])) == ["'Home': not translated"]


def test_listed_name_may_equal_the_english():
    assert list(problems(vietnamese(("CSV", "CSV")), {"CSV"}, [])) == []


def test_sound_catalogue_has_no_problems():
    catalogue = vietnamese(("Home", "Trang chủ"), (("{n} row", "{n} rows"), ("{n} dòng",)))
    assert list(problems(catalogue, set(), [])) == []


def test_two_catalogues_that_differ_are_found():
    one, other = vietnamese(("Home", "Trang chủ")), vietnamese(("Home", "Nhà"))
    assert list(disagreements([one, other])) == ["'Home': 'Trang chủ' and 'Nhà'"]


def test_two_catalogues_that_agree_pass():
    one, other = vietnamese(("Home", "Trang chủ"), ("Off", "")), vietnamese(("Off", "Tắt"))
    assert list(disagreements([one, other])) == []


def test_markup_ignores_order_and_translated_attributes():
    assert markup('<i>a</i><b title="x">b</b>') == markup('<b title="y">b</b><i>a</i>')


def test_names_are_read_without_comments(tmp_path):
    (tmp_path / "names.txt").write_text("# names\nAPI\n\nURL\n", encoding="utf-8")
    assert read_names(tmp_path) == {"API", "URL"}
