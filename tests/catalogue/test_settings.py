"""The room's options on the administrator's page: what is accepted, and that it works at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.catalogue.documents import tables
from ckanext.nd47.catalogue.plans import document
from ckanext.nd47.lib import config
from ckanext.nd47.settings import options
from tests.catalogue.conftest import drafted, with_item
from tests.desk.conftest import World

PAGE = "/vi/ckan-admin/nd47"


@pytest.fixture(autouse=True)
def from_the_file(world: World) -> Iterator[None]:
    """Forget the options that a test has changed."""
    yield
    options.reset()


def change(**changed: Any) -> None:
    """Change options as the page does."""
    call_action(
        "config_option_update", **{f"ckanext.nd47.{name}": changed[name] for name in changed}
    )


GOOD = {
    "catalogue_columns": "name = Tên tập dữ liệu\ncode",
    "plan_columns": "due = Thời hạn\nname",
    "public_plans": "true",
    "public_reports": "false",
    "report_close_day": "28",
    "report_mail_day": "0",
    "usage_monitors": "UptimeRobot Zabbix",
}
BAD = [
    ("catalogue_columns", "khong_co"),
    ("catalogue_columns", "name\nname = Lần thứ hai"),
    ("catalogue_columns", "name = " + "x" * 101),
    ("catalogue_columns", "due"),
    ("plan_columns", "code"),
    ("plan_columns", "= Thời hạn"),
    ("public_plans", "có lẽ"),
    ("public_reports", "2"),
    ("report_close_day", "0"),
    ("report_close_day", "29"),
    ("report_close_day", ""),
    ("report_close_day", "٥"),
    ("report_mail_day", "-1"),
    ("report_mail_day", "1.5"),
    ("usage_monitors", "x" * 301),
]


def test_every_option_of_the_room_can_be_changed():
    offered = {one.option for one in options.offered() if one.section == "catalogue"}
    assert offered == {f"ckanext.nd47.{name}" for name in GOOD}
    change(**GOOD)
    assert {name: options.current()[f"ckanext.nd47.{name}"] for name in GOOD} == GOOD


@pytest.mark.parametrize(("name", "value"), BAD, ids=[f"{name}-{value[:9]}" for name, value in BAD])
def test_a_bad_value_is_refused_with_a_reason(name, value):
    with pytest.raises(tk.ValidationError) as refusal:
        change(**{name: value})
    assert refusal.value.error_dict[f"ckanext.nd47.{name}"]


def test_a_wrong_column_is_answered_with_those_that_there_are():
    with pytest.raises(tk.ValidationError) as refusal:
        change(plan_columns="khong_co")
    assert "minimum_level" in str(refusal.value.error_dict)


def test_chosen_columns_are_printed_at_once():
    change(catalogue_columns="name = Tên tập dữ liệu\ncode", plan_columns="due = Hạn chót")
    assert [column.name for column in tables.printed()] == ["name", "code"]
    assert tables.printed()[0].title == "Tên tập dữ liệu"
    assert [column.title for column in document.printed()] == ["Hạn chót"]


def test_emptied_columns_are_those_of_the_file_again():
    before = tables.printed()
    change(catalogue_columns="code")
    assert tables.printed() != before
    change(catalogue_columns="")
    assert tables.printed() == before


def test_plans_are_public_from_the_moment_they_are_made_so(app: CKANTestApp, world: World):
    app.get("/plans", status=404)
    change(public_plans="true")
    app.get("/plans", status=200)
    change(public_plans="false")
    app.get("/plans", status=404)


def test_the_page_names_what_can_be_written(app: CKANTestApp, world: World):
    page = app.get(PAGE, headers=world.headers("sysadmin"), status=200).text
    for text in (
        "Danh mục, kế hoạch và báo cáo",
        "<code>minimum_level</code> Mức tối thiểu cần đạt",
    ):
        assert text in page
    for name in GOOD:
        assert f'name="ckanext.nd47.{name}"' in page


def test_saving_the_page_unchanged_stores_nothing(app: CKANTestApp, world: World):
    app.post(PAGE, headers=world.headers("sysadmin"), data=options.current(), status=200)
    assert options.stored() == set()


def test_days_are_those_of_the_setting(world: World):
    change(report_close_day="7", report_mail_day="8")
    assert (config.report_close_day(), config.report_mail_day()) == (7, 8)


def test_the_annex_of_an_edition_has_the_chosen_columns(world: World):
    draft = drafted(world)
    with_item(world, draft)
    change(catalogue_columns="name = Tên tập dữ liệu")
    table = world.call("compiler", "nd47_catalogue_table", id=draft["id"], columns="printed")
    assert "Tên tập dữ liệu" in [column["title"] for column in table["columns"]]
