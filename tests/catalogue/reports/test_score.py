"""Scores are those of the method, reckoned by hand in a table; the to-do names what pays most."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.catalogue.reports.score import quality, store
from ckanext.nd47.catalogue.reports.score.method import method
from ckanext.nd47.catalogue.reports.score.model import DatasetScore
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.tables.links import uses
from ckanext.nd47.tables.links.model import DEAD, FAILING, GOOD, LinkCheck, LinkUse
from tests.catalogue.reports.conftest import Create, World, measure
from tests.support.statements import statements

pytestmark = pytest.mark.usefixtures("world")

TABLE = Path(__file__).parents[1] / "score_table.csv"
with TABLE.open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))

FULL = next(case for case in CASES if case["total"] == "325")


def fields_of(case: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a case, with a field that the portal has."""
    first = next(iter(vocabulary.get(vocabulary.FIELD))).code
    return json.loads(case["fields"].replace("FIELD", first))


def test_the_weights_are_those_of_the_method():
    points = {dimension.code: dimension.points for dimension in method().dimensions}
    added = dict.fromkeys(points, 0)
    for metric in method().metrics.values():
        added[metric.dimension] += metric.points
    assert added == points
    assert method().points == 405
    assert len(CASES) == 20


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_score_is_the_one_reckoned_by_hand(create: Create, case):
    dataset = create(**fields_of(case))
    score = call_action("nd47_score_show", id=dataset["name"])
    found = {dimension["dimension"]: dimension["points"] for dimension in score["dimensions"]}
    assert found == {name: int(case[name]) for name in found}
    assert score["points"] == int(case["total"])


@pytest.mark.parametrize(("points", "code"), [(405, "excellent"), (350, "good"), (0, "bad")])
def test_ratings(points, code):
    assert method().rating(points).code == code


def ask(dataset: dict[str, Any], status: str) -> None:
    """Store what the address of the first file answered."""
    uses.collect()
    key = sa.select(LinkUse.key).where(LinkUse.resource_id == dataset["resources"][0]["id"])
    model.Session.execute(sa.update(LinkCheck).where(LinkCheck.key.in_(key)).values(status=status))
    model.Session.commit()


class TestAddresses:
    def test_are_not_measured_as_long_as_nobody_has_asked(self, create: Create):
        score = call_action("nd47_score_show", id=create(**fields_of(FULL))["id"])
        unknown = {metric["metric"] for metric in score["metrics"] if metric["met"] is None}
        assert unknown == {"access-answers", "download-answers"}
        assert score["possible"] - score["measured"] == 80

    @pytest.mark.parametrize(
        ("status", "points"), [(GOOD, 405), (FAILING, 325), (DEAD, 325)], ids=str
    )
    def test_are_measured_once_they_were_asked(self, create: Create, status, points):
        dataset = create(**fields_of(FULL))
        ask(dataset, status)
        score = store.of_dataset(dataset["id"])
        assert score is not None
        assert (score.points, score.measured) == (points, 405)

    def test_of_a_dataset_without_files_are_missing(self, create: Create):
        score = store.of_dataset(create()["id"])
        assert score is not None
        assert score.unknown == ()


class TestStore:
    def test_all_are_measured_and_what_has_changed_again(self, create: Create):
        dataset = create()
        assert store.refresh() == 1
        assert store.refresh() == 0
        before = model.Session.get_one(DatasetScore, dataset["id"]).points
        call_action("package_patch", id=dataset["id"], notes="Mô tả")
        assert store.waiting() == 1
        store.refresh()
        model.Session.expire_all()
        assert model.Session.get_one(DatasetScore, dataset["id"]).points == before + 30

    def test_the_stored_score_is_the_one_shown(self, create: Create):
        dataset = create(**fields_of(FULL))
        store.refresh()
        stored = model.Session.get_one(DatasetScore, dataset["id"])
        assert (stored.points, stored.measured) == (325, 325)
        assert stored.rule_possible >= stored.rule_points > 0

    def test_many_datasets_take_as_many_statements_as_one(self, create: Create):
        numbers = []
        for number in (1, 5):
            for _ in range(number):
                create()
            with statements() as sent:
                store.refresh()
            numbers.append(len(sent))
        assert numbers[0] == numbers[1]


