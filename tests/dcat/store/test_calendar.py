"""A term that begins or ends by date is right on that day, without worker and without edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from pyoxigraph import RdfFormat, Store

from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.store import maintenance
from ckanext.nd47.lib.calendar import dates
from tests.agencies.conftest import focal_point
from tests.dcat.portal import content, dataset, entry
from tests.dcat.serve.test_changes import follow, read_to_end

pytestmark = pytest.mark.usefixtures("portal")

DAY = dt.timedelta(days=1)
TODAY = dates.today()
GoTo = Callable[[int], None]


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no midnight come between two lines of a test."""
    monkeypatch.setattr(dates, "today", lambda: TODAY)


@pytest.fixture
def go_to(monkeypatch: pytest.MonkeyPatch) -> GoTo:
    """Let it be some days later; nothing else happens."""

    def go(later: int) -> None:
        monkeypatch.setattr(dates, "today", lambda: TODAY + later * DAY)

    return go


@pytest.fixture
def owner() -> dict[str, Any]:
    """An agency where one officer follows another in three days."""
    made = factories.Organization(title="Sở Đổi người", email="van-phong@tinh.example")
    last = TODAY + 2 * DAY
    focal_point(made["id"], email="nay@tinh.example", valid_to=last.isoformat())
    focal_point(made["id"], email="mai@tinh.example", valid_from=(last + DAY).isoformat())
    return made


@pytest.mark.parametrize(
    ("later", "shown", "hidden"), [(0, "nay@", "mai@"), (2, "nay@", "mai@"), (3, "mai@", "nay@")]
)
def test_page_and_dataset_name_who_is_in_office(
    app: CKANTestApp, owner: dict[str, Any], go_to: GoTo, later: int, shown: str, hidden: str
) -> None:
    made = dataset(owner)
    place = entry(made["id"]).ordinal
    go_to(later)
    page = f"/catalog.nt?page={(place - 1) // 3 + 1}"
    for address in (page, f"/dataset/{made['id']}.nt", f"/dataset/{made['name']}.xml"):
        text = app.get(address, status=200).text
        assert shown in text
        assert hidden not in text


def test_the_tag_of_the_page_changes_with_the_day(
    app: CKANTestApp, owner: dict[str, Any], go_to: GoTo
) -> None:
    address = f"/dataset/{dataset(owner)['id']}.ttl"
    before = app.get(address)
    go_to(2)
    known = {"If-None-Match": before.headers["ETag"]}
    app.get(address, headers=known, status=304)
    go_to(3)
    after = app.get(address, headers=known, status=200)
    assert before.last_modified is not None
    assert after.last_modified is not None
    assert after.last_modified > before.last_modified


def test_the_feed_announces_it_on_that_day(
    app: CKANTestApp, owner: dict[str, Any], go_to: GoTo
) -> None:
    dataset(owner)
    after = read_to_end(app)[1]
    go_to(2)
    assert follow(app, after) == []
    go_to(3)
    told, place = read_to_end(app, after)
    (change,) = [one for one in told if owner["id"] in one["iri"]]
    assert (change["kind"], change["change"]) == ("contact", "update")
    assert change["iri"].endswith(f"{owner['id']}#contact-feedback")
    assert follow(app, place) == []


def test_the_feed_has_the_new_content(app: CKANTestApp, owner: dict[str, Any], go_to: GoTo) -> None:
    dataset(owner)
    after = read_to_end(app)[1]
    go_to(3)
    reply = app.get(f"/catalog/changes.trig?after={after}", status=200)
    store = Store()
    store.load(reply.data, format=RdfFormat.TRIG)
    mailboxes = {
        str(one.object)
        for one in store.quads_for_pattern(None, None, None, None)
        if one.predicate.value.endswith("hasEmail")
    }
    assert mailboxes == {"<mailto:mai@tinh.example>"}


def test_a_client_that_missed_the_day_is_told_later(
    app: CKANTestApp, owner: dict[str, Any], go_to: GoTo
) -> None:
    """An edit that changes only what is to come must not hide what has begun by date."""
    dataset(owner)
    after = read_to_end(app)[1]
    go_to(4)
    last = TODAY + 10 * DAY
    focal_point(owner["id"], email="sau@tinh.example", rank="deputy", valid_from=last.isoformat())
    told = [change["iri"] for change in follow(app, after)]
    assert [one for one in told if owner["id"] in one]


def test_a_new_client_sees_who_is_in_office(
    app: CKANTestApp, owner: dict[str, Any], go_to: GoTo
) -> None:
    dataset(owner)
    go_to(3)
    text = app.get("/catalog/changes.trig", status=200).text
    assert "mai@tinh.example" in text
    assert "nay@tinh.example" not in text


def test_the_end_of_a_term_without_successor_names_the_agency(go_to: GoTo) -> None:
    owner = factories.Organization(title="Sở Hết nhiệm kỳ", email="chung@tinh.example")
    end = TODAY + DAY
    focal_point(owner["id"], email="rieng@tinh.example", valid_to=end.isoformat())
    made = dataset(owner)
    assert "rieng@tinh.example" in content(made["id"])
    go_to(2)
    assert "rieng@tinh.example" not in content(made["id"])
    assert "mailto:chung@tinh.example" in content(made["id"]).partition("#contact-feedback")[2]


def test_an_agency_that_ends_is_followed_by_its_successor(go_to: GoTo) -> None:
    heir = factories.Organization(title="Sở Kế thừa", email="moi@tinh.example")
    ending = factories.Organization(title="Sở Kết thúc", email="")
    call_action(
        "nd47_agency_update",
        id=ending["id"],
        valid_to=(TODAY + DAY).isoformat(),
        successor=heir["name"],
    )
    made = dataset(ending)
    assert "moi@tinh.example" not in content(made["id"])
    go_to(2)
    assert "moi@tinh.example" in content(made["id"])


def test_nothing_is_left_to_repair_on_that_day(owner: dict[str, Any], go_to: GoTo) -> None:
    made = dataset(owner)
    go_to(3)
    found = maintenance.check()
    assert found.sound, found
    maintenance.repair()
    assert "mai@tinh.example" in content(made["id"])
