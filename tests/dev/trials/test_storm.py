"""The judgement on a harvest in a storm finds what went wrong, and the storm leaves some alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from dev.trials import storm
from dev.trials.harvest import ActionError, Portal
from dev.trials.storm import Province, Storm, Verdict, record

STABLE = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("found", "faults"),
    [
        (["a", "b", "c", "x", "x"], []),
        (["a", "c"], ["client missed 1: b ..."]),
        (["a", "b", "c", "b"], ["client repeated 1: b ..."]),
        ([], ["client missed 3: a ..."]),
    ],
)
def test_a_reading_finds_what_stays_once(found: Sequence[str], faults: Sequence[str]):
    verdict = Verdict()
    verdict.walked("client", found, STABLE)
    assert verdict.faults == faults


@pytest.mark.parametrize(
    ("after", "count"), [(STABLE, 0), (["a", "b", "c", "neu"], 0), (["a", "b"], 2)]
)
def test_a_false_deletion_is_a_fault(after: Sequence[str], count: int):
    verdict = Verdict()
    verdict.check_harvest(["a", "b", "c", "x"], after, STABLE)
    assert len(verdict.faults) == count


@pytest.mark.parametrize(
    ("ours", "theirs", "count"), [(["a"], ["a"], 0), (["a"], [], 1), ([], ["a"], 1), ("a", "b", 2)]
)
def test_in_the_end_both_are_equal(ours: Sequence[str], theirs: Sequence[str], count: int):
    verdict = Verdict()
    verdict.equal(ours, theirs)
    assert len(verdict.faults) == count


class TestStorm:
    @pytest.fixture
    def calls(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
        made: list[tuple[str, dict[str, Any]]] = []

        def call(_self: Portal, action: str, **data: Any) -> Any:
            made.append((action, data))
            if len(made) % 50 == 0:
                raise ActionError
            return {"id": f"n{len(made)}"}

        monkeypatch.setattr(Portal, "call", call)
        return made

    def run(self, rate: float) -> Storm:
        province = Province(Portal("https://tinh.example", "x"), "o", ["s1", "s2"], ["c1", "c2"])
        done = threading.Event()
        with Storm(province, rate) as blowing:
            done.wait(0.5)
        return blowing

    def test_what_is_stable_is_edited_and_nothing_else(self, calls: list[Any]):
        self.run(2000)
        assert len(calls) > 100
        touched = [(action, data) for action, data in calls if data.get("id") in ("s1", "s2")]
        assert touched
        assert {action for action, _ in touched} == {"package_patch"}
        assert not any({"s1", "s2"} & set(data.get("datasets", ())) for _, data in calls)
        assert all(set(data) == {"id", "title"} for _, data in touched)

    def test_every_kind_of_change_comes(self, calls: list[Any]):
        assert set(self.run(2000).done) == {
            "created",
            "deleted",
            "edited",
            "published",
            "restored",
            "withdrawn",
        }

    def test_it_is_not_faster_than_asked(self, calls: list[Any]):
        blowing = self.run(20)
        most = storm.HANDS * storm.TOGETHER
        assert sum(blowing.done.values()) <= 20 * blowing.seconds + most

    def test_a_refusal_is_counted_and_ends_nothing(self, calls: list[Any]):
        blowing = self.run(2000)
        assert sum(blowing.refused.values()) >= len(calls) // 50 > 1


def test_a_record_has_a_licence_and_files_that_nobody_fetches():
    made: dict[str, Any] = record("bao-1", title="Khác")
    assert made["title"] == "Khác"
    assert made["license_id"]
    assert {resource["format"] for resource in made["resources"]} <= {"JSON", "XML"}
