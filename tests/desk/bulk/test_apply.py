"""Many datasets changed at once by the API: applied and undone, beside other writers."""

from __future__ import annotations

from typing import Any

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes, fields
from ckanext.nd47.desk.bulk.kinds import KINDS, Kind
from tests.desk.bulk.changing import (
    DAILY,
    TITLE,
    applied,
    apply,
    change,
    metadata,
    no_runs,
    preview,
    refusing_second,
    states,
    stored,
    themes,
    translated,
    undo,
)
from tests.metadata.conftest import new_name

__all__ = ["applied", "no_runs", "preview"]


class TestApply:
    @pytest.mark.parametrize(
        ("before", "asked", "after"),
        [
            ({}, change("notes", "set", "Mô tả"), {"notes": "Mô tả"}),
            ({"notes": "Mô tả"}, change("notes", "clear"), {"notes": None}),
            ({"theme": ["AGRI"]}, change("theme", "add", ["EDUC"]), {"theme": ["AGRI", "EDUC"]}),
            ({"theme": ["AGRI"]}, change("theme", "add", ["AGRI"]), {"theme": ["AGRI"]}),
            ({"theme": ["AGRI", "EDUC"]}, change("theme", "remove", ["AGRI"]), {"theme": ["EDUC"]}),
            ({"theme": ["AGRI"]}, change("theme", "set", ["EDUC"]), {"theme": ["EDUC"]}),
            ({"theme": ["AGRI"]}, change("theme", "clear"), {"theme": None}),
            ({}, change("private", "set", "private"), {"private": True}),
            ({"private": True}, change("private", "set", "public"), {"private": False}),
            (
                {"spatial_coverage": [{"uri": "01"}]},
                change("spatial_coverage", "add", [{"uri": "79"}]),
                {"spatial_coverage": [{"uri": "01"}, {"uri": "79"}]},
            ),
            (
                {"spatial_coverage": [{"uri": "01"}, {"uri": "79", "text": "Sài Gòn"}]},
                change("spatial_coverage", "remove", [{"uri": "79"}]),
                {"spatial_coverage": [{"uri": "01"}]},
            ),
            (
                {"temporal_coverage": [{"start": "2024-01-05"}, {"start": "2025-01-05"}]},
                change("temporal_coverage", "remove", [{"start": "05/01/2024"}]),
                {"temporal_coverage": [{"start": "2025-01-05"}]},
            ),
        ],
    )
    def test_sets_adds_and_removes_values_and_undo_restores_them(
        self, world, create, applied, before, asked, after
    ):
        vocabulary: dict[str, str] = dict(zip(("AGRI", "EDUC"), themes(), strict=False))
        before, asked, after = (translated(one, vocabulary) for one in (before, asked, after))
        dataset = create(**before)
        was = metadata(dataset)
        run = applied([dataset], asked)
        (name, value), *_ = after.items()
        assert states(run) == ["done"] if was.get(name) != value else ["skipped"]
        assert (stored(dataset).get(name) or None) == (value or None)
        if states(run) == ["done"]:
            assert states(undo(world, run["id"])) == ["undone"]
            assert metadata(dataset) == was

    def test_adds_and_removes_keywords(self, world, create, applied):
        dataset = create(tag_string="gạo, lúa")
        was = metadata(dataset)
        asked = change("tag_string", "add", ["ngô", "Gạo"]), change("tag_string", "remove", ["lúa"])
        run = applied([dataset], *asked)
        assert {tag["name"] for tag in stored(dataset)["tags"]} == {"gạo", "ngô"}
        undo(world, run["id"])
        assert metadata(dataset)["tags"] == was["tags"]

    def test_keeps_resources_and_everything_else(self, create, applied):
        dataset = create(
            notes="Mô tả",
            tag_string="gạo",
            contact=[{"name": "Phòng", "email": "phong@so.example"}],
            resources=[{"url": "https://so.example/a.csv", "format": "CSV", "name": "A"}],
        )
        was = metadata(dataset)
        applied([dataset], DAILY)
        now = metadata(dataset)
        computed = {"frequency", "next_due", "update_state"}
        assert {key for key in was | now if was.get(key) != now.get(key)} <= computed
        assert now["frequency"] == "hang-ngay"

    def test_a_refused_dataset_does_not_hinder_the_others(self, world, create, applied):
        good, foreign = create(), create("foreign")
        run = applied([foreign, good], DAILY)
        assert states(run) == ["refused", "done"]
        assert stored(good)["frequency"] == "hang-ngay"
        assert "frequency" not in stored(foreign)

    def test_all_or_nothing_is_not_begun_where_one_is_refused(self, world, create, preview):
        good, foreign = create(), create("foreign")
        run = preview([good, foreign], DAILY, all_or_nothing=True)
        with pytest.raises(tk.ValidationError):
            world.call("editor", "nd47_bulk_apply", id=run["id"])
        assert "frequency" not in stored(good)

    def test_all_or_nothing_begins_with_none_where_one_has_changed(self, world, create, preview):
        first, other = create(), create()
        run = preview([first, other], DAILY, all_or_nothing=True)
        call_action("package_patch", id=other["id"], notes="Khác")
        run = apply(world, run["id"])
        assert run["progress"]["state"] == "stopped"
        assert states(run) == ["planned", "refused"]
        assert "frequency" not in stored(first)

    def test_all_or_nothing_takes_back_what_was_saved(self, world, create, preview, monkeypatch):
        first, other = create(), create()
        was = metadata(first)
        run = preview([first, other], DAILY, all_or_nothing=True)
        refusing_second(monkeypatch)
        run = apply(world, run["id"])
        assert run["progress"]["state"] == "stopped"
        assert states(run) == ["undone", "refused"]
        assert metadata(first) == was

    def test_twice_does_it_once(self, world, create, applied):
        dataset = create()
        run = applied([dataset], DAILY)
        moment = stored(dataset)["metadata_modified"]
        with pytest.raises(tk.ValidationError):
            world.call("editor", "nd47_bulk_apply", id=run["id"])
        changes.apply(run["id"])
        assert stored(dataset)["metadata_modified"] == moment

    def test_nothing_is_applied_before_somebody_says_so(self, create, preview):
        dataset = create()
        run = preview([dataset], DAILY)
        changes.apply(run["id"])
        assert "frequency" not in stored(dataset)

    def test_a_fault_of_a_plugin_is_a_refusal_in_words(self, world, create, preview, monkeypatch):
        run = preview([create()], DAILY)

        def fail(*_given: object) -> Any:
            raise KeyError("resources")

        monkeypatch.setattr("ckanext.nd47.desk.bulk.job.saving.save", fail)
        (item,) = apply(world, run["id"])["results"]
        assert item["state"] == "refused"
        assert "resources" not in str(item["errors"])

    def test_is_slow_in_slices(self, world, create, preview, monkeypatch):
        monkeypatch.setattr(changes, "SLICE", 0)
        run = preview([create(), create()], DAILY)
        for _ in range(4):
            changes.prepare(run["id"])
        world.call("editor", "nd47_bulk_apply", id=run["id"])
        changes.apply(run["id"])
        assert changes.progress(run["id"])["done"] == 1
        for _ in range(2):
            changes.apply(run["id"])
        assert changes.progress(run["id"])["state"] == "finished"


