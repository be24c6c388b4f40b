"""Terms of focal points through the actions."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from tests.agencies.conftest import agency, dataset, focal_point

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def fresh() -> dict[str, Any]:
    """An agency without focal points."""
    return agency("Sở Thử nghiệm")


class TestTerms:
    def test_a_second_main_one_in_the_same_days_is_refused(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"])
        with pytest.raises(tk.ValidationError, match="main focal point"):
            focal_point(fresh["id"], full_name="Người khác", email="khac@x.example")

    def test_terms_that_share_one_day_overlap(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], valid_to="2025-06-30")
        with pytest.raises(tk.ValidationError):
            focal_point(fresh["id"], full_name="Người khác", valid_from="2025-06-30")
        focal_point(fresh["id"], full_name="Người khác", valid_from="2025-07-01")

    def test_one_person_holds_both_roles(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], role="feedback")
        focal_point(fresh["id"], role="sharing")
        assert call_action("nd47_focal_point_list", agency=fresh["id"])["count"] == 2

    def test_a_role_beside_the_two_of_the_decree_is_recorded_but_no_contact_of_datasets(
        self, fresh: dict[str, Any]
    ) -> None:
        for role in ("officer", "steward", "commune", "compliance", "information"):
            focal_point(fresh["id"], role=role, email=f"{role}@x.example")
        found = call_action("nd47_focal_point_list", agency=fresh["id"])["results"]
        assert len(found) == 5
        made = dataset(fresh)
        shown = call_action("package_show", id=made["id"])
        assert "officer@x.example" not in str(shown.get("contact_points"))

    def test_a_role_that_is_in_no_list_is_refused(self, fresh: dict[str, Any]) -> None:
        with pytest.raises(tk.ValidationError):
            focal_point(fresh["id"], role="chairman")

    def test_there_may_be_several_deputies(self, fresh: dict[str, Any]) -> None:
        for name in ("Một", "Hai"):
            focal_point(fresh["id"], rank="deputy", full_name=name)
        assert call_action("nd47_focal_point_list", agency=fresh["id"])["count"] == 2

    def test_the_same_deputy_twice_is_refused(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], rank="deputy")
        with pytest.raises(tk.ValidationError, match="recorded"):
            focal_point(fresh["id"], rank="deputy")

    def test_a_change_into_a_taken_term_is_refused_and_undone(self, fresh: dict[str, Any]) -> None:
        focal_point(fresh["id"], valid_to="2025-06-30")
        second = focal_point(fresh["id"], full_name="Hai", valid_from="2025-07-01")
        with pytest.raises(tk.ValidationError):
            call_action("nd47_focal_point_update", id=second["id"], valid_from="2025-06-01")
        shown = call_action("nd47_focal_point_show", id=second["id"])
        assert shown["valid_from"] == "2025-07-01"

    def test_of_two_writers_at_the_same_moment_one_is_refused(self, fresh: dict[str, Any]) -> None:
        """The database decides, so neither can slip between the other's look and its writing."""
        start, outcomes = threading.Barrier(2), []

        def write(name: str) -> None:
            start.wait()
            try:
                focal_point(fresh["id"], full_name=name)
                outcomes.append("made")
            except tk.ValidationError:
                outcomes.append("refused")
            finally:
                model.Session.remove()

        model.Session.commit()
        writers = [threading.Thread(target=write, args=(name,)) for name in ("Một", "Hai")]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert sorted(outcomes) == ["made", "refused"]
        assert call_action("nd47_focal_point_list", agency=fresh["id"])["count"] == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("role", "boss"),
            ("role", ""),
            ("rank", "third"),
            ("email", "no mailbox"),
            ("personal_email", "no mailbox"),
            ("telephone", "call me"),
            ("valid_from", "2025-13-01"),
            ("valid_to", "2024-12-31"),
            ("document_date", "tomorrow"),
            ("document_url", "javascript:alert(1)"),
            ("full_name", {"a": "group"}),
        ],
    )
    def test_a_wrong_value_is_refused_at_its_field(
        self, fresh: dict[str, Any], field: str, value: Any
    ) -> None:
        with pytest.raises(tk.ValidationError) as refused:
            focal_point(fresh["id"], **{field: value})
        assert set(refused.value.error_dict) == {field}

    def test_one_that_nobody_can_reach_is_refused(self, fresh: dict[str, Any]) -> None:
        with pytest.raises(tk.ValidationError):
            focal_point(fresh["id"], full_name="", position="", email="", telephone="")


class TestSuccession:
    def test_one_term_ends_on_the_day_before_the_next(self, fresh: dict[str, Any]) -> None:
        first = focal_point(fresh["id"])
        second = call_action(
            "nd47_focal_point_succeed",
            id=first["id"],
            full_name="Người sau",
            email="sau@x.example",
            valid_from="01/10/2026",
        )
        assert call_action("nd47_focal_point_show", id=first["id"])["valid_to"] == "2026-09-30"
        assert (second["role"], second["rank"]) == ("feedback", "main")
        assert second["valid_from"] == "2026-10-01"

    def test_what_is_refused_leaves_the_first_term_as_it_was(self, fresh: dict[str, Any]) -> None:
        first = focal_point(fresh["id"])
        with pytest.raises(tk.ValidationError):
            call_action("nd47_focal_point_succeed", id=first["id"], email="no mailbox")
        with pytest.raises(tk.ValidationError):
            call_action(
                "nd47_focal_point_succeed", id=first["id"], full_name="A", valid_from="2024-01-01"
            )
        assert call_action("nd47_focal_point_show", id=first["id"])["valid_to"] == ""

    def test_a_clash_with_a_later_term_undoes_the_whole(self, fresh: dict[str, Any]) -> None:
        first = focal_point(fresh["id"], valid_to="2026-12-31")
        focal_point(fresh["id"], full_name="Ba", valid_from="2027-01-01")
        with pytest.raises(tk.ValidationError):
            call_action(
                "nd47_focal_point_succeed", id=first["id"], full_name="Hai", valid_from="2026-06-01"
            )
        model.Session.rollback()
        assert call_action("nd47_focal_point_show", id=first["id"])["valid_to"] == "2026-12-31"


class TestDeletion:
    def test_the_contact_of_datasets_is_not_deleted(self, fresh: dict[str, Any]) -> None:
        officer = focal_point(fresh["id"])
        dataset(fresh)
        with pytest.raises(tk.ValidationError, match="1 datasets of the agency"):
            call_action("nd47_focal_point_delete", id=officer["id"])

    def test_one_that_a_dataset_of_its_agency_names_is_not_deleted(
        self, fresh: dict[str, Any]
    ) -> None:
        officer = focal_point(fresh["id"])
        named = dataset(fresh, contact=[{"identifier": officer["id"]}])
        with pytest.raises(tk.ValidationError, match=named["name"]):
            call_action("nd47_focal_point_delete", id=officer["id"])

    def test_an_unused_one_is_deleted(self, fresh: dict[str, Any]) -> None:
        officer = focal_point(fresh["id"])
        call_action("nd47_focal_point_delete", id=officer["id"])
        with pytest.raises(tk.ObjectNotFound):
            call_action("nd47_focal_point_show", id=officer["id"])
