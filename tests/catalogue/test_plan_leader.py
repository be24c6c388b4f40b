"""The leader's page says where the plan stands."""

from __future__ import annotations

import datetime as dt

import pytest

from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.lib.calendar import dates
from tests.catalogue.test_plan import filled, issued
from tests.desk.conftest import World

pytestmark = pytest.mark.usefixtures("app")

DAY = dt.date(2026, 10, 5)
"""A day of the second stage."""


def test_the_stage_that_runs_is_shown_with_its_targets(world: World):
    plan, _ = issued(world)
    with dates.on(DAY):
        stages = world.call("leader", "nd47_leader_report_show")["stages"]
    assert [stage["title"] for stage in stages] == ["Giai đoạn 2"]
    assert (stages[0]["plan"], stages[0]["items"]["target"]) == (plan["title"], 90)


def test_a_plan_that_is_not_issued_or_over_is_not_shown(world: World):
    filled(world)
    with dates.on(DAY):
        assert world.call("leader", "nd47_leader_report_show")["stages"] == []
    issued(world)
    with dates.on(dt.date(2027, 1, 5)):
        assert world.call("leader", "nd47_leader_report_show")["stages"] == []


def test_the_page_has_the_target(app: CKANTestApp, world: World):
    issued(world)
    with dates.on(DAY):
        page = app.get("/vi/work/leader", headers=world.headers("leader"))
    assert "chỉ tiêu 90%" in page.text
