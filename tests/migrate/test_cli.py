"""The commands do everything, and end with a sentence when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ckanext.nd47.migrate import run
from tests.migrate import old_portal
from tests.migrate.conftest import Make, command
from tests.migrate.old_portal import PLAIN, SIMPLE

pytestmark = pytest.mark.usefixtures("portal")


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
    assert all("frequency" in row["extras"] for row in old_portal.rows(ids).values())
