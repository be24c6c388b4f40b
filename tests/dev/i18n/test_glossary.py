"""The glossary is read as written and applied to whole terms only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckanext.nd47.lib.data import data_path, read_yaml
from dev.i18n.glossary import FILE, Term, read_glossary, violations

TERMS = [
    Term("API token", ("mã truy cập api",)),
    Term("dataset", ("bộ dữ liệu",), ("gói dữ liệu",)),
    Term("activity", ("hoạt động",)),
    Term("token", ("thẻ",)),
    Term("edit", ("sửa",)),
    Term("tag", ("từ khóa",)),
]


def write(tmp_path, *lines: str):
    path = tmp_path / FILE
    path.write_text("\n".join(["English,Vietnamese,source,note", *lines]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Dataset", "Bộ dữ liệu"),
        ("Datasets", "Các bộ dữ liệu"),
        ("No activities", "Không có hoạt động"),
        ("API tokens", "Mã truy cập API"),
        ("Editor", "Biên tập viên"),
        ("package_edit", "package_edit"),
        ("{dataset}", "{dataset}"),
        ('<a class="edit">x</a>', '<a class="edit">y</a>'),
        ("https://example.com/dataset", "https://example.com/dataset"),
        ("the <code>head</code> tag", "phần <code>head</code>"),
        ('Say "edit"', 'Gõ "edit"'),
    ],
)
def test_translation_in_keeping_with_the_glossary_passes(source, translation):
    assert violations(TERMS, source, translation) == []


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Dataset", "Dữ liệu"),
        ("Datasets", "Tập tin"),
        ("Dataset", "Bộ dữ liệu (gói dữ liệu)"),
        ("API token", "Thẻ API"),
        ("No activities", "Không có gì"),
        ("edit this", "đổi mục này"),
        ("Dataset {name}", "{bộ dữ liệu}"),
    ],
)
def test_translation_against_the_glossary_is_found(source, translation):
    assert violations(TERMS, source, translation)


def test_longer_terms_come_first(tmp_path):
    terms = read_glossary(write(tmp_path, "token,thẻ,,", "API token,mã truy cập,,"))
    assert [term.english for term in terms] == ["api token", "token"]


def test_renderings_and_forbidden_words_are_split(tmp_path):
    path = write(tmp_path, "Dataset,bộ dữ liệu; Tập,CKAN,chú ý; không dùng: gói; tập tin")
    assert read_glossary(path) == [Term("dataset", ("bộ dữ liệu", "tập"), ("gói", "tập tin"))]


@pytest.mark.parametrize("line", [",bộ dữ liệu,,", "dataset,,,", "dataset,;,,"])
def test_line_without_term_or_rendering_is_refused(tmp_path, line):
    with pytest.raises(ValueError, match="without a term or a rendering"):
        read_glossary(write(tmp_path, line))


def test_other_columns_are_refused(tmp_path):
    path = tmp_path / FILE
    path.write_text("English,French\na,b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="columns"):
        read_glossary(path)


def test_glossary_fixes_at_least_150_terms_once_each():
    terms = [term.english for term in read_glossary(data_path("i18n", FILE))]
    assert len(terms) >= 150
    assert len(terms) == len(set(terms))


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("dataset", "bộ dữ liệu"),
        ("resource", "tệp dữ liệu"),
        ("organization", "cơ quan"),
        ("focal point", "đầu mối"),
        ("open data", "dữ liệu mở"),
        ("metadata", "siêu dữ liệu"),
        ("update frequency", "tần suất cập nhật"),
        ("license", "giấy phép"),
        ("theme", "lĩnh vực"),
        ("publish", "công bố"),
        ("draft", "bản nháp"),
        ("tag", "từ khóa"),
        ("providing agency", "cơ quan cung cấp"),
        ("responsible agency", "cơ quan chủ quản"),
        ("period", "kỳ dữ liệu"),
        ("private", "nội bộ"),
        ("visibility", "phạm vi hiển thị"),
        ("disclosure", "mức độ công khai"),
        ("not public", "không được công khai"),
        ("data updated on", "dữ liệu cập nhật ngày"),
        ("data last updated", "tệp đưa lên cổng ngày"),
        ("dashboard", "việc của tôi"),
    ],
)
def test_terms_of_the_decree_and_the_administration_stand(english, vietnamese):
    terms = {term.english: term.renderings for term in read_glossary(data_path("i18n", FILE))}
    assert terms[english][0] == vietnamese


SCHEMAS = ("dataset", "organization", "options", "rules/rules", "rules/document")


NEVER = (
    "tài nguyên",
    "kỳ số liệu",
    "riêng tư",
    "bảng điều khiển",
    "cơ quan chủ trì cung cấp",
)
"""Forbidden renderings that stand for nothing else in these files either."""


def vietnamese(value: Any) -> Iterator[str]:
    """Yield each Vietnamese text of a schema file."""
    if isinstance(value, dict):
        if isinstance(value.get("vi"), str):
            yield value["vi"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from vietnamese(one)


@pytest.mark.parametrize("name", SCHEMAS)
def test_labels_and_texts_of_the_schemas_use_no_word_that_the_glossary_forbids(name):
    texts = list(vietnamese(read_yaml(data_path("schemas", f"{name}.yaml"))))
    assert texts
    found = [(word, text) for text in texts for word in NEVER if word in text.lower()]
    assert found == []


def test_the_words_that_stand_for_nothing_else_are_forbidden_by_the_glossary():
    terms = read_glossary(data_path("i18n", FILE))
    assert {word for term in terms for word in term.forbidden} >= set(NEVER)
