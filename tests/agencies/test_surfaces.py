"""Who left office, or whose agency went, is told of by no surface any more."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies.lookup import search
from ckanext.nd47.catalogue.reports.data import snapshot
from ckanext.nd47.desk.work_list.store import refresh
from ckanext.nd47.lib import config
from ckanext.nd47.lib.calendar import dates
from tests.agencies import surfaces
from tests.agencies.conftest import People, agency, focal_point
from tests.conftest import enable_own_loggers
from tests.support.fixtures import portal_and_app
from tests.support.statements import statements

PLUGINS = (
    "nd47_catalogue nd47_desk nd47_portal nd47_tables nd47 nd47_dcat nd47_l10n activity dcat "
    "scheming_datasets scheming_organizations"
)
DECREE = "full_name position function telephone email"
WRITES = re.compile(
    r"\s*(?:INSERT|UPDATE|DELETE|WITH\b.*\b(?:INSERT|UPDATE|DELETE)\b)", re.I | re.S
)
EVERYTHING = {"q": "*:*", "fl": "*", "rows": 100}
"""Input of an action that asks for all that there is."""

pytestmark = pytest.mark.ckan_config("ckanext.nd47.focal_point_public_fields", DECREE)


portal, app = portal_and_app(PLUGINS)


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
        return [{**common, "id": reference} for reference in ids]

    def end_term(self) -> None:
        call_action("nd47_focal_point_update", id=self.officer["id"], valid_to="2025-12-31")

    def delete_officer(self) -> None:
        self.end_term()
        call_action("nd47_focal_point_delete", id=self.officer["id"])

    def delete_agency(self) -> None:
        act("organization_delete", id=self.holder["id"])


def new_case(people: People) -> Case:
    """Create a case with words that no other has."""
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
    # What is stored of a dataset before it is changed
    change = {"field": "frequency", "operation": "set", "value": "hang-ngay"}
    act("nd47_bulk_preview", datasets=[made["id"]], changes=[change])
    return Case(code, number, holder, officer, made)


@pytest.fixture
def case(portal: None, people: People, ckan_config: Any, tmp_path: Path) -> Case:
    ckan_config["ckan.storage_path"] = str(tmp_path)
    return new_case(people)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Collect all messages of the log; `caplog` does so for a single test only."""
    enable_own_loggers()
    messages = io.StringIO()
    root, handler = logging.getLogger(), logging.StreamHandler(messages)
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.NOTSET)
    try:
        yield messages
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


@dataclass(frozen=True)
class Walk:
    """Everything that can be read of four cases at once.

    Attributes:
        in_office: its officer is in office.
        ended: the term of its officer has ended.
        deleted: its officer was deleted after the term.
        orphaned: its agency was deleted.
        public: what a visitor and the administrator of another agency read, by surface.
        internal: what an editor of the agency and a system administrator read of `deleted`.
        tables: the rows of the database, by table.
        queues: the content of Redis, by key.
        log: all messages from before the deletions on.
    """

    in_office: Case
    ended: Case
    deleted: Case
    orphaned: Case
    public: dict[str, str]
    internal: dict[str, str]
    tables: dict[str, str]
    queues: dict[str, str]
    log: str


