"""The comparison after a harvest by the API asks of a receiver no more than its schema can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dev.trials import harvest_api
from dev.trials.harvest import Portal
from dev.trials.harvest_api import SCHEMED, Field, Schema, compare
from dev.trials.harvest_report import Report

SCHEMA: Schema = {
    "title": Field(is_required=True, subfields=frozenset()),
    "notes": Field(is_required=True, subfields=frozenset()),
    "contact": Field(is_required=False, subfields=frozenset({"name", "email"})),
}
CONTACT = {"name": "Sở Y tế", "email": "dulieumo@syt.example", "position": "Trưởng phòng"}


def dataset(key: str, **fields: Any) -> dict[str, Any]:
    return {"id": key, "name": key, "title": "Lúa", "notes": "Theo xã", **fields}


def report(
    monkeypatch: pytest.MonkeyPatch,
    sent: list[dict[str, Any]],
    stored: list[dict[str, Any]],
    *errors: str,
) -> Report:
    """Compare what two portals answer after a job that met these errors."""
    portals = {"https://tinh.example": sent, "https://quoc-gia.example": stored}

    def datasets(portal: Portal) -> Iterator[dict[str, Any]]:
        return iter(portals[portal.url])

    summary = [{"message": message, "error_count": 1} for message in errors]
    monkeypatch.setattr(Portal, "datasets", datasets)
    monkeypatch.setattr(harvest_api, "ensure_source", lambda *_: "source")
    monkeypatch.setattr(harvest_api, "run_job", lambda *_: {"object_error_summary": summary})
    province, national = (Portal(url, "x") for url in portals)
    return compare(province, national, SCHEMED, SCHEMA)


def test_a_subfield_that_the_receiver_does_not_have_is_not_lost(monkeypatch: pytest.MonkeyPatch):
    copy = {part: CONTACT[part] for part in ("name", "email")}
    result = report(
        monkeypatch, [dataset("lua", contact=[CONTACT])], [dataset("lua", contact=[copy])]
    )
    assert result.lost() == []


def test_a_subfield_that_the_receiver_has_is_lost(monkeypatch: pytest.MonkeyPatch):
    copy = {"name": CONTACT["name"]}
    result = report(
        monkeypatch, [dataset("lua", contact=[CONTACT])], [dataset("lua", contact=[copy])]
    )
    assert result.lost() == ["contact"]


def test_a_dataset_without_what_the_receiver_requires_is_named_and_not_missing(
    monkeypatch: pytest.MonkeyPatch,
):
    refusal = "Invalid package with GUID x: {'notes': ['Missing value']}"
    result = report(
        monkeypatch, [dataset("lua"), dataset("diem-chuan", notes="")], [dataset("lua")], refusal
    )
    assert result.left_out == ["diem-chuan"]
    assert not result.failed


@pytest.mark.parametrize(
    "error",
    [
        "Invalid package with GUID x: {'contact': ['Missing value']}",
        "Invalid package with GUID x: {'notes': ['Missing value'], 'title': ['Too long']}",
        "Could not fetch the dataset",
    ],
)
def test_any_other_error_of_the_harvester_fails(monkeypatch: pytest.MonkeyPatch, error: str):
    assert report(monkeypatch, [dataset("lua")], [dataset("lua")], error).failed


def test_a_dataset_that_did_not_arrive_fails(monkeypatch: pytest.MonkeyPatch):
    result = report(monkeypatch, [dataset("lua"), dataset("ngo")], [dataset("lua")])
    assert result.missing == ["ngo"]
    assert result.failed
