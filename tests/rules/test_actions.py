"""`nd47_rule_check` and `nd47_rule_list`: what they give, to whom, and at what cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.rules import records, report
from ckanext.nd47.rules.cli import rules
from tests.metadata.conftest import Create

from .conftest import RECORD

pytestmark = pytest.mark.usefixtures("portal")

GAPS: dict[str, dict[str, Any]] = {
    "bare": {},
    "closed": {"license_id": "other-closed", "access_rights": "khong-duoc-cong-khai"},
    "full": {
        key: value
        for key, value in RECORD.items()
        if key not in {"id", "name", "type", "state", "owner_org", "resources", "isopen"}
        and not key.startswith("metadata_")
    },
    "draft": {"state": "draft", "notes": "Nháp"},
    "private": {"private": True, "frequency": "hang-thang", "modified": "2020"},
    "extras": {"extras": [{"key": "price", "value": "10"}]},
}


@pytest.fixture(scope="module")
def datasets(create: Create) -> dict[str, dict[str, Any]]:
    """Datasets with and without gaps, by what is odd in them."""
    file = {"url": "https://du-lieu.example/a.csv", "format": "CSV", "name": "A"}
    return {
        name: create(resources=[file] if name != "bare" else [], **fields)
        for name, fields in GAPS.items()
    }


@pytest.fixture
def queries() -> Iterator[list[str]]:
    """The statements that go to the database during a test."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = model.Session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def check(user: str, **arguments: Any) -> dict[str, Any]:
    """Call the action as somebody."""
    return call_action("nd47_rule_check", context={"user": user, "ignore_auth": False}, **arguments)


class TestOneDataset:
    def test_it_says_what_is_unmet_where_and_why(self, datasets: dict[str, Any]) -> None:
        found = call_action("nd47_rule_check", id=datasets["bare"]["name"], only_unmet=True)
        assert found["publishable"] is False
        assert found["edition"] == "luat-20-2023"
        assert found["unmet"]["error"] == 1
        first = found["results"][0]
        assert first["rule"] == "online-access"
        assert first["level"] == "error"
        assert first["field"] == "resources"
        assert first["message"]
        assert first["remedy"]
        assert first["clauses"][0] == {
            "instrument": "luat-20-2023",
            "article": "43",
            "paragraph": "2",
            "point": "",
            "status": "verified",
            "from": None,
            "until": None,
            "reference": first["basis"],
        }

    def test_points_count_only_what_applies(self, datasets: dict[str, Any]) -> None:
        found = call_action("nd47_rule_check", id=datasets["full"]["id"])
        asked = [result for result in found["results"] if result["met"] is not None]
        assert found["points_possible"] == sum(one["points"] for one in asked)
        assert found["points"] == sum(one["points"] for one in asked if one["met"])
        assert 0 < found["points"] <= found["points_possible"] <= 100

    def test_it_is_json(self, datasets: dict[str, Any]) -> None:
        found = call_action("nd47_rule_check", id=datasets["closed"]["id"])
        assert json.loads(json.dumps(found)) == found

    def test_there_is_no_such_dataset(self) -> None:
        with pytest.raises(tk.ObjectNotFound):
            call_action("nd47_rule_check", id="khong-co")

    def test_everybody_may_check_what_they_may_see(self, datasets: dict[str, Any]) -> None:
        assert check("", id=datasets["closed"]["id"])["results"]
        for hidden in ("draft", "private"):
            with pytest.raises(tk.NotAuthorized):
                check("", id=datasets[hidden]["id"])


