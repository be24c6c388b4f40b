"""Every way to change a dataset reaches the store with the commit that makes the change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time

import ckan.lib.plugins as lib_plugins
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.dcat.store import maintenance, render, session_hooks
from ckanext.nd47.dcat.store.model import Node
from ckanext.nd47.lib.calendar import dates
from tests.agencies.conftest import focal_point
from tests.dcat.portal import content, dataset, entry

pytestmark = pytest.mark.usefixtures("portal")


def node_of(reference: str) -> Any:
    """Return what an agency, or its contact for a role, says today."""
    model.Session.rollback()
    today = dates.today()
    query = sa.select(Node.__table__).where(
        Node.reference == reference, Node.valid_from <= today, Node.valid_to >= today
    )
    return model.Session.execute(query).first()


def test_a_new_dataset_is_there(department: dict[str, Any]) -> None:
    made = dataset(department)
    found = entry(made["id"])
    assert (found.state, found.change, found.name) == ("live", "create", made["name"])
    assert "Hồ chứa thủy lợi" in found.ttl


def test_an_edit_moves_the_number_and_not_the_place(department: dict[str, Any]) -> None:
    made = dataset(department)
    before = entry(made["id"])
    call_action("package_patch", id=made["id"], title="Đập dâng")
    after = entry(made["id"])
    assert after.seq > before.seq
    assert (after.ordinal, after.first_published) == (before.ordinal, before.first_published)
    assert (after.change, after.etag != before.etag) == ("update", True)


def test_saving_the_same_again_changes_nothing(department: dict[str, Any]) -> None:
    made = dataset(department)
    before = entry(made["id"])
    call_action("package_update", **call_action("package_show", id=made["id"]))
    assert entry(made["id"]) == before


def test_a_draft_and_a_private_dataset_leave_no_trace(department: dict[str, Any]) -> None:
    for fields in ({"state": "draft"}, {"private": True}):
        assert entry(dataset(department, **fields)["id"]) is None


@pytest.mark.parametrize(
    "withdraw",
    [
        lambda one: call_action("package_delete", id=one["id"]),
        lambda one: call_action("package_patch", id=one["id"], private=True),
        lambda one: call_action("package_patch", id=one["id"], state="draft"),
        lambda one: call_action("dataset_purge", id=one["id"]),
        lambda one: call_action(
            "bulk_update_private", datasets=[one["id"]], org_id=one["owner_org"]
        ),
        lambda one: call_action(
            "bulk_update_delete", datasets=[one["id"]], org_id=one["owner_org"]
        ),
    ],
    ids=["deleted", "private", "draft", "purged", "bulk-private", "bulk-deleted"],
)
def test_a_withdrawn_dataset_keeps_its_place_and_nothing_else(
    department: dict[str, Any], withdraw: Any
) -> None:
    made = dataset(department)
    before = entry(made["id"])
    withdraw(made)
    after = entry(made["id"])
    assert (after.state, after.change, after.ordinal) == ("gone", "delete", before.ordinal)
    assert after.seq > before.seq
    assert (after.nt, after.ttl, after.etag, after.registered) == ("", "", "", [])


@pytest.mark.parametrize("uri", ["https://noi-khac.example/bo/1", "không phải địa chỉ"])
def test_a_harvested_dataset_keeps_its_iri_where_it_is_one(
    department: dict[str, Any], uri: str
) -> None:
    made = dataset(department, extras=[{"key": "uri", "value": uri}])
    assert (entry(made["id"]).iri == uri) is uri.startswith("https")


def test_a_dataset_that_comes_back_keeps_iri_and_place(department: dict[str, Any]) -> None:
    made = dataset(department)
    before = entry(made["id"])
    call_action("package_patch", id=made["id"], private=True)
    call_action("package_patch", id=made["id"], private=False)
    after = entry(made["id"])
    assert (after.state, after.change) == ("live", "create")
    assert (after.iri, after.ordinal) == (before.iri, before.ordinal)


def test_what_is_rolled_back_was_never_written(department: dict[str, Any]) -> None:
    made = dataset(department)
    before = entry(made["id"])
    package: Any = model.Package.get(made["id"])
    package.title = "Không bao giờ"
    model.Session.flush()
    model.Session.rollback()
    dataset(department)
    assert entry(made["id"]) == before


def test_a_change_that_no_action_made_is_seen(department: dict[str, Any]) -> None:
    made = dataset(department)
    package: Any = model.Package.get(made["id"])
    package.title = "Sửa thẳng trong mô hình"
    model.Session.commit()
    assert "Sửa thẳng" in entry(made["id"]).nt


def test_a_dataset_that_was_not_indexed_is_there(department: dict[str, Any]) -> None:
    """With `defer_commit` CKAN leaves the search index alone."""
    package_id = call_action(
        "package_create",
        {"defer_commit": True, "return_id_only": True},
        name=f"chua-lap-chi-muc-{department['name']}",
        title="Chưa lập chỉ mục",
        owner_org=department["id"],
    )
    model.Session.commit()
    assert "Chưa lập chỉ mục" in entry(package_id).nt


def test_a_deleted_file_is_gone(department: dict[str, Any]) -> None:
    made = dataset(department)
    call_action("resource_delete", id=made["resources"][0]["id"])
    assert "Distribution" not in entry(made["id"]).nt


def test_the_commit_writes_what_the_save_has_just_shown(
    department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To show the dataset once more would take longer than to write it."""
    made = dataset(department)
    asked: list[str] = []
    show = tk.get_action("package_show")

    def noted(context: Any, data: Any) -> Any:
        asked.append(data["id"])
        return show(context, data)

    monkeypatch.setattr(session_hooks.tk, "get_action", lambda _name: noted)
    call_action("package_patch", id=made["id"], title="Đập dâng")
    assert asked == []
    assert "Đập dâng" in entry(made["id"]).nt


