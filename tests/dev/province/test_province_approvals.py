"""The cases of approval in the sample province, against a portal that remembers its calls."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from dev.province import approvals
from dev.province.client import Portal
from dev.province.content import province
from dev.province.model import Province


class Told:
    """A portal that remembers the calls."""

    def __init__(self, plugins: tuple[str, ...] = ("nd47_desk",)) -> None:
        self.plugins = plugins
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.datasets: dict[str, dict[str, Any]] = {}

    def call(self, action: str, subject: str, **given: Any) -> Any:
        self.calls.append((action, given))
        if action == "status_show":
            return {"extensions": list(self.plugins)}
        if action == "package_create":
            made = {**given, "id": f"id-{given['name']}", "resources": []}
            self.datasets[given["name"]] = made
            return made
        return {}

    def find(self, action: str, subject: str, **given: Any) -> Any:
        return self.datasets.get(given["id"])

    def revise(self, *given: Any) -> None:
        """Take files."""

    def close(self) -> None:
        """Nothing is open."""

    def names(self, action: str) -> list[dict[str, Any]]:
        return [given for name, given in self.calls if name == action]


@pytest.fixture(scope="module")
def content() -> Province:
    return province(today=date(2026, 11, 22))


def load(content: Province, officer: Told, approver: Told) -> int:
    return approvals.load(content, cast("Portal", officer), lambda: cast("Portal", approver))


def test_three_departments_publish_with_approval(content):
    officer = Told()
    load(content, officer, Told())
    agencies = [given["agency"] for given in officer.names("nd47_approval_setting_update")]
    assert len(agencies) == 3
    departments = {agency.name for agency in content.organisations if agency.level == "department"}
    assert set(agencies) <= departments


def test_there_is_a_case_in_every_state(content):
    officer, approver = Told(), Told()
    assert load(content, officer, approver) == len(approvals.CASES) + 1
    decisions = [given["decision"] for given in approver.names("nd47_approval_decide")]
    assert set(decisions) == {"approve", "ask-changes", "refuse"}
    assert len(officer.names("nd47_publication_schedule")) == 1
    assert len(officer.names("nd47_publication_suspend")) == 1
    assert len(officer.names("nd47_publication_withdraw")) == 1


def test_nothing_is_made_public_but_by_an_approval(content):
    officer = Told()
    load(content, officer, Told())
    assert {given["state"] for given in officer.names("package_create")} == {"draft"}
    assert all("state" not in given for given in officer.names("package_patch"))


def test_it_is_done_once(content):
    officer = Told()
    load(content, officer, Told())
    assert load(content, officer, Told()) == 0


def test_a_portal_without_the_desk_gets_none(content):
    officer = Told(())
    assert load(content, officer, Told()) == 0
    assert [name for name, _ in officer.calls] == ["status_show"]
