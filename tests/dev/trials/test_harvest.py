"""Running a harvest: the portals are told apart, the waiting ends, and errors are said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.trials import harvest
from dev.trials.harvest import HarvestError, Portal, all_imported, job_errors, read_portals, run_job

FINISHED = {"status": "Finished", "gather_finished": "2026-01-01", "stats": {"added": 1}}
RUNNING = {"status": "Running", "gather_finished": None, "stats": {}}


def portal(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, Iterator[Any]]
) -> tuple[Portal, list[str]]:
    """A portal that gives these answers, and the list of what it was asked."""
    asked: list[str] = []

    def call(_self: Portal, action: str, **_data: object) -> Any:
        asked.append(action)
        return next(answers[action])

    monkeypatch.setattr(Portal, "call", call)
    monkeypatch.setattr(harvest, "POLL_SECONDS", 0)
    return Portal("https://quoc-gia.example", "x"), asked


@pytest.mark.parametrize(
    ("job", "done"),
    [
        (RUNNING, False),
        ({**RUNNING, "gather_finished": "x", "stats": {"added": 2, "null": 1}}, False),
        ({**RUNNING, "gather_finished": "x", "stats": {"added": 2}}, True),
        ({**RUNNING, "gather_finished": "x"}, True),
        (FINISHED, True),
    ],
)
def test_a_job_is_over_when_no_object_waits(job: dict[str, Any], done: bool):
    assert all_imported(job) is done


def test_a_job_is_marked_as_finished_once_and_only_after_its_objects(
    monkeypatch: pytest.MonkeyPatch,
):
    working = {**RUNNING, "gather_finished": "x", "stats": {"null": 1}}
    national, asked = portal(
        monkeypatch,
        {
            "harvest_job_create": iter([{**RUNNING, "id": "j"}]),
            "harvest_job_show": iter(
                [{**working, "id": "j"}, {**working, "stats": {}, "id": "j"}, FINISHED]
            ),
            "harvest_jobs_run": iter([[]]),
        },
    )
    assert run_job(national, "s") == FINISHED
    assert asked == [
        "harvest_job_create",
        "harvest_job_show",
        "harvest_job_show",
        "harvest_jobs_run",
        "harvest_job_show",
    ]


def test_a_job_that_does_not_end_names_the_likely_cause(monkeypatch: pytest.MonkeyPatch):
    national, _ = portal(
        monkeypatch, {"harvest_job_create": iter([RUNNING]), "harvest_job_show": iter([])}
    )
    with pytest.raises(HarvestError, match="gather-consumer and fetch-consumer"):
        run_job(national, "s", seconds=-1)


def test_errors_of_both_stages_are_listed():
    job = {
        "gather_error_summary": [{"message": "a", "error_count": 1}],
        "object_error_summary": [{"message": "b", "error_count": 3}],
    }
    assert job_errors(job) == ["a (x1)", "b (x3)"]


def test_a_job_without_errors_lists_none():
    assert job_errors({"gather_error_summary": None}) == []


class TestCredentials:
    def test_both_portals_are_read(self, tmp_path: Path):
        path = tmp_path / "credentials.json"
        entry = {"url": "https://a.vn", "sysadmin": {"token": "t"}}
        path.write_text(json.dumps({"portal": entry, "national": entry}))
        assert read_portals(path, ["portal", "national"]) == [Portal("https://a.vn", "t")] * 2

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"portal": {"url": "x"}}'])
    def test_a_file_that_does_not_name_them_is_an_error(self, tmp_path: Path, text: str):
        path = tmp_path / "credentials.json"
        path.write_text(text)
        with pytest.raises(HarvestError, match="does not name the portals"):
            read_portals(path, ["portal"])

    def test_a_missing_file_gives_one_line_and_2(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ):
        assert harvest.main([str(tmp_path / "khong-co.json")]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.sockets
def test_a_portal_that_does_not_answer_is_an_error():
    with pytest.raises(HarvestError, match="gave no answer"):
        Portal("http://127.0.0.1:9", "x").call("status_show")
