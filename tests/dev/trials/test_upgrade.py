"""The comparison of the rehearsed upgrade sees every loss, and the page on upgrades asks first."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from dev.local.run_folder import REPOSITORY
from dev.trials.upgrade.compare import differences, new_tables
from dev.trials.upgrade.preflight import QUESTIONS

EXTRA = {"id": "x1", "key": "lien_he", "value": "Nguyễn Văn A", "package_id": "p1"}
BEFORE: dict[str, Any] = {
    "rows": {
        "alembic_version": [{"version_num": "105"}],
        "activity": [{"id": "a1", "data": {"n": 1}, "revision_id": None}],
        "group": [{"id": "g1", "name": "so-y-te"}],
        "group_extra": [{**EXTRA, "group_id": "g1", "state": "active"}],
        "package": [{"id": "p1", "name": "bang"}],
        "package_extra": [
            {**EXTRA, "state": "active"},
            {**EXTRA, "id": "x2", "key": "cu", "state": "deleted"},
        ],
        "package_revision": [],
        "user": [{"id": "u1", "name": "canbo", "last_active": "2026-01-01"}],
    },
    "tables": {"r1": [{"_id": 1, "Xã": "Kỳ Lâm"}]},
    "files": {"resources/a": "abc"},
    "password": True,
    "search_count": 1,
    "pages": {"/dataset/bang": 200},
    "shown": {
        "bang": {
            "name": "bang",
            "license_id": "a",
            "license_title": "A",
            "extras": [{"key": "b"}, {"key": "a"}],
        }
    },
}


@pytest.fixture
def after() -> dict[str, Any]:
    """What CKAN 2.12 makes of it."""
    now = copy.deepcopy(BEFORE)
    rows = now["rows"]
    rows["alembic_version"] = [{"version_num": "109"}]
    del rows["activity"][0]["revision_id"], rows["package_revision"]
    del rows["group_extra"], rows["package_extra"]
    rows["package"][0]["extras"] = rows["group"][0]["extras"] = {"lien_he": "Nguyễn Văn A"}
    rows["user"][0]["last_active"] = "2026-02-02"
    rows["file"] = []
    now["shown"]["bang"] |= {"license_title": "B", "extras": [{"key": "a"}, {"key": "b"}], "new": 1}
    return now


def test_an_upgrade_as_ckan_makes_it_loses_nothing(after):
    assert differences(BEFORE, after) == []
    assert new_tables(BEFORE["rows"], after["rows"]) == ["file"]


def remove(*path: Any):
    def change(now: dict[str, Any]) -> None:
        *folders, last = path
        for name in folders:
            now = now[name]
        del now[last]

    return change


def put(value: Any, *path: Any):
    def change(now: dict[str, Any]) -> None:
        *folders, last = path
        for name in folders:
            now = now[name]
        now[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (remove("rows", "user"), "user"),
        (remove("rows", "user", 0), "u1"),
        (remove("rows", "user", 0, "name"), "name of u1"),
        (put("other", "rows", "user", 0, "name"), "name of u1"),
        (put({}, "rows", "package", 0, "extras"), "lien_he"),
        (put({"lien_he": "B"}, "rows", "group", 0, "extras"), "lien_he"),
        (remove("rows", "package", 0, "extras"), "lien_he"),
        (put({"n": 2}, "rows", "activity", 0, "data"), "data of a1"),
        (put([{"id": "u1", "name": "canbo"}, {"id": "u2"}], "rows", "user"), "u2 was not there"),
        (put([], "tables", "r1"), "Kỳ Lâm"),
        (put("abd", "files", "resources/a"), "resources/a is changed"),
        (put({}, "files"), "resources/a is gone"),
        (put(404, "pages", "/dataset/bang"), "answers 404"),
        (put(500, "pages", "/dataset/moi"), "answers 500"),
        (put({}, "pages"), "/dataset/bang"),
        (put({}, "shown"), "bang"),
        (remove("shown", "bang", "name"), "/name is missing"),
        (put("b", "shown", "bang", "license_id"), "/license_id is"),
        (put([{"key": "a"}], "shown", "bang", "extras"), "/extras"),
        (put(False, "password"), "password"),
        (put(0, "search_count"), "finds 0"),
    ],
)
def test_every_loss_is_named(after, change, named):
    change(after)
    said = differences(BEFORE, after)
    assert any(named in line for line in said), said


def test_revisions_and_their_numbers_are_missed_where_there_were_any(after):
    before = copy.deepcopy(BEFORE)
    before["rows"]["package_revision"] = [{"id": "r1"}]
    before["rows"]["activity"][0]["revision_id"] = "r1"
    said = "\n".join(differences(before, after))
    assert "package_revision: 1 rows" in said
    assert "revision_id of a1" in said


@pytest.mark.parametrize("page", ["upgrade.md", "upgrade.vi.md"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_pages_ask_what_the_rehearsal_asks(page, question):
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    assert question.query in text
