"""What the check of files and links finds is work: in the list, and for who approves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.approval import model as approval_tables
from ckanext.nd47.desk.approval import publication
from ckanext.nd47.desk.work_list import model as work_tables
from ckanext.nd47.rules import file_facts, gate, report
from ckanext.nd47.tables.check.report import FindingDict
from ckanext.nd47.tables.check_jobs import jobs
from ckanext.nd47.tables.check_jobs import model as check_tables
from ckanext.nd47.tables.check_jobs.model import FileCheck
from ckanext.nd47.tables.links import model as link_tables
from ckanext.nd47.tables.links import uses
from ckanext.nd47.tables.links.model import LinkCheck
from tests.desk.approval import approval_office
from tests.desk.approval.approval_office import (
    DRAFT,
    NOT_YET,
    SCHEDULED,
    WAITING,
    approved,
    axes_of,
    decided,
    later,
    make_due,
    office,
    written,
)
from tests.desk.conftest import Create, World
from tests.support.fixtures import portal_and_app
from tests.support.statements import statements

__all__ = ["office"]

PLUGINS = "nd47_tables nd47_desk nd47 nd47_l10n scheming_datasets scheming_organizations"
FILE = {"url": "https://so.example/a.csv", "name": "a.csv", "format": "CSV"}
RULE = "personal-data-decision"
LAW = "Điều 18 Luật Tiếp cận thông tin 104/2016/QH13"


def fresh() -> None:
    """Look for the tables again."""
    for tables in (work_tables, approval_tables, check_tables, link_tables):
        tables.reset()


portal, app = portal_and_app(PLUGINS, prepare=fresh)


def finding(code: str, column: str = "") -> FindingDict:
    return FindingDict(code=code, column=column, row=2, count=1, facts={}, part="")


def found(resource_id: str, *findings: FindingDict) -> None:
    """Store the result of a check, as its job does."""
    report = {
        "format": "CSV", "encoding": "UTF-8", "delimiter": ",", "size": 10, "parts": [],
        "features": None, "whole": True, "findings": list(findings),
    }  # fmt: skip
    model.Session.execute(
        sa.update(FileCheck).where(FileCheck.resource_id == resource_id).values(state="waiting")
    )
    model.Session.commit()
    patch = pytest.MonkeyPatch()
    patch.setattr(jobs, "_report", lambda _resource: (report, []))
    jobs.run(resource_id)
    patch.undo()


def things(world: World, kind: str, account: str = "editor") -> list[dict[str, Any]]:
    return world.work(account, kind=kind)["results"]


class TestWorkList:
    def test_a_file_of_no_use_is_work_for_its_editors(self, world: World, create: Create):
        dataset = create(resources=[FILE])
        found(dataset["resources"][0]["id"], finding("broken"))
        mine = [
            one for one in things(world, "faulty-file") if one["dataset"]["name"] == dataset["name"]
        ]
        assert len(mine) == 1
        assert mine[0]["url"].endswith(f"/resource/{dataset['resources'][0]['id']}/check")

    @pytest.mark.parametrize("code", ["day-first-dates", "title-rows", "citizen-id", "refused"])
    def test_other_findings_are_not(self, world: World, create: Create, code: str):
        dataset = create(resources=[FILE])
        found(dataset["resources"][0]["id"], finding(code))
        listed = {one["dataset"]["name"] for one in things(world, "faulty-file")}
        assert dataset["name"] not in listed

    @pytest.mark.parametrize(("status", "is_listed"), [("dead", True), ("failing", False)])
    def test_a_dead_link_is_work(self, world: World, create: Create, status, is_listed):
        address = f"https://so.example/{status}.csv"
        dataset = create(resources=[{**FILE, "url": address}])
        uses.collect()
        model.Session.execute(
            sa.update(LinkCheck)
            .where(LinkCheck.address == address)
            .values(status=status, first_failed=sa.func.now() - dt.timedelta(days=3))
        )
        model.Session.commit()
        mine = [
            one for one in things(world, "dead-link") if one["dataset"]["name"] == dataset["name"]
        ]
        assert bool(mine) is is_listed
        if mine:
            assert address in mine[0]["words"]

    def test_others_do_not_see_it(self, world: World, create: Create):
        dataset = create("foreign", resources=[FILE])
        found(dataset["resources"][0]["id"], finding("broken"))
        assert dataset["name"] not in {
            one["dataset"]["name"] for one in things(world, "faulty-file")
        }

    def test_the_number_of_statements_does_not_grow(self, world: World, create: Create):
        def ask() -> int:
            with statements() as sent:
                things(world, "faulty-file")
            return len(sent)

        found(create(resources=[FILE])["resources"][0]["id"], finding("empty"))
        few = ask()
        for _ in range(3):
            found(create(resources=[FILE])["resources"][0]["id"], finding("empty"))
        assert ask() == few

    def test_undecided_personal_data_of_a_published_dataset_are_an_unmet_rule(
        self, world: World, create: Create
    ):
        dataset = create(resources=[FILE])
        found(dataset["resources"][0]["id"], finding("citizen-id", "CCCD"))
        row = model.Session.get(work_tables.WorkDataset, dataset["id"])
        assert row is not None
        model.Session.refresh(row)
        assert "personal-data-decision" in row.unmet


class TestReview:
    def test_the_page_before_the_publication_leads_to_the_decision(self, office: World):
        dataset_id = written(office, resources=[FILE])
        [resource] = call_action("package_show", id=dataset_id)["resources"]
        review = office.call("editor", "nd47_publication_review", id=dataset_id)
        assert review["waiting"] == ["a.csv"]
        found(resource["id"], finding("citizen-id", "CCCD"))
        review = office.call("editor", "nd47_publication_review", id=dataset_id)
        [rule] = [one for one in review["rules"] if one["rule"] == "personal-data-decision"]
        assert f"/resource/{resource['id']}/check" in rule["url"]
        assert rule["level"] == "error"
        assert [one["undecided"] for one in review["files"]] == [True]
        assert review["waiting"] == []
        office.call("editor", "nd47_personal_data_decide", id=resource["id"],
                    decision="public-by-law", basis=LAW)  # fmt: skip
        review = office.call("editor", "nd47_publication_review", id=dataset_id)
        assert "personal-data-decision" not in {one["rule"] for one in review["rules"]}


class TestApproval:
    @pytest.fixture
    def published(self, office: World) -> tuple[str, str]:
        """A dataset that was approved and is public, and its file."""
        dataset_id = approved(office, resources=[FILE])
        [resource] = call_action("package_show", id=dataset_id)["resources"]
        return dataset_id, resource["id"]

    def pending(self, office: World, dataset_id: str) -> list[str]:
        shown = office.call("approver", "nd47_approval_show", id=dataset_id)
        return [change["field"] for change in shown["pending"]]

    def test_new_findings_in_a_published_dataset_wait_for_approval(self, office, published):
        dataset_id, resource_id = published
        found(resource_id, finding("citizen-id", "CCCD"))
        assert self.pending(office, dataset_id) == ["personal-data"]
        assert axes_of(office, dataset_id)[1] == "da-cong-bo"

    def test_who_approves_settles_them(self, office, published):
        dataset_id, resource_id = published
        found(resource_id, finding("citizen-id", "CCCD"))
        office.call("editor", "nd47_personal_data_decide", id=resource_id,
                    decision="public-by-law", basis=LAW)  # fmt: skip
        assert self.pending(office, dataset_id) == ["personal-data"]
        office.call("editor", "nd47_approval_send", id=dataset_id)
        assert decided(office, dataset_id)["done"]
        assert self.pending(office, dataset_id) == []

    def test_a_clean_file_takes_them_back(self, office, published):
        dataset_id, resource_id = published
        found(resource_id, finding("citizen-id", "CCCD"))
        found(resource_id)
        assert self.pending(office, dataset_id) == []

    def test_the_same_findings_again_are_no_second_event(self, office, published):
        dataset_id, resource_id = published
        found(resource_id, finding("citizen-id", "CCCD"))
        version = office.call("approver", "nd47_approval_show", id=dataset_id)["version"]
        found(resource_id, finding("citizen-id", "CCCD"))
        assert office.call("approver", "nd47_approval_show", id=dataset_id)["version"] == version

    def test_a_portal_may_leave_it_out(self, office, published, ckan_config):
        ckan_config["ckanext.nd47.approval_fields"] = "license_id"
        dataset_id, resource_id = published
        found(resource_id, finding("citizen-id", "CCCD"))
        assert self.pending(office, dataset_id) == []

    def test_an_agency_without_approval_has_nothing_to_approve(self, office, create):
        approval_office.require(office, "foreign", [], required="false")
        dataset = create("foreign", resources=[FILE])
        found(dataset["resources"][0]["id"], finding("citizen-id", "CCCD"))
        shown = office.call("sysadmin", "nd47_approval_show", id=dataset["id"])
        assert shown["pending"] == []


class TestFilesThatWait:
    """What nobody could examine yet is not published, whichever way is taken."""

    @pytest.fixture(autouse=True)
    def unknown(self, monkeypatch):
        """The files about which nothing can be found out; the rule is in force."""
        ids: set[str] = set()
        names = [rule.id for rule in report.edition.applied()["luat-20-2023"].edition.rules]
        levels = [f"{name}: {'error' if name == RULE else 'off'}" for name in names]
        monkeypatch.setitem(tk.config, "ckanext.nd47.rules_from", "")
        monkeypatch.setitem(tk.config, "ckanext.nd47.rules", "\n".join(levels))
        monkeypatch.setattr(file_facts, "_examiners", {"test": ids.intersection})
        return ids

    @pytest.fixture
    def waiting(self, office, unknown):
        """A draft with a file that waits."""
        dataset_id = written(office, resources=[FILE])
        [resource] = call_action("package_show", id=dataset_id)["resources"]
        unknown.add(resource["id"])
        return dataset_id

    def test_it_is_not_sent_for_approval(self, office, waiting, unknown):
        with pytest.raises(gate.FilesWaitError) as refusal:
            office.call("editor", "nd47_approval_send", id=waiting)
        assert "a.csv" in refusal.value.sentence
        assert axes_of(office, waiting)[0] == DRAFT
        unknown.clear()
        office.call("editor", "nd47_approval_send", id=waiting)
        assert axes_of(office, waiting)[0] == WAITING

    def test_an_approval_does_not_publish_it(self, office, waiting, unknown):
        ids = set(unknown)
        unknown.clear()
        office.call("editor", "nd47_approval_send", id=waiting)
        unknown.update(ids)
        result = decided(office, waiting)
        assert result["done"] is False
        assert "a.csv" in result["message"]
        assert axes_of(office, waiting)[:2] == (WAITING, NOT_YET)
        unknown.clear()
        assert decided(office, waiting)["done"] is True

    def test_its_moment_waits_for_the_check(self, office, waiting, unknown):
        ids = set(unknown)
        unknown.clear()
        office.call("editor", "nd47_publication_schedule", id=waiting, at=later())
        office.call("editor", "nd47_approval_send", id=waiting)
        assert decided(office, waiting)["publication"] == SCHEDULED
        make_due(waiting)
        unknown.update(ids)
        assert publication.publish_due() == (0, 0)
        assert axes_of(office, waiting)[1] == SCHEDULED
        unknown.clear()
        assert publication.publish_due() == (1, 0)
