"""Tables entered by an administrator in the browser: looked at first, applied by a second step."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup

from ckan import model
from ckan.tests.helpers import CKANTestApp, call_action

from ckanext.nd47.agencies.import_export import columns, views
from ckanext.nd47.lib.files.spreadsheets import reading, sheet
from tests.agencies.conftest import People, agency

PAGE = "/ckan-admin/agency-register"


@pytest.fixture
def who(people: People) -> dict[str, str]:
    return {"Authorization": people.sysadmin["token"]}


def table(code: str, title: str) -> bytes:
    return f"Mã định danh điện tử;Tên cơ quan;Cấp cơ quan\n{code};{title};Khác\n".encode()


def send(app: CKANTestApp, who: dict[str, str], content: bytes, kind: str = "agencies") -> Any:
    data = {"kind": kind, "upload": (io.BytesIO(content), "bảng.csv")}
    return app.post(PAGE, headers=who, data=data, content_type="multipart/form-data")


def key_of(reply: Any) -> str:
    field = BeautifulSoup(reply.text, "html.parser").select_one("input[name=key]")
    return str(field["value"]) if field else ""


def test_a_file_is_looked_at_and_then_entered(app: CKANTestApp, who: dict[str, str]) -> None:
    reply = send(app, who, table("H81.01", "Sở Trang Nhập"))
    assert "Sở Trang Nhập" in reply.text
    assert "new: 1" in reply.text
    assert model.Group.get("so-trang-nhap") is None
    done = app.post(f"{PAGE}/apply", headers=who, data={"key": key_of(reply)})
    assert "1 new, 0 changed, 0 unchanged" in done.text
    entry = call_action("nd47_agency_show", id="H81.01")
    assert (entry["title"], entry["level"]) == ("Sở Trang Nhập", "other")
    # The second time it changes nothing, and the key is used up.
    again = send(app, who, table("H81.01", "Sở Trang Nhập"))
    assert "unchanged: 1" in again.text
    late = app.post(f"{PAGE}/apply", headers=who, data={"key": key_of(reply)})
    assert "no longer kept" in late.text


def test_a_wrong_row_is_named_with_its_column_and_cannot_be_applied(
    app: CKANTestApp, who: dict[str, str]
) -> None:
    reply = send(app, who, table("sai mã", "Sở Sai Mã"))
    assert "Mã định danh điện tử: " in reply.text
    assert "is not an agency code" in reply.text
    assert not key_of(reply)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 and nothing else", "broken"),
        (b"a,b\n1,2\n", "columns of this table"),
        (b"x" * (sheet.LARGEST_FILE + 1), "larger than"),
    ],
    ids=["broken", "columns", "large"],
)
def test_a_file_that_is_not_taken_says_why(
    app: CKANTestApp, who: dict[str, str], content: bytes, message: str
) -> None:
    reply = send(app, who, content)
    assert message in reply.text
    assert not key_of(reply)


def test_no_file_asks_for_one(app: CKANTestApp, who: dict[str, str]) -> None:
    assert "Choose a file" in app.post(PAGE, headers=who, data={"kind": "agencies"}).text


def test_a_table_of_another_kind_is_refused(app: CKANTestApp, who: dict[str, str]) -> None:
    assert not key_of(send(app, who, table("H81.02", "Sở"), kind="users"))


def test_what_another_account_keeps_cannot_be_applied(
    app: CKANTestApp, who: dict[str, str], people: People
) -> None:
    key = views.cache_file(people.admin["id"], "agencies", table("H81.03", "Sở Của Người Khác"))
    reply = app.post(f"{PAGE}/apply", headers=who, data={"key": key})
    assert "no longer kept" in reply.text
    assert model.Group.get("so-cua-nguoi-khac") is None


def test_a_register_that_was_changed_since_refuses_the_file(
    app: CKANTestApp, who: dict[str, str]
) -> None:
    reply = send(app, who, table("H81.04", "Sở Đến Sau"))
    agency("Sở Đến Trước", identifier="H81.04", name="so-den-truoc")
    other = table("H81.05", "Sở Khác Nữa")
    model.Session.commit()
    done = app.post(f"{PAGE}/apply", headers=who, data={"key": key_of(reply)})
    assert done.status_code == 200
    # The code now names the other agency, which takes the title of the row: no second bearer.
    assert call_action("nd47_agency_list", q="H81.04")["count"] == 1
    assert key_of(send(app, who, other))


def test_a_long_outcome_leaves_out_what_changes_nothing(
    app: CKANTestApp, who: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    agency("Sở Có Sẵn", name="so-co-san")
    monkeypatch.setattr(views, "MOST_SHOWN", 1)
    content = "Đường dẫn,Tên cơ quan\nso-co-san,Sở Có Sẵn\nso-moi-toanh,Sở Mới Toanh\n".encode()
    reply = send(app, who, content)
    assert "Sở Mới Toanh" in reply.text
    assert "1 more rows" in reply.text


def test_what_was_recognised_and_what_not_is_on_the_page(
    app: CKANTestApp, who: dict[str, str]
) -> None:
    lines = ("STT,Tªn c¬ quan,M· c¬ quan,Thñ tr­ëng", "1,Së Y tÕ Trang,H81.10,A", ",Tæng céng: 1,,")
    page = send(app, who, "\n".join(lines).encode("latin-1")).text
    for told in (
        "Encoding: TCVN3 (ABC).",
        "converted to Unicode",
        "Sở Y tế Trang",
        "C “Mã cơ quan” (Mã định danh điện tử)",
        "D “Thủ trưởng”",
        "A “STT”",
        "Row 3: “Tổng cộng: 1” (total)",
    ):
        assert told in page
    for absent in ("“N/A”", "Sheet:"):
        assert absent not in page


def test_a_file_in_unicode_is_not_said_to_be_converted(
    app: CKANTestApp, who: dict[str, str]
) -> None:
    page = send(app, who, table("H81.11", "Sở Không Đổi")).text
    assert "Encoding: UTF-8." in page
    assert "converted" not in page


def test_the_page_lists_what_a_column_may_hold(app: CKANTestApp, who: dict[str, str]) -> None:
    assert "Provincial department; Commune" in app.get(PAGE, headers=who).text


@pytest.mark.parametrize("kind", ["agencies", "focal-points"])
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_an_empty_table_has_all_headings_and_enters_nothing(
    app: CKANTestApp, who: dict[str, str], kind: str, extension: str
) -> None:
    reply = app.get(f"{PAGE}/template/{extension}/{kind}", headers=who)
    assert f".{extension}" in reply.headers["Content-Disposition"]
    found = reading.read(columns.table(kind), reply.data)
    assert [column["field"] for column in found.columns] == list(columns.HEADINGS[kind])
    assert found.records == []
    assert [row["reason"] for row in found.left_out] == ["example"]
    assert f"/template/{extension}/{kind}" in app.get(PAGE, headers=who).text


@pytest.mark.parametrize("role", ["admin", "editor", "nobody", "anonymous"])
def test_it_is_for_system_administrators(app: CKANTestApp, people: People, role: str) -> None:
    headers = {} if role == "anonymous" else {"Authorization": getattr(people, role)["token"]}
    for reply in (
        app.get(PAGE, headers=headers),
        send(app, headers, table("H81.09", "Sở Lạ")),
        app.post(f"{PAGE}/apply", headers=headers, data={"key": "x"}),
        app.get(f"{PAGE}/csv/focal-points", headers=headers),
        app.get(f"{PAGE}/template/csv/agencies", headers=headers),
    ):
        assert reply.status_code == 403


@pytest.fixture
def browser(app: CKANTestApp, people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A system administrator's browser, on a portal that checks the token of forms."""
    monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", True)
    with app.flask_app.test_client() as client:
        with client.session_transaction() as session:
            session["_user_id"] = people.sysadmin["id"]
            session["_fresh"] = True
        yield client


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        f"{PAGE}/apply",
        "/organization/register/{name}/entry",
        "/organization/register/{name}/focal-point",
    ],
)
def test_no_form_is_taken_from_another_site_even_after_an_api_token(
    app: CKANTestApp, people: People, browser: Any, department: dict[str, Any], page: str
) -> None:
    """CKAN frees a page from the check once anybody has sent it an API token."""
    path = page.format(name=department["name"])
    app.post(path, headers={"Authorization": people.nobody["token"]}, status=403)
    reply = browser.post(path, data={"kind": "agencies", "role": "feedback", "email": "a@b.vn"})
    assert reply.status_code == 400
    assert call_action("nd47_focal_point_list", agency=department["id"])["count"] == 0


