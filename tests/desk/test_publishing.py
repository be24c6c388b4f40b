"""The page before a publication, and the next period of a dataset."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.nd47.lib.calendar import dates
from tests.dcat.store.test_processes import ended, forked
from tests.desk.conftest import World

ROWS = "ma,ten,muc_nuoc_m\n1,Cống Đồng Lệ,2.4\n"
OTHER_ROWS = "ma,ten,luong_mua\n1,Cống Đồng Lệ,2.4\n"
ACTIONS = ("nd47_publication_review", "nd47_dataset_publish", "nd47_period_propose")


@pytest.fixture
def without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing requires nothing."""
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules_from", "2999-01-01")


@pytest.fixture
def with_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules are in force."""
    monkeypatch.setitem(tk.config, "ckanext.nd47.rules_from", "")


@pytest.fixture
def send(app, world: World):
    """Send a form as an account."""

    def post(account: str, path: str, **data: Any) -> Any:
        headers = world.headers(account) if account else {}
        return app.post(path, headers=headers, data=data, follow_redirects=False)

    return post


@pytest.fixture
def read(app, world: World):
    """Fetch a page as an account and return it parsed."""

    def fetch(account: str, path: str, status: int = 200) -> Any:
        answer = app.get(path, headers=world.headers(account), status=status)
        return parsed(answer)

    return fetch


def parsed(answer: Any) -> Any:
    """Return the page of an answer."""
    return BeautifulSoup(answer.body, "html.parser")


def upload(name: str = "muc-nuoc.csv", rows: str = ROWS) -> FileStorage:
    return FileStorage(io.BytesIO(rows.encode()), name)


def file(name: str = "muc-nuoc.csv", rows: str = ROWS) -> tuple[io.BytesIO, str]:
    """Return a file as a form of the test client sends it."""
    return io.BytesIO(rows.encode()), name


def workbook(*rows: list[Any]) -> bytes:
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.fixture
def monthly(create, world: World):
    """A dataset with the file of April 2026, uploaded."""

    def make(**fields: Any) -> dict[str, Any]:
        values = {
            "title": "Mực nước hồ chứa",
            "frequency": "hang-thang",
            "modified": "2026-04-30",
        }
        made = create(**{**values, **fields})
        call_action(
            "resource_create",
            {"user": world.accounts["sysadmin"]},
            package_id=made["id"],
            name="Mực nước tháng 04/2026",
            period="202604",
            description="Đo lúc 7 giờ",
            url="muc-nuoc-04.csv",
            upload=upload("muc-nuoc-04.csv"),
        )
        return made

    return make


class TestReview:
    def test_shows_what_citizens_will_see_and_how_to_mend_it(self, read, draft, with_rules):
        made = draft(notes="Danh sách các trường trong tỉnh")
        page = read("editor", f"/vi/dataset/{made['name']}/publish")
        text = page.select_one(".nd47-review").get_text(" ", strip=True)
        assert "Bản thảo" in text
        assert "Danh sách các trường trong tỉnh" in text
        rules = page.select(".nd47-review-rules li")
        assert rules
        assert all(rule.select_one("a")["href"] for rule in rules)

    def test_remedy_leads_to_the_field(self, world: World, draft, with_rules):
        made = draft()
        found = world.call("editor", "nd47_publication_review", id=made["name"])
        assert found["refused"]
        (rule,) = [one for one in found["rules"] if one["url"].endswith("#field-notes")]
        assert f"/dataset/edit/{made['name']}/1" in rule["url"]

    def test_publishing_says_where_the_dataset_is(self, send, read, draft, without_rules):
        made = draft()
        answer = send("editor", f"/vi/dataset/{made['name']}/publish", publish="1")
        assert urlsplit(answer.headers["Location"]).path.endswith(f"/dataset/{made['name']}")
        assert call_action("package_show", id=made["id"])["state"] == "active"

    def test_what_a_rule_refuses_stays_a_draft_and_says_why(self, send, draft, with_rules):
        made = draft()
        answer = send("editor", f"/vi/dataset/{made['name']}/publish", publish="1")
        assert answer.status_code == 200
        page = parsed(answer)
        assert page.select(".nd47-problems li")
        assert call_action("package_show", id=made["id"])["state"] == "draft"

    def test_private_dataset_is_not_told_to_meet_rules_first(self, read, draft, with_rules):
        made = draft(private=True)
        page = read("editor", f"/vi/dataset/{made['name']}/publish")
        text = page.select_one(".nd47-review").get_text(" ", strip=True)
        assert "thành viên của cơ quan sẽ thấy" in text
        assert page.select_one("#private-yes").has_attr("checked")

    def test_private_draft_is_published_for_its_agency_without_rules(self, send, draft, with_rules):
        made = draft(private=True)
        send("editor", f"/dataset/{made['name']}/publish", publish="1", private="true")
        shown = call_action("package_show", id=made["id"])
        assert (shown["state"], shown["private"]) == ("active", True)

    def test_private_dataset_becomes_public_only_under_the_rules(self, send, draft, with_rules):
        made = draft(private=True)
        answer = send("editor", f"/dataset/{made['name']}/publish", publish="1", private="false")
        assert answer.status_code == 200
        assert call_action("package_show", id=made["id"])["private"] is True

    def test_public_dataset_has_nothing_to_review(self, app, world: World, create):
        made = create()
        path = f"/dataset/{made['name']}/publish"
        answer = app.get(path, headers=world.headers("editor"), follow_redirects=False)
        assert answer.status_code == 302

    def test_approval_is_not_offered_where_the_portal_has_none(self, read, draft):
        page = read("editor", f"/vi/dataset/{draft()['name']}/publish")
        buttons = {button["name"] for button in page.select("form.nd47-review-part button")}
        assert buttons == {"publish", "schedule"}


class TestAccess:
    @pytest.mark.parametrize("page", ["publish", "new-period"])
    def test_visitors_log_in_first(self, app, draft, page):
        answer = app.get(f"/dataset/{draft()['name']}/{page}", follow_redirects=False)
        assert answer.status_code == 302
        assert "/user/login" in answer.headers["Location"]

    @pytest.mark.parametrize("page", ["publish", "new-period"])
    @pytest.mark.parametrize("account", ["stranger", "member", "leader"])
    def test_who_may_not_edit_is_refused(self, app, world: World, create, page, account):
        path = f"/dataset/{create()['name']}/{page}"
        app.get(path, headers=world.headers(account), status=403)
        app.post(path, headers=world.headers(account), data={"publish": "1"}, status=403)

    @pytest.mark.parametrize("action", ACTIONS)
    def test_actions_refuse_editors_of_other_agencies(self, world: World, create, action):
        with pytest.raises(tk.NotAuthorized):
            world.call("editor", action, id=create("foreign")["id"])

    @pytest.mark.parametrize("page", ["publish", "new-period", "publish?then=publish"])
    def test_unknown_dataset_is_not_found(self, app, world: World, page):
        app.get(f"/dataset/khong-co/{page}", headers=world.headers("sysadmin"), status=404)


class TestFromTheForm:
    def test_last_step_leads_to_the_review(self, send, draft):
        made = draft()
        path = f"/en/dataset/{made['name']}/resource/new?then=publish"
        answer = send("editor", path, id="", url="https://so.example/a.csv", save="go-dataset")
        assert urlsplit(answer.headers["Location"]).path == f"/en/dataset/{made['name']}/publish"
        shown = call_action("package_show", id=made["id"])
        assert (shown["state"], len(shown["resources"])) == ("draft", 1)

    @pytest.mark.parametrize(("then", "page"), [("?then=stay", 1), ("", 2)])
    def test_name_that_the_portal_made_is_gone_on_with(
        self, send, world: World, then: str, page: int
    ):
        data = {"title": "Bản chưa có tên", "name": "", "save": "save", "_ckan_phase": "1"}
        owner = world.agencies["own"]["id"]
        answer = send("editor", f"/en/dataset/new{then}", owner_org=owner, **data)
        path = urlsplit(answer.headers["Location"]).path
        name = path.split("/")[-2]
        assert path == f"/en/dataset/new/{name}/{page}"
        assert call_action("package_show", id=name)["title"] == "Bản chưa có tên"

    def test_draft_leads_there_too(self, read, draft):
        made = draft()
        page = read("editor", f"/vi/dataset/{made['name']}")
        assert page.select_one(".nd47-draft .btn-primary")["href"].endswith("/publish")

    def test_button_of_the_last_step_publishes_nothing(self, read, draft):
        made = draft()
        page = read("editor", f"/vi/dataset/{made['name']}/resource/new")
        button = page.select_one(".nd47-actions .btn-primary")
        assert button["value"] == "go-dataset"
        assert button["formaction"].endswith("then=publish")


class TestProposal:
    def test_follows_the_last_period(self, world: World, monthly):
        found = world.call("editor", "nd47_period_propose", id=monthly()["id"])
        assert (found["period"], found["modified"]) == ("05/2026", "31/05/2026")

    @pytest.mark.parametrize(
        ("period", "expected"),
        [
            ("2025", "2026"),
            ("20254", "quý I/2026"),
            ("202512", "01/2026"),
            ("NH2024-2025", "năm học 2025-2026"),
            ("2025-07/2025-12", "6 tháng đầu năm 2026"),
            ("2026-05-31", "01/06/2026"),
        ],
    )
    def test_keeps_the_length_of_the_last(self, world: World, create, period, expected):
        resources = [{"url": "https://so.example/a.csv", "period": period}]
        made = create(resources=resources)
        found = world.call("editor", "nd47_period_propose", id=made["id"])["period"]
        assert dates.period(found) == dates.period(expected)

    def test_without_a_file_it_is_the_last_that_has_ended(self, world: World, create):
        found = world.call("editor", "nd47_period_propose", id=create(frequency="hang-thang")["id"])
        first = dates.today().replace(day=1)
        assert dates.period_days(found["period"]).last == first - dt.timedelta(days=1)

    def test_without_a_frequency_nothing_is_proposed(self, world: World, create):
        assert world.call("editor", "nd47_period_propose", id=create()["id"])["period"] == ""

    def test_of_the_last_year_of_the_calendar_is_none(self, world: World, create):
        resources = [{"url": "https://so.example/a.csv", "period": "9999"}]
        found = world.call("editor", "nd47_period_propose", id=create(resources=resources)["id"])
        assert found["period"] == ""

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("muc-nuoc-thang-6-2026.csv", "202606"),
            ("Mực nước tháng 07 năm 2026.csv", "202607"),
            ("bao cao quy II 2026.csv", "20262"),
            ("muc_nuoc_2026-08.csv", "202608"),
            ("muc_nuoc_202609.csv", "202609"),
            ("danh-sach-nam-2027.csv", "2027"),
        ],
    )
    def test_takes_the_period_of_the_name_of_the_file(self, world: World, monthly, name, expected):
        found = world.call("editor", "nd47_period_propose", id=monthly()["id"], upload=upload(name))
        assert found["from_file"]
        assert dates.period(found["period"]) == expected

    def test_takes_the_period_above_the_table(self, world: World, monthly):
        rows = workbook(
            ["BẢNG MỰC NƯỚC HỒ CHỨA THÁNG 7/2026"], [], ["ma", "ten", "muc_nuoc_m"], [1, "Cống", 2]
        )
        sent = FileStorage(io.BytesIO(rows), "bang.xlsx")
        found = world.call("editor", "nd47_period_propose", id=monthly()["id"], upload=sent)
        assert dates.period(found["period"]) == "202607"
        assert (found["removed"], found["added"]) == ([], [])

    @pytest.mark.parametrize("name", ["tep.csv", "so-0912345678.csv", "ma-1234567.csv"])
    def test_numbers_are_no_period(self, world: World, monthly, name):
        found = world.call("editor", "nd47_period_propose", id=monthly()["id"], upload=upload(name))
        assert not found["from_file"]

    def test_names_columns_that_changed(self, world: World, monthly):
        sent = upload(rows=OTHER_ROWS)
        found = world.call("editor", "nd47_period_propose", id=monthly()["id"], upload=sent)
        assert (found["removed"], found["added"]) == (["muc_nuoc_m"], ["luong_mua"])

    @pytest.mark.parametrize(
        "rows",
        ["MA, Tên ,muc_nuoc_m\n1,x,2\n", "ten,ma,muc_nuoc_m\nx,1,2\n", "ma;ten;muc_nuoc_m\n1;x;2"],
    )
    def test_order_case_and_separator_are_no_change(self, world: World, monthly, rows):
        found = world.call(
            "editor", "nd47_period_propose", id=monthly()["id"], upload=upload(rows=rows)
        )
        assert (found["removed"], found["added"]) == ([], [])

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.csv", b"\x00\xff\xfe\x00"),
            ("a.xlsx", b"PK\x03\x04 broken"),
            ("a.xlsx", b""),
            ("a.csv", b""),
            ("a.pdf", b"%PDF-1.7"),
            ("a", b"x"),
        ],
    )
    def test_unreadable_file_has_no_columns(self, world: World, monthly, name, content):
        sent = FileStorage(io.BytesIO(content), name)
        found = world.call("editor", "nd47_period_propose", id=monthly()["id"], upload=sent)
        assert (found["removed"], found["added"]) == ([], [])

    def test_of_a_large_csv_the_beginning_is_read(self, world: World, monthly):
        sent = upload(rows=OTHER_ROWS + "1,x,2\n" * 100_000)
        found = world.call("editor", "nd47_period_propose", id=monthly()["id"], upload=sent)
        assert found["added"] == ["luong_mua"]


class TestNewPeriod:
    def path(self, made: dict[str, Any]) -> str:
        return f"/vi/dataset/{made['name']}/new-period"

    def test_adds_the_file_beside_the_former_ones(self, send, monthly):
        made = monthly()
        answer = send(
            "editor", self.path(made), upload=file(), period="05/2026", modified="31/05/2026"
        )
        assert answer.status_code == 302
        shown = call_action("package_show", id=made["id"])
        assert [one["period"] for one in shown["resources"]] == ["202604", "202605"]
        assert shown["modified"] == "2026-05-31"
        new = shown["resources"][1]
        assert (new["name"], new["description"]) == ("Mực nước tháng 05/2026", "Đo lúc 7 giờ")
        assert (new["url_type"], new["format"]) == ("upload", "CSV")

    def test_page_shows_the_series(self, send, read, monthly):
        made = monthly()
        send("editor", self.path(made), upload=file(), period="05/2026", modified="31/05/2026")
        page = read("editor", f"/vi/dataset/{made['name']}")
        assert "04/2026" in page.select_one(".nd47-former").get_text(" ")
        assert "04/2026" not in page.select_one("#dataset-resources > ul").get_text(" ")

    def test_extends_the_period_of_the_dataset(self, send, monthly):
        made = monthly(temporal_coverage=[{"start": "2026-01-01", "end": "2026-04-30"}])
        send("editor", self.path(made), upload=file(), period="05/2026", modified="31/05/2026")
        shown = call_action("package_show", id=made["id"])
        assert shown["temporal_coverage"] == [{"start": "2026-01-01", "end": "2026-05-31"}]

    def test_former_period_does_not_shorten_it(self, send, monthly):
        made = monthly(temporal_coverage=[{"start": "2026-01-01", "end": "2026-12-31"}])
        send("editor", self.path(made), upload=file(), period="03/2026", modified="31/05/2026")
        shown = call_action("package_show", id=made["id"])
        assert shown["temporal_coverage"][0]["end"] == "2026-12-31"

    def test_changed_columns_are_asked_about_first(self, send, monthly):
        made = monthly()
        data = {"period": "05/2026", "modified": "31/05/2026"}
        answer = send("editor", self.path(made), upload=file(rows=OTHER_ROWS), **data)
        assert answer.status_code == 200
        page = parsed(answer)
        assert "luong_mua" in page.select_one("[data-nd47-notes]").get_text(" ")
        assert len(call_action("package_show", id=made["id"])["resources"]) == 1
        seen = page.select_one("[name=seen]")["value"]
        answer = send("editor", self.path(made), upload=file(rows=OTHER_ROWS), seen=seen, **data)
        assert answer.status_code == 302
        assert len(call_action("package_show", id=made["id"])["resources"]) == 2

    def test_what_was_seen_of_another_file_does_not_count(self, send, monthly):
        made = monthly()
        data = {"period": "05/2026", "modified": "31/05/2026", "seen": "0123456789abcdef"}
        answer = send("editor", self.path(made), upload=file(rows=OTHER_ROWS), **data)
        assert answer.status_code == 200
        assert len(call_action("package_show", id=made["id"])["resources"]) == 1

    def test_other_period_in_the_file_is_asked_about_first(self, send, monthly):
        made = monthly()
        sent = file("muc-nuoc-thang-6-2026.csv")
        answer = send(
            "editor", self.path(made), upload=sent, period="05/2026", modified="31/05/2026"
        )
        assert answer.status_code == 200
        assert "06/2026" in parsed(answer).select_one("[data-nd47-notes]").get_text(" ")

    def test_form_sent_twice_adds_one_file(self, send, monthly):
        made = monthly()
        data = {"period": "05/2026", "modified": "31/05/2026"}
        send("editor", self.path(made), upload=file(), **data)
        answer = send("editor", self.path(made), upload=file(), **data)
        assert answer.status_code == 200
        assert "#field-period" in answer.body
        assert len(call_action("package_show", id=made["id"])["resources"]) == 2

    def test_two_officers_at_once_add_one_file(self, world: World, monthly):
        made = monthly()

        def add(account: str) -> None:
            data = {"id": made["id"], "period": "05/2026", "modified": "31/05/2026"}
            world.call(account, "nd47_period_add", upload=upload(), **data)

        child = forked(lambda: add("admin"))
        try:
            add("editor")
            here = True
        except tk.ValidationError:
            here = False
        assert here != (ended(child) == 0)
        shown = call_action("package_show", id=made["id"])
        assert [one["period"] for one in shown["resources"]] == ["202604", "202605"]

    def test_other_format_of_the_same_period_is_welcome(self, send, monthly):
        made = monthly()
        data = {"period": "05/2026", "modified": "31/05/2026"}
        send("editor", self.path(made), upload=file(), **data)
        table = workbook(["ma", "ten", "muc_nuoc_m"], [1, "Cống", 2])
        send("editor", self.path(made), upload=(io.BytesIO(table), "muc-nuoc.xlsx"), **data)
        shown = call_action("package_show", id=made["id"])
        assert [one["format"] for one in shown["resources"]] == ["CSV", "CSV", "XLSX"]

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"period": "kỳ nào đó", "modified": "31/05/2026"}, "period"),
            ({"period": "", "modified": "31/05/2026"}, "period"),
            ({"period": "05/2026", "modified": "31/02/2026"}, "modified"),
            ({"period": "05/2026", "modified": "01/01/2999"}, "modified"),
            ({"period": "05/2026", "modified": ""}, "modified"),
            ({"period": "x" * 5000, "modified": "31/05/2026"}, "period"),
            ({"period": "05/2026", "modified": "\x00"}, "modified"),
        ],
    )
    def test_wrong_value_is_named_and_nothing_is_saved(self, send, monthly, data, field):
        made = monthly()
        answer = send("editor", self.path(made), upload=file(), **data)
        assert answer.status_code == 200
        assert f"#field-{field}" in answer.body
        assert len(call_action("package_show", id=made["id"])["resources"]) == 1

    def test_missing_file_is_asked_for_and_typed_values_stay(self, send, monthly):
        made = monthly()
        answer = send("editor", self.path(made), period="05/2026", modified="30/05/2026")
        page = parsed(answer)
        assert page.select_one("#field-upload-error")
        assert page.select_one("#field-modified")["value"] == "30/05/2026"

    def test_refused_form_offers_no_address_of_a_hidden_dataset(self, send, create):
        made = create("foreign", private=True)
        answer = send("editor", self.path(made), upload=file(), period="05/2026")
        assert answer.status_code in (403, 404)

    def test_check_tells_period_and_columns(self, send, monthly):
        made = monthly()
        sent = file("muc-nuoc-thang-6-2026.csv", OTHER_ROWS)
        answer = send("editor", f"{self.path(made)}/check", upload=sent, period="05/2026")
        found = answer.json
        assert (found["period"], found["from_file"]) == ("06/2026", True)
        assert len(found["notes"]) == 2
        assert len(call_action("package_show", id=made["id"])["resources"]) == 1

    def test_check_without_a_file_is_harmless(self, send, monthly):
        answer = send("editor", f"{self.path(monthly())}/check", period="05/2026")
        assert answer.status_code == 200

    def test_draft_stays_a_draft(self, send, draft):
        made = draft()
        send("editor", self.path(made), upload=file(), period="05/2026", modified="31/05/2026")
        shown = call_action("package_show", id=made["id"])
        assert (shown["state"], len(shown["resources"])) == ("draft", 1)

    def test_action_refuses_what_is_no_file(self, world: World, monthly):
        with pytest.raises(tk.ValidationError) as error:
            world.call(
                "editor", "nd47_period_add", id=monthly()["id"], upload="a.csv", period="2026"
            )
        assert "upload" in error.value.error_dict

    def test_action_refuses_a_dataset_that_is_not_there(self, world: World):
        with pytest.raises(tk.ObjectNotFound):
            world.call("sysadmin", "nd47_period_add", id="khong-co", upload=upload())


class TestWayToIt:
    def test_overdue_row_leads_to_the_next_period(self, world: World, overdue):
        made = overdue()
        (item,) = world.work("editor", kind="overdue")["results"]
        assert item["url"].endswith(f"/dataset/{made['name']}/new-period")

    def test_page_of_the_dataset_has_the_button_for_editors_alone(self, read, create):
        path = f"/vi/dataset/{create()['name']}"
        assert read("editor", path).select(".nd47-dataset-actions a[href$='/new-period']")
        assert not read("stranger", path).select("a[href$='/new-period']")
