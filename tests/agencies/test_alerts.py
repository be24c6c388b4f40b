"""Who is told that nobody answers for an agency's datasets, in which role, and when."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner

from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies import cli
from ckanext.nd47.lib.calendar import dates
from tests.agencies.conftest import People, agency, dataset, focal_point

pytestmark = pytest.mark.usefixtures("portal")


def day(number: int) -> str:
    """Return a day so many days from now."""
    return (dates.today() + dt.timedelta(days=number)).isoformat()


@pytest.fixture
def fresh() -> dict[str, Any]:
    """An agency with a mailbox and a dataset, without focal points."""
    one = agency(f"Sở Cảnh báo {uuid4()}", email="vanthu@scb.example")
    dataset(one)
    return one


def alerts(one: dict[str, Any]) -> list[dict[str, Any]]:
    return call_action("nd47_focal_point_alerts", agency=one["id"])


def states(one: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(alert["role"], alert["state"], alert["last_day"]) for alert in alerts(one)]


def feedback(one: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the alerts of an agency in one role; the other one is seen to for good."""
    focal_point(one["id"], role="sharing", full_name="Người chia sẻ")
    return [(state, last_day) for _, state, last_day in states(one)]


class TestRoles:
    def test_an_agency_without_datasets_gives_none(self) -> None:
        assert states(agency("Sở Không dữ liệu")) == []

    def test_each_role_that_nobody_holds_gives_one(self, fresh: dict[str, Any]) -> None:
        assert states(fresh) == [("feedback", "missing", ""), ("sharing", "missing", "")]

    @pytest.mark.parametrize(
        ("held", "lacking"), [("feedback", "sharing"), ("sharing", "feedback")]
    )
    def test_who_holds_one_does_not_answer_in_the_other(
        self, fresh: dict[str, Any], held: str, lacking: str
    ) -> None:
        focal_point(fresh["id"], role=held)
        assert states(fresh) == [(lacking, "missing", "")]

    def test_a_deputy_answers_too(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], role="feedback", rank="deputy")
        assert [role for role, _, _ in states(fresh)] == ["sharing"]

    def test_the_office_mailbox_that_answers_meanwhile_is_named(
        self, fresh: dict[str, Any]
    ) -> None:
        assert {alert["office_email"] for alert in alerts(fresh)} == {"vanthu@scb.example"}
        call_action("nd47_agency_update", id=fresh["id"], email="")
        assert {one["office_email"] for one in alerts(fresh)} == {""}


class TestDays:
    @pytest.mark.parametrize(("left", "alerted"), [(0, True), (29, True), (30, False), (90, False)])
    def test_a_term_gives_one_thirty_days_ahead(
        self, fresh: dict[str, Any], left: int, alerted: bool
    ) -> None:
        focal_point(fresh["id"], valid_to=day(left))
        assert feedback(fresh) == ([("ending", day(left))] if alerted else [])

    def test_a_successor_ends_it(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], valid_to=day(5))
        focal_point(fresh["id"], full_name="Người sau", valid_from=day(6))
        assert feedback(fresh) == []

    def test_a_gap_before_the_successor_keeps_it(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], valid_to=day(5))
        focal_point(fresh["id"], full_name="Người sau", valid_from=day(8))
        assert feedback(fresh) == [("ending", day(5))]

    @pytest.mark.parametrize("ago", [1, 400])
    def test_a_term_that_has_ended_leaves_nobody(self, fresh: dict[str, Any], ago: int) -> None:
        focal_point(fresh["id"], valid_to=day(-ago))
        assert feedback(fresh) == [("missing", "")]

    def test_a_term_that_has_yet_to_begin_is_none(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], valid_from=day(3))
        assert feedback(fresh) == [("missing", "")]


class TestReach:
    def test_somebody_whom_nobody_can_reach_gives_one(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], email="", telephone="")
        assert feedback(fresh) == []
        call_action("nd47_agency_update", id=fresh["id"], email="")
        focal_points = call_action("nd47_focal_point_list", agency=fresh["id"])["results"]
        assert [one["role"] for one in focal_points] == ["feedback", "sharing"]
        assert states(fresh) == [("feedback", "unreachable", "")]

    def test_a_number_that_is_not_public_reaches_nobody(self, fresh: dict[str, Any]) -> None:
        call_action("nd47_agency_update", id=fresh["id"], email="")
        focal_point(fresh["id"], email="", telephone="0203 1")
        assert feedback(fresh) == [("unreachable", "")]


class TestSuccessor:
    def test_it_is_told_in_place_of_an_agency_that_has_ended(self, fresh: dict[str, Any]) -> None:
        heir = agency("Sở Kế nhiệm")
        call_action("nd47_agency_update", id=fresh["id"], successor=heir["id"], valid_to=day(-1))
        assert states(fresh) == []
        assert [(alert["role"], alert["datasets"]) for alert in alerts(heir)] == [
            ("feedback", 1),
            ("sharing", 1),
        ]

    def test_it_is_not_told_before(self, fresh: dict[str, Any]) -> None:
        heir = agency("Sở Kế nhiệm")
        call_action("nd47_agency_update", id=fresh["id"], successor=heir["id"], valid_to=day(0))
        assert len(states(fresh)) == 2
        assert states(heir) == []


class TestTold:
    def test_the_most_urgent_stand_first(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], valid_to=day(5))
        assert states(fresh) == [("sharing", "missing", ""), ("feedback", "ending", day(5))]

    def test_the_command_names_role_and_mailbox_and_fails(self, fresh: dict[str, Any]) -> None:
        run = CliRunner().invoke(cli.focal_points, ["alerts"])
        [line, _] = [one for one in run.output.splitlines() if fresh["title"] in one][:2]
        assert run.exit_code == 1
        assert line.split()[:2] == ["missing", "feedback"]

    def test_the_page_names_role_and_mailbox(
        self, app: CKANTestApp, people: People, fresh: dict[str, Any]
    ) -> None:
        who = {"Authorization": people.sysadmin["token"]}
        body = app.get("/focal-points/alerts", headers=who).text
        assert f"/organization/register/{fresh['name']}" in body
        assert "Connecting and sharing data: nobody is in office" in body
        assert "mailto:vanthu@scb.example" in body
