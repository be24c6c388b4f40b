"""Many datasets changed at once by the API: what a preview says, and what it refuses."""

from __future__ import annotations

import pytest

import ckan.plugins.toolkit as tk

from ckanext.nd47.desk.bulk import changes
from tests.desk.bulk.changing import (
    DAILY,
    call_label,
    change,
    errors,
    new_word,
    no_runs,
    preview,
    rules_of,
    rules_unmet,
    runs,
    states,
    stored,
)

__all__ = ["no_runs", "preview"]


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
            [change("tag_string", "add", ["từ"] * 300), change("tag_string", "set", ["từ"] * 201)],
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
        "search",
        [
            *("x", [], {"q": 5}, {"khac": "x"}, {"filters": {"tags": "x"}}, {"filters": []}),
            *({"filters": {"tags": ["x"] * 300}}, {"q": "x" * 3_000}, {"q": "\x00"}),
        ],
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


class TestRules:
    def test_a_change_that_a_rule_refuses_is_refused(self, create, preview, ckan_config):
        ckan_config["ckanext.nd47.rules_from"] = "2020-01-01"
        dataset = create(private=True)
        (item,) = preview([dataset], change("private", "set", "public"))["results"]
        assert item["state"] == "refused"
        assert item["errors"]
        assert stored(dataset)["private"]
