"""Every way to change a dataset reaches the store, and the store's reader."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.dcat.store import settle, upkeep
from ckanext.nd47.dcat.store.model import Node
from tests.agencies.conftest import focal_point
from tests.dcat.portal import committed, dataset, entry

pytestmark = pytest.mark.usefixtures("portal")


def node_of(reference: str) -> Any:
    model.Session.rollback()
    return model.Session.execute(
        sa.select(Node.__table__).where(Node.reference == reference)
    ).first()


def test_a_new_dataset_is_there(department: dict[str, Any]) -> None:
    made = dataset(department)
    found = entry(made["id"])
    assert (found.state, found.change, found.name) == ("live", "create", made["name"])
    assert "Hồ chứa thủy lợi" in bytes(found.ttl).decode()


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
    assert [bytes(getattr(after, name)) for name in ("nt", "ttl", "xml", "jsonld")] == [b""] * 4


def test_one_that_goes_before_anybody_read_it_is_gone_all_the_same(
    department: dict[str, Any],
) -> None:
    """It was public, and its address may have been passed on."""
    made = dataset(department)
    call_action("package_delete", id=made["id"])
    found = committed(made["id"])
    assert (found.state, found.due) == ("gone", None)
    assert found.iri.endswith(made["id"])


@pytest.mark.parametrize("uri", ["https://noi-khac.example/bo/1", "không phải địa chỉ"])
def test_its_iri_is_known_before_it_is_written(department: dict[str, Any], uri: str) -> None:
    made = dataset(department, extras=[{"key": "uri", "value": uri}])
    before = committed(made["id"]).iri
    assert before == entry(made["id"]).iri
    assert (before == uri) is uri.startswith("https")


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
    assert "Sửa thẳng" in bytes(entry(made["id"]).nt).decode()


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
    assert "Chưa lập chỉ mục" in bytes(entry(package_id).nt).decode()


def test_a_deleted_file_is_gone(department: dict[str, Any]) -> None:
    made = dataset(department)
    call_action("resource_delete", id=made["resources"][0]["id"])
    assert b"Distribution" not in bytes(entry(made["id"]).nt)


def test_a_dataset_that_cannot_be_written_is_saved_all_the_same(
    department: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = dataset(department)
    before = entry(made["id"])

    def fail(*_: Any) -> None:
        raise ValueError("hỏng")

    monkeypatch.setattr(settle.Renderer, "dataset", fail)
    call_action("package_patch", id=made["id"], title="Tên mới")
    never = dataset(department)
    assert call_action("package_show", id=made["id"])["title"] == "Tên mới"
    after = entry(made["id"])
    assert (after.state, bytes(after.nt), "hỏng" in after.error) == ("live", bytes(before.nt), True)
    assert entry(never["id"]).state == "broken"
    assert {made["id"], never["id"]} <= set(upkeep.check().broken)
    monkeypatch.undo()
    upkeep.repair()
    assert upkeep.check().broken == []
    assert "Tên mới" in bytes(entry(made["id"]).nt).decode()


class TestAgencies:
    def test_an_edit_changes_its_row_alone(self, department: dict[str, Any]) -> None:
        made = dataset(department)
        before, node = entry(made["id"]), node_of(department["id"])
        call_action("organization_patch", id=department["id"], url="https://moi.example")
        assert entry(made["id"]) == before
        after = node_of(department["id"])
        assert after.seq > node.seq
        assert b"https://moi.example" in bytes(after.nt)
        assert after.due is None

    def test_a_new_name_shows_at_once_and_its_datasets_follow(self) -> None:
        owner = factories.Organization(title="Sở Cũ", identifier="H99.77")
        made = dataset(owner)
        assert "Sở Cũ" in bytes(entry(made["id"]).nt).decode()
        call_action("organization_patch", id=owner["id"], title="Sở Mới")
        assert "Sở Mới" in bytes(node_of(owner["id"]).nt).decode()
        assert upkeep.check().waiting
        upkeep.refresh()
        assert not upkeep.check().waiting
        assert "Sở Cũ" not in bytes(entry(made["id"]).nt).decode()

    def test_a_focal_point_is_a_row_of_its_own(self) -> None:
        owner = factories.Organization(title="Sở Có Đầu mối", identifier="H99.78")
        point = focal_point(owner["id"], position="Trưởng phòng")
        made = dataset(owner)
        before, node = entry(made["id"]), node_of(point["id"])
        assert "Trưởng phòng" in bytes(node.nt).decode()
        call_action("nd47_focal_point_update", id=point["id"], position="Phó giám đốc")
        assert "Phó giám đốc" in bytes(node_of(point["id"]).nt).decode()
        assert entry(made["id"]) == before
        call_action("nd47_focal_point_update", id=point["id"], valid_to="2025-02-01")
        assert upkeep.check().waiting
        upkeep.refresh()
        assert point["id"] not in bytes(entry(made["id"]).nt).decode()


def test_the_store_agrees_with_the_portal_in_the_end() -> None:
    found = upkeep.check()
    assert found.sound, found
