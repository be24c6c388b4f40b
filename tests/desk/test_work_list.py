"""What is on the list, in which words and order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.work_list.kinds import updates
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.lib import config
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import update_state
from tests.desk.conftest import LONG_AGO, Create, World, in_days, names
from tests.support.statements import statements


def only(work: dict[str, Any]) -> dict[str, Any]:
    """Return the one thing of a list."""
    (item,) = work["results"]
    return item


class TestUpdates:
    def test_overdue_data_say_since_when(self, world: World, overdue: Create):
        dataset = overdue()
        item = only(world.work("editor", kind="overdue"))
        state, due = update_state.state_and_due(dataset)
        assert state == "overdue"
        assert due is not None
        assert item["day"] == due.isoformat()
        assert tk.h.nd47_day(due) in item["words"]
        assert item["url"].endswith(f"/dataset/{dataset['name']}/new-period")

    def test_mended_data_leave_the_list(self, world: World, overdue: Create):
        dataset = overdue()
        call_action("package_patch", id=dataset["id"], modified=in_days(0).isoformat())
        assert world.work("editor", kind="overdue")["results"] == []

    def test_data_that_are_never_due_are_not_listed(self, world: World, create: Create):
        create(frequency="khi-co-thay-doi", modified=LONG_AGO)
        counts = world.work("editor")["counts"]
        assert counts["overdue"] == counts["due-soon"] == 0

    def test_the_state_follows_from_the_day_alone(self, world: World, create: Create):
        create(frequency="hang-nam", modified=in_days(-30).isoformat())
        assert world.work("editor")["counts"]["overdue"] == 0
        with freeze_time(dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=800)):
            assert world.work("editor")["counts"]["overdue"] == 1

    def test_the_day_of_the_order_is_that_of_the_state(self, portal: None):
        days = [dt.date(2023, 1, 1) + dt.timedelta(days=7 * number) for number in range(120)]
        days += [dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2023, 12, 31)]
        for term in vocabulary.get("frequency"):
            rows = sa.values(
                sa.column("frequency", sa.Text), sa.column("data_date", sa.Date), name="days"
            ).data([(term.code, day) for day in days])
            due = sa.cast(updates.due_day(rows.c.frequency, rows.c.data_date), sa.Date)
            query = sa.select(rows.c.data_date, due).select_from(rows)
            found = {row[0]: row[1] for row in model.Session.execute(query)}
            for day in days:
                dataset = {"frequency": term.code, "modified": day.isoformat()}
                assert found[day] == update_state.next_due(dataset), (term.code, day)


class TestUnmetRules:
    def test_one_thing_for_a_dataset_with_its_gravest_rule(self, world: World, create: Create):
        dataset = create()
        item = only(world.work("editor", kind="unmet-rules"))
        report = call_action("nd47_rule_check", id=dataset["id"], only_unmet=True)
        unmet = [rule for rule in report["results"] if rule["met"] is False]
        gravest = [rule["message"] for rule in unmet if rule["level"] == "error"]
        assert any(item["words"].startswith(message) for message in gravest)
        assert item["weight"] == 3  # noqa: PLR2004 - a rule that refuses publication
        assert item["points"] == sum(rule["points"] for rule in unmet)

    def test_a_rule_that_is_off_counts_no_more(self, world: World, create: Create, monkeypatch):
        dataset = create()
        before = only(world.work("editor", kind="unmet-rules"))
        report = call_action("nd47_rule_check", id=dataset["id"], only_unmet=True)["results"]
        one = next(rule for rule in report if rule["points"])
        monkeypatch.setitem(tk.config, config.RULES, f"{one['rule']}: off")
        after = only(world.work("editor", kind="unmet-rules"))
        assert after["points"] == before["points"] - one["points"]
        assert world.work("editor")["waiting"] == 0

    def test_all_rules_off_leave_nothing(self, world: World, create: Create, monkeypatch):
        dataset = create()
        report = call_action("nd47_rule_check", id=dataset["id"], only_unmet=True)["results"]
        levels = "\n".join(f"{rule['rule']}: off" for rule in report)
        monkeypatch.setitem(tk.config, config.RULES, levels)
        assert world.work("editor", kind="unmet-rules")["results"] == []

    def test_can_be_asked_for_by_rule(self, world: World, create: Create):
        with_notes, without = create(notes="Mô tả"), create(notes="")
        report = call_action("nd47_rule_check", id=without["id"], only_unmet=True)["results"]
        other = call_action("nd47_rule_check", id=with_notes["id"], only_unmet=True)["results"]
        rules = {one["rule"] for one in report} - {one["rule"] for one in other}
        assert rules
        for rule in rules:
            assert names(world.work("editor", rule=rule)) == {without["name"]}

    def test_the_words_are_those_of_the_language(self, world: World, create: Create, app):
        create()
        url = "/api/3/action/nd47_work_list?kind=unmet-rules"
        words = {
            lang: app.get(f"/{lang}{url}", headers=world.headers("editor")).json["result"][
                "results"
            ][0]["words"]
            for lang in ("vi", "en")
        }
        assert words["vi"] != words["en"]


class TestDrafts:
    def test_lead_to_the_form(self, world: World, draft: Create):
        dataset = draft()
        item = only(world.work("editor", kind="draft"))
        assert item["url"].endswith(f"/dataset/edit/{dataset['name']}")
        assert item["day"] == in_days(0).isoformat()

    def test_a_published_one_is_a_draft_no_more(self, world: World, draft: Create):
        dataset = draft()
        call_action("package_patch", id=dataset["id"], state="active")
        assert world.work("editor", kind="draft")["results"] == []


class TestFocalPoints:
    def test_an_agency_without_any_is_listed(self, world: World, create: Create):
        create()
        items = world.work("admin", kind="no-focal-point")["results"]
        assert {item["agency"]["id"] for item in items} == {world.agencies["own"]["id"]}
        assert all("/focal-point?role=" in item["url"] for item in items)

    def test_editors_who_may_not_add_one_see_the_register(self, world: World, create: Create):
        create()
        for item in world.work("editor", kind="no-focal-point")["results"]:
            assert item["url"].endswith(f"/organization/register/{world.agencies['own']['name']}")

    def test_a_term_that_ends_is_listed_with_its_day(self, world: World, create: Create):
        create()
        last = in_days(10).isoformat()
        person = call_action(
            "nd47_focal_point_create",
            agency=world.agencies["own"]["id"],
            role="feedback",
            rank="main",
            full_name="Nguyễn Thị Lan",
            email="lan@so.example",
            valid_from=in_days(-10).isoformat(),
            valid_to=last,
        )
        try:
            item = only(world.work("admin", kind="term-ends"))
            assert item["day"] == last
            assert tk.h.nd47_day(last) in item["words"]
        finally:
            model.Session.execute(
                sa.text("DELETE FROM nd47_focal_point WHERE id = :id"), {"id": person["id"]}
            )
            model.Session.commit()


class TestSearchAndOrder:
    @pytest.mark.parametrize(
        "q",
        [
            *("thuy loi", "Thủy Lợi", "thuỷ lợi", "THUY LOI", "loi thuy"),
            *("thu\u0309y lo\u031b\u0323i", "“thủy lợi”?", "(thủy), lợi;"),
        ],
    )
    def test_any_spelling_finds_a_title(self, world: World, overdue: Create, q):
        wanted = overdue(title="Công trình thủy lợi")
        overdue(title="Danh sách trường học")
        assert names(world.work("editor", kind="overdue", q=q)) == {wanted["name"]}

    def test_the_agency_finds_its_things(self, world: World, overdue: Create):
        below = overdue("below")
        overdue("own")
        assert names(world.work("leader", kind="overdue", q="khao thi")) == {below["name"]}

    def test_signs_are_no_pattern(self, world: World, overdue: Create):
        overdue()
        assert world.work("editor", q="%")["results"] == []

    def test_the_most_urgent_comes_first(self, world: World, overdue: Create, draft: Create):
        draft()
        overdue()
        weights = [item["weight"] for item in world.work("editor")["results"]]
        assert weights == sorted(weights, reverse=True)

    def test_titles_are_in_vietnamese_order(self, world: World, overdue: Create):
        for title in ("Đê điều", "Dân số", "Ấp", "Ăn uống", "An toàn"):
            overdue(title=title)
        work = world.work("editor", kind="overdue", sort="title")
        titles = [item["dataset"]["title"] for item in work["results"]]
        assert titles == ["An toàn", "Ăn uống", "Ấp", "Dân số", "Đê điều"]

    def test_the_oldest_comes_first(self, world: World, overdue: Create):
        newer = overdue(modified="2021-01-05")
        older = overdue(modified="2019-01-05")
        work = world.work("editor", kind="overdue", sort="day")
        assert [item["dataset"]["name"] for item in work["results"]] == [
            older["name"],
            newer["name"],
        ]

    def test_pages_follow_each_other(self, world: World, overdue: Create):
        made = {overdue()["name"] for _ in range(3)}
        pages = [world.work("editor", kind="overdue", limit=1, offset=place) for place in range(4)]
        assert set().union(*map(names, pages)) == made
        assert [len(page["results"]) for page in pages] == [1, 1, 1, 0]
        assert {page["count"] for page in pages} == {3}

    @pytest.mark.parametrize(
        ("name", "value"),
        [("kind", "x"), ("sort", "x"), ("rule", "x"), ("limit", "-1"), ("offset", "x"), ("q", [1])],
    )
    def test_other_values_are_refused(self, world: World, name, value):
        with pytest.raises(tk.ValidationError) as error:
            world.work("editor", **{name: value})
        assert name in error.value.error_dict

    def test_an_unknown_agency_is_not_found(self, world: World):
        with pytest.raises(tk.ObjectNotFound):
            world.work("sysadmin", agency="khong-co")


class TestStatements:
    @pytest.mark.parametrize("account", ["editor", "leader", "sysadmin"])
    def test_are_constant(self, world: World, overdue: Create, account):
        def count() -> int:
            model.Session.remove()
            with statements() as sent:
                assert world.work(account, limit=200)["results"]
            return len(sent)

        for _ in range(10):
            overdue()
        few = count()
        _copy_rows(190)
        assert count() == few
        assert world.work(account, limit=0)["counts"]["overdue"] == 200  # noqa: PLR2004


def _copy_rows(number: int) -> None:
    """Copy a dataset and its row so many times."""
    columns = ", ".join(
        column.name for column in WorkDataset.__table__.columns if column.name != "id"
    )
    parts = ", ".join(
        f'"{column.name}"'
        for column in model.package_table.columns
        if column.name not in {"id", "name"}
    )
    for line in (
        f"INSERT INTO package (id, name, {parts}) SELECT 'copy-' || n, 'copy-' || n, {parts}"  # noqa: S608 - names of columns
        " FROM generate_series(1, :number) n, (SELECT * FROM package LIMIT 1) p",
        f"INSERT INTO nd47_work_dataset (id, {columns}) SELECT 'copy-' || n, {columns}"  # noqa: S608 - names of columns
        " FROM generate_series(1, :number) n, (SELECT * FROM nd47_work_dataset LIMIT 1) w",
    ):
        model.Session.execute(sa.text(line), {"number": number})
    model.Session.commit()
