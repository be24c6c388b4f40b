"""The list of abbreviations: what it finds, and what a portal may add."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from ckanext.nd47.l10n import abbreviations
from ckanext.nd47.l10n.abbreviations import load
from ckanext.nd47.lib.data import DataFileError, data_path
from ckanext.nd47.lib.language import text

STANDARD = data_path("schemas", "abbreviations.yaml")


def names(typed: str, *paths: Path) -> list[str]:
    words = [text.common(word) for word in text.words(typed)]
    return [" ".join(entry.full) for _place, entry in load(*(paths or (STANDARD,))).find_all(words)]


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("UBND", "ủy ban nhân dân"),
        ("hdnd", "hội đồng nhân dân"),
        ("HĐND", "hội đồng nhân dân"),
        ("GTVT", "giao thông vận tải"),
        ("TNMT", "tài nguyên và môi trường"),
        ("TN&MT", "tài nguyên và môi trường"),
        ("KH&CN", "khoa học và công nghệ"),
        ("kh-cn", "khoa học và công nghệ"),
        ("TP.HCM", "thành phố hồ chí minh"),
        ("Tp. Hồ Chí Minh", "thành phố hồ chí minh"),
        ("Uỷ ban nhân dân", "ủy ban nhân dân"),
        ("khoa hoc cong nghe", "khoa học và công nghệ"),
    ],
)
def test_abbreviation_is_known_in_every_spelling(typed, full):
    assert names(typed) == [full]


def test_longest_name_wins():
    assert names("CSDL quốc gia về DVC trực tuyến")[0] == "cơ sở dữ liệu quốc gia"


@pytest.mark.parametrize("typed", ["UBNDX", "kh", "ủy ban", "nhân dân", ""])
def test_parts_and_other_words_are_no_abbreviation(typed):
    assert names(typed) == []


def test_no_abbreviation_of_the_list_stands_for_two_things():
    seen: dict[tuple[str, ...], str] = {}
    for row in abbreviations.read(STANDARD):
        for short in row.short:
            key = tuple(text.common(word) for word in text.words(short))
            assert key not in seen, f"{short}: {seen.get(key)} and {row.full}"
            seen[key] = row.full


def test_portal_adds_its_own(own):
    path = own("abbreviations:\n- {full: trung tâm điều hành, short: [IOC]}\n")
    assert names("IOC của UBND", STANDARD, path) == ["trung tâm điều hành", "ủy ban nhân dân"]


def test_portal_replaces_an_entry_of_the_same_name(own):
    path = own("abbreviations:\n- {full: Uỷ ban nhân dân, short: [UB]}\n")
    path2 = own("abbreviations:\n- {full: Ủy ban nhân dân, short: [UB]}\n")
    assert path == path2
    assert names("UB", STANDARD, path) == ["ủy ban nhân dân"]
    assert names("UBND", STANDARD, path) == []


def test_changed_file_is_read_again(own):
    path = own("abbreviations:\n- {full: một hai, short: [MH]}\n")
    assert names("MH", path) == ["một hai"]
    own("abbreviations:\n- {full: ba bốn, short: [MH]}\n")
    os.utime(path, ns=(1, 1))
    assert names("MH", path) == ["ba bốn"]


@pytest.mark.parametrize(
    "content",
    [
        "abbreviations: no list",
        "[]",
        "{broken",
        "abbreviations: [UBND]",
        "abbreviations: [{full: ủy ban}]",
        "abbreviations: [{short: [UB]}]",
        "abbreviations: [{full: ủy ban, short: UB}]",
        "abbreviations: [{full: ủy ban, short: ['&']}]",
    ],
)
def test_malformed_file_is_refused_by_name(own, content):
    path = own(content)
    with pytest.raises(DataFileError, match=r"own\.yaml"):
        load(path)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(DataFileError):
        load(tmp_path / "none.yaml")


@pytest.mark.ckan_config("ckan.plugins", "nd47_l10n")
@pytest.mark.ckan_config("ckanext.nd47.abbreviations", "/nowhere/own.yaml")
@pytest.mark.usefixtures("with_plugins")
def test_search_goes_on_without_a_broken_file_of_the_portal(caplog):
    with caplog.at_level(logging.ERROR):
        assert list(abbreviations.in_use().find_all(["ubnd"]))
    assert "/nowhere/own.yaml" in caplog.text
