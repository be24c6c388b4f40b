"""What the terminal is told when a step fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev import console
from dev.commands import main
from dev.console import Stopped, run


def test_failing_program_gives_its_last_line_and_log(tmp_path: Path):
    log = tmp_path / "step.log"
    with pytest.raises(Stopped, match=r"it failed \(the reason\)") as stopped:
        run(["sh", "-c", "echo first; echo the reason; exit 3"], log, "it failed", "do this")
    assert stopped.value.report().splitlines() == [
        "Stopped: it failed (the reason)",
        "  What to do: do this",
        f"  Details: {log}",
    ]


def test_program_that_succeeds_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run(["true"], tmp_path / "log", "it failed")
    assert capsys.readouterr().out == ""


def test_question_without_a_terminal_is_answered_no(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("YES", raising=False)
    monkeypatch.setattr(console.sys.stdin, "isatty", lambda: False, raising=False)
    assert not console.confirmed("Delete?")


def test_question_is_answered_yes_by_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("YES", "1")
    assert console.confirmed("Delete?")


def test_unknown_command_exits_with_two():
    assert main(["nonsense"]) == 2


def test_full_disk_in_the_middle_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def full(_arguments: object) -> int:
        raise OSError(28, "No space left on device", "/some/file")

    monkeypatch.setitem(__import__("dev.commands").commands.COMMANDS, "portal", full)
    assert main(["portal"]) == 1
    assert capsys.readouterr().err == "Stopped: No space left on device (/some/file)\n"