class TestTodo:
    def test_what_pays_most_comes_first(self, world: World, create: Create):
        create(notes="Mô tả", tag_string="trường học")
        create(tag_string="trường học")
        measure()
        todos = world.call("sysadmin", "nd47_score_todo")
        gains = [todo["gain"] for todo in todos]
        assert gains == sorted(gains, reverse=True)
        by_metric = {todo["metric"]: todo for todo in todos}
        assert by_metric["dcat-ap"]["datasets"] == 1
        assert by_metric["temporal"]["gain"] == 40
        assert "keyword" not in by_metric

    def test_an_administrator_is_told_of_the_own_agency_alone(self, world: World, create: Create):
        create()
        create("foreign")
        measure()
        todos = world.call("admin", "nd47_score_todo")
        assert {todo["datasets"] for todo in todos} == {1}

    def test_drafts_and_private_datasets_are_left_out(self, world: World, create: Create):
        create(private=True)
        create(state="draft")
        measure()
        assert world.call("sysadmin", "nd47_score_todo") == []

    def test_the_datasets_of_a_metric(self, world: World, create: Create):
        lacking = create()
        create(notes="Mô tả")
        measure()
        found = world.call("sysadmin", "nd47_score_dataset_list", metric="dcat-ap")
        assert [one["id"] for one in found["results"]] == [lacking["id"]]
        assert found["count"] == 1

    def test_a_metric_that_there_is_not_is_refused(self, world: World):
        with pytest.raises(tk.ValidationError):
            world.call("sysadmin", "nd47_score_dataset_list", metric="khong-co")

    def test_who_answers_for_no_agency_is_refused(self, world: World):
        with pytest.raises(tk.NotAuthorized):
            world.call("stranger", "nd47_score_todo")

    def test_the_page_names_what_is_to_be_done(self, app: CKANTestApp, world: World, create):
        create()
        measure()
        page = app.get("/vi/work/score", headers=world.headers("admin"))
        assert "Thêm kỳ dữ liệu" in page.text
        page = app.get("/work/score/datasets?metric=temporal", headers=world.headers("admin"))
        assert "Danh sách trường tiểu học" in page.text


class TestQualityAsRdf:
    @pytest.mark.parametrize(("extension", "form"), list(quality.FORMATS.items()))
    def test_every_format_has_the_same_measurements(
        self, app: CKANTestApp, create: Create, extension, form
    ):
        dataset = create(**fields_of(FULL))
        answer = app.get(f"/dataset/{dataset['name']}/quality.{extension}")
        triples = {quad.triple for quad in ox.parse(answer.data, format=form)}
        measured = ox.NamedNode("http://www.w3.org/ns/dqv#isMeasurementOf")
        values = ox.NamedNode("http://www.w3.org/ns/dqv#value")
        # 21 metrics that are measured, and the sum.
        assert sum(triple.predicate == measured for triple in triples) == 22
        numbers = {triple.object.value for triple in triples if triple.predicate == values}
        assert numbers == {"true", "325"}

    def test_it_can_be_negotiated(self, app: CKANTestApp, create: Create):
        dataset = create()
        address = f"/dataset/{dataset['name']}/quality"
        answer = app.get(address, headers={"Accept": "text/turtle"})
        assert answer.headers["Content-Type"].startswith("text/turtle")
        assert "Accept" in answer.headers["Vary"]
        assert "405" in app.get(address).text

    def test_equal_scores_give_equal_bytes(self, app: CKANTestApp, create: Create):
        address = f"/dataset/{create()['name']}/quality.ttl"
        assert app.get(address).data == app.get(address).data

    def test_a_private_dataset_has_none(self, app: CKANTestApp, create: Create):
        dataset = create(private=True)
        for ending in ("", ".ttl"):
            answer = app.get(f"/dataset/{dataset['name']}/quality{ending}", status=403)
            assert dataset["title"] not in answer.text

    def test_a_dataset_that_there_is_not(self, app: CKANTestApp):
        app.get("/dataset/khong-co/quality.ttl", status=404)
