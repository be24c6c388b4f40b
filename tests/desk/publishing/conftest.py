"""What the tests of the publication share: forms, pages, and a dataset with monthly files."""

from __future__ import annotations

import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from tests.desk.conftest import World

ROWS = "ma,ten,muc_nuoc_m\n1,Cống Đồng Lệ,2.4\n"


@pytest.fixture
def without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing requires nothing."""
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules_from", "2999-01-01")


@pytest.fixture
def with_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are in force."""
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules_from", "")


@pytest.fixture
def send(app, world: World):
    """Send a form as an account."""

    def post(account: str, path: str, **data: Any) -> Any:
        headers = world.headers(account) if account else {}
        return app.post(path, headers=headers, data=data, follow_redirects=False)

    return post


@pytest.fixture
def read(app, world: World):
    """Fetch a page as an account and return it parsed."""

    def fetch(account: str, path: str, status: int = 200) -> Any:
        answer = app.get(path, headers=world.headers(account), status=status)
        return parsed(answer)

    return fetch


def parsed(answer: Any) -> Any:
    """Return the page of an answer."""
    return BeautifulSoup(answer.body, "html.parser")


def upload(name: str = "muc-nuoc.csv", rows: str = ROWS) -> FileStorage:
    return FileStorage(io.BytesIO(rows.encode()), name)


@pytest.fixture
def monthly(create, world: World):
    """A dataset with the file of April 2026, uploaded."""

    def make(**fields: Any) -> dict[str, Any]:
        values = {
            "title": "Mực nước hồ chứa",
            "frequency": "hang-thang",
            "modified": "2026-04-30",
        }
        made = create(**{**values, **fields})
        call_action(
            "resource_create",
            {"user": world.accounts["sysadmin"]},
            package_id=made["id"],
            name="Mực nước tháng 04/2026",
            period="202604",
            description="Đo lúc 7 giờ",
            url="muc-nuoc-04.csv",
            upload=upload("muc-nuoc-04.csv"),
        )
        return made

    return make
