"""The pages of the register as a browser gets them."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from tests.agencies.conftest import People, agency, dataset, focal_point


def sign(user: dict[str, Any] | None) -> dict[str, str]:
    return {"Authorization": user["token"]} if user else {}


@pytest.fixture(scope="module")
def officer(department: dict[str, Any]) -> dict[str, Any]:
    return focal_point(department["id"])


@pytest.mark.usefixtures("officer")
class TestList:
    @pytest.mark.parametrize("q", ["giáo dục", "giao duc", "H99.02", "dulieu@"])
    def test_it_is_searched_without_diacritics(self, app: CKANTestApp, q: str) -> None:
        body = app.get("/focal-points", query_string={"q": q}).text
        assert "Sở Giáo dục và Đào tạo" in body
        assert "Nguyễn Thị Ánh" not in body

    @pytest.mark.parametrize("query", ["q=khong-co", "role=boss&q=zzz", "level=x"])
    def test_odd_questions_get_a_page(self, app: CKANTestApp, query: str) -> None:
        assert app.get(f"/focal-points?{query}").status_code == 200

    def test_a_question_that_cannot_be_stored_is_refused(self, app: CKANTestApp) -> None:
        assert app.get("/focal-points?q=%00").status_code == 400

    @pytest.mark.parametrize("page", ["-1", "x", "9" * 30])
    def test_a_page_that_is_none_is_no_error_of_the_server(
        self, app: CKANTestApp, page: str
    ) -> None:
        assert app.get(f"/focal-points?page={page}").status_code < 500

    def test_files(self, app: CKANTestApp) -> None:
        text = app.get("/focal-points.csv").data
        assert text.startswith(b"\xef\xbb\xbf")
        assert "Thư điện tử" in text.decode()
        listed: Any = app.get("/focal-points.json").json
        assert listed[0]["email"] == "dulieu@sgd.haison.example"
        sheet: Any = openpyxl.load_workbook(io.BytesIO(app.get("/focal-points.xlsx").data)).active
        assert sheet.max_row >= 2
        for content in (text.decode(), app.get("/focal-points.json").text):
            assert "Ánh" not in content
            assert "0912" not in content

    def test_its_address_leads_to_the_agency(
        self, app: CKANTestApp, department: dict[str, Any], officer: dict[str, Any]
    ) -> None:
        reply = app.get(f"/focal-point/{officer['id']}", follow_redirects=False)
        assert reply.status_code == 302
        assert department["name"] in reply.headers["Location"]
        assert app.get("/focal-point/none").status_code == 404


class TestAgencyPage:
    def test_it_shows_who_answers(
        self, app: CKANTestApp, department: dict[str, Any], officer: dict[str, Any]
    ) -> None:
        body = app.get(f"/organization/{department['name']}").text
        assert "Trưởng phòng Dữ liệu" in body
        assert "dulieu@sgd.haison.example" in body
        assert "Ánh" not in body

    def test_an_old_agency_names_its_successor(self, app: CKANTestApp) -> None:
        old, new = agency("Sở Cũ Kỹ"), agency("Sở Kế Tục")
        call_action("nd47_agency_update", id=old["id"], successor=new["id"], valid_to="2025-02-28")
        body = app.get(f"/organization/{old['name']}").text
        assert "Sở Kế Tục" in body
        assert "28/02/2025" in body or "28/2/2025" in body

    def test_who_keeps_the_register_is_alerted(self, app: CKANTestApp, people: People) -> None:
        one = agency("Sở Báo Động", users=[{"name": people.admin["name"], "capacity": "admin"}])
        dataset(one)
        page = f"/organization/{one['name']}"
        assert "nobody is in office" in app.get(page, headers=sign(people.admin)).text
        assert "nobody is in office" not in app.get(page).text


class TestTabs:
    def test_editors_read(
        self, app: CKANTestApp, people: People, department: dict[str, Any], officer: dict[str, Any]
    ) -> None:
        reply = app.get(f"/organization/register/{department['name']}", headers=sign(people.editor))
        assert reply.status_code == 200
        assert "Nguyễn Thị Ánh" in reply.text
        assert "0912" not in reply.text

    @pytest.mark.parametrize("role", ["editor", "member", "foreign", "nobody"])
    def test_others_do_not_change(
        self, app: CKANTestApp, people: People, department: dict[str, Any], role: str
    ) -> None:
        for page in ("entry", "focal-point"):
            path = f"/organization/register/{department['name']}/{page}"
            reply = app.post(path, headers=sign(getattr(people, role)), data={"code": "H1"})
            assert reply.status_code == 403

    def test_an_administrator_records_changes_and_follows(
        self, app: CKANTestApp, people: People
    ) -> None:
        one = agency("Sở Làm Việc", users=[{"name": people.admin["name"], "capacity": "admin"}])
        base, who = f"/organization/register/{one['name']}", sign(people.admin)
        assert app.get(f"{base}/focal-point", headers=who).status_code == 200
        form = {"role": "feedback", "rank": "main", "email": "mot@slv.example"}
        app.post(f"{base}/focal-point", headers=who, data=form)
        [first] = call_action("nd47_focal_point_list", agency=one["id"])["results"]
        app.post(
            f"{base}/focal-point/{first['id']}",
            headers=who,
            data={**form, "email": "hai@slv.example", "valid_from": "2025-01-01"},
        )
        assert call_action("nd47_focal_point_show", id=first["id"])["email"] == "hai@slv.example"
        assert app.get(f"{base}/focal-point/{first['id']}/succeed", headers=who).status_code == 200
        app.post(
            f"{base}/focal-point/{first['id']}/succeed",
            headers=who,
            data={"email": "ba@slv.example", "valid_from": "2026-06-01"},
        )
        [now] = call_action("nd47_focal_point_list", agency=one["id"])["results"]
        assert now["email"] == "ba@slv.example"
        assert app.get(base, headers=who).status_code == 200

    def test_who_replaces_another_is_told_whom_and_from_when(
        self, app: CKANTestApp, people: People
    ) -> None:
        one = agency("Sở Thay Người")
        old = focal_point(one["id"], valid_from="2025-03-09")
        base, who = f"/organization/register/{one['name']}", sign(people.sysadmin)
        assert ">Replace</a>" in app.get(base, headers=who).text
        page = app.get(f"{base}/focal-point/{old['id']}/succeed", headers=who).text
        assert "Replaced: Nguyễn Thị Ánh (Feedback on open data), since 09/03/2025." in page
        assert f'value="{dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")):%d/%m/%Y}"' in page

    def test_a_term_that_began_today_is_replaced_from_tomorrow(
        self, app: CKANTestApp, people: People
    ) -> None:
        one = agency("Sở Hôm Nay")
        today = dt.datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
        old = focal_point(one["id"], valid_from=today.isoformat())
        path = f"/organization/register/{one['name']}/focal-point/{old['id']}/succeed"
        page = app.get(path, headers=sign(people.sysadmin)).text
        assert f'value="{today + dt.timedelta(days=1):%d/%m/%Y}"' in page

    def test_days_are_written_day_first_and_taken_so(
        self, app: CKANTestApp, people: People
    ) -> None:
        one = agency("Sở Ngày Tháng")
        old = focal_point(one["id"], valid_from="2025-03-09")
        path = f"/organization/register/{one['name']}/focal-point/{old['id']}"
        page = app.get(path, headers=sign(people.sysadmin)).text
        assert 'type="date"' not in page
        assert 'value="09/03/2025"' in page
        given = {"role": "feedback", "rank": "main", "email": "a@x.example"}
        for written in ("31/02/2025", "tháng ba"):
            data = {**given, "valid_from": written}
            refused = app.post(path, headers=sign(people.sysadmin), data=data).text
            assert f'value="{written}"' in refused
            assert "is not a whole date" in refused
        app.post(path, headers=sign(people.sysadmin), data={**given, "valid_from": "10/03/2025"})
        assert call_action("nd47_focal_point_show", id=old["id"])["valid_from"] == "2025-03-10"

    def test_an_alert_leads_to_the_form_of_the_role_that_is_missing(
        self, app: CKANTestApp, people: People
    ) -> None:
        one = agency(
            "Sở Thiếu Người",
            users=[
                {"name": people.admin["name"], "capacity": "admin"},
                {"name": people.editor["name"], "capacity": "editor"},
            ],
        )
        dataset(one)
        link = f"/organization/register/{one['name']}/focal-point?role=sharing"
        alerts = app.get("/focal-points/alerts", headers=sign(people.sysadmin)).text
        register = f"/organization/register/{one['name']}"
        assert link in alerts
        assert link in app.get(register, headers=sign(people.admin)).text
        assert link not in app.get(register, headers=sign(people.editor)).text
        form = app.get(link, headers=sign(people.admin)).text
        assert 'value="sharing" selected' in form
        odd = app.get(link.replace("sharing", "boss"), headers=sign(people.admin)).text
        assert 'value="feedback" selected' in odd

    def test_the_list_leads_administrators_of_the_portal_to_the_alerts(
        self, app: CKANTestApp, people: People
    ) -> None:
        page = app.get("/focal-points", headers=sign(people.sysadmin)).text
        assert "/focal-points/alerts" in page
        for user in (people.admin, people.nobody, None):
            assert "/focal-points/alerts" not in app.get("/focal-points", headers=sign(user)).text

    def test_changes_bear_the_time_of_the_portal(
        self, app: CKANTestApp, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(tk.config, "ckan.display_timezone", "Asia/Ho_Chi_Minh")
        changed = agency("Sở Nội vụ")
        call_action("nd47_agency_update", id=changed["id"], code="H99.17")
        found = call_action("nd47_register_history", agency=changed["id"])["results"][0]
        here = dt.datetime.fromisoformat(found["moment"]).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
        page = app.get(f"/organization/register/{changed['name']}", headers=sign(people.sysadmin))
        assert here.strftime("%H:%M") in page.text

    def test_an_error_stands_on_the_form_and_the_input_stays(
        self, app: CKANTestApp, people: People, department: dict[str, Any]
    ) -> None:
        reply = app.post(
            f"/organization/register/{department['name']}/entry",
            headers=sign(people.admin),
            data={"code": "sai mã", "legal_name": "Tên giữ lại"},
        )
        assert "is not an agency code" in reply.text
        assert "Tên giữ lại" in reply.text

    def test_a_deletion_in_use_says_where(self, app: CKANTestApp, people: People) -> None:
        one = agency("Sở Đang Dùng", users=[{"name": people.admin["name"], "capacity": "admin"}])
        kept = focal_point(one["id"])
        dataset(one)
        model.Session.commit()
        path = f"/organization/register/{one['name']}/focal-point/{kept['id']}/delete"
        app.post(path, headers=sign(people.admin))
        assert call_action("nd47_focal_point_show", id=kept["id"])

    def test_alerts_are_for_the_administrators_of_the_portal(
        self, app: CKANTestApp, people: People
    ) -> None:
        assert app.get("/focal-points/alerts", headers=sign(people.sysadmin)).status_code == 200
        assert app.get("/focal-points/alerts", headers=sign(people.admin)).status_code == 403
