"""Agencies correct the spreadsheet of a rehearsal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.migrate import sheets
from tests.migrate import old_portal
from tests.migrate.conftest import Make, command
from tests.migrate.old_portal import PLAIN

pytestmark = pytest.mark.usefixtures("portal")


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