def fail_in_python(_data: Any) -> Any:
    raise ValueError("hỏng")


def fail_in_sql(_data: Any) -> Any:
    model.Session.execute(sa.text("SELECT hỏng FROM khong_co"))


class TestFailure:
    """A dataset that cannot be rendered is reported and harms nobody else."""

    @pytest.mark.parametrize("fail", [fail_in_python, fail_in_sql])
    def test_it_is_saved_and_its_older_content_stays(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch, fail: Any
    ) -> None:
        made = dataset(department)
        before = entry(made["id"])
        monkeypatch.setattr(render, "dataset", fail)
        call_action("package_patch", id=made["id"], title="Tên mới")
        assert call_action("package_show", id=made["id"])["title"] == "Tên mới"
        after = entry(made["id"])
        assert (after.state, after.nt, "hỏng" in after.error) == ("live", before.nt, True)
        assert made["id"] in maintenance.check().broken
        # A repair could not write it either.
        assert made["id"] not in maintenance.check().stale
        monkeypatch.undo()
        maintenance.repair()
        assert maintenance.check().broken == []
        assert "Tên mới" in entry(made["id"]).nt

    @pytest.mark.parametrize("fail", [fail_in_python, fail_in_sql])
    def test_a_new_one_is_saved_and_not_counted(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch, fail: Any
    ) -> None:
        monkeypatch.setattr(render, "dataset", fail)
        made = dataset(department)
        assert entry(made["id"]).state == "broken"
        assert maintenance.check().counted
        monkeypatch.undo()
        call_action("package_patch", id=made["id"], title="Đã chữa")
        found = entry(made["id"])
        assert (found.state, found.error, found.change) == ("live", "", "create")
        assert maintenance.check().counted

    @pytest.mark.parametrize("fail", [fail_in_python, fail_in_sql])
    def test_pages_dataset_and_feed_answer(
        self,
        app: CKANTestApp,
        department: dict[str, Any],
        monkeypatch: pytest.MonkeyPatch,
        fail: Any,
    ) -> None:
        made, other = dataset(department), dataset(department)
        monkeypatch.setattr(render, "dataset", fail)
        for one in (made, other):
            call_action("package_patch", id=one["id"], title="Tên mới")
        maintenance.refresh()
        for address in (f"/dataset/{made['id']}.ttl", "/catalog.ttl", "/catalog/changes.trig"):
            app.get(address, status=200)
        monkeypatch.undo()
        maintenance.refresh()

    def test_the_others_of_one_commit_are_written(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad, good = dataset(department), dataset(department)
        renders = render.dataset

        def fails(data: Any) -> Any:
            return fail_in_sql(data) if data["id"] == bad["id"] else renders(data)

        monkeypatch.setattr(render, "dataset", fails)
        for one in (bad, good):
            package: Any = model.Package.get(one["id"])
            package.title = "Cùng lúc"
        model.Session.commit()
        assert "Cùng lúc" not in entry(bad["id"]).nt
        assert "Cùng lúc" in entry(good["id"]).nt


class TestAgencies:
    def test_an_edit_changes_its_row_alone(self, department: dict[str, Any]) -> None:
        made = dataset(department)
        before, node = entry(made["id"]), node_of(department["id"])
        call_action("organization_patch", id=department["id"], url="https://moi.example")
        assert entry(made["id"]) == before
        after = node_of(department["id"])
        assert after.seq > node.seq
        assert "https://moi.example" in after.nt

    def test_a_new_name_shows_at_once_and_its_datasets_follow(self) -> None:
        owner = factories.Organization(title="Sở Cũ", identifier="H99.77")
        made = dataset(owner)
        assert "Sở Cũ" in entry(made["id"]).nt
        call_action("organization_patch", id=owner["id"], title="Sở Mới")
        assert "Sở Mới" in node_of(owner["id"]).nt
        assert maintenance.check().stale == [made["id"]]
        maintenance.refresh()
        assert maintenance.check().stale == []
        assert "Sở Cũ" not in entry(made["id"]).nt

    def test_a_save_writes_the_new_name(self) -> None:
        owner = factories.Organization(title="Sở Trước", identifier="H99.76")
        made = dataset(owner)
        call_action("organization_patch", id=owner["id"], title="Sở Sau")
        call_action("package_patch", id=made["id"], version="2")
        assert "Sở Trước" not in entry(made["id"]).nt
        assert maintenance.check().stale == []

    def test_a_contact_is_a_row_of_its_own(self) -> None:
        owner = factories.Organization(title="Sở Có Đầu mối", identifier="H99.78")
        point = focal_point(owner["id"], position="Trưởng phòng")
        made = dataset(owner)
        reference = f"{owner['id']} feedback main"
        before, node = entry(made["id"]), node_of(reference)
        assert "Trưởng phòng" in node.nt
        call_action("nd47_focal_point_update", id=point["id"], position="Phó giám đốc")
        after = node_of(reference)
        assert after.seq > node.seq
        assert "Phó giám đốc" in after.nt
        assert entry(made["id"]) == before

    def test_a_succession_changes_no_dataset(self) -> None:
        owner = factories.Organization(title="Sở Thay người", email="thay@tinh.example")
        point = focal_point(owner["id"], position="Người cũ", valid_from="2025-01-01")
        made = dataset(owner)
        before = entry(made["id"])
        call_action("nd47_focal_point_update", id=point["id"], valid_to="2026-01-31")
        focal_point(owner["id"], position="Người mới", valid_from="2026-02-01")
        assert entry(made["id"]) == before
        assert maintenance.check().stale == []
        assert "Người mới" in content(made["id"])
        assert "Người cũ" not in content(made["id"])

    def test_a_first_contact_reaches_datasets_that_had_none(self) -> None:
        owner = factories.Organization(title="Sở Chưa có ai", identifier="", email="")
        made = dataset(owner)
        assert "contactPoint" not in entry(made["id"]).nt
        focal_point(owner["id"], email="dau-moi@tinh.example")
        assert maintenance.check().stale == [made["id"]]
        maintenance.refresh()
        assert "dau-moi@tinh.example" in content(made["id"])

    def test_a_contact_that_nobody_holds_any_more_is_dropped(self) -> None:
        owner = factories.Organization(title="Sở Hết người", identifier="", email="")
        point = focal_point(owner["id"])
        made = dataset(owner)
        assert "contactPoint" in entry(made["id"]).nt
        call_action("nd47_focal_point_update", id=point["id"], valid_to="2025-02-01")
        assert point["email"] not in content(made["id"])
        maintenance.refresh()
        assert "contactPoint" not in entry(made["id"]).nt

    def test_a_dataset_may_refer_to_an_officer_and_keeps_the_role(self) -> None:
        owner = factories.Organization(title="Sở Được nhắc", email="nhac@tinh.example")
        point = focal_point(
            owner["id"], role="sharing", email="cu@tinh.example", valid_from="2025-01-01"
        )
        made = dataset(owner, contact=[{"identifier": point["id"]}])
        before = entry(made["id"])
        assert "#contact-sharing" in before.nt
        assert "cu@tinh.example" in content(made["id"])
        call_action("nd47_focal_point_update", id=point["id"], valid_to="2026-01-31")
        focal_point(owner["id"], role="sharing", email="moi@tinh.example", valid_from="2026-02-01")
        assert entry(made["id"]) == before
        assert "moi@tinh.example" in content(made["id"])
        assert "cu@tinh.example" not in content(made["id"])


class TestClock:
    def test_the_clock_of_the_web_server_is_not_asked(
        self, department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = dataset(department)
        now = model.Session.scalar(sa.text("SELECT clock_timestamp()"))
        with freeze_time(dt.datetime.now(dt.timezone.utc) + dt.timedelta(hours=5)):
            call_action("package_patch", id=made["id"], title="Máy chạy nhanh")
        found = entry(made["id"]).modified
        assert now is not None
        assert now <= found < now + dt.timedelta(hours=1)

    def test_moments_never_go_back(self, department: dict[str, Any]) -> None:
        """The clock of the database was put back, or another server took over."""
        made = dataset(department)
        later = "UPDATE nd47_dcat_state SET modified = modified + interval '2 hours'"
        model.Session.execute(sa.text(later))
        model.Session.commit()
        moments = []
        for title in ("Một", "Hai"):
            call_action("package_patch", id=made["id"], title=title)
            moments.append(entry(made["id"]).modified)
        now = model.Session.scalar(sa.text("SELECT clock_timestamp()"))
        assert now is not None
        assert now < moments[0] < moments[1]
        back = "UPDATE nd47_dcat_state SET modified = clock_timestamp()"
        model.Session.execute(sa.text(back))
        model.Session.commit()


class TestLabels:
    """Plugins may hide datasets that look public."""

    @pytest.fixture
    def hiding(self, monkeypatch: pytest.MonkeyPatch) -> set[str]:
        hidden: set[str] = set()

        class Labels(lib_plugins.DefaultPermissionLabels):
            def get_dataset_labels(self, dataset_obj: Any) -> list[str]:
                if dataset_obj.name in hidden:
                    return ["for-members"]
                return super().get_dataset_labels(dataset_obj)

        monkeypatch.setattr(lib_plugins, "get_permission_labels", Labels)
        return hidden

    def test_what_is_hidden_has_no_entry_and_is_not_missed(
        self, department: dict[str, Any], hiding: set[str]
    ) -> None:
        hiding.add("bi-giau")
        made = dataset(department, name="bi-giau")
        assert entry(made["id"]) is None
        maintenance.rebuild()
        assert entry(made["id"]) is None
        found = maintenance.check()
        assert found.sound, found

    def test_what_becomes_hidden_is_withdrawn_by_the_next_save_or_repair(
        self, app: CKANTestApp, department: dict[str, Any], hiding: set[str]
    ) -> None:
        saved, repaired = dataset(department), dataset(department)
        hiding |= {saved["name"], repaired["name"]}
        call_action("package_patch", id=saved["id"], version="2")
        assert maintenance.check().left == [repaired["id"]]
        maintenance.repair()
        for one in (saved, repaired):
            app.get(f"/dataset/{one['id']}.ttl", status=410)
        hiding.clear()
        assert maintenance.check().missing == sorted([saved["id"], repaired["id"]])
        maintenance.repair()
        for one in (saved, repaired):
            app.get(f"/dataset/{one['id']}.ttl", status=200)


def test_the_store_agrees_with_the_portal_in_the_end() -> None:
    found = maintenance.check()
    assert found.sound, found
