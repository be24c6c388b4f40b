"""Catalogues as files: DOCX as annex of a decision, XLSX, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from werkzeug.datastructures import FileStorage

from ckan.tests.helpers import CKANTestApp, changed_config

from ckanext.nd47.catalogue.documents import annex, tables
from ckanext.nd47.catalogue.records import stored
from ckanext.nd47.lib.files import printed_columns
from ckanext.nd47.lib.files.official_documents import writing
from tests.catalogue.conftest import DECISION, drafted, issued, items_of, with_item
from tests.desk.conftest import World

MOST_SECONDS = 10
FIELDS = {"code": "GD.01", "planned": "01/01/2027", "group_title": "I. Giáo dục", "formats": "CSV"}


def issued_with(world: World, **fields: Any) -> Any:
    draft = drafted(world)
    with_item(world, draft, **{**FIELDS, **fields})
    world.call("compiler", "nd47_catalogue_propose", id=draft["id"])
    return world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)


def document_of(app: CKANTestApp, catalogue: Any, part: str = "docx") -> Any:
    body = app.get(f"/catalogues/{catalogue['name']}/{part}").get_data()
    return docx.Document(io.BytesIO(body))


def text_of(document: Any) -> str:
    return "\n".join(
        "".join(part.text or "" for part in one.iter(qn("w:t")))
        for one in document.element.body.iter(qn("w:p"))
    )


def test_the_annex_names_the_decision(app: CKANTestApp, world: World):
    text = text_of(document_of(app, issued_with(world)))
    assert "Phụ lục" in text
    assert (
        "(Kèm theo Quyết định số 804/QĐ-UBND ngày 05 tháng 3 năm 2026 "
        "của Ủy ban nhân dân tỉnh Hải Sơn)"
    ) in text


def test_the_annex_has_the_default_columns_and_groups(app: CKANTestApp, world: World):
    table = document_of(app, issued_with(world)).tables[0]
    titles = [cell.text for cell in table.rows[0].cells]
    assert titles[1:4] == ["Mã", "Tên dữ liệu", "Mô tả"]
    assert table.rows[2].cells[0].text == "I. Giáo dục"
    assert table.rows[3].cells[1].text == "GD.01"


def test_columns_titles_and_order_are_the_portals_choice(app: CKANTestApp, world: World):
    catalogue = issued_with(world)
    with changed_config("ckanext.nd47.catalogue_columns", "name = Tên tập dữ liệu\ncode"):
        table = document_of(app, catalogue).tables[0]
    assert [cell.text for cell in table.rows[0].cells][1:] == ["Tên tập dữ liệu", "Mã"]


def test_a_wrong_setting_prints_the_default(app: CKANTestApp, world: World):
    catalogue = issued_with(world)
    with changed_config("ckanext.nd47.catalogue_columns", "khong_co"):
        assert len(document_of(app, catalogue).tables[0].columns) == 11


def test_a_wrong_line_of_the_setting_is_named():
    with pytest.raises(printed_columns.UnknownColumnError, match="khong_co"):
        printed_columns.chosen("name\nkhong_co", {"name": "Tên"}, ["name"])
    with pytest.raises(printed_columns.UnknownColumnError, match="name"):
        printed_columns.chosen("name\nname", {"name": "Tên"}, ["name"])


def test_spreadsheets_have_all_fields_in_words(app: CKANTestApp, world: World):
    catalogue = issued_with(world)
    body = app.get(f"/catalogues/{catalogue['name']}/csv").get_data()
    header, row = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert dict(zip(header, row, strict=True))["Planned first day"] == "01/01/2027"
    body = app.get(f"/catalogues/{catalogue['name']}/xlsx").get_data()
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == header


def test_json_has_names_and_titles_of_the_columns(app: CKANTestApp, world: World):
    catalogue = issued_with(world)
    content = json.loads(app.get(f"/catalogues/{catalogue['name']}/json").get_data(as_text=True))
    names = [column["name"] for column in content["columns"]]
    assert content["rows"][0]["cells"][names.index("code")] == "GD.01"


def test_a_downloaded_table_is_read_back_unchanged(app: CKANTestApp, world: World):
    draft = drafted(world)
    with_item(world, draft, **FIELDS)
    body = app.get(
        f"/catalogues/{draft['name']}/xlsx", headers=world.headers("compiler")
    ).get_data()
    upload = FileStorage(io.BytesIO(body), "danh-muc.xlsx")
    run = world.call("compiler", "nd47_catalogue_import_preview", id=draft["id"], upload=upload)
    assert run["counts"] == {"new": 0, "changed": 0, "same": 1, "refused": 0}


def test_focal_points_are_for_officers_only(app: CKANTestApp, world: World):
    catalogue = issued_with(world, focal_email="an@haison.example")
    address = f"/catalogues/{catalogue['name']}/csv"
    assert b"an@haison.example" not in app.get(address).get_data()
    assert b"an@haison.example" in app.get(address, headers=world.headers("editor")).get_data()


@pytest.mark.parametrize("extension", ["docx", "xlsx", "csv", "json"])
def test_a_draft_is_not_for_visitors(app: CKANTestApp, world: World, extension: str):
    draft = drafted(world)
    assert app.get(f"/catalogues/{draft['name']}/{extension}", status=403)
    assert app.get(f"/catalogues/khong-co/{extension}", status=404)


def test_the_amending_annex_has_what_is_added_changed_and_removed(app: CKANTestApp, world: World):
    first = issued_with(world)
    draft = world.call(
        "compiler", "nd47_catalogue_new_edition", id=first["id"], relation="replaces"
    )
    item = items_of(world, draft)[0]
    world.call("compiler", "nd47_catalogue_item_update", id=item["id"], name="Tên sửa đổi")
    with_item(world, draft, code="GD.02", name="Mục mới")
    body = app.get(
        f"/catalogues/{draft['name']}/amendment/{first['name']}/docx",
        headers=world.headers("compiler"),
    ).get_data()
    text = text_of(docx.Document(io.BytesIO(body)))
    assert "I. Các mục được bổ sung" in text
    assert "II. Các mục được sửa đổi" in text
    assert "Mục mới" in text
    assert "Tên sửa đổi" in text


def test_editions_without_a_difference_say_so(app: CKANTestApp, world: World):
    first = issued(world)
    draft = world.call(
        "compiler", "nd47_catalogue_new_edition", id=first["id"], relation="replaces"
    )
    body = app.get(
        f"/catalogues/{draft['name']}/amendment/{first['name']}/docx",
        headers=world.headers("compiler"),
    ).get_data()
    assert "Không có mục nào thay đổi." in text_of(docx.Document(io.BytesIO(body)))


def test_a_document_of_1000_items_takes_less_than_ten_seconds(world: World):
    row: tables.TableRow = {"group": "I. Giáo dục", "cells": ["1", *["Dữ liệu mở của tỉnh"] * 10]}
    names = ("number", *columns_of())
    table: tables.TableDict = {
        "title": "Danh mục",
        "columns": [{"name": name, "title": name} for name in names],
        "rows": [row] * 1_000,
    }
    found = stored.catalogue(drafted(world)["id"])
    begin = time.process_time()
    assert writing.write(annex.of_edition(found, table))
    assert time.process_time() - begin < MOST_SECONDS


def columns_of() -> list[str]:
    return [column.name for column in tables.printed()]