def test_the_form_of_a_browser_is_taken(browser: Any) -> None:
    page = BeautifulSoup(browser.get(PAGE).get_data(as_text=True), "html.parser")
    token = page.select_one("#content input[name=_csrf_token]")
    assert token
    data = {
        "kind": "agencies",
        "upload": (io.BytesIO(table("H81.06", "Sở Trình Duyệt")), "a.csv"),
        "_csrf_token": token["value"],
    }
    reply = browser.post(PAGE, data=data, content_type="multipart/form-data")
    assert ">new: 1<" in reply.get_data(as_text=True)


@pytest.mark.parametrize("kind", ["agencies", "focal-points"])
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_what_is_downloaded_can_be_entered_and_changes_nothing(
    app: CKANTestApp, who: dict[str, str], kind: str, extension: str
) -> None:
    one = agency("Sở Tải Xuống", valid_from="2025-03-01", agency_level="department")
    call_action("nd47_agency_update", id=one["id"], valid_from="2025-03-01", level="department")
    call_action(
        "nd47_focal_point_create",
        agency=one["id"],
        role="sharing",
        rank="deputy",
        full_name="Lê Văn Tải",
        valid_from="2025-03-01",
    )
    content = app.get(f"{PAGE}/{extension}/{kind}", headers=who).data
    reply = send(app, who, content, kind)
    assert key_of(reply)
    for outcome in (">new: ", ">changed: "):
        assert outcome not in reply.text