class TestAllDatasets:
    def test_pages_lead_through_all_of_them_once(self, datasets: dict[str, Any]) -> None:
        seen: list[str] = []
        after = ""
        while after is not None:
            page = call_action("nd47_rule_check", after=after, limit=2)
            seen += [result["id"] for result in page["results"]]
            after = page["next"]
        assert len(seen) == len(set(seen))
        assert {dataset["id"] for dataset in datasets.values()} <= set(seen)

    def test_the_stored_record_and_the_shown_one_are_judged_alike(
        self, datasets: dict[str, Any]
    ) -> None:
        for name, dataset in datasets.items():
            shown = call_action("package_show", id=dataset["id"])
            stored = records.by_id(dataset["id"])
            assert stored is not None
            verdicts = [
                {f.rule.id: (f.met, f.field, dict(f.verdict.facts)) for f in report.examine(one)}
                for one in (shown, stored)
            ]
            assert verdicts[0] == verdicts[1], name

    def test_a_deleted_dataset_is_left_out(self, create: Create) -> None:
        gone = create()["id"]
        call_action("package_delete", id=gone)
        assert gone not in {dataset["id"] for dataset, _ in report.examine_page("", 1000)}

    def test_statements_do_not_grow_with_the_batch(
        self, datasets: dict[str, Any], queries: list[str]
    ) -> None:
        counts = []
        for limit in (1, len(datasets)):
            queries.clear()
            model.Session.rollback()
            assert len(report.examine_page("", limit)) == limit
            counts.append(len(queries))
        assert counts[1] <= counts[0] + 1
        assert counts[1] <= 8, queries

    @pytest.mark.parametrize(
        "arguments", [{"limit": "nhiều"}, {"limit": 0}, {"limit": -1}, {"after": ["x"]}, {"id": 7}]
    )
    def test_bad_arguments_are_refused(self, arguments: dict[str, Any]) -> None:
        with pytest.raises((tk.ValidationError, tk.ObjectNotFound)):
            call_action("nd47_rule_check", **arguments)

    def test_a_page_has_an_end(self) -> None:
        call_action("nd47_rule_check", limit=10**9)

    def test_for_one_agency(
        self, datasets: dict[str, Any], province: dict[str, Any], department: dict[str, Any]
    ) -> None:
        own = call_action("nd47_rule_check", owner_org=department["name"], limit=1000)
        assert {dataset["id"] for dataset in datasets.values()} <= {
            result["id"] for result in own["results"]
        }
        assert call_action("nd47_rule_check", owner_org=province["id"])["results"] == []

    def test_there_is_no_such_agency(self) -> None:
        with pytest.raises(tk.ObjectNotFound):
            call_action("nd47_rule_check", owner_org="khong-co")

    def test_drafts_of_an_agency_are_for_its_editors(self, department: dict[str, Any]) -> None:
        editor, stranger = factories.User(), factories.User()
        call_action(
            "organization_member_create",
            id=department["id"],
            username=editor["name"],
            role="editor",
        )
        assert check(editor["name"], owner_org=department["id"])["results"]
        for somebody in (stranger["name"], ""):
            with pytest.raises(tk.NotAuthorized):
                check(somebody, owner_org=department["id"])

    def test_the_whole_portal_is_for_sysadmins(self) -> None:
        assert check(factories.Sysadmin()["name"])["results"]
        with pytest.raises(tk.NotAuthorized):
            check(factories.User()["name"])


class TestList:
    def test_everybody_may_read_the_rules(self) -> None:
        found = call_action("nd47_rule_list", context={"user": "", "ignore_auth": False})
        assert found["edition"] == "luat-20-2023"
        assert {"rule", "level", "title", "basis", "points"} <= set(found["rules"][0])

    def test_a_rule_that_is_off_is_not_listed(self, ckan_config: Any) -> None:
        ckan_config["ckanext.nd47.rules"] = "described: off"
        listed = {rule["rule"] for rule in call_action("nd47_rule_list")["rules"]}
        assert "described" not in listed
        assert "open-licence" in listed


class TestCommands:
    @staticmethod
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(rules, arguments)

    def test_list_names_every_rule(self) -> None:
        found = self.run("list")
        assert found.exit_code == 0
        assert "open-licence" in found.output

    def test_list_as_json(self) -> None:
        assert json.loads(self.run("list", "--json").output)["rules"]

    def test_check_fails_on_a_published_dataset_with_a_gap_that_binds(
        self, datasets: dict[str, Any]
    ) -> None:
        found = self.run("check", datasets["bare"]["name"])
        assert found.exit_code == 1
        assert "resources: " in found.output

    def test_check_passes_a_draft_with_gaps(self, create: Create) -> None:
        assert self.run("check", create(state="draft")["name"]).exit_code == 0

    def test_check_of_one_as_json(self, datasets: dict[str, Any]) -> None:
        found = json.loads(self.run("check", datasets["full"]["name"], "--json").output)
        assert found["publishable"] is True

    def test_check_of_all_as_one_json_list(
        self, datasets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ckanext.nd47.rules.cli.BATCH", 2)
        found = json.loads(self.run("check", "--all", "--json").output)
        assert {dataset["id"] for dataset in datasets.values()} <= {one["id"] for one in found}

    def test_check_of_all_ends_with_a_count(self, datasets: dict[str, Any]) -> None:
        found = self.run("check", "--all")
        assert found.exit_code == 1
        assert "published ones do not meet a binding rule" in found.output.splitlines()[-1]

    @pytest.mark.parametrize("arguments", [(), ("a", "--all")])
    def test_check_wants_one_or_all(self, arguments: tuple[str, ...]) -> None:
        assert self.run("check", *arguments).exit_code == 2

    def test_check_of_no_dataset(self) -> None:
        found = self.run("check", "khong-co")
        assert found.exit_code == 1
        assert "There is no dataset khong-co." in found.output
