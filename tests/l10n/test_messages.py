"""The catalogues themselves: complete against what is installed, sound, and in one voice."""

from __future__ import annotations

import polib
import pytest

import ckan

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.language.catalogues import SOURCES, read_catalogue, source_path
from dev.i18n.checks import disagreements, problems, read_names
from dev.i18n.glossary import FILE, read_glossary
from dev.i18n.update import installed_sources, measure

FOLDER = data_path("i18n")


def catalogue(domain: str):
    return read_catalogue(source_path(FOLDER, "vi", domain), "vi")


@pytest.mark.slow
@pytest.mark.parametrize("source", installed_sources(), ids=lambda source: source.domain)
def test_every_message_of_the_installed_version_is_translated(source):
    assert measure(FOLDER, "vi", source).missing == ()


@pytest.mark.parametrize("domain", SOURCES)
def test_catalogue_has_no_problems(domain):
    """Placeholders, markup, spelling, glossary; nothing empty, fuzzy or left in English."""
    terms = read_glossary(FOLDER / FILE)
    assert list(problems(catalogue(domain), read_names(FOLDER), terms)) == []


def test_catalogues_agree():
    assert list(disagreements([catalogue(domain) for domain in SOURCES])) == []


def test_every_listed_name_is_a_message_left_in_english():
    found = {
        str(message.id)
        for domain in SOURCES
        for message in catalogue(domain)
        if message.id == message.string
    }
    assert found == read_names(FOLDER)


def test_all_sources_are_installed_for_the_tests():
    """Else the tests above would pass by looking at nothing."""
    assert [source.domain for source in installed_sources()] == list(SOURCES)


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("Missing value", "Chưa nhập giá trị"),
        ("CKAN API", "API của cổng"),
        ("Other (Public Domain)", "Khác (thuộc về công chúng)"),
        ("Date format incorrect", "Ngày không đúng định dạng"),
        ("Order by", "Sắp xếp theo"),
        ("Resources", "Tệp dữ liệu"),
        ("Visibility", "Phạm vi hiển thị"),
        ("Markdown", "Markdown"),
        ("There are unsaved modifications to this form", "Biểu mẫu này có thay đổi chưa lưu"),
        ("Subscribe to notification emails", "Nhận thư điện tử thông báo"),
        ("Resource has been deleted.", "Đã xóa tệp dữ liệu."),
        ("eg. application/json", "Ví dụ: application/json"),
    ],
)
def test_fault_of_the_stock_translation_is_corrected(english, vietnamese):
    stock = polib.pofile(f"{ckan.__path__[0]}/i18n/vi/LC_MESSAGES/ckan.po").find(english)
    assert stock is not None
    assert stock.msgstr != vietnamese
    assert catalogue("ckan")[english].string == vietnamese


NAMES_THE_PRODUCT = {
    "CKAN Association",
    "<strong>Powered by</strong>",
    "<p>CKAN is the world",
    "Purge activities by age.",
    "Harvest sources allow importing",
}
"""Beginnings of the messages that are about the software itself or another portal of its kind."""


@pytest.mark.parametrize("domain", SOURCES)
def test_no_message_for_people_names_the_product(domain):
    named = [
        str(message.id)
        for message in catalogue(domain)
        if "CKAN" in str(message.string) or "DataStore" in str(message.string)
    ]
    assert [text for text in named if not text.strip().startswith(tuple(NAMES_THE_PRODUCT))] == []


def test_the_page_of_a_refusal_says_it_once():
    """Its heading is the name of the error, and below it stands what the view says."""
    said = [
        catalogue("ckan")[english].string
        for english in (
            "Not authorized to see this page",
            "Unauthorized to access",
            "Access denied",
        )
    ]
    assert None not in said
    assert catalogue("ckan")["Forbidden"].string not in said


def test_invitation_is_set_in_paragraphs():
    """CKAN trims the English to one line; a letter has lines."""
    letter = next(m for m in catalogue("ckan") if "You have been invited" in (m.id or ""))
    assert str(letter.string).startswith("Kính gửi %(user_name)s,\n\n")
