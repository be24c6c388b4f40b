"""What waits is written once, by whoever comes first, and never over something newer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.store import settle, upkeep
from ckanext.nd47.dcat.store.model import Node, State
from ckanext.nd47.dcat.store.render import Renderer
from tests.dcat.portal import committed, dataset, entry
from tests.dcat.serve.test_changes import follow
from tests.dcat.store.test_processes import beside, ended

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Have another process do something once, between rendering and writing."""
    renders = Renderer.dataset

    def arrange(work: Callable[[], Any]) -> None:
        left = [work]

        def rendered(self: Renderer, data: Any) -> Any:
            made = renders(self, data)
            if left:
                assert ended(beside(left.pop())) == 0
            return made

        monkeypatch.setattr(Renderer, "dataset", rendered)

    return arrange


def text_of(dataset_id: str) -> str:
    return bytes(committed(dataset_id).nt).decode()


def waiting() -> list[str]:
    model.Session.rollback()
    return upkeep.stats()["waiting"]


class TestCommit:
    def test_an_edit_marks_and_no_more(self, department: dict[str, Any]) -> None:
        made = dataset(department)
        before = entry(made["id"])
        call_action("package_patch", id=made["id"], title="Đập dâng")
        after = committed(made["id"])
        assert after.due is not None
        assert {**after._mapping, "due": None} == before._mapping

    def test_a_later_edit_has_a_later_mark(self, department: dict[str, Any]) -> None:
        made = dataset(department)
        entry(made["id"])
        marks = []
        for title in ("Một", "Hai"):
            call_action("package_patch", id=made["id"], title=title)
            marks.append(committed(made["id"]).due)
        assert marks[0] < marks[1]

    def test_an_edit_does_not_wait_for_who_gives_numbers(self, department: dict[str, Any]) -> None:
        made = dataset(department)
        entry(made["id"])
        engine: Any = model.meta.engine
        with engine.begin() as other:
            other.execute(sa.select(State.seq).with_for_update())
            call_action("package_patch", id=made["id"], title="Không chờ ai")
        assert "Không chờ ai" in bytes(entry(made["id"]).nt).decode()


