"""What brings the most points is in the work list, for those who can do it."""

from __future__ import annotations

from typing import Any

import pytest

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.catalogue.reports.score import work
from ckanext.nd47.desk.reminders import recipients
from ckanext.nd47.desk.work_list.kinds import known
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from tests.catalogue.reports.conftest import Create, World, measure
from tests.catalogue.reports.test_score import FULL, fields_of
from tests.support.statements import statements

pytestmark = pytest.mark.usefixtures("world")

PERIOD = "temporal_coverage"


def without(*names: str) -> dict[str, Any]:
    """Return all fields that give points but some, for which the work list is to ask."""
    return {name: value for name, value in fields_of(FULL).items() if name not in names}


def points(world: World, account: str, **asked: Any) -> list[dict[str, Any]]:
    """Return what an account is told to do for points."""
    return world.work(account, kind=work.CODE, **asked)["results"]


def test_a_thing_says_what_for_how_many_and_what_it_pays(world: World, create: Create):
    create(**without(PERIOD))
    create(**without(PERIOD))
    measure()
    (thing,) = points(world, "editor")
    assert thing["words"] == "2 datasets: add the period, +20 points each"
    assert thing["points"] == 40
    assert thing["dataset"] is None
    assert thing["agency"]["id"] == world.agencies["own"]["id"]


def test_the_one_that_pays_most_comes_first_and_no_more_than_three(world: World, create: Create):
    create()
    measure()
    gains = [thing["points"] for thing in points(world, "editor", sort="points")]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) == work.MOST


@pytest.mark.parametrize(
    ("account", "agencies"),
    [
        ("editor", {"own"}),
        ("admin", {"own"}),
        ("leader", {"own", "below"}),
        ("sysadmin", {"own", "below", "foreign"}),
        ("stranger", set()),
    ],
)
def test_everybody_is_told_of_their_own_agencies(world: World, create: Create, account, agencies):
    for agency in ("own", "below", "foreign"):
        create(agency)
    measure()
    found = {thing["agency"]["id"] for thing in points(world, account)}
    assert found == {world.agencies[agency]["id"] for agency in agencies}


@pytest.mark.parametrize("hidden", [{"private": True}, {"state": "draft"}], ids=str)
def test_what_is_not_public_is_left_out(world: World, create: Create, hidden):
    dataset = create()
    measure()
    assert points(world, "editor")
    tk.get_action("package_patch")({"ignore_auth": True}, {"id": dataset["id"], **hidden})
    assert points(world, "editor") == []


def test_the_button_opens_the_datasets_and_each_its_form(
    app: CKANTestApp, world: World, create: Create
):
    dataset, foreign = create(**without(PERIOD)), create("foreign", **without(PERIOD))
    measure()
    (thing,) = points(world, "editor")
    page = app.get(thing["url"], headers=world.headers("editor"), status=200)
    assert f"/dataset/edit/{dataset['name']}" in page.text
    assert f"#field-{PERIOD}" in page.text
    assert foreign["name"] not in page.text


def test_who_only_reads_is_not_led_to_the_form(app: CKANTestApp, world: World, create: Create):
    dataset = create()
    measure()
    page = app.get("/work/score/datasets?metric=keyword", headers=world.headers("leader"))
    assert dataset["title"] in page.text
    assert "#field-tag_string" not in page.text


def test_an_editor_sees_the_average_and_not_the_reports(
    app: CKANTestApp, world: World, create: Create
):
    create()
    measure()
    page = app.get("/work/score", headers=world.headers("editor"), status=200)
    assert "of 405 points" in page.text
    assert 'href="/work/reports"' not in page.text
    app.get("/work/reports", headers=world.headers("editor"), status=403)


def test_a_stranger_is_refused(world: World):
    for action in ("nd47_score_todo", "nd47_score_dataset_list", "nd47_score_summary"):
        with pytest.raises(tk.NotAuthorized):
            world.call("stranger", action)


def test_the_average_is_that_of_the_agencies_asked_for(world: World, create: Create):
    create(tag_string="trường học")
    create("foreign")
    measure()
    own = world.call("sysadmin", "nd47_score_summary", agency=world.agencies["own"]["name"])
    foreign = world.call("sysadmin", "nd47_score_summary", agency=world.agencies["foreign"]["name"])
    assert own["score"] == foreign["score"] + 30
    assert (own["datasets"], own["possible"]) == (1, 405)


def test_without_datasets_there_is_no_average(world: World):
    summary = world.call("admin", "nd47_score_summary")
    assert summary == {"datasets": 0, "score": None, "measured": None, "possible": 405}


def test_the_page_of_the_work_has_its_button_and_count(
    app: CKANTestApp, world: World, create: Create
):
    create(**without(PERIOD))
    measure()
    page = app.get("/vi/work?kind=points", headers=world.headers("editor"))
    assert "1 bộ dữ liệu cần thêm kỳ dữ liệu: mỗi bộ thêm 20 điểm" in page.text
    assert '<span class="nd47-number">1</span>Điểm có thể tăng' in page.text


def test_agencies_are_counted_with_it(app: CKANTestApp, world: World, create: Create):
    create()
    measure()
    (row,) = world.call("editor", "nd47_work_agencies")["results"]
    assert row["counts"][work.CODE] == work.MOST
    assert app.get("/work/agencies.csv", headers=world.headers("editor"), status=200)


def test_nobody_is_reminded_of_it_by_default(world: World, create: Create, monkeypatch):
    create()
    measure()
    kinds = {thing.kind for one in recipients.letters(dates.today()) for thing in one.own}
    assert work.CODE not in kinds
    monkeypatch.setitem(tk.config, config.REMINDER_KINDS_OFF, "")
    kinds = {thing.kind for one in recipients.letters(dates.today()) for thing in one.own}
    assert work.CODE in kinds


def test_the_list_takes_as_many_statements_with_many_datasets(world: World, create: Create):
    numbers = []
    for number in (1, 4):
        for _ in range(number):
            create()
        measure()
        with statements() as sent:
            points(world, "sysadmin")
        numbers.append(len(sent))
    assert numbers[0] == numbers[1]


def test_the_kind_goes_with_its_plugin(app: CKANTestApp):
    assert work.CODE in known()
    plugin = p.get_plugin("nd47_catalogue")
    assert plugin is not None
    p.unload("nd47_catalogue")
    try:
        assert work.CODE not in known()
    finally:
        p.load("nd47_catalogue")
