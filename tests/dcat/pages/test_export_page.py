"""The administrator's page of the export in words and numbers, and who fetched it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from redis.exceptions import RedisError

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp

from ckanext.nd47.dcat.pages import figures
from ckanext.nd47.dcat.serve import fetches
from ckanext.nd47.dcat.store.model import Entry
from tests.dcat.portal import app, dataset, department, entry, portal, small_pages, statements

__all__ = ["app", "department", "portal", "small_pages"]

PAGE = "/ckan-admin/nd47-export"
HARVESTER = {"User-Agent": "python-requests/2.32.3"}
pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture(scope="module")
def sysadmin(portal: Any) -> dict[str, str]:
    return {"Authorization": factories.SysadminWithToken()["token"]}


@pytest.fixture
def read(app: CKANTestApp, sysadmin: dict[str, str]) -> Any:
    def fetch(query: str = "", lang: str = "vi") -> Any:
        answer = app.get(f"/{lang}{PAGE}{query}", headers=sysadmin, status=200)
        return BeautifulSoup(answer.text, "html.parser")

    return fetch


def text(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


@pytest.fixture(autouse=True)
def nothing_counted(portal: Any) -> None:
    fetches.forget()


class TestNumbers:
    def test_say_what_the_catalogue_holds(self, read: Any, department: dict[str, Any]):
        dataset(department)
        found = figures.read()
        words = f"{found.datasets} bộ dữ liệu với {found.files} tệp của {found.agencies} cơ quan"
        assert found.datasets >= 1
        assert words in text(read())

    def test_count_what_is_left_out_by_reason(self, department: dict[str, Any]):
        before = figures.read()
        dataset(department, private=True)
        dataset(department, state="draft")
        dataset(department)
        after = figures.read()
        assert (after.private, after.drafts) == (before.private + 1, before.drafts + 1)
        assert after.datasets == before.datasets + 1

    def test_count_values_by_reason_in_words(self, read: Any, department: dict[str, Any]):
        made = dataset(department)
        entry(made["id"])
        problem = {
            "field": "frequency",
            "value": "thỉnh thoảng",
            "reason": "not a code of the vocabulary frequency",
        }
        model.Session.query(Entry).filter_by(id=made["id"]).update({"problems": [problem]})
        model.Session.commit()
        page = read()
        row = page.find("a", string="Không có trong danh mục mã").find_parent("tr")
        assert row.select("td")[0].get_text() == "1"

    def test_need_as_many_statements_for_many_datasets(
        self, app: CKANTestApp, department: dict[str, Any], sysadmin: dict[str, str]
    ):
        app.get(PAGE, headers=sysadmin)
        few = len(statements(app, PAGE, **sysadmin))
        for _ in range(4):
            dataset(department)
        assert len(statements(app, PAGE, **sysadmin)) == few


class TestPreview:
    def test_tells_properties_in_words(self, read: Any, department: dict[str, Any]):
        made = dataset(department, frequency="hang-thang", notes="Mực nước hồ")
        page = read(f"?dataset={made['name']}")
        words = text(page)
        assert "Tần suất cập nhật" in words
        assert "Hằng tháng" in words
        assert "dct:accrualPeriodicity" in words
        assert "Sở Nông nghiệp và Môi trường" in words

    def test_tells_what_is_lost(self, read: Any, department: dict[str, Any]):
        made = dataset(department, extras=[{"key": "ma_noi_bo_x", "value": "A1"}])
        page = read(f"?dataset={made['name']}")
        assert "ma_noi_bo_x" in page.select_one(".alert-warning").get_text(" ")

    def test_says_that_a_draft_is_not_exported(self, read: Any, department: dict[str, Any]):
        made = dataset(department, state="draft")
        assert "không được công khai" in text(read(f"?dataset={made['name']}"))

    def test_proposes_datasets_for_words(self, read: Any, department: dict[str, Any]):
        made = dataset(department, title="Kênh tưới huyện Đông")
        page = read("?dataset=kênh tưới")
        assert page.select(f"a[href*='dataset={made['name']}']")

    @pytest.mark.parametrize("wanted", ["khong-co", "%22", "*:*", "x" * 3000, "a:b OR ("])
    def test_of_nothing_is_a_page_all_the_same(self, read: Any, wanted: str):
        assert not read(f"?dataset={wanted}").select(".nd47-export-lines")

    def test_escapes_what_users_wrote(self, read: Any, department: dict[str, Any]):
        made = dataset(department, title="<b id='x'>Hồ</b>")
        assert not read(f"?dataset={made['name']}").select("#x")


class TestFetches:
    def test_tell_program_kind_and_number(self, app: CKANTestApp, department: dict[str, Any]):
        dataset(department)
        app.get("/catalog.ttl", headers=HARVESTER)
        app.get("/catalog.ttl", headers=HARVESTER)
        (found,) = fetches.counted()
        assert (found.what, found.program, found.count) == ("catalogue", "python-requests", 2)

    def test_are_on_the_page(self, app: CKANTestApp, read: Any):
        app.get("/catalog/changes.json", headers=HARVESTER)
        words = text(read())
        assert "python-requests" in words
        assert "Luồng thay đổi" in words

    def test_store_neither_address_nor_version(self, app: CKANTestApp):
        headers = {
            "User-Agent": "Mozilla/5.0 (Windows; me@tinh.example)",
            "X-Forwarded-For": "203.113.1.9",
        }
        app.get("/catalog.ttl", headers=headers)
        (found,) = fetches.counted()
        assert (found.program, found.network) == ("browser", "internet")

    @pytest.mark.parametrize("agent", ["", "(x)", "<script>", "0" * 500, "đ"])
    def test_take_odd_programs_for_others(self, app: CKANTestApp, agent: str):
        app.get("/catalog.ttl", headers={"User-Agent": agent.encode("utf-8").decode("latin-1")})
        assert [one.program for one in fetches.counted()] == ["other"]

    def test_are_bounded(self, app: CKANTestApp, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(fetches, "MOST", 3)
        for number in range(6):
            app.get("/catalog.ttl", headers={"User-Agent": f"agent-{number}x/1"})
        found = fetches.counted()
        assert len(found) == 4
        assert sum(one.count for one in found) == 6

    def test_of_refused_requests_are_not_counted(self, app: CKANTestApp):
        app.get("/catalog.ttl?page=x", headers=HARVESTER, status=400)
        app.get("/catalog.exe", headers=HARVESTER, status=404)
        assert fetches.counted() == []

    def test_need_no_redis(self, app: CKANTestApp, monkeypatch: pytest.MonkeyPatch):
        def down() -> Any:
            raise RedisError

        monkeypatch.setattr(fetches, "connect_to_redis", down)
        assert app.get("/catalog.ttl", headers=HARVESTER).status_code == 200
        assert fetches.counted() == []

    def test_write_nothing_to_the_database(self, app: CKANTestApp, department: dict[str, Any]):
        dataset(department)
        sent = statements(app, "/catalog.ttl", **HARVESTER)
        assert not [
            statement
            for statement in sent
            if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE")
        ]


def test_nobody_else_sees_the_page(app: CKANTestApp):
    assert app.get(PAGE, status=None).status_code in (302, 403)
    token = factories.UserWithToken()["token"]
    assert app.get(PAGE, headers={"Authorization": token}, status=None).status_code == 403
