"""One edit, and every dataset says it: page, API answer, search and DCAT, none saved again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from ckan.lib.search.index import PackageSearchIndex
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.store import maintenance
from tests.agencies.conftest import agency, dataset, focal_point

pytestmark = pytest.mark.usefixtures("portal")


@dataclass(frozen=True)
class Case:
    """An agency with two datasets, and its focal point in office."""

    agency: dict[str, Any]
    officer: dict[str, Any]
    names: list[str]
    marker: str


def letters() -> str:
    """Return a word that stands nowhere else."""
    return uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))


@pytest.fixture
def case() -> Case:
    marker = letters()
    one = agency("Sở Ban đầu", email="cu@cq.example", telephone="0203 100")
    officer = focal_point(one["id"], email="cu@dm.example")
    names = [dataset(one, notes=marker)["name"] for _ in range(2)]
    return Case(one, officer, names, marker)


CHANNELS = ("page", "api", "list", "dataset in DCAT", "catalogue in DCAT")


def told(app: CKANTestApp, case: Case, channel: str) -> list[str]:
    """Return what a channel says of each dataset."""
    if channel == "page":
        return [app.get(f"/dataset/{name}").text for name in case.names]
    if channel == "api":
        return [str(app.get(f"/api/3/action/package_show?id={name}").json) for name in case.names]
    if channel == "list":
        found = call_action("package_search", q=case.marker)["results"]
        assert len(found) == len(case.names)
        return [str(one) for one in found]
    if channel == "dataset in DCAT":
        return [app.get(f"/dataset/{name}.ttl").text for name in case.names]
    return [app.get(f"/catalog.ttl?q={case.marker}").text]


def edit_focal_point(case: Case) -> None:
    call_action("nd47_focal_point_update", id=case.officer["id"], email="moi@nay.example")


def succeed(case: Case) -> None:
    call_action("nd47_focal_point_succeed", id=case.officer["id"], email="moi@nay.example")


def end_term(case: Case) -> None:
    call_action("nd47_agency_update", id=case.agency["id"], email="moi@nay.example")
    call_action("nd47_focal_point_update", id=case.officer["id"], valid_to="2025-12-31")


def merge(case: Case) -> None:
    heir = agency("Sở Hợp nhất", email="moi@nay.example")
    given = {"email": "", "telephone": "", "valid_to": "2025-12-31", "successor": heir["id"]}
    call_action("nd47_focal_point_update", id=case.officer["id"], valid_to="2025-12-31")
    call_action("nd47_agency_update", id=case.agency["id"], **given)


def rename(case: Case) -> None:
    call_action("organization_patch", id=case.agency["id"], title="Sở moi@nay.example")


def import_title(case: Case) -> None:
    rows = [{"name": case.agency["name"], "title": "Sở moi@nay.example"}]
    call_action("nd47_register_import", kind="agencies", rows=rows, dry_run=False)


EDITS: list[tuple[Callable[[Case], None], str]] = [
    (edit_focal_point, "cu@dm.example"),
    (succeed, "cu@dm.example"),
    (end_term, "cu@dm.example"),
    (merge, "cu@dm.example"),
    (rename, "Sở Ban đầu"),
    (import_title, "Sở Ban đầu"),
]


REPEATED = (rename, import_title)
"""Edits of what the citation repeats in every dataset, which a job refreshes in the export."""


@pytest.mark.parametrize(("edit", "old"), EDITS, ids=lambda one: getattr(one, "__name__", ""))
def test_every_channel_says_it_at_once_and_no_dataset_is_saved(
    app: CKANTestApp,
    case: Case,
    monkeypatch: pytest.MonkeyPatch,
    edit: Callable[[Case], None],
    old: str,
) -> None:
    indexed: list[Any] = []
    for channel in CHANNELS:
        assert all(old in text for text in told(app, case, channel)), channel
    monkeypatch.setattr(PackageSearchIndex, "index_package", lambda *args: indexed.append(args))
    edit(case)
    for channel in CHANNELS:
        assert all("moi@nay.example" in text for text in told(app, case, channel)), channel
    if edit in REPEATED:
        maintenance.refresh()
    for channel in CHANNELS:
        assert not any(old in text for text in told(app, case, channel)), channel
    assert indexed == []


def test_a_search_finds_them_by_the_new_mailbox_and_not_by_the_old(case: Case) -> None:
    def found(mailbox: str) -> set[str]:
        return {result["name"] for result in call_action("package_search", q=mailbox)["results"]}

    assert found("cu@dm.example") >= set(case.names)
    new = f"{letters()}@nay.example"
    call_action("nd47_focal_point_update", id=case.officer["id"], email=new)
    assert found(new) == set(case.names)
    assert not found("cu@dm.example") & set(case.names)
