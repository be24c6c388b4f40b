"""What other rooms are told of a change, and which datasets it means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.agencies import changes, days, register
from tests.agencies.conftest import agency, dataset, focal_point

pytestmark = pytest.mark.usefixtures("portal")

DAY = dt.timedelta(days=1)


@pytest.fixture
def told() -> Iterator[list[frozenset[str]]]:
    """What a subscriber is told while a test runs."""
    found: list[frozenset[str]] = []

    def receive(_sender: Any, agency_ids: frozenset[str]) -> None:
        found.append(agency_ids)

    with changes.changed.connected_to(receive):
        yield found


def shown_by(*agencies: dict[str, Any]) -> set[str]:
    ids = [one["id"] for one in agencies]
    return set(model.Session.scalars(changes.datasets_of(ids)))


class TestSignal:
    @pytest.mark.parametrize(
        ("action", "fields"),
        [
            ("nd47_agency_update", {"email": "moi@sbt.example"}),
            ("organization_patch", {"title": "Sở Báo tin mới"}),
            ("organization_delete", {}),
            ("nd47_agency_delete", {}),
        ],
    )
    def test_an_edit_of_an_agency_names_it_once(
        self, told: list[frozenset[str]], action: str, fields: dict[str, Any]
    ) -> None:
        one = agency("Sở Báo tin")
        told.clear()
        call_action(action, id=one["id"], **fields)
        assert told == [{one["id"]}]

    @pytest.mark.parametrize(
        ("action", "fields"),
        [
            ("nd47_focal_point_update", {"email": "moi@sbt.example"}),
            ("nd47_focal_point_succeed", {"full_name": "Người sau", "valid_from": "2026-06-01"}),
            ("nd47_focal_point_delete", {}),
        ],
    )
    def test_an_edit_of_a_focal_point_names_its_agency_once(
        self, told: list[frozenset[str]], action: str, fields: dict[str, Any]
    ) -> None:
        one = agency("Sở Báo tin")
        officer = focal_point(one["id"])
        told.clear()
        call_action(action, id=officer["id"], **fields)
        assert told == [{one["id"]}]

    def test_a_table_of_many_is_told_as_one(self, told: list[frozenset[str]]) -> None:
        pair = [agency("Sở Bảng Một", identifier="H71.01"), agency("Sở Bảng Hai")]
        told.clear()
        rows = [{"name": one["name"], "title": one["title"], "address": "1 Phố"} for one in pair]
        call_action("nd47_register_import", kind="agencies", rows=rows, dry_run=False)
        assert told == [{one["id"] for one in pair}]

    def test_what_changes_nothing_tells_nothing(self, told: list[frozenset[str]]) -> None:
        one = agency("Sở Im lặng", email="vt@sil.example")
        told.clear()
        call_action("nd47_agency_update", id=one["id"], email="vt@sil.example")
        assert told == []

    def test_what_is_undone_tells_nothing(self, told: list[frozenset[str]]) -> None:
        one = agency("Sở Thu hồi")
        told.clear()
        rows = [{"name": one["name"], "title": one["title"], "address": "1 Phố"}]
        call_action("nd47_register_import", kind="agencies", rows=rows)
        with pytest.raises(tk.ValidationError):
            call_action("nd47_agency_update", id=one["id"], email="no mailbox")
        model.Session.commit()
        assert told == []

    def test_a_receiver_reads_the_new_value_in_the_same_transaction(self) -> None:
        """What it writes is committed with the edit, or lost with it."""
        one = agency("Sở Cùng lúc")
        seen: list[tuple[str, Any]] = []

        def receive(_sender: Any, agency_ids: frozenset[str]) -> None:
            for agency_id in agency_ids:
                entry = register.ensure(agency_id)
                transaction = model.Session.scalar(
                    sa.select(sa.func.pg_current_xact_id_if_assigned())
                )
                seen.append((entry.email, transaction))

        with changes.changed.connected_to(receive):
            call_action("nd47_agency_update", id=one["id"], email="moi@scl.example")
        [(email, transaction)] = seen
        assert email == "moi@scl.example"
        assert transaction is not None

    def test_an_edit_fails_with_its_receiver(self) -> None:
        one = agency("Sở Thất bại", email="cu@stb.example")

        def receive(_sender: Any, agency_ids: frozenset[str]) -> None:
            raise RuntimeError

        with changes.changed.connected_to(receive), pytest.raises(RuntimeError):
            call_action("nd47_agency_update", id=one["id"], email="moi@stb.example")
        model.Session.rollback()
        assert call_action("nd47_agency_show", id=one["id"])["email"] == "cu@stb.example"


class TestDatasets:
    def test_of_the_agency_of_those_below_and_of_those_it_succeeded(self) -> None:
        top = agency("UBND tỉnh Gốc")
        middle = agency("Sở Giữa", groups=[{"name": top["name"]}])
        old = agency("Sở Cũ")
        call_action("nd47_agency_update", id=old["id"], successor=middle["id"])
        other = agency("Sở Ngoài")
        made = {one["id"]: dataset(one)["id"] for one in (top, middle, old, other)}
        assert shown_by(top) == {made[one["id"]] for one in (top, middle, old)}
        assert shown_by(middle) == {made[middle["id"]], made[old["id"]]}
        assert shown_by(old) == {made[old["id"]]}

    @pytest.mark.parametrize("reference", ["id", "name"])
    def test_those_that_it_is_responsible_for(self, reference: str) -> None:
        one, other = agency("Sở Chủ quản"), agency("Trung tâm Con")
        made = dataset(other, responsible_agency=one[reference])
        assert shown_by(one) == {made["id"]}

    def test_those_that_name_its_focal_point(self) -> None:
        one, other = agency("Sở Được nêu"), agency("Sở Nêu")
        officer = focal_point(one["id"])
        made = dataset(other, contact=[{"identifier": officer["id"]}])
        dataset(other, contact=[{"name": "Người khác", "email": "a@b.example"}])
        assert shown_by(one) == {made["id"]}

    def test_not_those_that_were_deleted(self) -> None:
        one = agency("Sở Xóa bỏ")
        call_action("package_delete", id=dataset(one)["id"])
        assert shown_by(one) == set()


class TestCalendar:
    """What began or ended without an edit."""

    TODAY = days.today()

    def between(self, one: dict[str, Any], after: dt.date, until: dt.date) -> bool:
        return one["id"] in changes.on_days(after, until)

    def test_a_term_that_begins(self) -> None:
        one = agency("Sở Bắt đầu")
        focal_point(one["id"], valid_from=self.TODAY.isoformat())
        assert self.between(one, self.TODAY - DAY, self.TODAY)
        assert not self.between(one, self.TODAY, self.TODAY + DAY)
        assert not self.between(one, self.TODAY - 2 * DAY, self.TODAY - DAY)

    def test_a_term_that_ends(self) -> None:
        """Its last day is still a day of it."""
        one = agency("Sở Kết thúc")
        focal_point(one["id"], valid_to=self.TODAY.isoformat())
        assert self.between(one, self.TODAY, self.TODAY + DAY)
        assert not self.between(one, self.TODAY - DAY, self.TODAY)
        assert not self.between(one, self.TODAY + DAY, self.TODAY + 2 * DAY)

    def test_an_agency_that_ends(self) -> None:
        one = agency("Sở Giải thể")
        call_action("nd47_agency_update", id=one["id"], valid_to=self.TODAY.isoformat())
        assert self.between(one, self.TODAY, self.TODAY + DAY)
        assert not self.between(one, self.TODAY - DAY, self.TODAY)
