"""The commands, the actions, the spreadsheet and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies.import_export import spreadsheet
from ckanext.nd47.migrate import run, sheets
from ckanext.nd47.migrate.cli import migrate
from tests.migrate import old_portal
from tests.migrate.conftest import Make
from tests.migrate.test_run import PLAIN, SIMPLE
from tests.statements import statements

pytestmark = pytest.mark.usefixtures("portal")

PAGE = "/ckan-admin/nd47-migrate"


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(migrate, [*map(str, arguments)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A map."""
    path = tmp_path / "map.yaml"
    path.write_text(SIMPLE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def sysadmin(portal: None) -> dict[str, str]:
    """Headers of a system administrator."""
    return {"Authorization": factories.SysadminWithToken()["token"]}


def test_the_commands_do_it_from_first_look_to_undo(make: Make, tmp_path: Path) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    path = tmp_path / "proposed.yaml"
    assert "Tần suất: 1 -> frequency" in command("look").output
    assert json.loads(command("look", "--json").output)["datasets"] == 1
    assert command("map", "--output", path).exit_code == 0
    rehearsed = command("rehearse", path)
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "frequency-stated                  1 ->      0" in rehearsed.output
    assert old_portal.rows([dataset_id])[dataset_id]["extras"] == PLAIN
    applied = command("apply", path)
    assert "1/1 datasets" in applied.output
    assert old_portal.rows([dataset_id])[dataset_id]["extras"]["frequency"] == "hang-thang"
    assert "done  1/1" in command("status").output
    undone = command("undo")
    assert (undone.exit_code, "0 kept" in undone.output) == (0, True)
    assert old_portal.rows([dataset_id])[dataset_id]["extras"] == PLAIN


def test_map_does_not_write_over_a_file(file: Path) -> None:
    result = command("map", "--output", file)
    assert result.exit_code == 1
    assert file.read_text(encoding="utf-8") == SIMPLE


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("apply",), 2),
        (("apply", "--resume"), 1),
        (("undo", "khong-co"), 1),
        (("undo",), 1),
        (("rehearse", "/khong/co.yaml"), 2),
        (("report", "--output", "a.pdf"), 2),
        (("report", "--organization", "khong-co"), 1),
    ],
)
def test_a_wrong_command_ends_with_a_sentence(arguments: tuple[str, ...], exit_code: int) -> None:
    result = command(*arguments)
    assert result.exit_code == exit_code
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("content", [b"fields: [", b"\xff\xfe\x00", b"fields: [{from: a, to: b}]"])
@pytest.mark.parametrize("name", ["rehearse", "apply"])
def test_a_hostile_map_ends_with_a_sentence(file: Path, name: str, content: bytes) -> None:
    file.write_bytes(content)
    result = command(name, file)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith("Error: ")


def test_a_run_that_was_interrupted_is_resumed_by_the_command(make: Make) -> None:
    ids = make(2, extras=PLAIN)
    run.begin(SIMPLE, {}, "")
    assert command("apply", "--resume").exit_code == 0
    assert all("frequency" in one["extras"] for one in old_portal.rows(ids).values())


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_agencies_correct_the_spreadsheet_and_hand_it_back(
    make: Make, file: Path, tmp_path: Path, ending: str
) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    path = tmp_path / f"out.{ending}"
    assert command("rehearse", file, "--output", path).exit_code == 0
    rows = [cells for _, cells in spreadsheet.read(path.read_bytes()).sheets[0].rows]
    rows = [[*cells, *[""] * (8 - len(cells))] for cells in rows]
    fields = {cells[sheets.FIELD]: cells for cells in rows[1:]}
    assert fields["contact.name"][sheets.NEW] == "Nguyễn Văn A"
    assert fields["catalogue_entry.decision_number"][sheets.NEW] == ""
    fields["contact.name"][sheets.NEW] = "Văn phòng Sở"
    fields["catalogue_entry.decision_number"][sheets.NEW] = "2053/QĐ-UBND"
    if ending == "csv":
        path.write_bytes(spreadsheet.write_csv(rows[0], rows[1:]))
    else:
        path.write_bytes(spreadsheet.write_xlsx(rows[0], rows[1:], "a"))
    assert command("apply", file, "--from", path).exit_code == 0
    extras = old_portal.rows([dataset_id])[dataset_id]["extras"]
    assert json.loads(extras["contact"]) == [{"telephone": "0912 345 678", "name": "Văn phòng Sở"}]
    assert json.loads(extras["catalogue_entry"]) == [{"decision_number": "2053/QĐ-UBND"}]