class TestTwoWriters:
    def test_a_dataset_that_changed_since_the_preview_is_left(self, world, create, preview):
        dataset = create()
        run = preview([dataset], DAILY)
        call_action("package_patch", id=dataset["id"], notes="Khác")
        run = apply(world, run["id"])
        assert states(run) == ["refused"]
        assert (stored(dataset)["notes"], stored(dataset).get("frequency")) == ("Khác", None)

    def test_a_changed_visibility_counts_as_a_change(self, world, create, preview):
        dataset = create(private=True)
        run = preview([dataset], DAILY)
        organisation = world.agencies["own"]["id"]
        call_action("bulk_update_public", org_id=organisation, datasets=[dataset["id"]])
        assert states(apply(world, run["id"])) == ["refused"]

    def test_a_changed_resource_counts_as_a_change(self, world, create, preview):
        dataset = create()
        run = preview([dataset], DAILY)
        call_action("resource_create", package_id=dataset["id"], url="https://so.example/a.csv")
        assert states(apply(world, run["id"])) == ["refused"]

    def test_a_deleted_dataset_is_refused(self, world, create, preview):
        deleted, purged, kept = create(), create(), create()
        run = preview([deleted, purged, kept], DAILY)
        call_action("package_delete", id=deleted["id"])
        call_action("dataset_purge", id=purged["id"])
        run = apply(world, run["id"])
        assert states(run) == ["refused", "done"]
        assert run["progress"]["state"] == "finished"

    def test_a_deleted_dataset_cannot_be_previewed(self, create, preview):
        dataset = create()
        call_action("package_delete", id=dataset["id"])
        assert states(preview([dataset], DAILY)) == ["refused"]

    def test_two_runs_of_one_dataset_do_not_overwrite_each_other(self, world, create, preview):
        dataset = create()
        first, second = preview([dataset], DAILY), preview([dataset], change("notes", "set", "B"))
        assert states(apply(world, first["id"])) == ["done"]
        assert states(apply(world, second["id"])) == ["refused"]

    def test_a_field_that_was_removed_from_the_schema_is_refused(
        self, create, preview, monkeypatch
    ):
        dataset = create()
        monkeypatch.setattr(changes, "AT_ONCE", 0)
        run = preview([dataset], DAILY)
        known = {name: one for name, one in fields.by_name().items() if name != "frequency"}
        monkeypatch.setattr(fields, "by_name", lambda *_given: known)
        changes.prepare(run["id"])
        assert changes.progress(run["id"])["counts"]["refused"] == 1


