"""The pages and files of the plans."""

from __future__ import annotations

import csv
import io
from typing import Any

import docx
import openpyxl
import pytest

from ckan.tests.helpers import CKANTestApp, changed_config

from tests.catalogue.test_plan import DOCUMENT, STAGES, entries, filled, issued, planned, shown
from tests.desk.conftest import World


def page(app: CKANTestApp, world: World, account: str, address: str, **more: Any) -> Any:
    return app.get(address, headers=world.headers(account), **more)


def test_a_plan_is_made_filled_and_issued_on_the_pages(app: CKANTestApp, world: World):
    form = {
        "agency": world.agencies["province"]["id"],
        "title": "Kế hoạch năm 2026",
        "first_day": "01/01/2026",
        "last_day": "31/12/2026",
        "stage_title": STAGES[0]["title"],
        "stage_first_day": "1/1/2026",
        "stage_last_day": "30/06/2026",
        "stage_share_of_items": "50",
        "stage_share_of_agencies": "",
        "stage_minimum_level": "",
    }
    made = app.post(
        "/work/plans/new", headers=world.headers("compiler"), data=form, follow_redirects=False
    )
    address = made.headers["Location"]
    assert address.endswith("/work/plans/ke-hoach-nam-2026")
    plan, _ = filled(world)
    app.post(
        f"/work/plans/{plan['name']}",
        headers=world.headers("leader"),
        data={**DOCUMENT, "issue": "1"},
    )
    assert shown(world, plan)["state"] == "issued"


def test_the_form_keeps_what_was_typed(app: CKANTestApp, world: World):
    made = app.post(
        "/work/plans/new",
        headers=world.headers("compiler"),
        data={"title": "Kế hoạch đang gõ", "stage_title": "Giai đoạn gõ dở"},
    )
    assert "Kế hoạch đang gõ" in made.get_data(as_text=True)
    assert 'role="alert"' in made.get_data(as_text=True)


def test_the_page_shows_a_past_day(app: CKANTestApp, world: World):
    plan, _ = issued(world)
    body = page(app, world, "editor", f"/work/plans/{plan['name']}?day=2026-09-01").get_data(
        as_text=True
    )
    assert "01/09/2026" in body
    assert "59/KH-UBND" in body


def test_a_day_is_put_off_on_the_page_of_the_entry(app: CKANTestApp, world: World):
    plan, _ = issued(world)
    entry = entries(world, plan)[0]
    address = f"/work/plans/entries/{entry['id']}"
    assert "Trường" in page(app, world, "editor", address).get_data(as_text=True)
    app.post(
        address,
        headers=world.headers("editor"),
        data={"slip": "1", "day": "2099-02-01", "reason": "Chờ phần mềm"},
    )
    assert "Chờ phần mềm" in page(app, world, "leader", address).get_data(as_text=True)
    refused = app.post(
        address,
        headers=world.headers("editor"),
        data={"slip": "1", "day": "2000-01-01", "reason": "x"},
    )
    assert 'role="alert"' in refused.get_data(as_text=True)


def test_the_document_has_stages_and_entries(app: CKANTestApp, world: World):
    plan, _ = issued(world)
    body = page(app, world, "editor", f"/work/plans/{plan['name']}/docx").get_data()
    document = docx.Document(io.BytesIO(body))
    tables = [[cell.text for cell in table.rows[0].cells] for table in document.tables]
    assert any("Giai đoạn" in row for row in tables)
    last = document.tables[-1]
    assert [row.cells[1].text for row in last.rows[2:]] == ["Trường", "Bệnh viện"]
    assert "59/KH-UBND" in document.tables[0].rows[1].cells[0].text


def test_columns_of_the_document_are_the_portals_choice(app: CKANTestApp, world: World):
    plan, _ = issued(world)
    with changed_config("ckanext.nd47.plan_columns", "due = Hạn chót\nname"):
        body = page(app, world, "editor", f"/work/plans/{plan['name']}/docx").get_data()
    last = docx.Document(io.BytesIO(body)).tables[-1]
    assert [cell.text for cell in last.rows[0].cells] == ["STT", "Hạn chót", "Tên dữ liệu"]


def test_the_tables_have_how_far_the_entries_are(app: CKANTestApp, world: World):
    plan, _ = issued(world)
    address = f"/work/plans/{plan['name']}"
    body = page(app, world, "editor", f"{address}/csv?day=2026-09-01").get_data()
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert "late" in rows[1]
    sheet = openpyxl.load_workbook(
        io.BytesIO(page(app, world, "editor", f"{address}/xlsx").get_data())
    ).active
    assert sheet is not None
    assert sheet.max_row == 3


@pytest.mark.parametrize("face", ["", "/docx", "/xlsx", "/csv"])
def test_everybody_reads_an_issued_plan_where_the_portal_has_chosen_it(
    app: CKANTestApp, world: World, face: str
):
    plan, _ = issued(world)
    draft = planned(world)
    assert app.get(f"/plans/{plan['name']}{face}", status=404)
    with changed_config("ckanext.nd47.public_plans", "true"):
        assert app.get(f"/plans/{plan['name']}{face}", status=200)
        assert app.get(f"/plans/{draft['name']}{face}", status=403)
        assert plan["title"] in app.get("/plans").get_data(as_text=True)


def test_visitors_are_sent_to_log_in(app: CKANTestApp, world: World):
    for address in ("/work/plans", "/work/plans/new"):
        found = app.get(address, follow_redirects=False)
        assert (found.status_code, "/user/login" in found.headers["Location"]) == (302, True)


@pytest.mark.parametrize(
    "address", ["/work/plans/khong-co", "/work/plans/entries/khong-co", "/work/plans/khong-co/docx"]
)
def test_what_is_not_there_is_not_found(app: CKANTestApp, world: World, address: str):
    assert page(app, world, "compiler", address, status=404)


def test_a_stranger_sees_no_plan(app: CKANTestApp, world: World):
    plan, _ = issued(world)
    for address in ("", "/docx", "/edit"):
        assert page(app, world, "stranger", f"/work/plans/{plan['name']}{address}", status=403)
    assert page(app, world, "stranger", "/work/plans/new", status=403)