class TestReaders:
    @pytest.mark.parametrize(
        "address",
        [
            "/catalog.nt?page=1000000",
            "/catalog.nt?modified_since=2020-01-01",
            "/catalog.nt?q=*:*",
            "/dataset/{id}.nt",
            "/dataset/{name}.nt",
            "/catalog/changes.trig",
        ],
    )
    def test_the_first_one_sees_what_was_committed(
        self, app: CKANTestApp, department: dict[str, Any], address: str
    ) -> None:
        made = dataset(department, title="Chưa ai đọc")
        place = committed(made["id"]).ordinal
        address = address.format(**made).replace("1000000", str((place - 1) // 3 + 1))
        wanted = ["Chưa ai đọc", "Vừa sửa xong"]
        for title in wanted:
            call_action("package_patch", id=made["id"], title=title)
            found = ""
            while address and title not in found:
                reply = app.get(address, status=200)
                found = reply.text
                following = reply.headers.get("Link", "").partition(">")[0].lstrip("<")
                if title not in found and following:
                    address = following.partition("test.ckan.net")[2]
                elif title not in found:
                    pytest.fail(f"{address} does not say {title}")

    def test_one_who_is_logged_in_stays_so(
        self, app: CKANTestApp, department: dict[str, Any]
    ) -> None:
        """To write a dataset ends the transaction that the reader's account was read in."""
        token = factories.SysadminWithToken()["token"]
        made = dataset(department)
        for address in (f"/dataset/{made['id']}.ttl", "/catalog/changes.json"):
            call_action("package_patch", id=made["id"], title=f"Sửa trước {address}")
            app.get(address, headers={"Authorization": token}, status=200)
        assert committed(made["id"]).due is None

    def test_a_new_dataset_counts_from_its_commit_on(self, department: dict[str, Any]) -> None:
        before = model.Session.scalar(sa.select(State.live))
        dataset(department)
        model.Session.rollback()
        assert model.Session.scalar(sa.select(State.live)) == (before or 0) + 1

    def test_the_feed_goes_on_while_more_wait_than_a_page_has(
        self, app: CKANTestApp, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settle.catch_up()
        known = follow(app)
        monkeypatch.setattr("ckanext.nd47.dcat.serve.changes.PAGE", 2)
        made = {dataset(department)["id"] for _ in range(5)}
        new = follow(app, known[-1]["seq"] if known else 0)
        assert sorted(one["id"] for one in new if one["kind"] == "dataset") == sorted(made)

    def test_the_language_of_the_reader_is_not_written(self, department: dict[str, Any]) -> None:
        made = dataset(department, license_id="cc-by", frequency="hang-thang")
        written = []
        for language in ("vi", "en"):
            call_action("package_patch", id=made["id"], version=language)
            call_action("package_patch", id=made["id"], version="như nhau")
            with force_locale(language):
                written.append(bytes(entry(made["id"]).nt))
        assert len({one.count(b"\n") for one in written}) == 1
        unstable = {b"modified"}
        lines = [
            {line for line in one.splitlines() if not any(word in line for word in unstable)}
            for one in written
        ]
        assert lines[0] == lines[1]


class TestTwoAtOnce:
    def test_an_edit_in_between_leaves_its_mark(
        self, department: dict[str, Any], meanwhile: Any
    ) -> None:
        made = dataset(department, title="Cũ")
        meanwhile(lambda: call_action("package_patch", id=made["id"], title="Mới hơn"))
        settle.before_reading([made["id"]], None)
        assert committed(made["id"]).due is not None
        assert "Mới hơn" in bytes(entry(made["id"]).nt).decode()

    def test_what_another_reader_wrote_is_not_overwritten(
        self, department: dict[str, Any], meanwhile: Any
    ) -> None:
        made = dataset(department, title="Cũ")

        def edit_and_read() -> None:
            call_action("package_patch", id=made["id"], title="Mới hơn")
            settle.catch_up()

        meanwhile(edit_and_read)
        settle.before_reading([made["id"]], None)
        found = committed(made["id"])
        assert (found.due, "Mới hơn" in bytes(found.nt).decode()) == (None, True)

    def test_one_withdrawn_in_between_stays_withdrawn(
        self, department: dict[str, Any], meanwhile: Any
    ) -> None:
        made = dataset(department)
        meanwhile(lambda: call_action("package_patch", id=made["id"], private=True))
        settle.before_reading([made["id"]], None)
        found = committed(made["id"])
        assert (found.state, bytes(found.nt), found.due) == ("gone", b"", None)

    def test_an_agency_renamed_in_between_is_written_with_its_new_name(
        self, meanwhile: Any
    ) -> None:
        owner = factories.Organization(title="Sở Cũ kỹ", identifier="H99.81")
        made = dataset(owner)
        rename = {"id": owner["id"], "title": "Sở Mới mẻ"}
        meanwhile(lambda: call_action("organization_patch", **rename))
        settle.before_reading([made["id"]], None)
        model.Session.rollback()
        node = model.Session.scalars(sa.select(Node.nt).where(Node.reference == owner["id"])).one()
        assert "Sở Mới mẻ" in bytes(node).decode()
        assert "Sở Cũ kỹ" not in bytes(node).decode() + text_of(made["id"])

    def test_an_agency_marked_in_between_stays_marked(
        self, department: dict[str, Any], meanwhile: Any
    ) -> None:
        owner = factories.Organization(title="Sở Một", identifier="H99.82")
        made = dataset(owner)
        entry(made["id"])
        call_action("organization_patch", id=owner["id"], title="Sở Hai")
        meanwhile(lambda: call_action("organization_patch", id=owner["id"], title="Sở Ba"))
        settle.catch_up()
        settle.catch_up()
        assert "Sở Hai" not in text_of(made["id"])
        assert upkeep.check().waiting == []


class TestFailure:
    def test_a_new_dataset_that_cannot_be_written_is_not_counted(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = dataset(department)
        monkeypatch.setattr(Renderer, "dataset", lambda *_: 1 / 0)
        assert entry(made["id"]).state == "broken"
        assert upkeep.check().counted
        monkeypatch.undo()
        call_action("package_patch", id=made["id"], title="Đã chữa")
        found = entry(made["id"])
        assert (found.state, found.error, found.change) == ("live", "", "create")
        assert upkeep.check().counted

    def test_it_is_tried_once_and_not_at_each_reading(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = dataset(department)
        entry(made["id"])
        call_action("package_patch", id=made["id"], title="Hỏng")
        monkeypatch.setattr(Renderer, "dataset", lambda *_: 1 / 0)
        found = entry(made["id"])
        assert (found.due, found.state, "ZeroDivisionError" in found.error) == (None, "live", True)
        assert upkeep.check().stale == [made["id"]]
        monkeypatch.undo()
        upkeep.repair()
        assert "Hỏng" in text_of(made["id"])


def test_in_the_end_nothing_waits_and_the_store_is_sound() -> None:
    settle.catch_up()
    assert waiting() == 0
    found = upkeep.check()
    assert found.sound, found
