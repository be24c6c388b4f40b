"""The plan of the sample province has something true of everything: on time, late, put off."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dev.province import catalogues, plans
from dev.province.content import province
from dev.province.model import Province


class Recorder:
    """A portal that remembers what it was asked, and answers from its items and entries."""

    def __init__(self, content: Province) -> None:
        later = catalogues.of_plan(content)
        rows = catalogues.rows([], catalogues.OF_PROVINCE, content.today, later)
        self.items = [
            {**values, "id": f"item-{place}", "line_id": f"line-{place}"}
            for place, (values, _dataset) in enumerate(rows)
        ]
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def find(self, action: str, _subject: str, **_data: Any) -> Any:
        """Return the catalogue, and no plan yet."""
        return {"id": "catalogue"} if action == "nd47_catalogue_show" else None

    def call(self, action: str, _subject: str, **data: Any) -> Any:
        """Remember a call and return what the portal would."""
        self.calls.append((action, data))
        if action == "nd47_catalogue_item_list":
            return {"results": self.items}
        if action == "nd47_plan_entries":
            entries = [
                {**item, "id": f"entry-{item['id']}", "due": item["planned"], "kind": "publish"}
                for item in self.items
            ]
            improvement = {"id": "improve", "name": "Hoàn thiện", "line_id": "", "kind": "improve"}
            return {"results": [*entries, {**improvement, "due": "2026-01-01"}]}
        return {"id": "plan", "name": "plan"}

    def of(self, action: str) -> list[dict[str, Any]]:
        """Return what an action was called with."""
        return [data for name, data in self.calls if name == action]


@pytest.fixture(scope="module")
def content() -> Province:
    """The province on a day."""
    return province(today=dt.date(2026, 11, 29))


@pytest.fixture(scope="module")
def portal(content: Province) -> Recorder:
    """A portal that has the plan."""
    recorder = Recorder(content)
    assert plans.load(content, recorder)  # pyright: ignore[reportArgumentType]
    return recorder


def test_some_datasets_came_on_time_and_some_late(content: Province, portal: Recorder):
    planned = {item["name"]: item["planned"] for item in portal.items}
    late = [
        one.metadata["issued"] > planned[one.metadata["title"]]
        for one in catalogues.of_plan(content)
    ]
    assert 2 <= sum(late) < len(late) - 2


def test_every_planned_day_is_one_of_the_plan(content: Province, portal: Recorder):
    (made,) = portal.of("nd47_plan_create")
    assert all(made["first_day"] <= item["planned"] <= made["last_day"] for item in portal.items)


def test_each_of_them_is_linked_and_those_that_are_late_say_why(
    content: Province, portal: Recorder
):
    linked = [name for data in portal.of("nd47_catalogue_link") for name in data["datasets"]]
    assert linked == [one.name for one in catalogues.of_plan(content)]
    assert all(data["reason"] for data in portal.of("nd47_catalogue_item_status"))


def test_days_are_put_off_with_reasons_to_days_ahead(content: Province, portal: Recorder):
    slips = portal.of("nd47_plan_slip")
    assert len(slips) == len(plans.SLIPS)
    assert all(slip["reason"] and slip["day"] > content.today.isoformat() for slip in slips)


def test_the_datasets_are_linked_after_the_plan_was_issued(portal: Recorder):
    actions = [name for name, _data in portal.calls]
    assert actions.index("nd47_plan_issue") < actions.index("nd47_catalogue_link")


def test_an_improvement_is_done_before_today(content: Province, portal: Recorder):
    (done,) = portal.of("nd47_plan_done")
    assert done["id"] == "improve"
    assert done["day"] < content.today.isoformat()
    assert done["note"]


class Loaded(Recorder):
    """A portal that has everything."""

    def find(self, action: str, _subject: str, **_data: Any) -> Any:
        """Return that it is there."""
        return {"id": action}


def test_a_second_time_changes_nothing(content: Province):
    recorder = Loaded(content)
    assert not plans.load(content, recorder)  # pyright: ignore[reportArgumentType]
    assert recorder.calls == []


def test_improvements_are_planned_both_ahead_and_overdue(content: Province):
    deadlines = {
        row["deadline"] > content.today.isoformat()
        for one in content.datasets
        for row in one.metadata.get("quality_plan", [])
    }
    assert deadlines == {True, False}
