"""A dataset begins with its file: what follows from it is proposed, and the officer decides."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.metadata import licence
from ckanext.nd47.tables.file_first import proposals
from tests.tables.test_checks import IDENTITY, PERSONAL

TITLE = "DANH SÁCH TRẠM SẠC XE ĐIỆN QUÝ II NĂM 2026"
STATIONS = "Xã,Số trụ,Ngày vận hành\nKỳ Lâm,4,01/02/2025\nLộc Thủy,2,15/03/2026\n".encode()


def workbook(*rows: list[Any]) -> bytes:
    """Return an XLSX with these rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


TITLED = workbook(
    ["SỞ CÔNG THƯƠNG"],
    [TITLE],
    [],
    ["Xã", "Số trụ", "Công suất"],
    ["Kỳ Lâm", 4, 30.5],
    ["Lộc Thủy", 2, 60],
)


@pytest.fixture
def begin(accounts):
    """Begins a dataset with a file, as an account; returns the draft and what was proposed."""

    def make(name: str, content: bytes, account: str = "editor") -> dict[str, Any]:
        context: Any = {"user": accounts.get(account, ""), "ignore_auth": False}
        upload = FileStorage(io.BytesIO(content), name)
        return call_action(
            "nd47_dataset_create_from_file", context, upload=upload, owner_org=accounts["agency"]
        )

    return make


class TestProposals:
    def test_the_draft_has_its_file_and_is_not_published(self, begin):
        made = begin("tram-sac-2026.csv", STATIONS)["dataset"]
        assert made["state"] == "draft"
        assert [resource["format"] for resource in made["resources"]] == ["CSV"]
        assert made["resources"][0]["url_type"] == "upload"

    def test_title_and_period_follow_from_the_lines_above_the_table(self, begin):
        made = begin("bieu-3.xlsx", TITLED)
        assert made["dataset"]["title"] == TITLE.capitalize()
        assert made["dataset"]["resources"][0]["period"] == "20262"
        assert made["dataset"]["frequency"] == "hang-quy"
        assert {"title", "frequency", "resource-period"} <= set(made["proposed"])

    def test_they_follow_from_the_name_of_a_file_without_a_title(self, begin):
        made = begin("Trạm sạc xe điện tháng 5-2026.csv", STATIONS)["dataset"]
        assert made["title"] == "Trạm sạc xe điện tháng 5 2026"
        assert made["resources"][0]["period"] == "202605"
        assert made["temporal_coverage"] == [{"start": "2026-05-01", "end": "2026-05-31"}]

    def test_the_dates_covered_follow_from_the_only_column_of_dates(self, begin):
        made = begin("tram-sac.csv", STATIONS)["dataset"]
        assert made["temporal_coverage"] == [{"start": "2025-02-01", "end": "2026-03-15"}]

    def test_columns_are_named_with_their_types(self, begin):
        made = begin("tram-sac.csv", STATIONS)["dataset"]
        lines = made["resources"][0]["data_dictionary"].splitlines()
        assert [line.partition(":")[0] for line in lines] == ["Xã", "Số trụ", "Ngày vận hành"]

    def test_the_language_follows_from_the_letters(self, begin):
        assert begin("tram-sac.csv", STATIONS)["dataset"]["language"] == ["vi"]

    def test_nothing_is_stored_that_follows_from_no_file(self, begin):
        made = begin("tram-sac.csv", STATIONS)["dataset"]
        for name in ("license_id", "access_rights", "sharing_class", "applicable_legislation"):
            assert not made.get(name)

    @pytest.mark.parametrize(
        ("codes", "place"),
        [
            (["18073"], [{"uri": "18073"}]),
            (["18091"], [{"uri": "18073"}]),
            (["18073", "18100"], [{"uri": "42"}]),
            (["18073", "00004"], None),
        ],
    )
    def test_the_place_follows_from_codes_of_communes(self, begin, codes, place):
        rows = "".join(f"{code},4\n" for code in codes)
        made = begin("cho.csv", f"Mã xã,Số chợ\n{rows}".encode())["dataset"]
        assert made.get("spatial_coverage") == place

    def test_like_datasets_give_keywords_fields_place_and_meanings(self, begin, accounts):
        call_action(
            "package_create",
            {"user": accounts["sysadmin"]},
            name="tram-sac-xe-dien-nam-truoc",
            title="Trạm sạc xe điện",
            owner_org=accounts["agency"],
            theme=["nang-luong"],
            open_data_category="thong-ke-dung-chung",
            tags=[{"name": "trạm sạc"}, {"name": "đèn đường"}],
            spatial_coverage=[{"text": "Tỉnh Vĩnh Khuê"}],
            resources=[
                {
                    "url": "https://so.example/tram.csv",
                    "data_dictionary": "Số trụ: Số trụ sạc đang vận hành",
                }
            ],
        )
        made = begin("tram-sac-xe-dien-2026.csv", STATIONS)["dataset"]
        assert [tag["name"] for tag in made["tags"]] == ["trạm sạc"]
        assert made["theme"] == ["nang-luong"]
        assert made["spatial_coverage"] == [{"text": "Tỉnh Vĩnh Khuê"}]
        assert "Số trụ: Số trụ sạc đang vận hành" in made["resources"][0]["data_dictionary"]

    def test_no_value_of_a_person_is_proposed_or_logged(self, begin, caplog):
        made = begin("nguoi-huong-tro-cap.csv", PERSONAL)
        assert IDENTITY not in str(made)
        assert "Nguyễn Văn An" not in str(made)
        assert IDENTITY not in caplog.text

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("trong.csv", b""),
            ("anh.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 200),
            ("hong.xlsx", b"PK\x03\x04 broken"),
            ("khong-ten", b"\xff\xfe\x00"),
            ("mot-o.csv", b"a"),
        ],
    )
    def test_any_file_begins_a_draft(self, begin, name, content):
        made = begin(name, content)["dataset"]
        assert made["title"]
        assert len(made["resources"]) == 1

    @pytest.mark.parametrize(
        ("lines", "title"),
        [
            (["ỦY BAN NHÂN DÂN TỈNH", "BẢNG GIÁ ĐẤT Ở NĂM 2026"], "Bảng giá đất ở năm 2026"),
            (["Đơn vị tính: nghìn đồng/m2", "Bảng giá đất ở"], "Bảng giá đất ở"),
            ([], "Gia dat 2026"),
            (["x"], "Gia dat 2026"),
        ],
    )
    def test_the_title_is_the_line_that_names_the_table(self, lines, title):
        assert proposals.title_of("gia_dat-2026.csv", lines) == title