@pytest.fixture(scope="module")
def walk(app: CKANTestApp, people: People, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """All answers about four cases: nearly all the time of these tests is spent on routes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tk.config, "ckan.storage_path", str(tmp_path_factory.mktemp("storage")))
        patch.setitem(tk.config, config.FOCAL_POINT_PUBLIC_FIELDS, DECREE)
        cases = [new_case(people) for _ in range(4)]
        with logged() as log:
            return _walked(app, people, cases, log)


def _walked(app: CKANTestApp, people: People, cases: list[Case], log: io.StringIO) -> Walk:
    in_office, ended, deleted, orphaned = cases
    for path in (f"/dataset/{deleted.made['name']}", "/catalog.ttl", "/catalog/changes.trig"):
        assert deleted.officer["email"] in app.get(path).text
    ended.end_term()
    deleted.delete_officer()
    orphaned.delete_agency()
    surfaces.dumped()
    refresh.rebuild()
    snapshot.take(dates.today())
    asked = [data for case in cases for data in case.asked] + [EVERYTHING]
    public = {
        **surfaces.pages(app, *(case.values for case in cases)),
        **surfaces.actions("", asked),
        **surfaces.actions(people.foreign["name"], asked),
        **surfaces.index(),
    }
    internal = {
        **surfaces.actions(people.editor["name"], [*deleted.asked, EVERYTHING]),
        **surfaces.actions(people.sysadmin["name"], [*deleted.asked, EVERYTHING]),
    }
    return Walk(
        in_office=in_office,
        ended=ended,
        deleted=deleted,
        orphaned=orphaned,
        public=public,
        internal=internal,
        tables=surfaces.tables(),
        queues=surfaces.queues(),
        log=log.getvalue(),
    )


class TestPerson:
    def test_in_office_the_public_fields_are_told_and_stored_in_no_copy(self, walk: Walk) -> None:
        case = walk.in_office
        told = surfaces.telling(walk.public, case.person)
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
        assert not {place for place in told if place.startswith("index ") or "_activity_" in place}
        assert surfaces.telling(walk.public, case.own) == set()
        copies = surfaces.telling(walk.tables, case.person)
        assert copies & {"table activity", "table package"} == set()

    def test_after_the_term_nothing_is_told(self, walk: Walk) -> None:
        assert surfaces.telling(walk.public, walk.ended.words) == set()

    def test_after_the_deletion_nothing_is_left(self, walk: Walk) -> None:
        words = walk.deleted.words
        for answers in (walk.public, walk.internal, walk.tables, walk.queues):
            assert surfaces.telling(answers, words) == set()
        assert not [word for word in words if word in walk.log]

    def test_after_the_deletion_of_the_agency_nothing_is_told_of_either(self, walk: Walk) -> None:
        assert surfaces.telling(walk.public, walk.orphaned.words) == set()
        told = surfaces.telling(walk.public, walk.orphaned.office)
        # CKAN's own refusal of this file names the agency, deleted or not.
        assert {path for path in told if "/member_dump/" not in path} == set()

    def test_a_purged_agency_takes_the_history_of_its_officers_along(self, case: Case) -> None:
        case.delete_agency()
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


class TestCaches:
    def test_no_answer_of_the_suite_to_an_account_is_kept(
        self, app: CKANTestApp, people: People, walk: Walk
    ) -> None:
        kept = {}
        for path in surfaces.paths(app, walk.in_office.values, own=True):
            reply = app.get(
                path, headers={"Authorization": people.sysadmin["token"]}, follow_redirects=False
            )
            told = reply.headers["Cache-Control"]
            if not {"private", "no-store"} <= set(told.split(", ")) or "public" in told:
                kept[path] = told
        assert kept == {}


class TestWrites:
    def test_no_get_of_the_suite_writes(self, app: CKANTestApp, people: People, walk: Walk) -> None:
        written = {}
        for path in surfaces.paths(app, walk.in_office.values, own=True):
            with statements() as sent:
                app.get(
                    path,
                    headers={"Authorization": people.sysadmin["token"]},
                    follow_redirects=False,
                )
            # CKAN notes when a token and an account were last used.
            own = [one for one in sent if WRITES.match(one) and "nd47_" in one]
            if own:
                written[path] = own
        assert written == {}


class TestSearch:
    @pytest.mark.parametrize("step", ["ended", "deleted agency"])
    def test_no_query_tells_who_was_in_office(self, case: Case, step: str) -> None:
        queries = [
            {"q": one} for one in (case.officer["email"], case.officer["full_name"], case.person[1])
        ]

        def found() -> list[bool]:
            widened = [search.extend(query) != query for query in queries]
            listed = [
                tk.get_action("nd47_focal_point_list")({"user": ""}, one)["count"] > 0
                for one in queries
            ]
            return [*widened, *listed]

        assert all(found()[:4])
        if step == "ended":
            case.end_term()
        else:
            case.delete_agency()
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
