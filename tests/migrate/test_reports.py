"""Reports of a rehearsal and of the unmet rules, by agency."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ckan.tests.helpers import call_action

from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from tests.migrate import old_portal
from tests.migrate.conftest import Make, command
from tests.migrate.old_portal import PLAIN, SIMPLE

pytestmark = pytest.mark.usefixtures("portal")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_the_report_lists_what_is_missing_by_agency(
    make: Make, tmp_path: Path, ending: str
) -> None:
    make(2, license_id="cc-by")
    path = tmp_path / f"report.{ending}"
    assert command("report", "--output", path).exit_code == 0
    if ending == "json":
        report = json.loads(path.read_text(encoding="utf-8"))
        assert [unmet["agency"] for unmet in report] == sorted(unmet["agency"] for unmet in report)
        assert {unmet["agency"] for unmet in report} == {"Sở Y tế", "Sở Nội vụ"}
        assert "frequency-stated" in {unmet["rule"] for unmet in report}
    else:
        assert len(spreadsheet.read(path.read_bytes()).sheets[0].rows) > 2


def test_an_agency_gets_its_own_part_of_the_report(make: Make) -> None:
    make(2)
    report = call_action("nd47_migrate_report", organization="so-y-te")
    assert {unmet["agency"] for unmet in report} == {"Sở Y tế"}


def test_rehearsing_tells_scores_and_unmet_rules_of_each_agency(
    make: Make, departments: list[dict[str, Any]]
) -> None:
    ids = make(4, extras=PLAIN)
    before = old_portal.rows(ids)
    rehearsal = call_action("nd47_migrate_rehearse", map=SIMPLE)
    assert rehearsal["total"]["datasets"] == 4
    of_agency = rehearsal["agencies"][departments[0]["id"]]
    assert of_agency["title"] == departments[0]["title"]
    assert of_agency["unmet"]["frequency-stated"]["after"] == 0
    assert of_agency["score"]["after"] > of_agency["score"]["before"]
    changes = {change["field"]: change["after"] for change in rehearsal["datasets"][0]["changes"]}
    assert changes["frequency"] == "hang-thang"
    assert old_portal.rows(ids) == before