class TestRefusals:
    @pytest.mark.parametrize("account", ["", "stranger", "member"])
    def test_who_may_not_create_datasets_of_the_agency(self, begin, account):
        with pytest.raises(tk.NotAuthorized):
            begin("tram-sac.csv", STATIONS, account)

    @pytest.mark.parametrize("upload", [None, "", "a.csv", ["a.csv"]])
    def test_no_file(self, accounts, upload):
        context: Any = {"user": accounts["editor"], "ignore_auth": False}
        with pytest.raises(tk.ValidationError) as refusal:
            call_action(
                "nd47_dataset_create_from_file",
                context,
                upload=upload,
                owner_org=accounts["agency"],
            )
        assert "upload" in refusal.value.error_dict

    def test_an_agency_that_does_not_exist(self, accounts):
        context: Any = {"user": accounts["sysadmin"], "ignore_auth": False}
        upload = FileStorage(io.BytesIO(STATIONS), "a.csv")
        with pytest.raises(tk.ValidationError):
            call_action(
                "nd47_dataset_create_from_file", context, upload=upload, owner_org="khong-co"
            )


class TestQuickCheck:
    @pytest.fixture
    def look(self, accounts, upload):
        dataset_id = upload("a.csv", STATIONS)["package_id"]

        def make(name: str, content: bytes, account: str = "editor") -> dict[str, Any]:
            context: Any = {"user": accounts.get(account, ""), "ignore_auth": False}
            file = FileStorage(io.BytesIO(content), name)
            return call_action("nd47_file_check_quick", context, id=dataset_id, upload=file)

        return make

    def test_it_says_what_was_understood_and_what_is_doubtful(self, look):
        found = look("a.csv", PERSONAL)
        assert (found["format"], found["rows"], found["columns"]) == ("CSV", 2, 2)
        assert found["is_part"] is False
        assert found["findings"][0]["code"] == "citizen-id"

    def test_of_a_long_table_it_reads_the_beginning(self, look):
        content = b"xa,so_ho\n" + b"Ky Lam,20\nLoc Thuy,31\n" * 60_000
        found = look("a.csv", content)
        assert found["is_part"] is True
        assert 0 < found["rows"] < 120_000  # noqa: PLR2004 - rows of the whole

    @pytest.mark.parametrize("account", ["", "stranger", "member"])
    def test_who_may_not_edit_the_dataset(self, look, account):
        with pytest.raises(tk.NotAuthorized):
            look("a.csv", PERSONAL, account)