class TestUndo:
    def test_leaves_and_names_what_was_changed_since(self, world, create, applied):
        one, other = create(), create()
        run = applied([one, other], DAILY)
        call_action("package_patch", id=other["id"], notes="Khác")
        run = undo(world, run["id"])
        assert states(run) == ["undone", "undo-refused"]
        assert run["results"][1]["errors"]
        assert "frequency" not in stored(one)
        assert stored(other)["frequency"] == "hang-ngay"

    def test_is_possible_once_and_only_for_what_was_applied(self, world, create, preview):
        run = preview([create()], DAILY)
        with pytest.raises(tk.ValidationError):
            world.call("editor", "nd47_bulk_undo", id=run["id"])
        apply(world, run["id"])
        undo(world, run["id"])
        with pytest.raises(tk.ValidationError):
            world.call("editor", "nd47_bulk_undo", id=run["id"])

    def test_restores_a_visibility(self, world, create, applied):
        dataset = create()
        run = applied([dataset], change("private", "set", "private"))
        assert stored(dataset)["private"]
        undo(world, run["id"])
        assert not stored(dataset)["private"]

    def test_of_a_new_dataset_deletes_it(self, world, monkeypatch):
        monkeypatch.setitem(KINDS, "thu", Kind("thu", lambda: "Thử"))
        name = new_name()
        values = {"name": name, "title": TITLE, "owner_org": world.agencies["own"]["id"]}
        item = changes.PlannedItem(dataset=None, operation="create", values=values)
        run_id = changes.plan({"user": world.accounts["editor"]}, "thu", [item])
        assert model.Package.get(name) is None
        assert states(apply(world, run_id)) == ["done"]
        assert call_action("package_show", id=name)["title"] == TITLE
        assert states(undo(world, run_id)) == ["undone"]
        assert call_action("package_show", {"ignore_auth": True}, id=name)["state"] == "deleted"
