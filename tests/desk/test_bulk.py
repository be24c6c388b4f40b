"""Many datasets changed at once by the API: previewed, applied and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes, fields
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.desk.bulk.kinds import KINDS, Kind
from tests.desk.conftest import World
from tests.metadata.conftest import new_name
from tests.statements import statements

DAILY = {"field": "frequency", "operation": "set", "value": "hang-ngay"}
TITLE = "Danh sách trường tiểu học"

Run = dict[str, Any]
Preview = Callable[..., Run]


@pytest.fixture
def preview(world: World) -> Preview:
    """Previews changes of datasets as an account."""

    def make(datasets: list[Any], *asked: Any, account: str = "editor", **more: Any) -> Run:
        ids = [dataset["id"] for dataset in datasets]
        return world.call(account, "nd47_bulk_preview", datasets=ids, changes=list(asked), **more)

    return make


@pytest.fixture
def applied(world: World, preview: Preview) -> Preview:
    """Previews and applies changes."""

    def make(*given: Any, account: str = "editor", **more: Any) -> Run:
        return apply(world, preview(*given, account=account, **more)["id"], account)

    return make


def change(field: str, operation: Any, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operation": operation, "value": value}


def show(world: World, run_id: str, account: str = "editor", **more: Any) -> Run:
    return world.call(account, "nd47_bulk_show", id=run_id, **more)


def apply(world: World, run_id: str, account: str = "editor") -> Run:
    world.call(account, "nd47_bulk_apply", id=run_id)
    changes.apply(run_id)
    return show(world, run_id, account)


def undo(world: World, run_id: str, account: str = "editor") -> Run:
    world.call(account, "nd47_bulk_undo", id=run_id)
    changes.undo(run_id)
    return show(world, run_id, account)


def stored(dataset: dict[str, Any]) -> dict[str, Any]:
    model.Session.expire_all()
    return call_action("package_show", id=dataset["id"])


def metadata(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return a stored dataset without the moment of its last change."""
    return {key: value for key, value in stored(dataset).items() if key != "metadata_modified"}


def states(run: Run) -> list[str]:
    return [item["state"] for item in run["results"]]


def errors(item: dict[str, Any]) -> dict[str, list[str]]:
    return {error["field"]: error["messages"] for error in item["errors"]}


def new_word() -> str:
    """Return a word that no other test uses; without figures, at which the search splits words."""
    return "qz" + new_name()[-8:].translate(str.maketrans("0123456789-", "ghijklmnopq"))


