"""Plans: drafted, filled, issued; compared with what was published on any day; followed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action, changed_config

from ckanext.nd47.lib.calendar import dates
from tests.catalogue.conftest import dataset, drafted, with_item
from tests.desk.conftest import World
from tests.support.statements import statements

STAGES = [
    {
        "title": "Giai đoạn 1",
        "first_day": "01/01/2026",
        "last_day": "30/06/2026",
        "share_of_items": "50",
        "share_of_agencies": "50",
        "minimum_level": "Tệp CSV, cập nhật đúng kỳ",
    },
    {"title": "Giai đoạn 2", "first_day": "01/07/2026", "last_day": "31/12/2026",
     "share_of_items": 90, "share_of_agencies": 100},
]  # fmt: skip
DOCUMENT = {
    "decision_number": "59/KH-UBND",
    "decision_date": "05/01/2026",
    "issuer": "Ủy ban nhân dân tỉnh Hải Sơn",
    "signatory": "Trần Văn Minh",
}


def planned(world: World, **more: Any) -> Any:
    """Return a draft of a plan of two stages."""
    data = {
        "title": "Kế hoạch công bố dữ liệu mở năm 2026",
        "agency": world.agencies["province"]["id"],
        "first_day": "01/01/2026",
        "last_day": "31/12/2026",
        "stages": STAGES,
    }
    return world.call("compiler", "nd47_plan_create", **{**data, **more})


def filled(world: World, **more: Any) -> tuple[Any, dict[str, Any]]:
    """Return a draft with an item of each of two agencies, and the items by agency."""
    draft = drafted(world)
    items = {
        "own": with_item(world, draft, "own", code="A", name="Trường", planned="31/03/2026"),
        "foreign": with_item(
            world, draft, "foreign", code="B", name="Bệnh viện", stage="Giai đoạn 2"
        ),
    }
    plan = planned(world, **more)
    world.call("compiler", "nd47_plan_fill", id=plan["id"], catalogues=[draft["id"]])
    return shown(world, plan), items


def issued(world: World, **more: Any) -> tuple[Any, dict[str, Any]]:
    plan, items = filled(world, **more)
    return world.call("leader", "nd47_plan_issue", id=plan["id"], **DOCUMENT), items


def shown(world: World, plan: Any, day: str = "") -> Any:
    return world.call("compiler", "nd47_plan_show", id=plan["id"], day=day)


def entries(world: World, plan: Any, **data: Any) -> list[Any]:
    return world.call("compiler", "nd47_plan_entries", id=plan["id"], **data)["results"]


def publish(world: World, item: Any, agency: str = "own", **fields: Any) -> Any:
    """Publish a dataset of an item."""
    made = dataset(world, agency, **fields)
    world.call("compiler", "nd47_catalogue_link", id=item["id"], datasets=[made["id"]])
    return made


class TestDraft:
    def test_a_plan_has_its_stages_with_targets(self, world: World):
        plan = planned(world)
        assert plan["state"] == "draft"
        assert [stage["title"] for stage in plan["stages"]] == ["Giai đoạn 1", "Giai đoạn 2"]
        assert [stage["items"]["target"] for stage in plan["stages"]] == [50, 90]

    def test_two_plans_of_one_title_have_two_names(self, world: World):
        assert planned(world)["name"] != planned(world)["name"]

    @pytest.mark.parametrize("field", ["title", "first_day", "last_day", "agency"])
    def test_title_days_and_agency_are_obligatory(self, world: World, field: str):
        with pytest.raises(tk.ValidationError) as refused:
            planned(world, **{field: ""})
        assert field in refused.value.error_dict

    @pytest.mark.parametrize(
        "wrong",
        [
            {"last_day": "31/12/2025"},
            {"stages": [{**STAGES[0], "last_day": "01/12/2025"}]},
            {"stages": [{**STAGES[0], "share_of_items": 101}]},
            {"stages": [{**STAGES[0], "title": ""}]},
            {"stages": "x"},
            {"stages": ["x"]},
        ],
    )
    def test_wrong_days_and_shares_are_refused(self, world: World, wrong: dict[str, Any]):
        with pytest.raises(tk.ValidationError):
            planned(world, **wrong)

    def test_it_is_filled_from_the_items_of_a_catalogue(self, world: World):
        plan, _ = filled(world)
        assert [(one["name"], one["due"]) for one in entries(world, plan)] == [
            ("Trường", "2026-03-31"),
            ("Bệnh viện", "2026-12-31"),
        ]

    def test_filling_again_adds_nothing_twice(self, world: World):
        plan, _ = filled(world)
        series = plan["series_ids"][0]
        again = world.call("compiler", "nd47_plan_fill", id=plan["id"], catalogues=[series])
        assert again["added"] == 0

    def test_what_is_published_or_planned_for_later_is_left_out(self, world: World):
        draft = drafted(world)
        publish(world, with_item(world, draft, code="A"))
        with_item(world, draft, code="B", planned="01/06/2027")
        plan = planned(world)
        added = world.call("compiler", "nd47_plan_fill", id=plan["id"], catalogues=[draft["id"]])
        assert added["added"] == 0

    def test_it_is_filled_from_the_improvement_plans_of_datasets(self, world: World):
        improvement = {"improvement": "Bổ sung tọa độ", "deadline": "2026-09-30"}
        made = dataset(world, quality_plan=[improvement])
        plan = planned(world)
        world.call("compiler", "nd47_plan_fill", id=plan["id"], improvements=True)
        entry = entries(world, plan)[0]
        assert (entry["dataset_id"], entry["kind"]) == (made["id"], "improve")
        assert (entry["task"], entry["due"]) == ("Bổ sung tọa độ", "2026-09-30")

    def test_an_entry_is_changed_and_removed(self, world: World):
        plan, _ = filled(world)
        first, second = entries(world, plan)
        world.call("compiler", "nd47_plan_entry_update", id=first["id"], due="30/04/2026")
        world.call("compiler", "nd47_plan_entry_delete", id=second["id"])
        assert [one["due"] for one in entries(world, plan)] == ["2026-04-30"]

    def test_what_somebody_changed_meanwhile_is_not_overwritten(self, world: World):
        plan = planned(world)
        world.call("compiler", "nd47_plan_update", id=plan["id"], title="Tên mới")
        with pytest.raises(tk.ValidationError, match="version"):
            world.call(
                "compiler", "nd47_plan_update", id=plan["id"], title="x", version=plan["version"]
            )

    def test_a_draft_is_deleted_and_its_history_stays(self, world: World):
        plan, _ = filled(world)
        world.call("compiler", "nd47_plan_delete", id=plan["id"])
        with pytest.raises(tk.ObjectNotFound):
            shown(world, plan)
        rows = model.Session.execute(
            sa.text("SELECT event FROM nd47_plan_event WHERE plan_id = :id ORDER BY id"),
            {"id": plan["id"]},
        )
        assert [row[0] for row in rows][-1] == "delete"


class TestIssued:
    def test_the_leader_issues_it_by_its_document(self, world: World):
        plan, _ = issued(world)
        assert (plan["state"], plan["decision_number"]) == ("issued", "59/KH-UBND")

    @pytest.mark.parametrize("field", sorted(DOCUMENT))
    def test_the_document_is_obligatory(self, world: World, field: str):
        plan, _ = filled(world)
        with pytest.raises(tk.ValidationError) as refused:
            world.call("leader", "nd47_plan_issue", id=plan["id"], **{**DOCUMENT, field: ""})
        assert field in refused.value.error_dict

    def test_a_plan_without_entries_or_days_is_not_issued(self, world: World):
        plan, _ = filled(world)
        world.call("compiler", "nd47_plan_entry_update", id=entries(world, plan)[0]["id"], due="")
        with pytest.raises(tk.ValidationError, match="entries"):
            world.call("leader", "nd47_plan_issue", id=plan["id"], **DOCUMENT)
        with pytest.raises(tk.ValidationError, match="entries"):
            world.call("leader", "nd47_plan_issue", id=planned(world)["id"], **DOCUMENT)

    def test_an_issued_plan_never_changes(self, world: World):
        plan, _ = issued(world)
        entry = entries(world, plan)[0]
        for action, data in (
            ("nd47_plan_update", {"id": plan["id"], "title": "x"}),
            ("nd47_plan_fill", {"id": plan["id"], "improvements": True}),
            ("nd47_plan_delete", {"id": plan["id"]}),
            ("nd47_plan_entry_update", {"id": entry["id"], "due": "01/01/2027"}),
            ("nd47_plan_entry_delete", {"id": entry["id"]}),
        ):
            with pytest.raises(tk.ValidationError, match="state"):
                world.call("compiler", action, **data)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE nd47_plan SET title = 'x'",
            "DELETE FROM nd47_plan",
            "UPDATE nd47_plan_stage SET share_of_items = 1",
            "UPDATE nd47_plan_entry SET due = '2030-01-01'",
            "DELETE FROM nd47_plan_entry",
            "UPDATE nd47_plan_event SET note = 'x'",
            "DELETE FROM nd47_plan_event",
            "TRUNCATE nd47_plan_event",
        ],
    )
    def test_the_database_refuses_its_change(self, world: World, statement: str):
        issued(world)
        with pytest.raises(IntegrityError):
            model.Session.execute(sa.text(statement))
        model.Session.rollback()

    def test_it_is_closed(self, world: World):
        plan, _ = issued(world)
        closed = world.call("leader", "nd47_plan_close", id=plan["id"])
        assert closed["state"] == "closed"


class TestAgainstWhatWasPublished:
    def test_an_entry_is_done_on_the_day_of_its_dataset(self, world: World):
        plan, items = issued(world)
        publish(world, items["own"], issued="2026-03-20")
        entry = entries(world, plan)[0]
        assert (entry["state"], entry["done_on"], entry["is_on_time"]) == (
            "done",
            "2026-03-20",
            True,
        )

    def test_an_entry_without_datasets_is_late_from_the_day_after(self, world: World):
        plan, _ = issued(world)
        assert entries(world, plan, day="31/03/2026")[0]["state"] == "open"
        assert entries(world, plan, day="01/04/2026")[0]["state"] == "late"

    def test_a_past_day_is_as_it_was_then(self, world: World):
        plan, items = issued(world)
        publish(world, items["own"], issued="2026-04-20")
        assert entries(world, plan, day="10/04/2026")[0]["state"] == "late"
        assert entries(world, plan, day="20/04/2026")[0]["state"] == "done"
        assert entries(world, plan, day="20/04/2026")[0]["is_on_time"] is False

    def test_a_private_dataset_is_not_published(self, world: World):
        plan, items = issued(world)
        made = publish(world, items["own"], issued="2026-03-20")
        call_action("package_patch", id=made["id"], private=True)
        assert entries(world, plan)[0]["done_on"] == ""

    def test_the_day_that_an_officer_stated_comes_first(self, world: World):
        plan, items = issued(world)
        publish(world, items["own"], issued="2026-03-20")
        world.call(
            "compiler",
            "nd47_catalogue_item_status",
            id=items["own"]["id"],
            first_provided="01/03/2026",
        )
        assert entries(world, plan)[0]["done_on"] == "2026-03-01"

    def test_a_stage_says_what_is_reached_by_its_last_day(self, world: World):
        plan, items = issued(world)
        publish(world, items["own"], issued="2026-03-20")
        publish(world, items["foreign"], "foreign", issued="2026-08-20")
        first, second = shown(world, plan, "01/09/2026")["stages"]
        assert (first["day"], first["items"]["share"]) == ("2026-06-30", 50)
        assert first["items"]["is_reached"] is True
        assert (second["day"], second["items"]["share"]) == ("2026-09-01", 100)
        assert second["agencies"]["share"] == 100

    def test_an_agency_whose_data_are_overdue_is_not_counted(self, world: World):
        plan, items = issued(world)
        publish(world, items["own"], issued="2020-01-01", modified="2020-01-01",
                frequency="hang-nam")  # fmt: skip
        reached = shown(world, plan, "01/09/2026")
        assert (reached["items"]["done"], reached["agencies"]["done"]) == (1, 0)

    def test_agencies_are_counted_with_the_late_ones_first(self, world: World):
        plan, _ = issued(world)
        rows = shown(world, plan, "01/09/2026")["by_agency"]
        assert [(row["agency"]["title"], row["late"]) for row in rows] == [
            ("Sở Giáo dục và Đào tạo", 1),
            ("Sở Y tế", 0),
        ]

    def test_filters_narrow_the_entries(self, world: World):
        plan, _ = issued(world)
        day = "01/09/2026"
        assert len(entries(world, plan, day=day, state="late")) == 1
        assert len(entries(world, plan, day=day, stage="2")) == 1
        assert len(entries(world, plan, agency=world.agencies["foreign"]["id"])) == 1
        with pytest.raises(tk.ValidationError):
            entries(world, plan, state="x")

    def test_a_purged_dataset_leaves_the_entry(self, world: World):
        plan, items = issued(world)
        made = publish(world, items["own"], issued="2026-03-20")
        call_action("dataset_purge", id=made["id"])
        assert [one["name"] for one in entries(world, plan)] == ["Trường", "Bệnh viện"]

    def test_statements_do_not_grow_with_the_entries(self, world: World):
        draft = drafted(world)
        plan = planned(world)

        def sent() -> int:
            with statements() as found:
                shown(world, plan)
                entries(world, plan)
            return len(found)

        with_item(world, draft, code="1", planned="31/03/2026")
        world.call("compiler", "nd47_plan_fill", id=plan["id"], catalogues=[draft["id"]])
        sent()
        few = sent()
        for number in range(2, 12):
            agency = ("own", "foreign", "below")[number % 3]
            with_item(world, draft, agency, code=str(number), planned="31/03/2026")
        world.call("compiler", "nd47_plan_fill", id=plan["id"], catalogues=[draft["id"]])
        sent()
        assert sent() == few


class TestSlips:
    def test_a_day_is_put_off_with_a_reason_and_the_planned_day_stays(self, world: World):
        plan, _ = issued(world)
        entry = entries(world, plan)[0]
        world.call(
            "editor", "nd47_plan_slip", id=entry["id"], day="01/02/2099", reason="Chờ phần mềm"
        )
        after = entries(world, plan)[0]
        assert (after["due"], after["expected"]) == ("2026-03-31", "2099-02-01")
        assert after["slips"][0]["reason"] == "Chờ phần mềm"
        assert after["state"] == "open"

    def test_the_public_is_not_told_who_put_it_off(self, world: World):
        plan, _ = issued(world)
        world.call(
            "editor",
            "nd47_plan_slip",
            id=entries(world, plan)[0]["id"],
            day="01/02/2099",
            reason="Chờ phần mềm",
        )
        assert entries(world, plan)[0]["slips"][0]["account"]
        with changed_config("ckanext.nd47.public_plans", "true"):
            told = world.call("stranger", "nd47_plan_show", id=plan["id"], include_entries=True)
            listed = world.call("stranger", "nd47_plan_entries", id=plan["id"])
        for page in (told["entries"], listed):
            [slip] = page["results"][0]["slips"]
            assert (slip["account"], slip["reason"]) == ("", "Chờ phần mềm")

    def test_a_slip_counts_from_the_day_on_which_it_was_recorded(self, world: World):
        plan, _ = issued(world)
        entry = entries(world, plan)[0]
        world.call("editor", "nd47_plan_slip", id=entry["id"], day="01/02/2099", reason="Chờ")
        yesterday = (dates.today() - dt.timedelta(days=1)).strftime("%d/%m/%Y")
        before = entries(world, plan, day=yesterday)[0]
        assert (before["expected"], before["slips"]) == ("2026-03-31", [])

    def test_a_slip_needs_a_reason_and_a_later_day(self, world: World):
        plan, _ = issued(world)
        entry = entries(world, plan)[0]
        with pytest.raises(tk.ValidationError, match="reason"):
            world.call("editor", "nd47_plan_slip", id=entry["id"], day="01/02/2099")
        with pytest.raises(tk.ValidationError, match="day"):
            world.call("editor", "nd47_plan_slip", id=entry["id"], day="01/01/2026", reason="x")

    def test_a_draft_is_changed_and_not_put_off(self, world: World):
        plan, _ = filled(world)
        entry = entries(world, plan)[0]
        with pytest.raises(tk.ValidationError, match="state"):
            world.call("compiler", "nd47_plan_slip", id=entry["id"], day="01/02/2099", reason="x")

    def test_an_improvement_is_done_on_the_recorded_day(self, world: World):
        dataset(world, quality_plan=[{"improvement": "Bổ sung tọa độ", "deadline": "2026-09-30"}])
        plan, _ = filled(world)
        world.call("compiler", "nd47_plan_fill", id=plan["id"], improvements=True)
        world.call("leader", "nd47_plan_issue", id=plan["id"], **DOCUMENT)
        entry = entries(world, plan, kind="improve")[0]
        world.call("editor", "nd47_plan_done", id=entry["id"], day="01/08/2026")
        assert entries(world, plan, kind="improve")[0]["state"] == "done"
        world.call("editor", "nd47_plan_done", id=entry["id"], note="Chưa đủ")
        assert entries(world, plan, kind="improve")[0]["done_on"] == ""

    def test_a_publication_is_not_done_by_hand(self, world: World):
        plan, _ = issued(world)
        with pytest.raises(tk.ValidationError, match="datasets"):
            world.call(
                "compiler", "nd47_plan_done", id=entries(world, plan)[0]["id"], day="01/02/2026"
            )

    def test_the_history_names_who_did_what(self, world: World):
        plan, _ = issued(world)
        entry = entries(world, plan)[0]
        world.call("editor", "nd47_plan_slip", id=entry["id"], day="01/02/2099", reason="Chờ")
        page = world.call("leader", "nd47_plan_history", id=plan["id"])
        assert page["results"][0]["user"] == world.accounts["editor"]
        assert [event["event"] for event in page["results"]][:2] == ["slip", "issue"]


class TestNextPlan:
    def test_it_has_what_is_left(self, world: World):
        plan, items = issued(world)
        publish(world, items["own"], issued="2026-03-20")
        following = world.call(
            "compiler",
            "nd47_plan_follow",
            id=plan["id"],
            title="Kế hoạch năm 2027",
            first_day="01/01/2027",
            last_day="31/12/2027",
        )
        assert [one["name"] for one in entries(world, following)] == ["Bệnh viện"]
        assert following["previous"]["name"] == plan["name"]
        assert shown(world, plan)["following"]["name"] == following["name"]

    def test_a_plan_is_followed_once(self, world: World):
        plan, _ = issued(world)
        data = {"title": "Tiếp", "first_day": "01/01/2027", "last_day": "31/12/2027"}
        world.call("compiler", "nd47_plan_follow", id=plan["id"], **data)
        with pytest.raises(tk.ValidationError):
            world.call("compiler", "nd47_plan_follow", id=plan["id"], **data)

    def test_a_draft_is_not_followed(self, world: World):
        data = {"title": "Tiếp", "first_day": "01/01/2027", "last_day": "31/12/2027"}
        with pytest.raises(tk.ValidationError, match="state"):
            world.call("compiler", "nd47_plan_follow", id=planned(world)["id"], **data)


MATRIX = {
    "nd47_plan_create": {"compiler"},
    "nd47_plan_update": {"compiler"},
    "nd47_plan_fill": {"compiler"},
    "nd47_plan_delete": {"compiler"},
    "nd47_plan_follow": {"compiler"},
    "nd47_plan_entry_update": {"compiler"},
    "nd47_plan_entry_delete": {"compiler"},
    "nd47_plan_issue": {"leader", "approver"},
    "nd47_plan_close": {"leader", "approver"},
    "nd47_plan_slip": {"compiler", "editor"},
    "nd47_plan_done": {"compiler", "editor"},
    "nd47_plan_show": {"compiler", "editor", "subordinate", "foreign", "leader", "own_leader",
                       "approver"},
    "nd47_plan_entries": {"compiler", "editor", "subordinate", "foreign", "leader", "own_leader",
                          "approver"},
    "nd47_plan_history": {"compiler", "editor", "subordinate", "foreign", "leader", "own_leader",
                          "approver"},
}  # fmt: skip
"""Accounts that may call each action on the plan of the province, or on an entry of `own`."""

ACCOUNTS = (
    "compiler",
    "editor",
    "subordinate",
    "foreign",
    "leader",
    "own_leader",
    "approver",
    "stranger",
)


class TestAccess:
    def test_every_action_is_for_the_accounts_of_its_row(self, world: World):
        plan, _ = issued(world)
        entry = entries(world, plan)[0]
        for action, allowed in MATRIX.items():
            of_entry = action in {"nd47_plan_slip", "nd47_plan_done"} or "_entry_" in action
            data = {"id": entry["id"] if of_entry else plan["id"]}
            if action == "nd47_plan_create":
                data = {"agency": world.agencies["province"]["id"]}
            for account in ACCOUNTS:
                may = is_authorized(world, account, action, data)
                assert may == (account in allowed), (action, account)

    def test_the_public_reads_issued_plans_where_the_portal_has_chosen_it(self, world: World):
        plan, _ = issued(world)
        draft = planned(world)
        assert not is_authorized(world, "stranger", "nd47_plan_show", {"id": plan["id"]})
        with changed_config("ckanext.nd47.public_plans", "true"):
            assert is_authorized(world, "stranger", "nd47_plan_show", {"id": plan["id"]})
            assert not is_authorized(world, "stranger", "nd47_plan_show", {"id": draft["id"]})
            listed = world.call("stranger", "nd47_plan_list")
            assert [one["id"] for one in listed["results"]] == [plan["id"]]
        assert world.call("stranger", "nd47_plan_list")["count"] == 0


def is_authorized(world: World, account: str, action: str, data: dict[str, Any]) -> bool:
    context: Any = {"user": world.accounts[account], "ignore_auth": False}
    try:
        tk.check_access(action, context, data)
    except tk.NotAuthorized:
        return False
    return True


def test_a_plan_is_shown_with_a_page_of_its_entries(world: World):
    plan, _ = filled(world)
    page = world.call("compiler", "nd47_plan_entries", id=plan["id"], kind="publish", limit=1)
    together = world.call(
        "compiler", "nd47_plan_show", id=plan["id"], include_entries=True, kind="publish", limit=1
    )
    assert together["entries"] == page
    assert page["count"] > len(page["results"]) == 1
    assert "entries" not in shown(world, plan)


@pytest.mark.parametrize(
    "wrong", [{"include_entries": "có lẽ"}, {"include_entries": True, "state": "xong"}]
)
def test_a_wrong_page_of_entries_is_refused(world: World, wrong: dict[str, Any]):
    plan, _ = filled(world)
    with pytest.raises(tk.ValidationError):
        world.call("compiler", "nd47_plan_show", id=plan["id"], **wrong)
