"""Pages of the catalogues, for officers and for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from ckan.tests.helpers import CKANTestApp

from tests.catalogue.conftest import (
    DECISION,
    FILE,
    dataset,
    drafted,
    issued,
    items_of,
    proposed,
    with_item,
)
from tests.desk.conftest import World
from tests.support.statements import statements


def got(app: CKANTestApp, world: World, account: str, address: str, status: int = 200) -> str:
    """Return a page as an account sees it; without one as visitors do."""
    headers = world.headers(account) if account else {}
    return app.get(address, headers=headers, status=status, follow_redirects=False).get_data(True)


def sent(app: CKANTestApp, world: World, account: str, address: str, **data: Any) -> Any:
    return app.post(address, data=data, headers=world.headers(account), follow_redirects=False)


class TestOfficers:
    @pytest.mark.parametrize("address", ["", "/new", "/gaps", "/gaps?view=unlisted"])
    def test_a_visitor_is_sent_to_log_in(self, app: CKANTestApp, world: World, address: str):
        got(app, world, "", f"/work/catalogues{address}", 302)

    def test_drafts_are_listed_with_their_state(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        page = got(app, world, "editor", "/work/catalogues")
        assert draft["title"] in page
        assert "nd47-item-state-draft" in page

    def test_a_stranger_sees_no_draft(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        assert draft["title"] not in got(app, world, "stranger", "/work/catalogues")
        got(app, world, "stranger", f"/work/catalogues/{draft['name']}", 403)

    def test_a_catalogue_is_started_from_the_form(self, app: CKANTestApp, world: World):
        reply = sent(
            app,
            world,
            "compiler",
            "/work/catalogues/new",
            title="Danh mục dữ liệu mở năm 2027",
            kind="province",
            agency=world.agencies["province"]["id"],
        )
        assert reply.headers["Location"].endswith("/danh-muc-du-lieu-mo-nam-2027")

    def test_a_refused_form_keeps_what_was_typed(self, app: CKANTestApp, world: World):
        reply = sent(
            app,
            world,
            "compiler",
            "/work/catalogues/new",
            title="Danh mục ngành",
            kind="sector",
            agency=world.agencies["own"]["id"],
        )
        page = reply.get_data(True)
        assert reply.status_code == 200
        assert 'value="Danh mục ngành"' in page
        assert 'role="alert"' in page

    def test_the_leader_issues_from_the_page(self, app: CKANTestApp, world: World):
        waiting = proposed(world)
        page = got(app, world, "leader", f"/work/catalogues/{waiting['name']}")
        assert 'action="/work/catalogues/danh-muc-du-lieu-mo-tinh-hai-son/issue"' in page
        reply = sent(
            app,
            world,
            "leader",
            f"/work/catalogues/{waiting['name']}/issue",
            version=waiting["version"],
            **DECISION,
        )
        assert reply.status_code == 302
        shown = world.call("leader", "nd47_catalogue_show", id=waiting["id"])
        assert shown["state"] == "issued"

    @pytest.mark.parametrize("account", ["editor", "compiler", "own_leader"])
    def test_others_are_not_offered_to_issue(self, app: CKANTestApp, world: World, account: str):
        waiting = proposed(world)
        page = got(app, world, account, f"/work/catalogues/{waiting['name']}")
        assert "/issue" not in page

    @pytest.mark.parametrize("path", ["/work/catalogues", "/catalogues"])
    def test_the_list_says_its_title_once(self, app: CKANTestApp, world: World, path: str):
        head = got(app, world, "compiler", f"/vi{path}").partition("<title>")[2]
        assert head.partition("</title>")[0].count("Danh mục dữ liệu mở") == 1

    def test_an_item_is_added_and_changed(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        address = f"/work/catalogues/{draft['name']}/items"
        reply = sent(
            app,
            world,
            "compiler",
            f"{address}/new",
            name="Danh sách cơ sở khám chữa bệnh",
            provider="Sở Y tế",
            formats=["CSV"],
            delay="15",
            columns="Tên cơ sở | Tên\nĐịa chỉ",
        )
        item = items_of(world, draft)[0]
        assert reply.headers["Location"].endswith(item["line_id"])
        assert item["provider_id"] == world.agencies["foreign"]["id"]
        assert (item["delay"], item["formats"]) == (15, ["CSV"])
        assert item["columns"][0] == {"name": "Tên cơ sở", "aliases": ["Tên"]}
        page = got(app, world, "compiler", f"{address}/{item['line_id']}")
        assert "Tên cơ sở | Tên" in page
        sent(
            app,
            world,
            "compiler",
            f"{address}/{item['line_id']}",
            name="Tên mới",
            provider="Sở Y tế tỉnh",
            provider_before="Sở Y tế",
            provider_id=item["provider_id"],
            version=item["version"],
        )
        changed = items_of(world, draft)[0]
        assert (changed["name"], changed["provider_id"]) == ("Tên mới", "")

    def test_an_agency_keeps_its_id_while_its_name_in_the_document_differs(
        self, app: CKANTestApp, world: World
    ):
        draft = drafted(world)
        item = with_item(world, draft, provider="Sở GD-ĐT")
        sent(
            app,
            world,
            "compiler",
            f"/work/catalogues/{draft['name']}/items/{item['line_id']}",
            name=item["name"],
            provider="Sở GD-ĐT",
            provider_before="Sở GD-ĐT",
            provider_id=item["provider_id"],
            note="Ghi chú",
        )
        changed = items_of(world, draft)[0]
        assert (changed["note"], changed["provider_id"]) == ("Ghi chú", item["provider_id"])

    def test_a_late_save_says_who_was_faster(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        item = with_item(world, draft)
        world.call("sysadmin", "nd47_catalogue_item_update", id=item["id"], note="Một")
        reply = sent(
            app,
            world,
            "compiler",
            f"/work/catalogues/{draft['name']}/items/{item['line_id']}",
            name=item["name"],
            note="Hai",
            version=item["version"],
        )
        assert reply.status_code == 200
        assert ">Hai</textarea>" in reply.get_data(True)

    def test_a_department_proposes_and_the_compiler_merges(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        address = f"/work/catalogues/{draft['name']}"
        assert "/items/new" in got(app, world, "editor", address)
        sent(
            app,
            world,
            "editor",
            f"{address}/items/new",
            agency=world.agencies["own"]["id"],
            name="Danh sách trường mầm non",
            proposal_note="Bổ sung theo kế hoạch",
        )
        page = got(app, world, "compiler", f"{address}/proposals")
        assert "Danh sách trường mầm non" in page
        assert "Bổ sung theo kế hoạch" in page
        waiting = world.call("compiler", "nd47_catalogue_proposal_list", catalogue=draft["id"])
        sent(
            app,
            world,
            "compiler",
            f"{address}/proposals",
            ids=[waiting["results"][0]["id"]],
            decision="merge",
        )
        assert [item["name"] for item in items_of(world, draft)] == ["Danh sách trường mầm non"]

    def test_a_proposed_change_has_only_what_differs(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        item = with_item(world, draft, code="GD.01", description="Cũ")
        sent(
            app,
            world,
            "editor",
            f"/work/catalogues/{draft['name']}/items/{item['line_id']}",
            agency=world.agencies["own"]["id"],
            name=item["name"],
            code="GD.01",
            description="Mới",
        )
        waiting = world.call("compiler", "nd47_catalogue_proposal_list", catalogue=draft["id"])
        assert [one["field"] for one in waiting["results"][0]["differences"]] == ["description"]

    @pytest.mark.parametrize("page", ["/compare", "/history", "/matching", "/proposals"])
    def test_pages_of_a_catalogue(self, app: CKANTestApp, world: World, page: str):
        first = issued(world)
        second = world.call("compiler", "nd47_catalogue_new_edition", id=first["id"])
        assert second["title"] in got(
            app, world, "compiler", f"/work/catalogues/{second['name']}{page}"
        )

    def test_a_match_is_confirmed_with_one_click(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        item = with_item(world, draft)
        made = dataset(world)
        address = f"/work/catalogues/{draft['name']}/matching"
        assert made["name"] in got(app, world, "compiler", address)
        sent(app, world, "compiler", address, pair=f"{item['line_id']} {made['id']}")
        assert items_of(world, draft)[0]["datasets"] == 1

    @pytest.mark.parametrize(
        "address",
        ["", "/items/new", "/items/khong-co", "/edit", "/compare", "/matching", "/proposals"],
    )
    def test_a_catalogue_that_is_missing_is_not_found(
        self, app: CKANTestApp, world: World, address: str
    ):
        got(app, world, "compiler", f"/work/catalogues/khong-co{address}", 404)


class TestEverybody:
    def test_the_issued_catalogues_are_listed_and_drafts_are_not(
        self, app: CKANTestApp, world: World
    ):
        made = issued(world)
        draft = drafted(world, title="Dự thảo danh mục ngành y tế")
        page = got(app, world, "", "/catalogues")
        assert made["decision_number"] in page
        assert draft["title"] not in page
        got(app, world, "", f"/catalogues/{draft['name']}", 403)

    def test_registered_and_downloadable_never_look_alike(self, app: CKANTestApp, world: World):
        made = issued(world)
        item = items_of(world, made)[0]
        address = f"/catalogues/{made['name']}/items/{item['line_id']}"
        states = []
        for resources in ([], [FILE]):
            linked = dataset(world, resources=resources)
            world.call("compiler", "nd47_catalogue_link", id=item["id"], datasets=[linked["id"]])
            page = got(app, world, "", address)
            states.append([one for one in ("registered", "downloadable") if f"state-{one}" in page])
        assert states == [["registered"], ["registered", "downloadable"]]

    def test_an_item_is_found_by_words_without_diacritics(self, app: CKANTestApp, world: World):
        made = issued(world)
        address = f"/catalogues/{made['name']}"
        assert "Danh sách trường tiểu học" in got(app, world, "", f"{address}?q=truong tieu hoc")
        assert "trường tiểu học" not in got(app, world, "", f"{address}?q=benh vien")

    @pytest.mark.parametrize("query", ["status=x", "page=0", "page=99", "q=%00", "field=khong-co"])
    def test_wrong_addresses_are_no_server_error(self, app: CKANTestApp, world: World, query: str):
        made = issued(world)
        reply = app.get(f"/catalogues/{made['name']}?{query}")
        assert reply.status_code < 500

    def test_visitors_do_not_see_the_focal_point(self, app: CKANTestApp, world: World):
        draft = drafted(world)
        with_item(world, draft, focal_point="Nguyễn Thị Lan", focal_email="lan@so.example")
        world.call("compiler", "nd47_catalogue_propose", id=draft["id"])
        world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)
        item = items_of(world, draft)[0]
        page = got(app, world, "", f"/catalogues/{draft['name']}/items/{item['line_id']}")
        assert "Nguyễn Thị Lan" not in page
        assert "lan@so.example" not in page

    def test_the_page_of_a_dataset_names_its_decision(self, app: CKANTestApp, world: World):
        made = issued(world)
        item = items_of(world, made)[0]
        linked = dataset(world)
        address = f"/dataset/{linked['name']}"
        assert "804/QĐ-UBND" not in got(app, world, "", address)
        world.call("compiler", "nd47_catalogue_link", id=item["id"], datasets=[linked["id"]])
        page = got(app, world, "", address)
        assert "804/QĐ-UBND" in page
        assert f"/catalogues/{made['name']}/items/{item['line_id']}" in page

    @pytest.mark.parametrize("extension", ["ttl", "jsonld"])
    def test_planned_items_are_a_list_of_their_own(
        self, app: CKANTestApp, world: World, extension: str
    ):
        made = issued(world)
        text = got(app, world, "", f"/catalogues/planned.{extension}")
        assert "Danh sách trường tiểu học" in text
        assert f"/catalogues/{made['name']}" in text
        assert "dcat#Dataset" not in text
        assert "dcat:Dataset" not in text

    def test_a_published_item_is_planned_no_more(self, app: CKANTestApp, world: World):
        item = items_of(world, issued(world))[0]
        world.call(
            "compiler", "nd47_catalogue_link", id=item["id"], datasets=[dataset(world)["id"]]
        )
        text = got(app, world, "", "/catalogues/planned.ttl")
        assert "Danh sách trường tiểu học" not in text


@pytest.mark.parametrize("address", ["/work/catalogues/{}", "/catalogues/{}"])
def test_the_statements_of_a_page_do_not_grow_with_its_items(
    app: CKANTestApp, world: World, address: str
):
    def count(catalogue: Any) -> int:
        target = address.format(catalogue["name"])
        headers = world.headers("compiler")
        app.get(target, headers=headers)
        with statements() as made:
            app.get(target, headers=headers)
        return len(made)

    def with_items(number: int) -> Any:
        draft = drafted(world)
        for place in range(number):
            agency = ("own", "foreign", "below", "science")[place % 4]
            with_item(world, draft, agency, code=f"GD.{place}")
        world.call("compiler", "nd47_catalogue_propose", id=draft["id"])
        return world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)

    assert count(with_items(2)) == count(with_items(12))