@pytest.mark.parametrize(
    ("row", "part"),
    [
        (["x", "", "", "frequency", "", "", "hang-nam", ""], "no dataset x"),
        (["x", "", "", "tan_suat", "", "", "hang-nam", ""], "Row 2: there is no field “tan_suat”"),
        (["x", "", "", "contact", "", "", "A", ""], "Row 2: there is no field “contact”"),
        (["x"], "Row 2: there is no field “”"),
    ],
)
def test_a_spreadsheet_of_another_kind_is_refused_in_a_sentence(
    file: Path, tmp_path: Path, row: list[str], part: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(spreadsheet.write_csv(sheets.header(), [row]))
    result = command("apply", file, "--from", path)
    assert (result.exit_code, part in result.output) == (1, True), result.output
    path.write_bytes(b"PK\x03\x04broken")
    assert command("apply", file, "--from", path).exit_code == 1


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_the_report_lists_what_is_missing_by_agency(
    make: Make, tmp_path: Path, ending: str
) -> None:
    make(2, license_id="cc-by")
    path = tmp_path / f"report.{ending}"
    assert command("report", "--output", path).exit_code == 0
    if ending == "json":
        found = json.loads(path.read_text(encoding="utf-8"))
        assert [one["agency"] for one in found] == sorted(one["agency"] for one in found)
        assert {one["agency"] for one in found} == {"Sở Y tế", "Sở Nội vụ"}
        assert "frequency-stated" in {one["rule"] for one in found}
    else:
        assert len(spreadsheet.read(path.read_bytes()).sheets[0].rows) > 2


def test_an_agency_gets_its_own_part_of_the_report(make: Make) -> None:
    make(2)
    found = call_action("nd47_migrate_report", organization="so-y-te")
    assert {one["agency"] for one in found} == {"Sở Y tế"}


def test_rehearsing_tells_scores_and_unmet_rules_of_each_agency(
    make: Make, departments: list[dict[str, Any]]
) -> None:
    ids = make(4, extras=PLAIN)
    before = old_portal.rows(ids)
    found = call_action("nd47_migrate_rehearse", map=SIMPLE)
    assert found["total"]["datasets"] == 4
    of_agency = found["agencies"][departments[0]["id"]]
    assert of_agency["title"] == departments[0]["title"]
    assert of_agency["unmet"]["frequency-stated"]["after"] == 0
    assert of_agency["score"]["after"] > of_agency["score"]["before"]
    changes = {one["field"]: one["after"] for one in found["datasets"][0]["changes"]}
    assert changes["frequency"] == "hang-thang"
    assert old_portal.rows(ids) == before


def test_the_action_leaves_the_work_to_a_job(make: Make) -> None:
    make(1)
    begun = call_action("nd47_migrate_apply", map=SIMPLE)
    assert begun["state"] == "running"
    titles = [one["title"] for one in call_action("job_list")]
    assert f"nd47 migrate {begun['id']}" in titles
    with pytest.raises(tk.ValidationError):
        call_action("nd47_migrate_apply", map=SIMPLE)
    call_action("job_clear")


@pytest.mark.parametrize(
    "given",
    [
        {"map": ["x"]},
        {"map": "fields: ["},
        {"map": SIMPLE, "corrections": "x"},
        {"map": SIMPLE, "corrections": {"x": {"khong_co": ["", "a"]}}},
        {"map": SIMPLE, "corrections": {"x": {"frequency": "a"}}},
        {},
    ],
)
@pytest.mark.parametrize("name", ["rehearse", "apply"])
def test_actions_refuse_what_is_no_map(name: str, given: dict[str, Any]) -> None:
    with pytest.raises(tk.ValidationError):
        call_action(f"nd47_migrate_{name}", **given)


def test_the_page_shows_what_there_is_and_writes_nothing(
    app: CKANTestApp, make: Make, sysadmin: dict[str, str]
) -> None:
    make(2, extras=PLAIN)
    run.work(run.begin(SIMPLE, {}, "").id)
    app.get(PAGE, headers=sysadmin, status=200)
    with statements() as executed:
        body = app.get(PAGE, headers=sysadmin, status=200).data
    # CKAN itself notes when a token and its account were used last.
    own = [one for one in executed if not one.lstrip().upper().startswith(("SELECT", "BEGIN"))]
    assert not [one for one in own if "nd47" in one or "package" in one]
    text = BeautifulSoup(body, "html.parser").get_text(" ", strip=True)
    assert "Tần suất" in text
    assert "hàng tháng (2)" in text
    english = app.get(f"/en{PAGE}", headers=sysadmin, status=200).data
    assert "Update frequency frequency" in BeautifulSoup(english, "html.parser").get_text(
        " ", strip=True
    )
    assert "2/2" in text


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_page_gives_an_agency_its_list(
    app: CKANTestApp, make: Make, sysadmin: dict[str, str], ending: str
) -> None:
    make(2)
    response = app.get(f"{PAGE}/report/so-y-te.{ending}", headers=sysadmin, status=200)
    assert len(spreadsheet.read(response.data).sheets[0].rows) > 1
    app.get(f"{PAGE}/report/khong-co.{ending}", headers=sysadmin, status=404)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/report/so-y-te.csv"])
def test_the_page_is_for_sysadmins_alone(app: CKANTestApp, path: str) -> None:
    app.get(path, status=403)
    token = factories.UserWithToken()["token"]
    app.get(path, headers={"Authorization": token}, status=403)


def test_purging_a_dataset_purges_what_a_run_noted_of_it(make: Make) -> None:
    (dataset_id,) = make(1, extras=PLAIN)
    done = run.work(run.begin(SIMPLE, {}, "").id)
    call_action("dataset_purge", id=dataset_id)
    assert run.undo(done.id) == (0, 0)
    assert model.Package.get(dataset_id) is None
