"""Who left office, or whose agency went, is told of by no surface any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies import search
from ckanext.nd47.lib import dates
from tests.agencies import surfaces
from tests.agencies.conftest import People, agency, focal_point
from tests.databases import empty_database
from tests.loaded import client, only

PLUGINS = (
    "nd47_desk nd47 nd47_dcat nd47_l10n activity dcat scheming_datasets scheming_organizations"
)
DECREE = "full_name position function telephone email"
pytestmark = pytest.mark.ckan_config("ckanext.nd47.focal_point_public_fields", DECREE)


@pytest.fixture(scope="module")
def portal() -> Iterator[None]:
    """The plugins of the sample province, with CKAN's activity stream."""
    with only(PLUGINS):
        empty_database()
        _run_migrations("activity")
        yield


@pytest.fixture(scope="module")
def app(portal: None) -> CKANTestApp:
    return client(PLUGINS)


def act(action: str, **data: Any) -> Any:
    """Call an action as the system, whose account the activity stream notes."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return call_action(action, context={"user": user["name"]}, **data)


@dataclass(frozen=True)
class Case:
    """A focal point in office, its agency, and a dataset of another agency that refers to it."""

    code: str
    number: str
    holder: dict[str, Any]
    officer: dict[str, Any]
    made: dict[str, Any]

    @property
    def person(self) -> tuple[str, ...]:
        """Name, mailbox and office number; the code is part of the first two, in any spelling."""
        area, rest = "203", f"7{self.number}"
        return (self.code, f"0{area} {rest}", f"0{area}{rest}", f"{area}{rest}")

    @property
    def own(self) -> tuple[str, ...]:
        """The person's own number and mailbox, which nobody but administrators ever sees."""
        return (f"0987{self.number}", f"{self.code}@rieng.example")

    @property
    def words(self) -> tuple[str, ...]:
        """All of these."""
        return (*self.person, *self.own)

    @property
    def office(self) -> tuple[str, ...]:
        """Mailbox, number and title of the agency."""
        return (f"vt-{self.number}@bemat.example", f"0208{self.number}", f"Mặt {self.number}")

    @property
    def values(self) -> surfaces.Values:
        """What routes are filled in with."""
        return {
            "id": [self.made["name"], self.holder["name"]],
            "_id": [self.made["name"]],
            "_format": ["ttl", "jsonld", "rdf", "nt"],
            "resource_id": [self.made["resources"][0]["id"]],
            "focal_point_id": [self.officer["id"]],
            "package_type": ["dataset"],
            "kind": ["agencies", "focal-points"],
            "ver": ["3"],
        }

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What actions are given."""
        ids = (self.made["id"], self.holder["id"], self.officer["id"])
        common = {"agency": self.holder["name"], "limit": 100, "rows": 100}
        return [{**common, "id": one} for one in ids] + [{"q": "*:*", "fl": "*", "rows": 100}]


@pytest.fixture
def case(portal: None, people: People, ckan_config: Any, tmp_path: Path) -> Case:
    ckan_config["ckan.storage_path"] = str(tmp_path)
    code = uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))[:12]
    number = str(uuid4().int)[:6]
    holder = agency(
        f"Sở Thử Bề Mặt {number}",
        users=[{"name": people.editor["name"], "capacity": "editor"}],
        email=f"vt-{number}@bemat.example",
        telephone=f"0208{number}",
    )
    officer = focal_point(
        holder["id"],
        full_name=f"Trịnh Thị {code.capitalize()}",
        telephone=f"0203 7{number}",
        email=f"{code}@so.example",
        personal_telephone=f"0987{number}",
        personal_email=f"{code}@rieng.example",
    )
    call_action("nd47_focal_point_update", id=officer["id"], function="Trả lời phản hồi")
    other = agency("Trung tâm Khác", email="vanthu@khac.example")
    made = act(
        "package_create",
        name=f"bo-du-lieu-{uuid4().hex[:12]}",
        title="Danh sách trường tiểu học",
        owner_org=other["id"],
        contact=[{"identifier": officer["id"]}],
        resources=[{"url": "https://tep.example/truong.csv", "format": "CSV"}],
    )
    act("package_patch", id=made["id"], version="2")
    return Case(code, number, holder, officer, made)


def public(app: CKANTestApp, people: People, case: Case) -> dict[str, str]:
    """Return all that a visitor and the administrator of another agency can read."""
    surfaces.dumped()
    return {
        **surfaces.pages(app, case.values),
        **surfaces.actions("", case.asked),
        **surfaces.actions(people.foreign["name"], case.asked),
        **surfaces.index(),
    }


class TestPerson:
    def test_in_office_the_public_fields_are_told_and_stored_in_no_copy(
        self, app: CKANTestApp, people: People, case: Case
    ) -> None:
        found = public(app, people, case)
        told = surfaces.telling(found, case.person)
        name = case.made["name"]
        assert {
            f"/dataset/{name}",
            f"/dataset/{name}.ttl",
            "/focal-points",
            "/focal-points.csv",
            "/catalog/changes.trig",
            "/catalog.ttl",
            "/catalog/dump.nt.gz",
            "package_show 0 as visitor",
            "nd47_focal_point_list 1 as visitor",
        } <= told
        # Pages of activity show the agency beside the stream, so its actions are looked at.
        assert not {one for one in told if one.startswith("index ") or "_activity_" in one}
        assert surfaces.telling(found, case.own) == set()
        stored = surfaces.tables()
        assert surfaces.telling(stored, case.person) & {"table activity", "table package"} == set()

    def test_after_the_term_nothing_is_told(
        self, app: CKANTestApp, people: People, case: Case
    ) -> None:
        call_action("nd47_focal_point_update", id=case.officer["id"], valid_to="2025-12-31")
        assert surfaces.telling(public(app, people, case), case.words) == set()

    def test_after_the_deletion_nothing_is_left(
        self, app: CKANTestApp, people: People, case: Case, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(0):
            for path in (f"/dataset/{case.made['name']}", "/catalog.ttl", "/catalog/changes.trig"):
                assert case.officer["email"] in app.get(path).text
            call_action("nd47_focal_point_update", id=case.officer["id"], valid_to="2025-12-31")
            call_action("nd47_focal_point_delete", id=case.officer["id"])
            found = public(app, people, case)
            found |= surfaces.actions(people.editor["name"], case.asked)
            found |= surfaces.actions(people.sysadmin["name"], case.asked)
        assert surfaces.telling(found, case.words) == set()
        assert surfaces.telling(surfaces.tables(), case.words) == set()
        assert surfaces.telling(surfaces.queues(), case.words) == set()
        assert not [word for word in case.words if word in caplog.text]

    def test_after_the_deletion_of_the_agency_nothing_is_told_of_either(
        self, app: CKANTestApp, people: People, case: Case
    ) -> None:
        act("organization_delete", id=case.holder["id"])
        found = public(app, people, case)
        assert surfaces.telling(found, case.words) == set()
        told = surfaces.telling(found, case.office)
        # CKAN's own refusal of this file names the agency, deleted or not.
        assert {path for path in told if "/member_dump/" not in path} == set()

    def test_a_purged_agency_takes_the_history_of_its_officers_along(self, case: Case) -> None:
        act("organization_delete", id=case.holder["id"])
        act("organization_purge", id=case.holder["id"])
        assert surfaces.telling(surfaces.tables(), case.words) == set()

    def test_the_calendar_ends_a_term_in_the_export_too(
        self, app: CKANTestApp, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        today = dates.today()
        call_action("nd47_focal_point_update", id=case.officer["id"], valid_to=today.isoformat())
        assert case.officer["email"] in app.get("/catalog/changes.trig").text
        monkeypatch.setattr(dates, "today", lambda: today + dt.timedelta(days=1))
        model.Session.rollback()
        for path in ("/catalog/changes.trig", "/catalog.ttl", f"/dataset/{case.made['name']}.ttl"):
            assert case.officer["email"] not in app.get(path).text


class TestSearch:
    @pytest.mark.parametrize("step", ["ended", "deleted agency"])
    def test_no_query_tells_who_was_in_office(self, case: Case, step: str) -> None:
        queries = [
            {"q": one} for one in (case.officer["email"], case.officer["full_name"], case.person[1])
        ]

        def found() -> list[bool]:
            widened = [search.extend(one) != one for one in queries]
            listed = [
                tk.get_action("nd47_focal_point_list")({"user": ""}, one)["count"] > 0
                for one in queries
            ]
            return [*widened, *listed]

        assert all(found()[:4])
        if step == "ended":
            call_action("nd47_focal_point_update", id=case.officer["id"], valid_to="2025-12-31")
        else:
            act("organization_delete", id=case.holder["id"])
        assert not any(found())


class TestOldCopies:
    def test_a_command_cleans_the_activity_stream_and_the_history(self, case: Case) -> None:
        from ckanext.activity.model import Activity

        from ckanext.nd47.agencies.model import History
        from ckanext.nd47.metadata.cli import clean

        rows = Activity.__table__.update().where(Activity.object_id == case.made["id"])
        old = {
            "package": {"id": case.made["id"], "contact_points": [{"email": case.officer["email"]}]}
        }
        model.Session.execute(rows.values(data=old))
        gone = {"agency_id": case.holder["id"], "subject": "focal_point", "subject_id": "weg"}
        model.Session.add(
            History(**gone, action="create", after={"full_name": case.officer["full_name"]})
        )
        model.Session.commit()
        told = surfaces.telling(surfaces.tables(), case.person)
        assert {"table activity", "table nd47_history"} <= told
        assert CliRunner().invoke(clean).exit_code == 0
        assert "table activity" not in surfaces.telling(surfaces.tables(), case.person)
        shown = call_action("nd47_register_history", agency=case.holder["id"])["results"]
        [entry] = [one for one in shown if one["subject_id"] == "weg"]
        assert entry["after"] == {"full_name": "•••"}

    def test_the_history_forgets_after_some_days(self, case: Case) -> None:
        from ckanext.nd47.agencies.model import History
        from ckanext.nd47.metadata.cli import clean

        def told() -> bool:
            shown = call_action("nd47_register_history", agency=case.holder["id"])
            return case.officer["full_name"] in repr(shown)

        assert CliRunner().invoke(clean, ["--history-days", "30"]).exit_code == 0
        assert told()
        moment = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=31)
        model.Session.execute(History.__table__.update().values(moment=moment))
        model.Session.commit()
        assert CliRunner().invoke(clean, ["--history-days", "30"]).exit_code == 0
        assert not told()
