"""The list of synonyms: what it finds, and what a portal may add."""

from __future__ import annotations

import logging

import pytest

from ckanext.nd47.l10n import abbreviations
from ckanext.nd47.l10n.search.index import index_words
from ckanext.nd47.l10n.search.query import fold_query
from ckanext.nd47.lib.data import DataFileError, data_path
from ckanext.nd47.lib.language import text

STANDARD = data_path("schemas", "synonyms.yaml")
SHORT_FORMS = data_path("schemas", "abbreviations.yaml")
ROWS = 40
NAMES = abbreviations.load(SHORT_FORMS, synonyms=(STANDARD,))


def words(typed: str) -> tuple[str, ...]:
    return tuple(text.common(word) for word in text.words(typed))


def finds(typed: str, content: str) -> bool:
    """Tell whether a query of one name finds a text: its phrase is among the words of the index."""
    indexed = f" {index_words([content], NAMES)} "
    phrase = fold_query(typed, NAMES).query.replace('"', "")
    return f" {phrase} " in indexed


def test_list_is_long_enough():
    assert len(abbreviations.read_synonyms(STANDARD)) >= ROWS


def test_no_word_stands_for_two_things():
    seen: dict[tuple[str, ...], str] = {}
    rows = (*abbreviations.read(SHORT_FORMS), *abbreviations.read_synonyms(STANDARD))
    for row in rows:
        for name in dict.fromkeys(map(words, (*row.short, *row.also))):
            assert name not in seen, f"{name}: {seen.get(name)} and {row.full}"
            seen[name] = row.full
    full_names = {words(row.full) for row in rows}
    assert not {name for name in full_names & seen.keys() if words(seen[name]) != name}


@pytest.mark.parametrize(
    ("typed", "content"),
    [
        ("xe bus", "Tuyến xe buýt"),
        ("xe buýt", "Tuyến xe bus"),
        ("ngap lut", "Cảm biến ngập úng đô thị"),
        ("ngập úng", "Điểm ngập lụt"),
        ("lở đất", "Nguy cơ sạt lở đất"),
        ("trạm xá", "Trạm y tế xã"),
        ("sổ đỏ", "Cấp GCNQSDĐ lần đầu"),
        ("kẹt xe", "Nút giao hay tắc đường"),
    ],
)
def test_synonyms_find_each_other(typed, content):
    assert finds(typed, content)


@pytest.mark.parametrize(
    ("typed", "content"),
    [("xe bus", "Xe máy và buồng điện thoại"), ("ngập lụt", "Sản lượng lúa"), ("sổ đỏ", "Đất ở")],
)
def test_other_words_are_not_found(typed, content):
    assert not finds(typed, content)


def test_words_inside_a_longer_name_are_still_found():
    assert finds("lở đất", "Các điểm sạt lở đất, lũ quét")
    assert finds("nhà đất", "Trụ sở, cơ sở nhà đất dôi dư")


def test_portal_adds_and_replaces(own):
    path = own(
        "synonyms:\n- {word: xe buýt, also: [xe đò]}\n- {word: chợ phiên, also: [chợ vùng cao]}\n"
    )
    names = abbreviations.load(SHORT_FORMS, synonyms=(STANDARD, path))
    assert fold_query("xe đò", names).query == '"xe buyt"'
    assert fold_query("chợ vùng cao", names).query == '"cho phien"'
    assert fold_query("xe bus", names).query != '"xe buyt"'


@pytest.mark.parametrize(
    "content",
    [
        "synonyms: no list",
        "[]",
        "synonyms: [xe bus]",
        "synonyms: [{word: xe buýt}]",
        "synonyms: [{also: [xe bus]}]",
        "synonyms: [{word: xe buýt, also: xe bus}]",
        "synonyms: [{word: xe buýt, also: ['&']}]",
        "abbreviations: [{full: xe buýt, short: [XB]}]",
    ],
)
def test_malformed_file_is_refused_by_name(own, content):
    path = own(content)
    with pytest.raises(DataFileError, match=r"own\.yaml"):
        abbreviations.load(synonyms=(path,))


@pytest.mark.ckan_config("ckan.plugins", "nd47_l10n")
@pytest.mark.ckan_config("ckanext.nd47.synonyms", "/nowhere/synonyms.yaml")
@pytest.mark.usefixtures("with_plugins")
def test_search_goes_on_without_a_broken_file_of_the_portal(caplog):
    with caplog.at_level(logging.ERROR):
        assert list(abbreviations.in_use().find_all(["xe", "bus"]))
    assert "/nowhere/synonyms.yaml" in caplog.text
