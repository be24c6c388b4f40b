"""The pages of the desk, and the ways to them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.plugin import AFTER_LOGIN
from ckanext.nd47.lib import config
from tests.desk.conftest import Create, World, names

PATHS = (
    "/work",
    "/work.csv",
    "/work.xlsx",
    "/work/agencies",
    "/work/agencies.csv",
    "/ckan-admin/nd47-work/rules",
    "/ckan-admin/nd47-work/leaders",
)
PASSWORD = "mat-khau-1234"  # noqa: S105 - of a test


@pytest.fixture
def read(app: Any, world: World) -> Callable[..., Any]:
    """Fetch a page as an account and return it parsed."""

    def fetch(account: str, path: str) -> Any:
        body = app.get(f"/vi{path}", headers=world.headers(account), status=200).body
        return BeautifulSoup(body, "html.parser")

    return fetch


def titles(page: BeautifulSoup) -> list[str]:
    """Return the titles of the rows of a table, in their order."""
    return [link.get_text(strip=True) for link in page.select("tbody .nd47-title")]


class TestWork:
    def test_has_a_row_with_one_button_for_each_thing(self, world, read, overdue):
        dataset = overdue(title="Giá đất")
        page = read("editor", "/work?kind=overdue")
        assert titles(page) == ["Giá đất"]
        (button,) = page.select("tbody .btn")
        assert button["href"].endswith(f"/dataset/{dataset['name']}/new-period")
        assert button["aria-label"].endswith(": Giá đất")

    def test_shows_the_number_of_each_kind(self, world, read, overdue, draft):
        overdue()
        draft()
        page = read("editor", "/work")
        work = world.work("editor")
        numbers = [int(number.get_text()) for number in page.select(".nd47-counts .nd47-number")]
        assert numbers == [sum(work["counts"].values()), *work["counts"].values()]

    def test_keeps_filters_and_order_in_its_links(self, world, read, overdue):
        overdue(title="Giá đất")
        page = read("leader", "/work?kind=overdue&q=gia+dat&sort=title")
        for link in page.select(".nd47-counts a, .nd47-desk p a"):
            assert "q=gia" in link["href"], link
        assert page.select_one("#work-q")["value"] == "gia dat"
        assert page.select_one("#work-sort option[selected]")["value"] == "title"
        assert page.select_one("form.nd47-filters input[name=kind]")["value"] == "overdue"

    def test_has_pages_that_keep_the_filters(self, world, read, overdue):
        for number in range(27):
            overdue(title=f"Số liệu {number}")
        page = read("editor", "/work?kind=overdue&sort=title")
        assert len(titles(page)) == 25  # noqa: PLR2004 - a page
        following = page.select(".pagination a")[-1]["href"]
        assert "kind=overdue" in following
        assert "sort=title" in following
        assert len(titles(read("editor", "/work?kind=overdue&sort=title&page=2"))) == 2  # noqa: PLR2004

    def test_ignores_filters_that_mean_nothing(self, read, overdue):
        overdue(title="Giá đất")
        page = read("editor", "/work?kind=x&sort=y&rule=z&page=abc")
        assert "Giá đất" in titles(page)

    def test_says_so_where_nothing_waits(self, world, read):
        assert "Không có việc nào" in read("editor", "/work").select_one(".empty").get_text()

    def test_says_so_where_nothing_fits(self, world, read, overdue):
        overdue()
        empty = read("editor", "/work?q=khongco").select_one(".empty")
        assert empty.select_one("a")["href"].endswith("/work?kind=")

    def test_says_what_to_do_without_an_agency(self, world, read):
        page = read("stranger", "/work")
        assert page.select("table, .nd47-counts") == []
        assert "cơ quan" in page.select_one(".nd47-desk").get_text()

    def test_is_refused_for_agencies_of_others(self, app, world, overdue):
        overdue("foreign")
        address = f"/work?agency={world.agencies['foreign']['name']}"
        answer = app.get(address, headers=world.headers("editor"), status=403)
        assert "nd47-title" not in answer.body

    def test_a_title_is_never_code(self, world, read, overdue):
        overdue(title="<script>alert(1)</script>")
        page = read("editor", "/work?kind=overdue")
        assert titles(page) == ["<script>alert(1)</script>"]
        assert not any("alert(1)" in one.get_text() for one in page.select("script"))

    @pytest.mark.parametrize("path", PATHS)
    def test_is_kept_by_no_shared_cache(self, app, world, path):
        answer = app.get(path, headers=world.headers("sysadmin"), status=200)
        assert answer.headers["Cache-Control"] == "private, no-store"


class TestAgencies:
    def test_have_numbers_that_lead_to_their_things(self, world, read, overdue):
        overdue("below")
        page = read("leader", "/work/agencies?kind=overdue")
        assert titles(page) == [world.agencies["below"]["title"]]
        link = page.select_one("td a[href*='kind=overdue']")
        assert link.get_text() == "1"
        assert f"agency={world.agencies['below']['name']}" in link["href"]

    @pytest.mark.parametrize(("account", "has_drafts"), [("leader", False), ("editor", True)])
    def test_no_column_counts_what_is_not_shown(self, read, overdue, account, has_drafts):
        overdue("own")
        for path in ("/work", "/work/agencies"):
            shown = read(account, path).select_one(".nd47-desk").get_text()
            assert ("Bản nháp" in shown) == has_drafts, path

    def test_what_is_late_in_the_province_is_one_click_away(self, read, overdue):
        for agency in ("own", "below", "foreign"):
            overdue(agency)
        page = read("sysadmin", "/work")
        link = page.select_one(".nd47-counts a[href*='kind=overdue']")
        assert link.select_one(".nd47-number").get_text() == "3"
        assert len(titles(read("sysadmin", "/work?kind=overdue"))) == 3  # noqa: PLR2004


class TestFiles:
    def test_a_csv_holds_all_pages(self, app, world, overdue):
        for _ in range(27):
            overdue()
        answer = app.get("/vi/work.csv?kind=overdue", headers=world.headers("editor"))
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert len(rows) == 28  # noqa: PLR2004 - and the headings
        assert "Bộ dữ liệu" in rows[0]

    @pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\u200b=1+1", "＝1+1"])
    def test_no_cell_of_a_csv_is_a_formula(self, app, world, overdue, title):
        overdue(title=title)
        answer = app.get("/vi/work.csv?kind=overdue", headers=world.headers("editor"))
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert f"'{title}" in rows[1]
        assert all(not cell.lstrip().startswith(("=", "+", "@", "-", "＝")) for cell in rows[1])

    def test_no_cell_of_an_xlsx_is_a_formula(self, app, world, overdue):
        overdue(title="=1+1")
        answer = app.get("/vi/work.xlsx?kind=overdue", headers=world.headers("editor"))
        sheet: Any = openpyxl.load_workbook(io.BytesIO(answer.data)).active
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert "=1+1" in {cell.value for cell in cells}
        assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}

    def test_agencies_have_a_file_too(self, app, world, overdue):
        overdue("below")
        answer = app.get("/vi/work/agencies.csv", headers=world.headers("leader"))
        assert world.agencies["below"]["title"] in answer.data.decode("utf-8-sig")

    def test_hold_nothing_of_others(self, app, world, overdue):
        name = overdue("foreign")["name"]
        for path in ("/work.csv", "/work/agencies.csv"):
            body = app.get(path, headers=world.headers("editor")).data.decode("utf-8-sig")
            assert name not in body
            assert world.agencies["foreign"]["title"] not in body


class TestTheWayThere:
    @pytest.fixture
    def officer(self, world: World) -> str:
        user = factories.User(password=PASSWORD)
        call_action(
            "organization_member_create",
            id=world.agencies["own"]["id"],
            username=user["name"],
            role="editor",
        )
        return user["name"]

    def log_in(self, app: Any, name: str, query: str = "") -> str:
        data = {"login": name, "password": PASSWORD}
        answer = app.post(f"/user/login{query}", data=data, follow_redirects=False)
        app.post("/user/_logout", follow_redirects=False)
        return answer.headers["Location"]

    def test_log_in_leads_to_the_list(self, app, officer, monkeypatch):
        assert config.declared_default(AFTER_LOGIN) == "nd47_desk.index"
        monkeypatch.setitem(tk.config, AFTER_LOGIN, "nd47_desk.index")
        assert self.log_in(app, officer).endswith("/work")

    def test_log_in_leads_where_somebody_came_from(self, app, officer, monkeypatch):
        monkeypatch.setitem(tk.config, AFTER_LOGIN, "nd47_desk.index")
        assert self.log_in(app, officer, "?came_from=/dataset/").endswith("/dataset/")

    def session(self, app: Any, name: str) -> None:
        app.post("/user/login", data={"login": name, "password": PASSWORD}, follow_redirects=False)

    def test_kind_agency_and_order_stay(self, app, world, officer, overdue):
        overdue()
        own = world.agencies["own"]["name"]
        self.session(app, officer)
        app.get(f"/work?kind=overdue&agency={own}&sort=title&q=giao", status=200)
        self.session(app, officer)
        answer = app.get("/work", follow_redirects=False)
        app.post("/user/_logout", follow_redirects=False)
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert query == {"kind": ["overdue"], "agency": [own], "sort": ["title"]}

    def test_everything_stays_everything(self, app, officer):
        self.session(app, officer)
        app.get("/work?kind=overdue", status=200)
        app.get("/work?kind=", status=200)
        answer = app.get("/work", follow_redirects=False)
        app.post("/user/_logout", follow_redirects=False)
        assert answer.status_code == 200  # noqa: PLR2004

    def test_nothing_stays_for_another_account(self, app, officer):
        other = factories.User(password=PASSWORD)["name"]
        self.session(app, officer)
        app.get("/work?kind=overdue", status=200)
        app.post("/user/_logout", follow_redirects=False)
        self.session(app, other)
        answer = app.get("/work", follow_redirects=False)
        app.post("/user/_logout", follow_redirects=False)
        assert answer.status_code == 200  # noqa: PLR2004

    def test_an_agency_that_is_seen_no_more_does_not_stay(self, app, world, officer):
        own = world.agencies["own"]
        self.session(app, officer)
        app.get(f"/work?agency={own['name']}&sort=day", status=200)
        world.call("sysadmin", "organization_member_delete", id=own["id"], username=officer)
        answer = app.get("/work", follow_redirects=False)
        app.post("/user/_logout", follow_redirects=False)
        assert answer.headers["Location"].endswith("/work?sort=day")

    def test_a_token_remembers_nothing(self, app, world):
        headers = world.headers("editor")
        app.get("/work?kind=overdue", headers=headers, status=200)
        assert app.get("/work", headers=headers, follow_redirects=False).status_code == 200  # noqa: PLR2004

    def test_the_account_menu_has_it_on_every_page(self, read):
        for path in ("/", "/dataset/", "/work"):
            (link,) = read("editor", path).select("a.nd47-my-work")
            assert link["href"].endswith("/work")
            assert link.get_text(strip=True) == "Việc của tôi"

    def test_visitors_have_no_link(self, browse):
        assert browse("/vi/").select("a[href$='/work']") == []

    def test_the_dashboard_leads_to_it(self, read):
        page = read("editor", "/dashboard/datasets")
        empty = page.select_one(".empty")
        assert page.select_one(".empty + p a")["href"].endswith("/work")
        assert "Bạn chưa tạo bộ dữ liệu nào" not in empty.get_text()


class TestRules:
    def test_each_rule_is_a_list_with_its_level(self, world, read, create):
        create()
        page = read("sysadmin", "/ckan-admin/nd47-work/rules")
        rules = world.call("sysadmin", "nd47_rule_effects")["rules"]
        assert len(page.select("tbody select")) == len(rules)
        for rule in rules:
            options = page.select(f"#level-{rule['rule']} option")
            assert [option["value"] for option in options] == ["", "error", "warning", "off"]

    def test_a_number_leads_to_the_datasets(self, world, read, create):
        dataset = create()
        page = read("sysadmin", "/ckan-admin/nd47-work/rules")
        link = page.select_one("td a[href*='rule=']")["href"]
        rule = link.rpartition("rule=")[2]
        assert names(world.work("sysadmin", rule=rule)) == {dataset["name"]}

    def test_the_effect_is_shown_and_nothing_saved(self, app, world, create):
        create()
        rules = world.call("sysadmin", "nd47_rule_effects")["rules"]
        unmet = [rule for rule in rules if rule["published"] and rule["level"] != "off"]
        data = {f"level-{rule['rule']}": "off" for rule in unmet} | {"preview": "1"}
        answer = app.post(
            "/en/ckan-admin/nd47-work/rules", data=data, headers=world.headers("sysadmin")
        )
        page: Any = BeautifulSoup(answer.body, "html.parser")
        assert "it would be 0 published datasets" in page.select_one("[role=alert]").get_text()
        assert page.select_one(f"#level-{unmet[0]['rule']} option[selected]")["value"] == "off"
        assert world.call("sysadmin", "nd47_rule_effects")["now"]["published"] == 1

    def test_saved_levels_are_in_force(self, app, world, create):
        create()
        data = {"level-catalogue-entry": "error", "level-khong-co": "error", "level-x": "y"}
        try:
            app.post(
                "/ckan-admin/nd47-work/rules",
                data=data,
                headers=world.headers("sysadmin"),
                follow_redirects=False,
                status=302,
            )
            assert tk.config[config.RULES] == "catalogue-entry: error"
            rules = world.call("sysadmin", "nd47_rule_effects")["rules"]
            levels = {rule["rule"]: rule["level"] for rule in rules}
            assert levels["catalogue-entry"] == "error"
        finally:
            call_action("nd47_settings_reset")
            model.Session.commit()

    @pytest.mark.parametrize("path", ["rules", "leaders"])
    @pytest.mark.parametrize("account", ["editor", "admin", "leader"])
    def test_others_see_no_page(self, app, world, path, account):
        app.get(f"/ckan-admin/nd47-work/{path}", headers=world.headers(account), status=403)
        app.post(f"/ckan-admin/nd47-work/{path}", headers=world.headers(account), status=403)


class TestLeaders:
    def test_are_added_and_removed(self, app, world, read):
        agency, user = world.agencies["foreign"], world.accounts["stranger"]
        admin = world.headers("sysadmin")
        base = "/ckan-admin/nd47-work/leaders"
        app.post(base, data={"agency": agency["id"], "user": user}, headers=admin, status=200)
        assert world.work("stranger")["agencies"] == 1
        assert user in read("sysadmin", base).get_text()
        data = {"agency": agency["name"], "user": user}
        app.post(f"{base}/revoke", data=data, headers=admin, status=200)
        assert world.work("stranger")["agencies"] == 0

    def test_a_wrong_name_is_said_at_the_field(self, app, world):
        data = {"agency": world.agencies["own"]["id"], "user": "khong-co"}
        answer = app.post(
            "/vi/ckan-admin/nd47-work/leaders", data=data, headers=world.headers("sysadmin")
        )
        page: Any = BeautifulSoup(answer.body, "html.parser")
        assert page.select_one(".error-block").get_text(strip=True)
        assert page.select_one("#field-user")["value"] == "khong-co"


def test_the_levels_page_counts_what_is_not_published_apart(world: World, create: Create):
    create()
    create(private=True)
    effects = world.call("sysadmin", "nd47_rule_effects")
    assert effects["now"] == {"published": 1, "unpublished": 1}
    counted = [rule for rule in effects["rules"] if rule["published"]]
    assert counted
    assert all(rule["agencies"] == 1 for rule in counted)


def test_proposed_levels_are_checked(world: World):
    with pytest.raises(tk.ValidationError):
        world.call("sysadmin", "nd47_rule_effects", levels="khong-co: error")
