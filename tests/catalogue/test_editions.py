"""The life of a catalogue: drafted, proposed, returned, issued, followed by other editions."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.catalogue.records import fields
from tests.catalogue.conftest import DECISION, drafted, issued, items_of, proposed, with_item
from tests.desk.conftest import World

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def state_of(world: World, catalogue: Any) -> str:
    return world.call("sysadmin", "nd47_catalogue_show", id=catalogue["id"])["state"]


class TestLife:
    def test_a_new_catalogue_is_a_draft_with_a_readable_name(self, world: World):
        draft = drafted(world)
        assert (draft["state"], draft["edition"]) == ("draft", 1)
        assert draft["name"] == "danh-muc-du-lieu-mo-tinh-hai-son"

    def test_two_catalogues_of_one_title_have_two_names(self, world: World):
        assert drafted(world)["name"] != drafted(world)["name"]

    def test_a_catalogue_of_a_sector_names_its_sector(self, world: World):
        with pytest.raises(tk.ValidationError, match="sector"):
            drafted(world, kind="sector", sector="")

    @pytest.mark.parametrize("field", ["title", "kind"])
    def test_title_and_kind_are_obligatory(self, world: World, field: str):
        with pytest.raises(tk.ValidationError) as refused:
            drafted(world, **{field: ""})
        assert field in refused.value.error_dict

    def test_a_proposed_catalogue_waits_for_the_leader(self, world: World):
        assert proposed(world)["state"] == "proposed"

    def test_nothing_without_items_is_proposed(self, world: World):
        with pytest.raises(tk.ValidationError, match="items"):
            world.call("compiler", "nd47_catalogue_propose", id=drafted(world)["id"])

    def test_the_leader_returns_it_with_a_reason(self, world: World):
        waiting = proposed(world)
        shown = world.call(
            "leader", "nd47_catalogue_return", id=waiting["id"], reason="Thiếu dữ liệu y tế."
        )
        assert (shown["state"], shown["reason"]) == ("draft", "Thiếu dữ liệu y tế.")

    def test_it_is_not_returned_without_a_reason(self, world: World):
        with pytest.raises(tk.ValidationError, match="reason"):
            world.call("leader", "nd47_catalogue_return", id=proposed(world)["id"], reason=" ")

    def test_issued_it_is_in_force_and_has_its_next_review(self, world: World):
        made = issued(world)
        assert made["state"] == "issued"
        assert (made["in_force_from"], made["next_review"]) == ("2026-03-05", "2026-09-05")

    @pytest.mark.parametrize("field", sorted(DECISION))
    def test_nothing_is_issued_without_its_decision(self, world: World, field: str):
        waiting = proposed(world)
        with pytest.raises(tk.ValidationError) as refused:
            world.call(
                "leader", "nd47_catalogue_issue", id=waiting["id"], **{**DECISION, field: ""}
            )
        assert field in refused.value.error_dict
        assert state_of(world, waiting) == "proposed"

    def test_a_draft_is_not_issued_past_the_proposal(self, world: World):
        draft = drafted(world)
        with_item(world, draft)
        with pytest.raises(tk.ValidationError, match="state"):
            world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)

    def test_a_proposed_catalogue_is_not_edited(self, world: World):
        waiting = proposed(world)
        with pytest.raises(tk.ValidationError, match="state"):
            with_item(world, waiting)

    def test_a_draft_is_deleted_with_its_items_and_lines(self, world: World):
        draft = drafted(world)
        with_item(world, draft)
        world.call("compiler", "nd47_catalogue_delete", id=draft["id"])
        left = model.Session.scalar(sa.text("SELECT count(*) FROM nd47_catalogue_line"))
        assert left == 0
        with pytest.raises(tk.ObjectNotFound):
            state_of(world, draft)

    def test_the_history_says_who_did_what(self, world: World):
        made = issued(world)
        found = world.call("compiler", "nd47_catalogue_history", id=made["id"])
        events = [(one["event"], one["user"]) for one in reversed(found["results"])]
        compiler, leader = world.accounts["compiler"], world.accounts["leader"]
        assert events == [
            ("create", compiler),
            ("item-create", compiler),
            ("propose", compiler),
            ("issue", leader),
        ]

    def test_the_history_that_nobody_can_erase_names_no_focal_point(self, world: World):
        draft = drafted(world)
        item = with_item(world, draft, focal_point="Nguyễn Thị Lan", focal_email="lan@so.example")
        world.call(
            "compiler", "nd47_catalogue_item_update", id=item["id"], focal_point="Trần Thị Mai"
        )
        assert items_of(world, draft)[0]["focal_point"] == "Trần Thị Mai"
        found = world.call("compiler", "nd47_catalogue_history", id=draft["id"])["results"]
        told = next(one for one in found if one["event"] == "item-update")
        assert (told["before"]["focal_point"], told["after"]["focal_point"]) == ("•••", "•••")
        for word in ("Nguyễn Thị Lan", "Trần Thị Mai", "lan@so.example"):
            assert word not in repr(found)


class TestIssued:
    """What is issued never changes: the actions refuse it, and so does the database."""

    @pytest.mark.parametrize(
        ("field", "value"), [("title", "Tên khác"), ("decision_number", "1/QĐ"), ("issuer", "Sở")]
    )
    def test_its_fields_stay(self, world: World, field: str, value: str):
        made = issued(world)
        with pytest.raises(tk.ValidationError, match="never changes"):
            world.call("compiler", "nd47_catalogue_update", id=made["id"], **{field: value})

    def test_the_next_review_can_be_moved(self, world: World):
        made = issued(world)
        shown = world.call(
            "compiler", "nd47_catalogue_update", id=made["id"], next_review="31/12/2026"
        )
        assert shown["next_review"] == "2026-12-31"

    @pytest.mark.parametrize("action", ["update", "delete"])
    def test_its_items_stay(self, world: World, action: str):
        item = items_of(world, issued(world))[0]
        with pytest.raises(tk.ValidationError, match="not a draft"):
            world.call("compiler", f"nd47_catalogue_item_{action}", id=item["id"], name="Tên khác")

    def test_it_is_not_deleted(self, world: World):
        with pytest.raises(tk.ValidationError, match="not a draft"):
            world.call("compiler", "nd47_catalogue_delete", id=issued(world)["id"])

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE nd47_catalogue SET title = 'x'",
            "UPDATE nd47_catalogue SET state = 'draft'",
            "DELETE FROM nd47_catalogue",
            "TRUNCATE nd47_catalogue CASCADE",
            "UPDATE nd47_catalogue_item SET name = 'x'",
            "UPDATE nd47_catalogue_item SET catalogue_id = 'x'",
            "DELETE FROM nd47_catalogue_item",
            "INSERT INTO nd47_catalogue_item (id, catalogue_id, line_id, name)"
            " SELECT 'x', c.id, l.id, 'x' FROM nd47_catalogue c, nd47_catalogue_line l",
            "UPDATE nd47_catalogue_event SET note = 'x'",
            "DELETE FROM nd47_catalogue_event",
        ],
    )
    def test_the_database_refuses(self, world: World, statement: str):
        issued(world)
        with pytest.raises(IntegrityError):
            model.Session.execute(sa.text(statement))
        model.Session.rollback()

    def test_its_signed_file_is_added_once(self, world: World):
        made = issued(world)

        def add() -> Any:
            upload = FileStorage(io.BytesIO(PDF), "qd-804.pdf", content_type="application/pdf")
            return world.call(
                "compiler", "nd47_catalogue_file_add", id=made["id"], decision_upload=upload
            )

        assert add()["file"]["name"] == "qd-804.pdf"
        with pytest.raises(tk.ValidationError, match="signed file already"):
            add()

    def test_to_whom_it_was_sent_and_what_came_back_is_recorded(self, world: World):
        made = issued(world)
        sent = world.call(
            "compiler",
            "nd47_catalogue_dispatch",
            id=made["id"],
            recipient="Bộ Công an",
            sent="10/03/2026",
            document_number="120/UBND-KGVX",
        )["dispatches"][0]
        shown = world.call(
            "compiler",
            "nd47_catalogue_dispatch",
            id=made["id"],
            dispatch_id=sent["id"],
            answer="Đã tiếp nhận.",
            answered="20/03/2026",
        )
        assert shown["dispatches"] == [
            {**sent, "answer": "Đã tiếp nhận.", "answered": "2026-03-20"}
        ]

    def test_a_draft_is_sent_to_nobody(self, world: World):
        with pytest.raises(tk.ValidationError, match="state"):
            world.call(
                "compiler",
                "nd47_catalogue_dispatch",
                id=drafted(world)["id"],
                recipient="Bộ Công an",
                sent="10/03/2026",
            )


class TestNewEdition:
    def test_it_starts_with_the_items_and_without_the_decision(self, world: World):
        first = issued(world)
        second = world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])
        assert (second["state"], second["edition"]) == ("draft", 2)
        assert second["decision_number"] == ""
        names = [item["name"] for item in items_of(world, second)]
        assert names == [item["name"] for item in items_of(world, first)]

    def test_its_items_are_of_the_same_lines(self, world: World):
        first = issued(world)
        second = world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])
        lines = [[item["line_id"] for item in items_of(world, one)] for one in (first, second)]
        assert lines[0] == lines[1]

    def test_there_is_one_open_edition_at_a_time(self, world: World):
        first = issued(world)
        world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])
        with pytest.raises(tk.ValidationError, match="open already"):
            world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])

    def test_it_does_not_start_from_a_draft(self, world: World):
        with pytest.raises(tk.ValidationError, match="state"):
            world.call("compiler", "nd47_catalogue_new_edition", id=drafted(world)["id"])

    @pytest.mark.parametrize(
        ("relation", "before"), [("replaces", "replaced"), ("supplements", "issued")]
    )
    def test_issued_it_replaces_or_supplements(self, world: World, relation: str, before: str):
        first = issued(world)
        second = world.call(
            "compiler", "nd47_catalogue_new_edition", id=first["id"], relation=relation
        )
        world.call("compiler", "nd47_catalogue_propose", id=second["id"])
        world.call(
            "leader",
            "nd47_catalogue_issue",
            id=second["id"],
            **{**DECISION, "decision_number": "1200/QĐ-UBND"},
        )
        assert state_of(world, first) == before
        assert state_of(world, second) == "issued"

    def test_what_differs_is_said_in_words(self, world: World):
        first = issued(world)
        second = world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])
        item = items_of(world, second)[0]
        world.call(
            "compiler",
            "nd47_catalogue_item_update",
            id=item["id"],
            frequency="hang-nam",
            planned="2027-01-01",
        )
        with_item(world, second, name="Danh sách trường mầm non", code="GD.02")
        found = world.call("compiler", "nd47_catalogue_compare", id=second["id"])
        assert [one["name"] for one in found["added"]] == ["Danh sách trường mầm non"]
        assert (found["removed"], found["unchanged"]) == ([], 0)
        changes = {one["field"]: one for one in found["changed"][0]["changes"]}
        assert set(changes) == {"frequency", "planned"}
        assert (changes["planned"]["before"], changes["planned"]["after"]) == ("", "01/01/2027")
        assert changes["frequency"]["after"] != "hang-nam"

    def test_visitors_are_not_told_of_persons(self, world: World):
        draft = drafted(world)
        with_item(world, draft, code="GD.01", focal_point="Nguyễn Thị Lan")
        world.call("compiler", "nd47_catalogue_propose", id=draft["id"])
        first = world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)
        second = world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])
        world.call(
            "compiler",
            "nd47_catalogue_item_update",
            id=items_of(world, second)[0]["id"],
            focal_point="Trần Thị Mai",
            focal_email="mai@so.example",
            focal_telephone="0203 711 222",
        )
        world.call("compiler", "nd47_catalogue_propose", id=second["id"])
        second = {"id": second["id"], "other": first["id"]}
        world.call("leader", "nd47_catalogue_issue", id=second["id"], **DECISION)
        told = repr(world.call("editor", "nd47_catalogue_compare", **second))
        compared = world.call("stranger", "nd47_catalogue_compare", **second)
        for word in ("Nguyễn Thị Lan", "Trần Thị Mai", "mai@so.example", "0203 711 222"):
            assert word in told
            assert word not in repr(compared)
        assert (compared["changed"], compared["unchanged"]) == ([], 1)

    def test_what_was_removed_is_said(self, world: World):
        first = issued(world)
        second = world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])
        with_item(world, second, name="Danh sách trường mầm non", code="GD.02")
        world.call("compiler", "nd47_catalogue_item_delete", id="GD.01", catalogue=second["id"])
        found = world.call("compiler", "nd47_catalogue_compare", id=second["id"])
        assert [one["code"] for one in found["removed"]] == ["GD.01"]


class TestTwoCompilers:
    def test_the_second_one_is_told_in_one_sentence_who_was_faster(self, world: World):
        draft = drafted(world)
        world.call(
            "compiler", "nd47_catalogue_update", id=draft["id"], description="Một", version=1
        )
        with pytest.raises(tk.ValidationError, match="after you opened it") as refused:
            world.call(
                "sysadmin", "nd47_catalogue_update", id=draft["id"], description="Hai", version=1
            )
        assert list(refused.value.error_dict) == ["version"]
        shown = world.call("compiler", "nd47_catalogue_show", id=draft["id"])
        assert shown["description"] == "Một"

    def test_an_item_is_not_overwritten(self, world: World):
        item = with_item(world, drafted(world))
        for_item = {"id": item["id"], "version": item["version"]}
        world.call("compiler", "nd47_catalogue_item_update", note="Một", **for_item)
        with pytest.raises(tk.ValidationError, match="after you opened it"):
            world.call("sysadmin", "nd47_catalogue_item_update", note="Hai", **for_item)

    def test_two_items_of_one_draft_are_changed_at_once(self, world: World):
        draft = drafted(world)
        one, two = with_item(world, draft, code="1"), with_item(world, draft, code="2")
        for item in (one, two):
            world.call(
                "compiler",
                "nd47_catalogue_item_update",
                id=item["id"],
                version=item["version"],
                note="Đã sửa",
            )
        assert {item["note"] for item in items_of(world, draft)} == {"Đã sửa"}

    def test_a_code_is_given_once(self, world: World):
        draft = drafted(world)
        with_item(world, draft, code="GD.01")
        with pytest.raises(tk.ValidationError, match="has this code"):
            with_item(world, draft, code="GD.01")

    def test_a_leader_does_not_issue_what_they_have_not_seen(self, world: World):
        waiting = proposed(world)
        with pytest.raises(tk.ValidationError, match="version"):
            world.call("leader", "nd47_catalogue_issue", id=waiting["id"], version=1, **DECISION)


def test_deadline_of_a_decision_does_not_hold_before_the_decision():
    issued = dt.date(2022, 8, 16)
    assert fields.deadline("quarterly-update", issued)
    assert fields.deadline("quarterly-update", issued - dt.timedelta(days=1)) is None
