"""Many datasets changed at once by the API: who may, and what is stored of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.metadata import dataset_show
from tests.desk.bulk.changing import (
    DAILY,
    applied,
    apply,
    change,
    no_runs,
    preview,
    show,
    states,
    stored,
    undo,
)
from tests.support.statements import statements

__all__ = ["applied", "no_runs", "preview"]


class TestAccess:
    @pytest.mark.parametrize("role", ["member", "leader", "stranger"])
    def test_who_does_not_edit_changes_nothing(self, world, create, applied, role):
        dataset = create()
        run = applied([dataset], DAILY, account=role)
        assert states(run) == ["refused"]
        assert run["results"][0]["dataset"] is None
        assert "frequency" not in stored(dataset)

    @pytest.mark.parametrize(
        ("role", "agency", "outcome"),
        [
            ("editor", "own", "done"),
            ("admin", "own", "done"),
            ("admin", "below", "done"),
            ("editor", "below", "refused"),
            ("editor", "foreign", "refused"),
            ("sysadmin", "foreign", "done"),
        ],
    )
    def test_editors_change_datasets_of_their_agency(self, create, applied, role, agency, outcome):
        assert states(applied([create(agency)], DAILY, account=role)) == [outcome]

    @pytest.mark.parametrize("action", ["show", "apply", "undo"])
    @pytest.mark.parametrize("role", ["admin", "member", "stranger", ""])
    def test_a_run_is_only_for_who_asked_for_it(self, world, create, preview, action, role):
        run = preview([create()], DAILY)
        context: Any = {"user": world.accounts.get(role, ""), "ignore_auth": False}
        with pytest.raises(tk.NotAuthorized):
            call_action(f"nd47_bulk_{action}", context, id=run["id"])

    @pytest.mark.parametrize("action", ["show", "apply", "undo"])
    @pytest.mark.parametrize("reference", ["khong-co", "\x00", ["x"], None, {}])
    def test_no_run_is_no_error_of_the_server(self, world, action, reference):
        for role in ("editor", "sysadmin"):
            with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError)):
                world.call(role, f"nd47_bulk_{action}", id=reference)

    def test_visitors_ask_for_nothing(self, create):
        dataset = create()
        context: Any = {"user": "", "ignore_auth": False}
        for action, data in (
            ("nd47_bulk_preview", {"datasets": [dataset["id"]], "changes": [DAILY]}),
            ("nd47_bulk_list", {}),
        ):
            with pytest.raises(tk.NotAuthorized):
                call_action(action, context, **data)

    def test_is_asked_again_when_the_change_is_applied_and_undone(self, world, create, preview):
        user, agency = factories.User(), world.agencies["own"]["id"]
        world.accounts["former"] = user["name"]
        membership = {"id": agency, "username": user["name"]}
        call_action("organization_member_create", role="editor", **membership)
        one, other = create(), create()
        applied_run = preview([one], DAILY, account="former")
        assert states(apply(world, applied_run["id"], "former")) == ["done"]
        planned_run = preview([other], DAILY, account="former")
        sysadmin: Any = {"user": world.accounts["sysadmin"]}
        call_action("organization_member_delete", sysadmin, **membership)
        assert states(apply(world, planned_run["id"], "former")) == ["refused"]
        assert states(undo(world, applied_run["id"], "former")) == ["undo-refused"]
        assert "frequency" not in stored(other)
        assert stored(one)["frequency"] == "hang-ngay"

    def test_a_deleted_account_changes_nothing(self, world, create, preview):
        user = factories.Sysadmin()
        world.accounts["gone"] = user["name"]
        dataset = create()
        run = preview([dataset], DAILY, account="gone")
        world.call("gone", "nd47_bulk_apply", id=run["id"])
        call_action("user_delete", id=user["name"])
        changes.apply(run["id"])
        assert changes.progress(run["id"])["counts"]["refused"] == 1
        assert "frequency" not in stored(dataset)

    def test_values_of_a_dataset_that_moved_away_are_hidden(self, world, create, applied):
        dataset = create(notes="Bí mật")
        run = applied([dataset], change("notes", "set", "Khác"))
        foreign = world.agencies["foreign"]["id"]
        call_action("package_patch", id=dataset["id"], owner_org=foreign)
        assert "Bí mật" not in str(show(world, run["id"]))
        assert "Bí mật" in str(show(world, run["id"], "sysadmin"))

    def test_everybody_lists_their_own_runs(self, world, create, preview):
        run = preview([create()], DAILY)
        listed = {
            role: {one["id"] for one in world.call(role, "nd47_bulk_list")["results"]}
            for role in ("editor", "admin", "sysadmin")
        }
        assert run["id"] in listed["editor"] & listed["sysadmin"]
        assert run["id"] not in listed["admin"]


class TestStorage:
    def test_a_purged_dataset_takes_its_former_values_along(self, create, applied):
        dataset = create(notes="Bí mật")
        applied([dataset], DAILY)
        call_action("dataset_purge", id=dataset["id"])
        kept = model.Session.scalars(sa.select(sa.cast(tables.Item.before, sa.Text))).all()
        assert "Bí mật" not in str(kept)

    def test_computed_fields_are_not_stored(self, world, create, preview):
        officer = call_action(
            "nd47_focal_point_create",
            agency=world.agencies["own"]["id"],
            role="feedback",
            full_name="Trịnh Thị Hạnh",
            email="hanh@so.example",
            valid_from="2020-01-01",
        )
        dataset = create(contact=[{"identifier": officer["id"]}])
        shown = call_action("package_show", id=dataset["id"])
        assert "hanh@so.example" in repr(shown["contact_points"])
        run = preview([dataset], DAILY)
        query = sa.select(tables.Item.before).where(tables.Item.run_id == run["id"])
        before = model.Session.scalars(query).one()
        assert before
        assert before["contact"] == [{"identifier": officer["id"]}]
        assert not set(dataset_show.COMPUTED) & before.keys()
        assert "hanh@so.example" not in repr(before)

    def test_old_runs_are_deleted_with_the_next(self, create, preview):
        old = preview([create()], DAILY)["id"]
        long_ago = tables.now() - changes.KEPT * 2
        model.Session.execute(sa.update(tables.Run).values(created=long_ago))
        model.Session.commit()
        preview([create()], DAILY)
        assert model.Session.get(tables.Run, old) is None

    def test_statements_do_not_grow_with_the_datasets(self, world, create, preview):
        counts = []
        for number in (2, 6):
            run = preview([create() for _ in range(number)], DAILY)
            with statements() as sent:
                show(world, run["id"])
                world.call("editor", "nd47_bulk_list")
            counts.append(len(sent))
        assert counts[0] == counts[1]
