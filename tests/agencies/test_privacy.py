"""Personal numbers and mailboxes leave the register nowhere, whatever a portal sets."""

from __future__ import annotations

from typing import Any

import pytest

from ckan import model
from ckan.lib.search.common import make_connection
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies.access import permissions
from ckanext.nd47.agencies.import_export import export
from tests.agencies.conftest import People, agency, api, dataset, focal_point

PERSONAL = ("0912 345 678", "0912345678", "anh@rieng.example")
"""What `focal_point` records."""

WIDEST = "full_name position function telephone email personal_telephone personal_email"

pytestmark = [
    pytest.mark.usefixtures("portal"),
    pytest.mark.ckan_config("ckanext.nd47.focal_point_public_fields", WIDEST),
]


@pytest.fixture
def shown(ckan_config: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """An agency, its focal point, and a dataset that names it."""
    one = agency("Sở Kín Đáo")
    officer = focal_point(one["id"])
    made = dataset(one, contact=[{"identifier": officer["id"]}])
    call_action("nd47_focal_point_update", id=officer["id"], personal_telephone="0912 345 678 ")
    model.Session.commit()
    return one, officer, made


def test_no_page_or_file_tells_them_to_a_visitor(
    app: CKANTestApp, shown: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
) -> None:
    one, officer, made = shown
    paths = (
        f"/dataset/{made['name']}",
        f"/dataset/{made['name']}.ttl",
        f"/dataset/{made['name']}.jsonld",
        f"/organization/{one['name']}",
        f"/api/3/action/package_show?id={made['id']}",
        f"/api/3/action/package_search?q=id:{made['id']}",
        f"/api/3/action/organization_show?id={one['id']}",
        f"/api/3/action/nd47_agency_show?id={one['id']}",
        f"/api/3/action/nd47_focal_point_show?id={officer['id']}",
        f"/api/3/action/nd47_focal_point_list?agency={one['id']}",
        "/focal-points",
        "/focal-points.csv",
        "/focal-points.json",
    )
    for path in paths:
        reply = app.get(path)
        assert "dulieu@sgd.haison.example" in reply.text or one["name"] in reply.text, path
        assert not [word for word in PERSONAL if word in reply.text], path


def test_no_search_finds_them(
    app: CKANTestApp, shown: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
) -> None:
    for word in PERSONAL:
        assert api(app, None, "nd47_focal_point_list", q=word).json["result"]["count"] == 0
        assert call_action("package_search", q=word)["count"] == 0


def test_the_index_and_the_history_hold_none(
    shown: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    one, _, made = shown
    [stored] = make_connection().search(f"id:{made['id']}", fl="*")
    told = str(stored) + str(call_action("nd47_register_history", agency=one["id"], limit=500))
    assert not [word for word in PERSONAL if word in told]


@pytest.mark.parametrize("level", ["public", "editor", "admin"])
def test_no_export_holds_them_even_for_administrators(
    shown: tuple[dict[str, Any], dict[str, Any], dict[str, Any]], level: permissions.Level
) -> None:
    rows = export.rows("focal-points", {"agency_id": shown[0]["id"]}, level)
    for extension in ("csv", "json"):
        written = export.write("focal-points", rows, extension).decode()
        assert "dulieu@sgd.haison.example" in written
        assert not [word for word in PERSONAL if word in written]


def test_no_error_tells_them(
    app: CKANTestApp,
    people: People,
    shown: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
) -> None:
    _, officer, _ = shown
    for user in (None, people.nobody, people.sysadmin):
        for action, data in (
            ("nd47_focal_point_delete", {}),
            ("nd47_focal_point_update", {"email": "no mailbox"}),
            ("nd47_focal_point_succeed", {"valid_from": "2020-01-01"}),
        ):
            reply = api(app, user, action, id=officer["id"], **data)
            assert reply.status_code in {403, 409}
            assert not [word for word in PERSONAL if word in reply.text]