class TestPreview:
    def test_has_old_and_new_value_of_each_dataset_in_words(self, create, preview):
        one, other = create(frequency="hang-nam"), create()
        run = preview([one, other], DAILY)
        assert run["progress"]["state"] == "planned"
        olds = [item["changes"][0]["old"] for item in run["results"]]
        assert olds == [call_label("hang-nam"), ""]
        assert {item["changes"][0]["new"] for item in run["results"]} == {call_label("hang-ngay")}

    def test_changes_nothing(self, create, preview):
        dataset = create()
        before = stored(dataset)
        preview([dataset], DAILY, change("private", "set", "private"))
        assert stored(dataset) == before

    def test_says_which_rules_are_newly_met(self, create, preview):
        dataset = create()
        unmet = rules_unmet(dataset)
        assert "frequency" in {rule.rpartition(".")[2] for rule in unmet} or unmet
        (item,) = preview([dataset], change("notes", "set", "Mô tả"), DAILY)["results"]
        met = {rule["rule"] for rule in item["met"]}
        assert met
        assert met <= unmet
        assert item["unmet"] == []

    def test_says_which_rules_are_newly_unmet(self, create, preview):
        dataset = create(notes="Mô tả")
        (item,) = preview([dataset], change("notes", "clear"))["results"]
        assert {rule["rule"] for rule in item["unmet"]} & rules_of("notes")
        assert item["met"] == []
        assert all(rule["message"] for rule in item["unmet"])

    def test_names_a_refused_value_with_its_field(self, create, preview):
        (item,) = preview([create()], change("modified", "set", "31/02/2025"))["results"]
        assert item["state"] == "refused"
        assert set(errors(item)) == {"modified"}

    def test_says_where_nothing_would_change(self, create, preview):
        run = preview([create(frequency="hang-ngay"), create()], DAILY)
        assert states(run) == ["skipped", "planned"]

    @pytest.mark.parametrize(
        "value", ["\x00", "a\ud800", 5, ["hang-ngay"], {"a": "b"}, None, "", "   "]
    )
    def test_refuses_hostile_values_by_field(self, create, preview, value):
        with pytest.raises(tk.ValidationError) as error:
            preview([create()], change("frequency", "set", value))
        assert "frequency" in error.value.error_dict

    @pytest.mark.parametrize(
        "asked",
        [
            "x",
            5,
            [],
            ["frequency"],
            [{"operation": "set"}],
            [change("khong_co", "set", "x")],
            [change("name", "set", "x")],
            [change("title", "set", "x")],
            [change("identifier", "set", "x")],
            [change("\x00", "set", "x")],
            [change("frequency", "add", "hang-ngay")],
            [change("frequency", "nuke", "hang-ngay")],
            [change("frequency", ["set"], "hang-ngay")],
            [change("private", "set", "maybe")],
            [change("private", "clear")],
            [change("theme", "add", [])],
            [change("theme", "add", [{"a": 1}])],
            [change("contact", "add", [{"khong_co": "x"}])],
            [change("contact", "add", [{}])],
        ],
    )
    def test_refuses_what_is_no_change_of_a_field(self, world, create, asked):
        dataset = create()
        with pytest.raises(tk.ValidationError):
            world.call("editor", "nd47_bulk_preview", datasets=[dataset["id"]], changes=asked)
        assert runs() == 0

    @pytest.mark.parametrize("chosen", [None, [], "", [""], [5], {"id": "x"}, ["khong-co"]])
    def test_refuses_a_choice_of_no_dataset(self, world, chosen):
        with pytest.raises(tk.ValidationError) as error:
            world.call("editor", "nd47_bulk_preview", datasets=chosen, changes=[DAILY])
        assert "datasets" in error.value.error_dict

    @pytest.mark.parametrize(
        "search", ["x", [], {"q": 5}, {"khac": "x"}, {"filters": {"tags": "x"}}, {"filters": []}]
    )
    def test_refuses_what_is_no_search(self, world, search):
        with pytest.raises(tk.ValidationError) as error:
            world.call("editor", "nd47_bulk_preview", search=search, changes=[DAILY])
        assert "search" in error.value.error_dict

    def test_takes_all_of_a_search_that_the_account_edits(self, world, create):
        word = new_word()
        own = [create(title=f"{word} {number}") for number in range(3)]
        create("foreign", title=f"{word} khác")
        create(title="Bộ dữ liệu khác")
        run = world.call("editor", "nd47_bulk_preview", search={"q": word}, changes=[DAILY])
        assert [item["dataset"]["id"] for item in run["results"]] == [one["id"] for one in own]

    def test_takes_the_filters_of_a_search(self, world, create):
        word = new_word()
        dataset = create(title=word, tag_string="gạo")
        create(title=word)
        search = {"q": word, "filters": {"tags": ["gạo"]}}
        run = world.call("editor", "nd47_bulk_preview", search=search, changes=[DAILY])
        assert [item["dataset"]["id"] for item in run["results"]] == [dataset["id"]]

    @pytest.mark.parametrize("words", ["tags:[", '"', "khongcogi", "{!func}1"])
    def test_a_search_that_finds_nothing_is_refused(self, world, words):
        with pytest.raises(tk.ValidationError) as error:
            world.call("editor", "nd47_bulk_preview", search={"q": words}, changes=[DAILY])
        assert "search" in error.value.error_dict

    def test_of_many_datasets_is_left_to_a_job(self, create, preview, monkeypatch):
        monkeypatch.setattr(changes, "AT_ONCE", 1)
        run = preview([create(), create()], DAILY)
        assert run["progress"]["state"] == "preparing"
        changes.prepare(run["id"])
        assert changes.progress(run["id"])["state"] == "planned"


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

        monkeypatch.setattr("ckanext.nd47.desk.bulk.saving.save", fail)
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


class TestRules:
    def test_a_change_that_a_rule_refuses_is_refused(self, create, preview, ckan_config):
        ckan_config["ckanext.nd47.rules_from"] = "2020-01-01"
        dataset = create(private=True)
        (item,) = preview([dataset], change("private", "set", "public"))["results"]
        assert item["state"] == "refused"
        assert item["errors"]
        assert stored(dataset)["private"]


class TestStorage:
    def test_a_purged_dataset_takes_its_former_values_along(self, create, applied):
        dataset = create(notes="Bí mật")
        applied([dataset], DAILY)
        call_action("dataset_purge", id=dataset["id"])
        kept = model.Session.scalars(sa.select(sa.cast(tables.Item.before, sa.Text))).all()
        assert "Bí mật" not in str(kept)

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


def call_label(code: str) -> str:
    return dict(fields.by_name()["frequency"].choices)[code]


def rules_unmet(dataset: dict[str, Any]) -> set[str]:
    found = call_action("nd47_rule_check", id=dataset["id"], only_unmet=True)["results"]
    return {rule["rule"] for rule in found}


def rules_of(field: str) -> set[str]:
    return {
        rule["rule"] for rule in call_action("nd47_rule_list")["rules"] if field in rule["fields"]
    }


def themes() -> list[str]:
    return [code for code, _ in fields.by_name()["theme"].choices[:2]]


def translated(value: Any, vocabulary: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: translated(inner, vocabulary) for key, inner in value.items()}
    if isinstance(value, list):
        return [translated(inner, vocabulary) for inner in value]
    return vocabulary.get(value, value) if isinstance(value, str) else value


def runs() -> int:
    return model.Session.scalar(sa.select(sa.func.count()).select_from(tables.Run)) or 0


def refusing_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second save of a run be refused."""
    module: Any = changes.steps.saving
    save, count = module.save, iter(range(100))

    def refuse(*given: Any) -> str:
        if next(count) == 1:
            raise tk.ValidationError({"message": ["Không được."]})
        return save(*given)

    monkeypatch.setattr(module, "save", refuse)


@pytest.fixture(autouse=True)
def no_runs(world: World) -> Any:
    """Delete the runs of a test."""
    yield
    model.Session.rollback()
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()
