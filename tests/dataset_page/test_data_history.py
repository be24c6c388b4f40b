"""The history of the data says which file changed when, and nothing of what was hidden."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("portal")

ATOM = {"a": "http://www.w3.org/2005/Atom"}
FILE = {"url": "https://xa.example/2024.csv", "name": "Năm 2024"}


def rows(page: Any) -> list[tuple[str, str]]:
    return [
        tuple(cell.get_text(strip=True) for cell in row.select("td")[1:])
        for row in page.select(".nd47-data-history tbody tr")
    ]


def save(dataset: dict[str, Any], user: str, **fields: Any) -> dict[str, Any]:
    stored = call_action("package_show", id=dataset["id"])
    return call_action("package_update", {"user": user}, **{**stored, **fields})


@pytest.fixture
def changed(create, sysadmin) -> dict[str, Any]:
    """A dataset whose file was replaced, which got a second one and lost the first."""
    made = create(resources=[FILE])
    first = made["resources"][0]
    save(made, sysadmin, notes="Chỉ sửa mô tả")
    save(made, sysadmin, resources=[{**first, "url": "https://xa.example/2024-sua.csv"}])
    other = {"url": "https://xa.example/2025.csv", "name": "Năm 2025"}
    saved = save(
        made, sysadmin, resources=[{**first, "url": "https://xa.example/2024-sua.csv"}, other]
    )
    return save(made, sysadmin, resources=saved["resources"][1:])


def test_it_lists_the_changes_of_files_the_latest_first(browse, changed):
    assert rows(browse(f"/vi/dataset/{changed['name']}/data-history")) == [
        ("Xóa tệp dữ liệu", "Năm 2024"),
        ("Thêm tệp dữ liệu", "Năm 2025"),
        ("Thay tệp dữ liệu", "Năm 2024"),
        ("Thêm tệp dữ liệu", "Năm 2024"),
    ]


def test_what_was_changed_while_hidden_counts_from_the_publication(browse, create, sysadmin):
    made = create(private=True, resources=[{**FILE, "name": "Bí mật"}])
    save(made, sysadmin, resources=[FILE])
    save(made, sysadmin, private=False)
    page = browse(f"/vi/dataset/{made['name']}/data-history")
    assert rows(page) == [("Thêm tệp dữ liệu", "Năm 2024")]
    assert "Bí mật" not in page.get_text()


def test_without_versions_the_files_own_dates_tell(browse, create):
    made = create(resources=[FILE])
    statement = sa.text("DELETE FROM activity WHERE object_id = :id")
    model.Session.execute(statement, {"id": made["id"]})
    model.Session.commit()
    assert rows(browse(f"/vi/dataset/{made['name']}/data-history")) == [
        ("Thêm tệp dữ liệu", "Năm 2024")
    ]


def test_a_dataset_without_files_says_so(browse, create):
    page = browse(f"/vi/dataset/{create()['name']}/data-history")
    assert not rows(page)
    assert page.select_one(".empty")


def test_the_feed_has_an_entry_for_each_change(app, changed):
    response = app.get(f"/vi/dataset/{changed['name']}/data-history.atom", status=200)
    assert response.content_type.startswith("application/atom+xml")
    feed = ET.fromstring(response.get_data())
    titles = [entry.findtext("a:title", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert titles[0] == "Xóa tệp dữ liệu: Năm 2024"
    assert len(titles) == 4
    links = [link.get("href") for link in feed.iterfind(".//a:link", ATOM)]
    assert all(str(link).startswith(tk.config["ckan.site_url"]) for link in links)
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert len(set(ids)) == 4


def test_the_feed_of_a_dataset_without_files_is_valid(app, create):
    feed = ET.fromstring(
        app.get(f"/dataset/{create()['name']}/data-history.atom", status=200).get_data()
    )
    assert feed.findtext("a:updated", namespaces=ATOM)


@pytest.mark.parametrize("path", ["data-history", "data-history.atom"])
@pytest.mark.parametrize("fields", [{"private": True}, {"state": "draft"}])
def test_of_a_hidden_dataset_nobody_learns(app, create, path, fields):
    made = create(resources=[FILE], **fields)
    app.get(f"/dataset/{made['name']}/{path}", status=404)
    app.get(f"/dataset/khong-co/{path}", status=404)
