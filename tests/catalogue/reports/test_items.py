"""Items of the catalogues in force: assigned, published, on time, late."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.catalogue.records.model import (
    DRAFT,
    ISSUED,
    PROPOSED,
    Catalogue,
    Item,
    Line,
    Link,
)
from ckanext.nd47.catalogue.reports.data import snapshot
from ckanext.nd47.lib.calendar import dates
from tests.catalogue.reports.conftest import Create, World, measure
from tests.metadata.conftest import new_name

pytestmark = pytest.mark.usefixtures("world")


def catalogue(world: World, *items: dict[str, Any], state: str = ISSUED) -> None:
    """Create an edition with items: `agency`, `planned` in days from today, `dataset`."""
    made = Catalogue(
        name=new_name(),
        series_id=new_name(),
        kind="province",
        agency_id=world.agencies["province"]["id"],
        title="Danh mục dữ liệu mở",
    )
    model.Session.add(made)
    model.Session.flush()
    for position, fields in enumerate(items, start=1):
        line = Line(series_id=made.series_id)
        model.Session.add(line)
        model.Session.flush()
        planned = fields.get("planned")
        model.Session.add(
            Item(
                catalogue_id=made.id,
                line_id=line.id,
                name="Danh sách trường",
                position=position,
                provider_id=world.agencies[fields.get("agency", "own")]["id"],
                planned=None if planned is None else dates.today() + dt.timedelta(days=planned),
            )
        )
        if fields.get("dataset"):
            model.Session.add(Link(line_id=line.id, dataset_id=fields["dataset"]["id"]))
    model.Session.flush()
    model.Session.execute(sa.update(Catalogue).where(Catalogue.id == made.id).values(state=state))
    model.Session.commit()


def total(world: World, account: str = "sysadmin", **data: Any) -> dict[str, Any]:
    return world.call(account, "nd47_report_show", **data)["total"]


def test_items_of_issued_catalogues_are_assigned(world: World):
    catalogue(world, {}, {"agency": "foreign"})
    catalogue(world, {}, state=DRAFT)
    assert total(world)["assigned"] == 2
    assert total(world, "admin")["assigned"] == 1


def test_an_item_is_published_once_a_dataset_of_it_is_public(world: World, create: Create):
    private = create(private=True)
    public = create()
    catalogue(world, {"dataset": private}, {"dataset": public}, {})
    measure()
    found = total(world)
    assert (found["published"], found["assigned"], found["share"]) == (1, 3, 33)


def test_on_time_and_late(world: World, create: Create):
    early = create(issued=(dates.today() - dt.timedelta(days=9)).isoformat())
    late = create(issued=(dates.today() - dt.timedelta(days=1)).isoformat())
    catalogue(
        world,
        {"planned": -5, "dataset": early},
        {"planned": -5, "dataset": late},
        {"planned": -5},
        {"planned": 30},
        {},
    )
    measure()
    found = total(world)
    assert (found["due"], found["on_time"], found["late"]) == (3, 1, 1)


def test_a_closed_month_keeps_its_items(world: World, create: Create):
    dataset = create()
    catalogue(world, {"dataset": dataset}, {})
    measure()
    last = dates.today().replace(day=1) - dt.timedelta(days=1)
    with dates.on(last):
        snapshot.take(last)
    snapshot.take(max(snapshot.closing_day(last.replace(day=1)), dates.today()))
    call_action("package_delete", id=dataset["id"])
    assert total(world, period=f"{last:%Y-%m}")["published"] == 1
    assert total(world)["published"] == 0


class TestLeader:
    def test_one_page_says_where_we_stand(self, world: World, create: Create, overdue: Create):
        overdue("foreign")
        catalogue(world, {"dataset": create()}, {"planned": -3, "agency": "below"})
        measure()
        found = world.call("sysadmin", "nd47_leader_report_show")
        assert found["now"]["share"] == 50
        assert found["ahead"][0]["key"] == world.agencies["own"]["id"]
        late = {row["key"] for row in found["late"]}
        assert late == {world.agencies["foreign"]["id"], world.agencies["below"]["id"]}
        assert found["without"] == 1
        assert len(found["months"]) == 12

    def test_it_says_what_has_changed_since_last_month(self, world: World, create: Create):
        create()
        last = dates.today().replace(day=1) - dt.timedelta(days=1)
        snapshot.take(last)
        create()
        changes = world.call("sysadmin", "nd47_leader_report_show")["changes"]
        datasets = next(one for one in changes if one["now"] == 2)
        assert (datasets["before"], datasets["difference"], datasets["better"]) == (1, 1, True)

    def test_nothing_is_said_about_a_month_of_which_nothing_was_stored(self, world: World):
        assert world.call("sysadmin", "nd47_leader_report_show")["changes"] == []

    def test_it_names_what_needs_a_decision(self, world: World):
        catalogue(world, {"planned": -3}, state=ISSUED)
        catalogue(world, {}, state=PROPOSED)
        decisions = world.call("compiler", "nd47_leader_report_show")["decisions"]
        assert len(decisions) == 2
        assert len(world.call("admin", "nd47_leader_report_show")["decisions"]) == 1

    def test_the_page_has_a_table_for_each_chart(self, app: CKANTestApp, world: World):
        catalogue(world, {"planned": -3})
        page = app.get("/work/leader", headers=world.headers("leader"))
        assert page.text.count("<table") == 2
        assert "0/1" in page.text

    def test_visitors_are_sent_to_log_in_unless_reports_are_public(self, app: CKANTestApp):
        answer = app.get("/work/leader", follow_redirects=False)
        assert answer.status_code == 302
        app.get("/reports/summary", status=404)
        app.get("/reports", status=404)