class TestPages:
    @pytest.fixture
    def token(self, accounts):
        token = call_action("api_token_create", user=accounts["editor"], name="tep")["token"]
        return {"Authorization": token}

    @pytest.fixture
    def sent(self, app, token, accounts):
        """The address to which the first page leads."""

        def send(name: str, content: bytes) -> Any:
            return app.post(
                "/dataset/new-from-file",
                data={
                    "owner_org": accounts["agency"],
                    "upload": (io.BytesIO(content), name),
                },
                headers=token,
                content_type="multipart/form-data",
                follow_redirects=False,
            )

        return send

    def test_visitors_log_in_first(self, app):
        answer = app.get("/dataset/new-from-file", follow_redirects=False)
        assert "/user/login" in answer.headers["Location"]

    def test_the_form_of_a_new_dataset_leads_to_it(self, app, token):
        page = app.get("/dataset/new", headers=token)
        assert BeautifulSoup(page.body, "html.parser").select("a[href$='/dataset/new-from-file']")

    def test_each_proposal_is_marked_and_can_be_taken_back(self, app, token, sent):
        answer = sent("bieu-3.xlsx", TITLED)
        address = answer.headers["Location"]
        assert "title" in parse_qs(urlsplit(address).query)["proposed"][0]
        page = BeautifulSoup(app.get(address, headers=token).body, "html.parser")
        marked = {str(one["data-nd47-proposed"]) for one in page.select("[data-nd47-proposed]")}
        assert {"field-title", "field-period", "field-start", "field-data_dictionary"} <= marked
        assert len(page.select("[data-nd47-take-back]")) == len(page.select("[data-nd47-proposed]"))
        title = page.select("#field-title")[0]
        assert title["value"] == TITLE.capitalize()

    def test_what_was_changed_is_saved_and_what_was_emptied_is_gone(self, app, token, sent):
        address = urlsplit(sent("bieu-3.xlsx", TITLED).headers["Location"])
        form = {"title": "Trạm sạc", "notes": "", "frequency": "hang-nam", "period": "2026"}
        answer = app.post(address.path, data=form, headers=token, follow_redirects=False)
        assert answer.status_code == 302, answer.body  # noqa: PLR2004 - saved
        saved = call_action("package_show", id=address.path.split("/")[-2])
        assert (saved["title"], saved["frequency"]) == ("Trạm sạc", "hang-nam")
        assert not saved.get("notes")
        assert not saved.get("temporal_coverage")
        assert saved["resources"][0]["period"] == "2026"
        assert saved["resources"][0]["url_type"] == "upload"
        assert saved["state"] == "draft"

    def test_what_is_proposed_for_any_dataset_is_shown_and_stored_where_it_is_left(
        self, app, token, sent
    ):
        address = urlsplit(sent("bieu-3.xlsx", TITLED).headers["Location"])
        page = BeautifulSoup(app.get(address.path, headers=token).body, "html.parser")
        boxes = {str(box["value"]): box for box in page.select("[name=usual]")}
        assert {"license_id", "access_rights", "sharing_class"} <= boxes.keys()
        assert all(box.has_attr("checked") for box in boxes.values())
        label = page.select_one("label[for=field-usual-license_id]")
        assert label
        assert licence.title(licence.default_id(), "en") in label.get_text()
        form = {"title": "Trạm sạc", "usual": ["access_rights", "title", "la"]}
        app.post(address.path, data=form, headers=token, follow_redirects=False)
        saved = call_action("package_show", id=address.path.split("/")[-2])
        assert saved["access_rights"] == "cong-khai"
        assert not saved.get("license_id")
        page = BeautifulSoup(app.get(address.path, headers=token).body, "html.parser")
        assert "access_rights" not in {str(box["value"]) for box in page.select("[name=usual]")}

    def test_wrong_values_are_told_at_their_fields(self, app, token, sent):
        address = urlsplit(sent("bieu-3.xlsx", TITLED).headers["Location"])
        form = {"title": "Trạm sạc", "start": "31/02/2026", "period": "hôm qua"}
        page = app.post(address.path, data=form, headers=token, follow_redirects=False)
        assert page.status_code == 200  # noqa: PLR2004 - shown again
        found = BeautifulSoup(page.body, "html.parser")
        assert found.select("[role=alert]")
        assert found.select("#field-start")[0]["value"] == "31/02/2026"

    def test_no_file_is_told(self, app, token, accounts):
        page = app.post("/dataset/new-from-file", data={"owner_org": accounts["agency"]},
                        headers=token)  # fmt: skip
        assert BeautifulSoup(page.body, "html.parser").select(".nd47-error")

    def test_others_see_nothing_of_the_draft(self, app, sent, accounts):
        address = urlsplit(sent("bieu-3.xlsx", TITLED).headers["Location"])
        other = call_action("api_token_create", user=accounts["stranger"], name="la")["token"]
        answer = app.get(address.path, headers={"Authorization": other})
        assert answer.status_code in {403, 404}
        assert model.Package.get(address.path.split("/")[-2])
