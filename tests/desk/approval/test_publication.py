"""Publication at a moment, suspended, withdrawn and resumed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.approval import publication
from tests.desk.approval.approval_office import (
    APPROVED,
    DRAFT,
    NOT_YET,
    PUBLISHED,
    SCHEDULED,
    SUSPENDED,
    WAITING,
    WITHDRAWN,
    approved,
    axes_of,
    decided,
    is_public,
    later,
    make_due,
    office,
    require,
    strict,
    written,
)

__all__ = ["office", "strict"]


class TestSchedule:
    def test_an_approved_dataset_waits_for_its_moment(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["publication"] == SCHEDULED
        assert not is_public(dataset_id)
        assert publication.publish_due() == (0, 0)

    def test_at_its_moment_it_is_published_once(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        make_due(dataset_id)
        assert publication.publish_due() == (1, 0)
        assert publication.publish_due() == (0, 0)
        assert is_public(dataset_id)
        assert axes_of(office, dataset_id)[:2] == (APPROVED, PUBLISHED)

    def test_a_moment_that_was_chosen_is_no_approval(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        make_due(dataset_id)
        assert publication.publish_due() == (0, 0)
        assert not is_public(dataset_id)

    def test_without_approval_a_moment_is_enough(self, office):
        dataset_id = written(office, "foreign", "sysadmin")
        office.call("sysadmin", "nd47_publication_schedule", id=dataset_id, at=later())
        make_due(dataset_id)
        assert publication.publish_due() == (1, 0)
        assert is_public(dataset_id)

    def test_what_needs_approval_since_is_not_published(self, office):
        dataset_id = written(office, "foreign", "sysadmin")
        office.call("sysadmin", "nd47_publication_schedule", id=dataset_id, at=later())
        require(office, "foreign", ["agency"])
        try:
            make_due(dataset_id)
            assert publication.publish_due() == (0, 1)
        finally:
            require(office, "foreign", [], "")
        assert not is_public(dataset_id)
        shown = office.call("sysadmin", "nd47_approval_show", id=dataset_id)
        assert shown["problem"]
        assert shown["publication"] == NOT_YET

    def test_what_the_rules_refuse_at_its_moment_comes_back(self, office, request):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        make_due(dataset_id)
        request.getfixturevalue("strict")
        assert publication.publish_due() == (0, 1)
        assert axes_of(office, dataset_id)[:2] == (APPROVED, NOT_YET)
        assert office.work("editor", kind="returned")["count"] == 1

    def test_a_change_after_the_approval_takes_it_back(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        office.call("editor", "package_patch", id=dataset_id, title="Khác hẳn")
        assert axes_of(office, dataset_id)[:2] == (DRAFT, NOT_YET)
        make_due(dataset_id)
        assert publication.publish_due() == (0, 0)

    def test_it_can_be_published_before_its_moment(self, office):
        dataset_id = written(office)
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        office.call("editor", "nd47_publication_publish", id=dataset_id)
        assert is_public(dataset_id)

    def test_but_not_before_its_approval(self, office):
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_publication_publish", id=written(office))

    def test_the_moment_can_be_taken_away(self, office):
        dataset_id = written(office)
        for at in (later(), ""):
            office.call("editor", "nd47_publication_schedule", id=dataset_id, at=at)
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["publication"] == PUBLISHED

    @pytest.mark.parametrize(
        "at",
        [
            *("hôm nay", "2020-01-01 08:00", "2026-13-01 08:00", "9" * 50),
            *("9999-12-31T23:59:59-23:59", "9999-12-31 23:59", "0001-01-01T00:00:00+23:59"),
        ],
    )
    def test_a_moment_that_is_past_or_none_is_refused(self, office, at):
        with pytest.raises(tk.ValidationError) as error:
            office.call("editor", "nd47_publication_schedule", id=written(office), at=at)
        assert "at" in error.value.error_dict

    def test_a_moment_without_a_zone_is_in_viet_nam(self, office):
        dataset_id = written(office)
        shown = office.call(
            "editor", "nd47_publication_schedule", id=dataset_id, at="31/12/2090 08:30"
        )
        moment = dt.datetime.fromisoformat(shown["scheduled_at"])
        assert moment == dt.datetime(2090, 12, 31, 1, 30, tzinfo=dt.timezone.utc)

    def test_what_is_published_is_not_scheduled(self, office):
        with pytest.raises(tk.ValidationError):
            office.call("editor", "nd47_publication_schedule", id=approved(office), at=later())


class TestStop:
    def test_a_suspended_dataset_is_private_until_it_is_resumed(self, office):
        dataset_id = approved(office)
        office.call("editor", "nd47_publication_suspend", id=dataset_id, reason="Đang sửa lỗi")
        assert axes_of(office, dataset_id)[1] == SUSPENDED
        assert not is_public(dataset_id)
        office.call("approver", "nd47_publication_resume", id=dataset_id)
        assert axes_of(office, dataset_id)[1] == PUBLISHED
        assert is_public(dataset_id)

    def test_an_officer_does_not_resume_what_needs_approval(self, office):
        dataset_id = approved(office)
        office.call("editor", "nd47_publication_suspend", id=dataset_id, reason="Đang sửa lỗi")
        with pytest.raises(tk.NotAuthorized):
            office.call("editor", "nd47_publication_resume", id=dataset_id)
        assert not is_public(dataset_id)

    def test_a_withdrawn_dataset_is_out_of_use_until_it_is_approved_again(self, office):
        dataset_id = approved(office)
        office.call("editor", "nd47_publication_withdraw", id=dataset_id, reason="Hết hiệu lực")
        assert axes_of(office, dataset_id)[1:] == (WITHDRAWN, "ngung-su-dung")
        assert not is_public(dataset_id)
        with pytest.raises(tk.ValidationError):
            office.call("approver", "nd47_publication_resume", id=dataset_id)
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["publication"] == PUBLISHED
        assert axes_of(office, dataset_id)[2] == "dang-su-dung"

    @pytest.mark.parametrize("verb", ["suspend", "withdraw"])
    def test_its_reason_is_obligatory(self, office, verb):
        dataset_id = approved(office)
        with pytest.raises(tk.ValidationError):
            office.call("editor", f"nd47_publication_{verb}", id=dataset_id, reason=" ")
        assert is_public(dataset_id)

    @pytest.mark.parametrize("verb", ["suspend", "withdraw"])
    def test_what_is_not_published_is_not_stopped(self, office, verb):
        with pytest.raises(tk.ValidationError):
            office.call("editor", f"nd47_publication_{verb}", id=written(office), reason="Vì thế")


class TestLoadOfATable:
    """The table of a file is loaded minutes after the file was saved, and that is a save too."""

    FILE = {"url": "https://tep.example/a.csv", "name": "Giá đất"}

    def load(self, office, dataset_id: str, **written: Any) -> None:
        (resource,) = office.call("sysadmin", "package_show", id=dataset_id)["resources"]
        changed = written or {"datastore_active": True}
        office.call("sysadmin", "resource_patch", id=resource["id"], **changed)

    def test_what_waits_still_waits_in_the_version_that_was_shown(self, office):
        dataset_id = written(office, resources=[self.FILE])
        office.call("editor", "nd47_approval_send", id=dataset_id)
        shown = office.call("approver", "nd47_approval_show", id=dataset_id)
        self.load(office, dataset_id)
        result = decided(office, dataset_id, versions={dataset_id: shown["version"]})
        assert result["done"], result

    def test_a_second_step_is_not_the_first_again(self, office):
        require(office, "own", ["agency", "above"])
        try:
            dataset_id = written(office, resources=[self.FILE])
            office.call("editor", "nd47_approval_send", id=dataset_id)
            decided(office, dataset_id)
            self.load(office, dataset_id)
            assert decided(office, dataset_id, "above")["done"]
        finally:
            require(office, "own", ["agency"])

    def test_what_was_approved_for_later_is_published_at_its_moment(self, office):
        dataset_id = written(office, resources=[self.FILE])
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        self.load(office, dataset_id)
        assert axes_of(office, dataset_id)[:2] == (APPROVED, SCHEDULED)

    @pytest.mark.parametrize(
        "edited",
        [
            {"url": "https://tep.example/b.csv"},
            {"name": "Giá nhà"},
            {"data_dictionary": "gia: Giá (nghìn đồng)"},
            {"datastore_active": True, "description": "Giá đất năm 2026"},
        ],
    )
    def test_an_edit_of_the_file_is_a_change(self, office, edited: dict[str, Any]):
        dataset_id = written(office, resources=[self.FILE])
        office.call("editor", "nd47_publication_schedule", id=dataset_id, at=later())
        office.call("editor", "nd47_approval_send", id=dataset_id)
        decided(office, dataset_id)
        self.load(office, dataset_id, **edited)
        assert axes_of(office, dataset_id)[:2] == (DRAFT, NOT_YET)

    def test_an_edit_of_what_waits_is_a_change(self, office):
        dataset_id = written(office, resources=[self.FILE])
        office.call("editor", "nd47_approval_send", id=dataset_id)
        shown = office.call("approver", "nd47_approval_show", id=dataset_id)
        self.load(office, dataset_id, name="Giá nhà")
        assert not decided(office, dataset_id, versions={dataset_id: shown["version"]})["done"]
        assert axes_of(office, dataset_id)[0] == WAITING
