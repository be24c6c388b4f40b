"""The free text of datasets becomes catalogues and items, on trial first, and can be undone."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result

from ckan import model

from ckanext.nd47.catalogue.cli import catalogue_commands
from tests.catalogue.conftest import dataset, issued, items_of
from tests.desk.conftest import World

ENTRY = {"decision_number": "12/QĐ-UBND", "decision_date": "2026-01-05", "code": "GD.01"}


def run(world: World, *options: str) -> Result:
    """Run the command."""
    agency = world.agencies["province"]["name"]
    result = CliRunner().invoke(
        catalogue_commands, ["take-over", "--agency", agency, *options], catch_exceptions=False
    )
    model.Session.remove()
    return result


def catalogues(world: World) -> list[Any]:
    return world.call("sysadmin", "nd47_catalogue_list")["results"]


def number_of(result: Result) -> str:
    return result.output.split()[-1]


def test_a_trial_writes_nothing(world: World):
    dataset(world, catalogue_entry=[ENTRY])
    result = run(world)
    assert "12/QĐ-UBND (new draft): 1 new items, 1 datasets to link" in result.output
    assert catalogues(world) == []


def test_datasets_of_one_code_become_one_item(world: World):
    dataset(world, catalogue_entry=[ENTRY], frequency="hang-nam")
    dataset(world, catalogue_entry=[ENTRY])
    dataset(world, title="Danh sách trường mầm non", catalogue_entry=[{**ENTRY, "code": "GD.02"}])
    run(world, "--apply")
    made = catalogues(world)[0]
    assert (made["state"], made["decision_date"]) == ("draft", "2026-01-05")
    found = {item["code"]: item["datasets"] for item in items_of(world, made)}
    assert found == {"GD.01": 2, "GD.02": 1}


def test_a_second_run_has_nothing_to_do(world: World):
    dataset(world, catalogue_entry=[ENTRY])
    run(world, "--apply")
    assert "Nothing to take over." in run(world, "--apply").output


def test_an_issued_catalogue_gets_links_and_no_items(world: World):
    made = issued(world)
    number = made["decision_number"]
    dataset(world, catalogue_entry=[{"decision_number": number, "code": "GD.01"}])
    dataset(world, title="Ngoài", catalogue_entry=[{"decision_number": number, "code": "X"}])
    result = run(world, "--apply")
    assert "not in the issued catalogue: Ngoài" in result.output
    assert [item["datasets"] for item in items_of(world, made)] == [1]


def test_undone_everything_is_as_before(world: World):
    dataset(world, catalogue_entry=[ENTRY])
    number = number_of(run(world, "--apply"))
    assert run(world, "--undo", number).exit_code == 0
    assert catalogues(world) == []


def test_what_somebody_changed_since_stays(world: World):
    dataset(world, catalogue_entry=[ENTRY])
    number = number_of(run(world, "--apply"))
    made = catalogues(world)[0]
    item = items_of(world, made)[0]
    world.call("compiler", "nd47_catalogue_item_update", id=item["id"], note="Đã rà soát")
    run(world, "--undo", number)
    assert [one["datasets"] for one in items_of(world, made)] == [0]


def test_an_unknown_run_is_refused(world: World):
    assert run(world, "--undo", "khong-co").exit_code == 1


@pytest.mark.parametrize("entry", [[{"code": "GD.01"}], [{"issuer": "UBND"}]])
def test_text_without_a_decision_is_left(world: World, entry: Any):
    dataset(world, catalogue_entry=entry)
    assert "Nothing to take over." in run(world).output
