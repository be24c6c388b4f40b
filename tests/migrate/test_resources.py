"""Extras of resources are listed, mapped, applied and undone like those of datasets."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.migrate import look, mapping, proposal, reports, run, sheets
from tests.migrate import old_portal
from tests.migrate.conftest import Make

pytestmark = pytest.mark.usefixtures("portal")

EXTRAS = {"Ngôn ngữ": "Tiếng Việt", "data_dict": "ma: mã đơn vị", "Ghi chú": "x"}
MAP = """
fields:
- {from: resources.Ngôn ngữ, to: resources.language}
- {from: resources.data_dict, to: resources.data_dictionary, remove_source: true}
"""
APPLIED = {
    "Ngôn ngữ": "Tiếng Việt",
    "Ghi chú": "x",
    "language": '["vi"]',
    "data_dictionary": "ma: mã đơn vị",
}


def apply(written: str = MAP) -> run.Run:
    return run.work(run.begin(written, {}, "").id)


def extras(ids: list[str]) -> list[dict[str, Any]]:
    return [row["extras"] for row in old_portal.resource_rows(ids)]


def test_look_counts_datasets_and_guesses_the_field_by_its_name(make: Make) -> None:
    make(3, resource_extras=EXTRAS)
    sources = {source["name"]: source for source in look.list_sources()}
    language = sources["resources.Ngôn ngữ"]
    assert (language["kind"], language["datasets"]) == ("resource", 3)
    assert language["values"] == [{"value": "Tiếng Việt", "datasets": 3}]
    assert (language["field"], language["sure"]) == ("resources.language", True)
    assert sources["resources.Ghi chú"]["field"] == ""


def test_a_row_with_invalid_json_does_not_hide_the_others(make: Make) -> None:
    ids = make(2, resource_extras=EXTRAS)
    broken = old_portal.resource_rows(ids)[0]["id"]
    query = sa.text("UPDATE resource SET extras = '{\"a\":' WHERE id = :id")
    model.Session.execute(query, {"id": broken})
    model.Session.commit()
    sources = {source["name"]: source for source in look.list_sources()}
    assert sources["resources.Ngôn ngữ"]["datasets"] == 1
    default = "defaults: [{for: {all: true}, set: {resources.language: vi}, confirmed: true}]"
    apply(default)
    text = model.Session.scalar(
        sa.text("SELECT extras::text FROM resource WHERE id = :id"), {"id": broken}
    )
    assert text == '{"a":'


def test_the_proposed_map_moves_them(make: Make) -> None:
    make(2, resource_extras=EXTRAS)
    written = proposal.propose()
    moves = yaml.safe_load(written)["fields"]
    assert {"from": "resources.Ngôn ngữ", "to": "resources.language"} in moves
    assert mapping.parse(written).moves


def test_values_are_applied_and_undone_and_dates_stay(make: Make) -> None:
    ids = make(3, resource_extras=EXTRAS)
    before = old_portal.resource_rows(ids), old_portal.rows(ids)
    finished = apply()
    assert extras(ids) == [APPLIED] * 3
    assert call_action("package_show", id=ids[0])["resources"][0]["language"] == ["vi"]
    assert run.undo(finished.id) == (9, 0)
    assert (old_portal.resource_rows(ids), old_portal.rows(ids)) == before


@pytest.mark.parametrize("empty", [{"language": None}, {"language": ""}])
def test_an_undo_restores_null_and_empty_values(make: Make, empty: dict[str, Any]) -> None:
    ids = make(1, resource_extras={**EXTRAS, **empty}, notes="")
    before = old_portal.resource_rows(ids)
    finished = apply()
    assert extras(ids)[0]["language"] == '["vi"]'
    assert run.undo(finished.id) == (3, 0)
    assert old_portal.resource_rows(ids) == before


def test_what_a_run_stores_is_what_a_save_stores(make: Make) -> None:
    ids = make(1, resource_extras=EXTRAS)
    apply()
    before = extras(ids)
    call_action("package_patch", id=ids[0], title="Tên khác")
    assert extras(ids) == before


def test_a_resource_that_has_a_value_keeps_it(make: Make) -> None:
    ids = make(1, resource_extras={**EXTRAS, "language": '["en"]'})
    apply("fields: [{from: resources.Ngôn ngữ, to: resources.language}]")
    assert extras(ids) == [{**EXTRAS, "language": '["en"]'}]


def test_a_text_that_is_not_understood_is_not_removed(make: Make) -> None:
    ids = make(1, resource_extras={"Ngôn ngữ": "tiếng lạ"})
    written = "fields: [{from: resources.Ngôn ngữ, to: resources.language, remove_source: true}]"
    [rehearsed] = reports.rehearse(mapping.parse(written), {})
    assert [unread["field"] for unread in rehearsed["unread"]] == ["resources.language"]
    apply(written)
    assert extras(ids) == [{"Ngôn ngữ": "tiếng lạ"}]


def test_a_default_sets_resources_without_a_value(make: Make) -> None:
    ids = make(1, resource_extras=EXTRAS)
    apply("defaults: [{for: {all: true}, set: {resources.language: vi}, confirmed: true}]")
    assert extras(ids) == [{**EXTRAS, "language": '["vi"]'}]


def test_an_undo_keeps_what_was_edited_since(make: Make) -> None:
    ids = make(1, resource_extras=EXTRAS)
    finished = apply()
    [resource] = old_portal.resource_rows(ids)
    call_action("resource_patch", id=resource["id"], language=["en"])
    assert run.undo(finished.id) == (2, 1)
    assert extras(ids) == [{**EXTRAS, "language": '["en"]'}]


def test_a_resource_that_was_deleted_since_does_not_stop_an_undo(make: Make) -> None:
    ids = make(1, resource_extras=EXTRAS)
    finished = apply()
    [resource] = old_portal.resource_rows(ids)
    call_action("resource_delete", id=resource["id"])
    restored, kept = run.undo(finished.id)
    assert restored + kept == 3


def test_a_rehearsal_shows_them_and_changes_nothing(make: Make) -> None:
    ids = make(1, resource_extras=EXTRAS)
    [rehearsed] = reports.rehearse(mapping.parse(MAP), {})
    changes = {change["field"]: change["after"] for change in rehearsed["changes"]}
    assert changes["resources.data_dictionary"] == "ma: mã đơn vị"
    assert extras(ids) == [EXTRAS]
    rows = list(sheets.rows([rehearsed], {}))
    assert not [row for row in rows if row[sheets.FIELD].startswith("resources.")]


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("fields: [{from: a, to: resources.language}]", "must both be fields of resources"),
        ("fields: [{from: resources.a, to: frequency}]", "must both be fields of resources"),
        ("fields: [{from: resources.a, to: resources.url}]", "no field “resources.url”"),
        ("fields: [{from: resources.a, to: resources.langage}]", "perhaps “resources.language”"),
    ],
)
def test_a_fault_is_named(written: str, part: str) -> None:
    with pytest.raises(mapping.MapError) as refused:
        mapping.parse(written)
    assert part in str(refused.value)
