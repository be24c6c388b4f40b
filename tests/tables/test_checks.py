"""A file is checked after it has arrived, and who may edit it sees what was found."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47.tables.check.report import FINDINGS, FindingDict
from ckanext.nd47.tables.check_jobs import jobs
from ckanext.nd47.tables.cli import files_commands
from ckanext.nd47.tables.findings import messages
from tests.tables.check import golden
from tests.tables.conftest import stored

SOUND = b"xa,so_ho\nK\xe1\xbb\xb3 L\xc3\xa2m,20\nLoc Thuy,31\n"
IDENTITY = "044187000123"
PERSONAL = f"ho_va_ten,cccd\nNguyễn Văn An,{IDENTITY}\nTrần Thị Bình,001190000456\n".encode()


def codes(result: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in result["findings"]]


class TestCheck:
    def test_a_new_file_waits_for_its_check(self, upload, check):
        result = check(upload("a.csv", SOUND)["id"])
        assert result.pop("version")
        assert result == {
            "state": "waiting",
            "checked": None,
            "understood": {},
            "findings": [],
            "undecided": [],
        }

    def test_a_checked_file_says_what_was_understood(self, checked, check):
        result = check(checked("a.csv", SOUND)["id"])
        assert result["state"] == "done"
        assert result["checked"].endswith("+00:00")
        assert result["findings"] == []
        understood = result["understood"]
        assert (understood["format"], understood["encoding"]) == ("CSV", "UTF-8")
        assert understood["parts"] == [
            {
                "name": "",
                "rows": 2,
                "columns": [
                    {"name": "xa", "type": "text", "stored": "text", "filled": 2},
                    {"name": "so_ho", "type": "integer", "stored": "numeric", "filled": 2},
                ],
            }
        ]

    def test_a_finding_says_what_where_and_what_to_do(self, checked, check):
        result = check(checked("a.csv", PERSONAL)["id"])
        first = result["findings"][0]
        assert first["kind"] == "personal-data"
        assert first["level"] == "error"
        assert (first["column"], first["row"], first["count"]) == ("cccd", 2, 2)
        assert "2" in first["message"]
        assert first["remedy"]
        assert codes(result) == ["citizen-id", "person-name"]

    def test_no_value_of_a_person_is_stored_or_logged(self, checked, check, caplog):
        resource = checked("a.csv", PERSONAL)
        row = stored(resource["id"])
        assert row is not None
        shown = json.dumps([row.understood, row.findings, check(resource["id"])["findings"]])
        for value in (IDENTITY, "Nguyễn Văn An", "An"):
            assert f'"{value}' not in shown
            assert value not in caplog.text
        assert IDENTITY not in shown

    def test_the_heaviest_findings_come_first(self, checked, check):
        dates = [f"Nguyễn Văn An,04418700012{n},0{n}/02/2024" for n in range(1, 9)]
        content = "\n".join(["ho_ten,cccd,ngay", *dates]).encode()
        levels = [f["level"] for f in check(checked("a.csv", content)["id"])["findings"]]
        assert levels == ["error", "warning", "advice"]

    @pytest.mark.parametrize("name", ["sound.xlsx", "sound.geojson", "sound-shapefile.zip"])
    def test_files_of_many_kinds_are_checked(self, checked, check, name):
        result = check(checked(name, golden.content(name))["id"])
        assert (result["state"], result["findings"]) == ("done", [])

    @pytest.mark.parametrize("name", ["cut.xlsx", "bomb.zip", "one-line.csv", "wide.csv"])
    def test_a_hostile_file_ends_in_a_sentence(self, checked, check, name):
        result = check(checked(name, golden.content(name))["id"])
        assert result["state"] == "done"
        assert len(result["findings"]) == 1
        assert result["findings"][0]["message"]


class TestChecksOfADataset:
    def test_they_are_those_of_its_files_in_their_order(self, checked, upload, accounts, check):
        first = checked("a.csv", PERSONAL)
        context = {"user": accounts["editor"], "ignore_auth": False}
        second = call_action(
            "resource_create",
            {"user": accounts["sysadmin"]},
            package_id=first["package_id"],
            url="https://tep.example/b.csv",
            name="b.csv",
        )
        found = call_action("nd47_file_check_list", context, id=first["package_id"])
        assert [row["resource_id"] for row in found] == [first["id"], second["id"]]
        assert found[0] == {
            **check(first["id"]), "resource_id": first["id"], "resource_name": "a.csv",
        }  # fmt: skip
        assert found[1]["state"] == "waiting"

    @pytest.mark.parametrize("account", ["", "stranger", "member"])
    def test_who_may_not_edit_the_dataset_is_refused(self, checked, accounts, account):
        resource = checked("a.csv", SOUND)
        context = {"user": accounts.get(account, ""), "ignore_auth": False}
        with pytest.raises(tk.NotAuthorized):
            call_action("nd47_file_check_list", context, id=resource["package_id"])


class TestVersions:
    def test_a_replaced_file_is_checked_again(self, checked, upload, check):
        resource = checked("a.csv", SOUND)
        upload("b.csv", PERSONAL, replace=resource["id"])
        assert check(resource["id"])["state"] == "waiting"
        jobs.run(resource["id"])
        assert codes(check(resource["id"]))[:1] == ["citizen-id"]

    def test_an_edit_of_the_description_asks_for_no_check(self, checked, accounts, check):
        resource = checked("a.csv", SOUND)
        context = {"user": accounts["sysadmin"]}
        call_action("resource_patch", context, id=resource["id"], description="Giá đất")
        assert check(resource["id"])["state"] == "done"

    def test_a_version_without_a_column_of_the_one_before_is_told(self, checked, check):
        resource = checked("a.csv", b"xa,so_ho,gia\nA,1,2\nB,2,3\n")
        checked("a.csv", b"xa,so_ho,ghi_chu\nA,nhieu,x\nB,it,y\n", replace=resource["id"])
        findings = {f["code"]: f["message"] for f in check(resource["id"])["findings"]}
        assert set(findings) == {"missing-columns", "new-columns", "changed-types"}
        assert "gia" in findings["missing-columns"]

    def test_a_job_that_runs_late_does_not_replace_a_newer_result(
        self, checked, upload, check, monkeypatch
    ):
        resource = upload("a.csv", PERSONAL)
        examine = jobs.process.examine

        def replaced_meanwhile(*given: Any) -> Any:
            report = examine(*given)
            monkeypatch.setattr(jobs.process, "examine", examine)
            upload("b.csv", SOUND, replace=resource["id"])
            jobs.run(resource["id"])
            return report

        monkeypatch.setattr(jobs.process, "examine", replaced_meanwhile)
        jobs.run(resource["id"])
        assert check(resource["id"])["findings"] == []

    def test_a_second_job_for_the_same_file_does_nothing(self, checked, monkeypatch):
        resource = checked("a.csv", SOUND)
        monkeypatch.setattr(jobs.process, "examine", None)
        jobs.run(resource["id"])

    def test_a_file_can_be_checked_again(self, checked, accounts, check):
        resource = checked("a.csv", SOUND)
        context = {"user": accounts["editor"], "ignore_auth": False}
        result = call_action("nd47_file_check_request", context, id=resource["id"])
        assert result["state"] == "waiting"
        jobs.run(resource["id"])
        assert check(resource["id"])["state"] == "done"

    def test_a_check_that_breaks_says_so_without_a_traceback(self, upload, check, monkeypatch):
        def broken(*_given: Any) -> Any:
            raise jobs.process.ProcessError("KeyError")

        monkeypatch.setattr(jobs.process, "examine", broken)
        resource = upload("a.csv", SOUND)
        jobs.run(resource["id"])
        assert check(resource["id"])["state"] == "failed"

    def test_the_command_checks_what_waits(self, upload, check, cli):
        resource = upload("a.csv", SOUND)
        done = cli.invoke(files_commands, ["check"])
        assert done.exit_code == 0, done.output
        assert check(resource["id"])["state"] == "done"

    def test_a_purged_dataset_takes_its_checks_along(self, checked, accounts):
        resource = checked("a.csv", SOUND)
        context = {"user": accounts["sysadmin"]}
        call_action("dataset_purge", context, id=resource["package_id"])
        assert stored(resource["id"]) is None


class TestAccess:
    @pytest.mark.parametrize("account", ["", "stranger", "member"])
    @pytest.mark.parametrize("action", ["nd47_file_check", "nd47_file_check_request"])
    def test_who_may_not_edit_the_file_is_refused(self, checked, accounts, account, action):
        resource = checked("a.csv", SOUND)
        context = {"user": accounts.get(account, ""), "ignore_auth": False}
        with pytest.raises(tk.NotAuthorized):
            call_action(action, context, id=resource["id"])

    @pytest.mark.parametrize("account", ["editor", "sysadmin"])
    def test_who_may_edit_the_file_sees_its_check(self, checked, check, account):
        assert check(checked("a.csv", SOUND)["id"], account)["state"] == "done"

    @pytest.mark.parametrize("action", ["nd47_file_check", "nd47_file_check_request"])
    def test_a_file_that_does_not_exist_is_not_found(self, accounts, action):
        context = {"user": accounts["sysadmin"], "ignore_auth": False}
        with pytest.raises(tk.ObjectNotFound):
            call_action(action, context, id="khong-co")


class _Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        self.send_response(404 if self.path == "/gone.csv" else 200)
        self.end_headers()
        self.wfile.write(PERSONAL)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of the private network."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def linked(accounts: dict[str, str], url: str) -> str:
    """Return the id of a resource with this address, checked."""
    dataset = factories.Dataset(owner_org=accounts["agency"])
    resource = call_action("resource_create", package_id=dataset["id"], url=url, format="CSV")
    jobs.run(resource["id"])
    return resource["id"]


@pytest.mark.sockets
class TestLinks:
    def test_a_file_of_the_private_network_is_not_fetched(self, accounts, check, server):
        assert codes(check(linked(accounts, f"{server}/a.csv"))) == ["not-public"]

    def test_a_link_to_the_portal_itself_is_checked(self, accounts, check, server, ckan_config):
        ckan_config["ckan.site_url"] = server
        assert codes(check(linked(accounts, f"{server}/a.csv")))[:1] == ["citizen-id"]

    def test_a_dead_link_is_told_with_the_answer_of_its_server(
        self, accounts, check, server, ckan_config
    ):
        ckan_config["ckan.site_url"] = server
        findings = check(linked(accounts, f"{server}/gone.csv"))["findings"]
        assert [f["code"] for f in findings] == ["refused"]
        assert "404" in findings[0]["message"]


@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_has_words(app, code):
    finding = FindingDict(code=code, column="gia", row=3, count=2, facts={}, part="")
    with app.flask_app.test_request_context():
        shown = messages.shown(finding)
    assert shown["message"].strip(".")
    assert shown["remedy"].strip(".")
    assert "{" not in shown["message"] + shown["remedy"]


class TestPages:
    @pytest.fixture
    def page(self, app, accounts):
        def show(resource: dict[str, Any], account: str = "editor", path: str = "", status=200):
            token = factories.APIToken(user=accounts[account])["token"]
            address = f"/dataset/{resource['package_id']}/resource/{resource['id']}/check{path}"
            return app.get(address, headers={"Authorization": token}, status=status)

        return show

    def test_the_page_shows_what_was_found(self, checked, page):
        text = BeautifulSoup(page(checked("a.csv", PERSONAL)).body, "html.parser").get_text(" ")
        assert "identity number of a citizen" in text
        assert "Column “cccd”" in text
        assert IDENTITY not in text

    def test_a_visitor_is_asked_to_log_in(self, app, checked):
        resource = checked("a.csv", SOUND)
        address = f"/dataset/{resource['package_id']}/resource/{resource['id']}/check"
        answer = app.get(address, follow_redirects=False)
        assert answer.status_code == 302
        assert "/user/login" in answer.headers["Location"]

    @pytest.mark.parametrize("path", ["", "/repaired.csv"])
    def test_who_may_not_edit_is_refused(self, checked, page, path):
        page(checked("a.csv", SOUND), "stranger", path, status=403)

    def test_a_file_of_another_dataset_is_not_found(self, checked, page):
        mine, other = checked("a.csv", SOUND), checked("b.csv", SOUND)
        page({"package_id": mine["package_id"], "id": other["id"]}, status=404)

    def test_the_button_asks_for_another_check(self, app, accounts, checked, check):
        resource = checked("a.csv", SOUND)
        token = factories.APIToken(user=accounts["editor"])["token"]
        address = f"/dataset/{resource['package_id']}/resource/{resource['id']}/check"
        app.post(address, headers={"Authorization": token}, status=200)
        assert check(resource["id"])["state"] == "waiting"

    def test_who_may_edit_finds_the_page_from_the_file(self, app, accounts, checked):
        resource = checked("a.csv", SOUND)
        address = f"/dataset/{resource['package_id']}/resource/{resource['id']}"
        token = factories.APIToken(user=accounts["editor"])["token"]
        assert f"{resource['id']}/check" in app.get(address, headers={"Authorization": token}).body
        assert f"{resource['id']}/check" not in app.get(address).body


class TestRepairedCopy:
    @pytest.fixture
    def repaired(self, app, accounts, checked):
        def fetch(name: str, content: bytes, status: int = 200) -> list[str]:
            resource = checked(name, content)
            token = factories.APIToken(user=accounts["editor"])["token"]
            address = f"/dataset/{resource['package_id']}/resource/{resource['id']}/check"
            answer = app.get(
                f"{address}/repaired.csv", headers={"Authorization": token}, status=status
            )
            return answer.body.removeprefix("\ufeff").splitlines()

        return fetch

    @pytest.mark.parametrize("name", ["tcvn3.csv", "windows-1258.csv", "old-font.xlsx"])
    def test_it_is_in_composed_unicode(self, repaired, name):
        text = "\n".join(repaired(name, golden.content(name)))
        assert any(commune in text for commune in golden.COMMUNES)
        assert any(street in text for street in golden.STREETS)

    def test_it_has_one_row_of_headings(self, repaired):
        lines = repaired("two-rows.xlsx", golden.content("two-rows.xlsx"))
        assert lines[0] == "Xã,Dân số - Nam,Dân số - Nữ,Diện tích"
        assert len(lines) == 21

    def test_it_has_no_title_rows_and_no_totals(self, repaired):
        lines = repaired("title-rows.xlsx", golden.content("title-rows.xlsx"))
        assert lines[0] == "ma_diem,xa_phuong,duong,gia,dien_tich"
        assert "Tổng" not in "".join(repaired("total.csv", golden.content("total.csv")))

    def test_its_dates_are_those_of_iso(self, repaired):
        lines = repaired("a.csv", b"ma,ngay\nA,01/07/2025\nB,2/7/2025\nC,15.08.2025\n")
        assert lines == ["ma,ngay", "A,2025-07-01", "B,2025-07-02", "C,2025-08-15"]

    def test_the_file_itself_is_not_changed(self, checked, app):
        resource = checked("total.csv", golden.content("total.csv"))
        model.Session.expire_all()
        assert app.get(resource["url"]).data == golden.content("total.csv")

    def test_a_sound_file_has_none(self, repaired):
        repaired("a.csv", SOUND, status=404)


class TestColumns:
    def test_the_columns_of_public_datasets_are_told_to_everybody(self, checked):
        package_id = checked("gia.csv", "Mã,Giá\n1,2\n".encode())["package_id"]
        visitor: Any = {"user": "", "ignore_auth": False}
        found = tk.get_action("nd47_file_columns")(visitor, {"ids": [package_id]})
        assert found == {package_id: ["Mã", "Giá"]}

    def test_those_of_private_datasets_are_not(self, checked, accounts):
        package_id = checked("gia.csv", "Mã,Giá\n1,2\n".encode())["package_id"]
        context: Any = {"user": accounts["sysadmin"]}
        call_action("package_patch", context, id=package_id, private=True)
        visitor: Any = {"user": "", "ignore_auth": False}
        assert tk.get_action("nd47_file_columns")(visitor, {"ids": [package_id]}) == {}
