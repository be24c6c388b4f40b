"""The administrator's page of what the export had to leave out."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.dcat.pages import problems_page
from ckanext.nd47.dcat.store.model import Entry
from tests.dcat.portal import app, dataset, department, entry, portal, small_pages

__all__ = ["app", "department", "portal", "small_pages"]

PAGE = "/ckan-admin/nd47-dcat"
pytestmark = pytest.mark.usefixtures("portal")


def text_of(app: CKANTestApp, lang: str = "vi") -> str:
    token = factories.SysadminWithToken()["token"]
    answer = app.get(f"/{lang}{PAGE}", headers={"Authorization": token})
    return BeautifulSoup(answer.text, "html.parser").get_text(" ", strip=True)


@pytest.fixture
def spoilt(department: dict[str, Any]) -> str:
    """A public dataset that lost something."""
    made = dataset(department)
    entry(made["id"])
    problem = {
        "field": "frequency",
        "value": "<b>thỉnh thoảng</b>",
        "reason": "not a code of the vocabulary frequency",
    }
    model.Session.query(Entry).filter_by(id=made["id"]).update({"problems": [problem]})
    model.Session.commit()
    return made["name"]


def test_it_names_dataset_field_value_and_reason(app: CKANTestApp, spoilt: str):
    text = text_of(app)
    assert all(one in text for one in (spoilt, "frequency", "<b>thỉnh thoảng</b>"))
    assert "Không có trong danh mục mã" in text


def test_in_english_too(app: CKANTestApp, spoilt: str):
    assert "not a code of the vocabulary frequency" in text_of(app, "en")


def test_what_was_just_saved_is_among_them(app: CKANTestApp, department: dict[str, Any]):
    made = dataset(department)
    package: Any = model.Package.get(made["id"])
    package.notes = "Dòng\x0bhai"
    model.Session.commit()
    assert made["name"] in text_of(app)


def test_nobody_else_sees_it(app: CKANTestApp):
    assert app.get(PAGE, status=None).status_code in (302, 403)
    token = factories.UserWithToken()["token"]
    assert app.get(PAGE, headers={"Authorization": token}, status=None).status_code == 403


def test_every_word_is_in_both_languages():
    assert all(words.keys() == {"vi", "en"} for words in problems_page.TEXTS.values())


def test_a_reason_that_has_no_words_is_shown_as_it_is():
    assert problems_page.translated_reason("something new", "vi") == "something new"
