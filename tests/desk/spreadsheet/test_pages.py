"""The pages of the spreadsheet, as officers use them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from ckan import model
from ckan.lib import search

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables
from tests.desk.conftest import World
from tests.desk.spreadsheet.spreadsheets import (
    HEADER,
    OWN,
    archive,
    book,
    csv,
    number_of_datasets,
    stored,
)

PAGE = "/work/spreadsheet"
TABLE = csv(HEADER, ["Giá đất", OWN, "Hằng năm"], ["Giá nhà", OWN, "thỉnh thoảng"])


@pytest.fixture(autouse=True)
def no_runs(world: World) -> Iterator[None]:
    """Delete the runs of a test."""
    yield
    model.Session.rollback()
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()


@pytest.fixture
def get(app: Any, world: World) -> Callable[..., Any]:
    """Fetch a page as an account."""

    def fetch(path: str, account: str = "editor", status: int = 200) -> Any:
        return app.get(f"/vi{path}", headers=world.headers(account), status=status)

    return fetch


@pytest.fixture
def send(app: Any, world: World) -> Callable[..., Any]:
    """Send a table as an account."""

    def post(content: bytes | None, account: str = "editor", **more: Any) -> Any:
        data: dict[str, Any] = {"all_or_nothing": "false", **more}
        if content is not None:
            data["upload"] = (io.BytesIO(content), "bảng.csv")
        return app.post(
            f"/vi{PAGE}",
            headers=world.headers(account),
            data=data,
            content_type="multipart/form-data",
        )

    return post


def parsed(reply: Any) -> Any:
    return BeautifulSoup(reply.body, "html.parser")


def run_id() -> str:
    return model.Session.scalars(sa.select(tables.Run.id)).one()


def counts(page: Any) -> dict[str, int]:
    return {
        link.get_text(" ", strip=True).split(" ", 1)[1]: int(
            link.select_one(".nd47-number").get_text()
        )
        for link in page.select(".nd47-counts a")
    }


def test_a_table_is_checked_applied_and_undone(app, world, send, get):
    page = parsed(send(TABLE))
    assert "Chưa có thay đổi nào" in page.select_one("[role=status]").get_text()
    assert list(counts(page).values()) == [2, 1, 1, 0, 0]
    assert "thỉnh thoảng" in page.select_one("tbody").get_text()
    assert "dòng 3" in page.select_one("tbody").get_text()
    assert number_of_datasets() == 0
    headers = world.headers("editor")
    app.post(f"{PAGE}/{run_id()}/apply", headers=headers)
    changes.apply(run_id())
    assert stored("Giá đất")["frequency"] == "hang-nam"
    page = parsed(get(f"{PAGE}/{run_id()}"))
    assert page.select_one("form[action$='/undo']")
    app.post(f"{PAGE}/{run_id()}/undo", headers=headers)
    changes.undo(run_id())
    assert number_of_datasets() == 0
    assert not parsed(get(f"{PAGE}/{run_id()}")).select("form[action$='/undo']")


def test_files_are_sent_along(send, world):
    table = book([HEADER, ["Giá đất", OWN, ""]], [["Bộ dữ liệu", "Tệp"], ["Giá đất", "a.csv"]])
    page = parsed(send(table, files=(io.BytesIO(archive({"a.csv": b"a\n"})), "a.zip")))
    assert list(counts(page).values())[1:] == [0, 1, 0, 0]


@pytest.mark.parametrize(("outcome", "shown"), [("refused", ["Giá nhà"]), ("new", ["Giá đất"])])
def test_rows_are_filtered_by_outcome(send, get, outcome, shown):
    send(TABLE)
    page = parsed(get(f"{PAGE}/{run_id()}?outcome={outcome}"))
    assert [cell.get_text(strip=True) for cell in page.select("tbody th")] == shown
    assert page.select_one(".nd47-counts a[aria-current]")["href"].endswith(outcome)


def test_a_table_of_all_or_nothing_with_a_refused_row_cannot_be_applied(send):
    page = parsed(send(TABLE, all_or_nothing="true"))
    assert not page.select("form[action$='/apply']")


def test_a_long_table_shows_how_far_it_is(send, monkeypatch):
    monkeypatch.setattr(changes, "AT_ONCE", 0)
    page = parsed(send(TABLE))
    # One row is refused by the table itself; the other waits for the job.
    assert page.select_one("progress")["max"] == "2"
    assert not page.select("form[action$='/apply']")


@pytest.mark.parametrize("content", [None, b"", b"a,b\n", b"PK\x03\x04"])
def test_a_file_that_is_no_table_is_refused_in_words(send, content):
    page = parsed(send(content))
    assert page.select_one("[role=alert] li").get_text(strip=True)
    assert page.select_one("form[enctype]")


def test_a_download_is_that_of_the_search(get, create):
    create(title="Giá đất")
    create(title="Trường học")
    create("foreign", title="Giá đất của nơi khác")
    search.commit()
    reply = get(f"{PAGE}/download.xlsx?q=gia+dat")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(reply.data))["Bộ dữ liệu"]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["Giá đất"]
    assert "bo-du-lieu.xlsx" in reply.headers["Content-Disposition"]
    assert reply.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("extension", ["csv", "zip", "xlsx"])
def test_templates_are_downloads(get, extension):
    reply = get(f"{PAGE}/template.{extension}")
    assert f"mau-bo-du-lieu.{extension}" in reply.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "query",
    ["q=%22", "organization=%22%5C", "frequency=a%22+OR+%22b", "owner_org=*", "q=%7B%21x%7D"],
)
def test_a_search_that_means_nothing_ends_in_a_sentence(app, world, query):
    reply = app.get(f"{PAGE}/download.csv?{query}", headers=world.headers("editor"))
    assert reply.status_code in {200, 400}


def test_the_form_keeps_the_filters_of_the_list(get):
    page = parsed(get(f"{PAGE}?q=gia&frequency=hang-nam"))
    form = page.select_one("form[action*='download']")
    assert form.select_one("input[name=q]")["value"] == "gia"
    assert form.select_one("input[name=frequency]")["value"] == "hang-nam"


PATHS = (PAGE, f"{PAGE}/template.csv", f"{PAGE}/download.csv")


@pytest.mark.parametrize("path", PATHS)
def test_visitors_are_sent_to_log_in(app, path):
    reply = app.get(path, follow_redirects=False)
    assert "/user/login" in reply.headers["Location"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("account", ["member", "leader"])
def test_accounts_that_edit_nothing_are_refused(get, path, account):
    get(path, account, status=403)


def test_the_table_of_another_account_is_refused(app, world, send, get):
    send(TABLE)
    get(f"{PAGE}/{run_id()}", "admin", status=403)
    app.post(f"{PAGE}/{run_id()}/apply", headers=world.headers("admin"), status=403)
    assert changes.progress(run_id())["state"] == "planned"


@pytest.mark.parametrize("step", ["apply", "undo"])
def test_a_table_that_is_not_there_is_not_found(app, world, step):
    headers = world.headers("sysadmin")
    app.get(f"{PAGE}/khong-co", headers=headers, status=404)
    app.post(f"{PAGE}/khong-co/{step}", headers=headers, status=404)


def test_applying_twice_is_answered_in_words(app, world, send):
    send(TABLE)
    headers = world.headers("editor")
    app.post(f"{PAGE}/{run_id()}/undo", headers=headers, follow_redirects=False)
    assert changes.progress(run_id())["state"] == "planned"


def test_titles_and_values_are_never_code(send):
    page = parsed(send(csv(HEADER, ["<script>alert(1)</script>", OWN, "<b>x</b>"])))
    assert page.select_one("tbody th").get_text(strip=True) == "<script>alert(1)</script>"
    assert not page.select("tbody b")
