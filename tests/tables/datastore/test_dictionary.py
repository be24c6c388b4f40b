"""The data dictionary of a file is one text, from which labels, units and types follow."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.nd47.tables.check_jobs import jobs, requests
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.datastore.dictionary import entries
from ckanext.nd47.tables.datastore.dictionary.entries import Dictionary, Entry
from tests.support.fixtures import portal_and_app

portal, app = portal_and_app(
    "nd47_tables nd47 nd47_l10n datastore scheming_datasets scheming_organizations",
    prepare=tables.reset,
)

COLUMNS = ["stt", "xa_phuong", "Giá: năm 2024", "so_nha"]


class TestLines:
    def test_a_line_gives_a_column_its_label(self):
        found = entries.parse("stt: STT\nxa_phuong: Xã, phường", COLUMNS)
        assert found.entries == {"stt": Entry("STT"), "xa_phuong": Entry("Xã, phường")}
        assert found.rest == ""

    def test_columns_may_stand_in_one_line(self):
        found = entries.parse("stt: số; thứ tự; xa_phuong: Xã", COLUMNS)
        assert found.entries == {"stt": Entry("số; thứ tự"), "xa_phuong": Entry("Xã")}

    def test_a_name_may_have_a_colon(self):
        found = entries.parse("Giá: năm 2024: Giá đất (đồng/m²)", COLUMNS)
        assert found.entries == {"Giá: năm 2024": Entry("Giá đất (đồng/m²)")}

    def test_a_column_may_be_named_by_its_label(self):
        found = entries.parse("xa: Xã, phường", ["Xã, phường"])
        assert found.entries == {"Xã, phường": Entry("Xã, phường")}

    def test_a_type_and_notes_are_read(self):
        found = entries.parse("so_nha: Số nhà [văn bản] – có thể có chữ, ví dụ 12A", COLUMNS)
        assert found.entries == {"so_nha": Entry("Số nhà", "text", "có thể có chữ, ví dụ 12A")}

    @pytest.mark.parametrize("typed", ["[Số]", "[so]", "[number]", "[số nguyên]"])
    def test_a_type_may_be_written_in_any_spelling(self, typed):
        assert entries.parse(f"stt: STT {typed}", COLUMNS).entries["stt"].kind == "number"

    def test_brackets_that_are_no_type_belong_to_the_label(self):
        assert entries.parse("stt: Số [mới]", COLUMNS).entries == {"stt": Entry("Số [mới]")}

    @pytest.mark.parametrize(
        "written",
        ["https://so.tinh.example/tu-dien.pdf", "Xem Quyết định 12: cột theo mẫu", "", "a" * 8000],
    )
    def test_what_is_about_no_column_is_kept(self, written):
        found = entries.parse(written, COLUMNS)
        assert (found.entries, found.rest) == ({}, written)

    def test_what_is_written_reads_back_the_same(self):
        known = {
            "stt": Entry("STT", "number", "từ 1"),
            "xa_phuong": Entry("Xã, phường"),
            "so_nha": Entry("", "text", "a; b: c – d"),
        }
        written = entries.write(Dictionary(known, "https://a.example/b"), COLUMNS)
        found = entries.parse(written, COLUMNS)
        assert found.rest == "https://a.example/b"
        assert found.entries["stt"] == known["stt"]
        assert found.entries["xa_phuong"] == known["xa_phuong"]
        assert found.entries["so_nha"] == Entry("", "text", "a; b: c - d")


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("Giá đất (đồng/m²)", "đồng/m²"),
        ("Tỷ lệ (%)", "%"),
        ("Coliform (MPN/100 ml)", "MPN/100 ml"),
        ("Dân số (năm 2024)", ""),
        ("Xã, phường", ""),
        ("(ha)", ""),
    ],
)
def test_the_unit_stands_in_brackets_at_the_end_of_a_label(label, unit):
    assert entries.unit(label) == unit


@pytest.fixture(scope="module")
def options(portal: None) -> dict[str, Any]:
    """The configuration of the portal."""
    return dict(tk.config)


@pytest.fixture
def loaded(options: dict[str, Any], ckan_config: Any) -> None:
    """Keep the options of the DataStore, whatever the configuration was reset to."""
    tk.config.update(options)


@pytest.fixture
def table(loaded: None, checked) -> dict[str, Any]:
    """A file with a table whose columns are described in its form."""
    return checked(
        "a.csv", b"xa,gia,ma\nKy Lam,1,7\nMy Khue,2,8\n", data_dictionary="xa: Xã\nXem thêm"
    )


@pytest.fixture
def change(accounts):
    """Describes columns as an account."""

    def run(resource: dict[str, Any], columns: Any, account: str = "editor") -> Any:
        context: Any = {"user": accounts.get(account, ""), "ignore_auth": False}
        return call_action("nd47_table_columns_update", context, id=resource["id"], columns=columns)

    return run


def infos(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the DataStore's data dictionary."""
    found = call_action("datastore_info", id=resource["id"], include_meta=False)
    return {field["id"]: field.get("info", {}) for field in found["fields"] if field["id"] != "_id"}


def written(resource: dict[str, Any]) -> str:
    return call_action("resource_show", id=resource["id"])["data_dictionary"]


class TestOneSource:
    def test_a_change_is_in_the_form_and_the_rest_is_kept(self, table, change):
        change(table, [{"id": "gia", "label": "Giá (đồng)", "notes": "theo tháng"}])
        assert written(table) == "Xem thêm\nxa: Xã\ngia: Giá (đồng) – theo tháng"

    def test_what_the_form_says_is_in_the_datastore(self, table, accounts):
        context: Any = {"user": accounts["editor"], "ignore_auth": False}
        call_action("resource_patch", context, id=table["id"], data_dictionary="gia: Giá (đồng)")
        requests.describe(table["id"])
        assert infos(table) == {"xa": {}, "gia": {"label": "Giá (đồng)"}, "ma": {}}

    def test_what_the_datastore_is_told_is_in_the_form(self, app, table):
        fields = [{"id": "gia", "type": "numeric", "info": {"label": "Giá", "notes": "a"}}]
        call_action("datastore_create", resource_id=table["id"], fields=fields, force=True)
        assert "gia: Giá – a" in written(table)
        assert call_action("nd47_table_columns", id=table["id"])[1]["label"] == "Giá"

    def test_a_chosen_type_loads_the_file_again(self, table, change):
        change(table, [{"id": "ma", "type": "number"}])
        requests.describe(table["id"])
        jobs.run(table["id"])
        found = {
            one["id"]: one["type"] for one in call_action("nd47_table_columns", id=table["id"])
        }
        assert found == {"xa": "text", "gia": "number", "ma": "number"}
        assert "ma: [số]" in written(table)

    @pytest.mark.parametrize(
        "columns",
        [None, "a", [1], [{}], [{"id": "khong_co"}], [{"id": "gia", "type": "money"}],
         [{"id": "gia", "label": 3}], [{"id": "gia", "notes": "a" * 1001}]],
    )  # fmt: skip
    def test_what_is_no_change_is_refused(self, table, change, columns):
        with pytest.raises(tk.ValidationError):
            change(table, columns)
        assert written(table) == "xa: Xã\nXem thêm"

    @pytest.mark.parametrize("account", ["", "stranger", "member"])
    def test_who_may_not_edit_the_file_is_refused(self, table, change, account):
        with pytest.raises(tk.NotAuthorized):
            change(table, [{"id": "gia", "label": "Giá"}], account)


class TestPage:
    @pytest.fixture
    def page(self, app, accounts, table):
        """Asks for the page as an account, or sends its form."""

        def ask(account: str = "editor", status: int = 200, **form: str) -> Any:
            token = ""
            if account:
                token = call_action(
                    "api_token_create", {"user": accounts["sysadmin"]},
                    user=accounts[account], name=f"a{status}{len(form)}",
                )["token"]  # fmt: skip
            headers = {"Authorization": token} if token else {}
            path = f"/vi/dataset/{table['package_id']}/resource/{table['id']}/columns"
            if form:
                return app.post(
                    path, data=form, headers=headers, status=status, follow_redirects=False
                )
            return app.get(path, headers=headers, status=status, follow_redirects=False)

        return ask

    def test_it_has_a_field_for_each_column(self, page):
        soup = BeautifulSoup(page().body, "html.parser")
        assert [legend.text for legend in soup.select("legend")] == ["xa", "gia", "ma"]
        assert soup.select("#label-0")[0]["value"] == "Xã"

    def test_what_it_sends_is_saved(self, page, table):
        page(status=302, **{"column-0": "gia", "label-0": "Giá", "type-0": "", "notes-0": "b"})
        assert "gia: Giá – b" in written(table)

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, page):
        given = {"column-0": "gia", "label-0": "Giá", "type-0": "money", "notes-0": ""}
        soup = BeautifulSoup(page(status=400, **given).body, "html.parser")
        assert soup.select("[role=alert] li")
        assert soup.select("#label-1")[0]["value"] == "Giá"

    @pytest.mark.parametrize(("account", "status"), [("", 302), ("stranger", 403), ("member", 403)])
    def test_who_may_not_edit_the_file_does_not_see_it(self, page, account, status):
        page(account, status)

    def test_the_page_of_ckan_leads_to_it(self, app, table):
        path = f"/dataset/{table['package_id']}/dictionary/{table['id']}"
        answer = app.get(path, status=302, follow_redirects=False)
        assert answer.headers["Location"].endswith("/columns")


SCHEMA = {
    "fields": [
        {"name": "gia", "type": "number", "title": "Giá (đồng)", "description": "theo tháng"},
        {"name": "ma", "type": "integer", "title": "Mã\nđiểm"},
        {"name": "nam", "type": "year", "title": "Năm", "constraints": {"required": True}},
    ]
}


class TestTableSchema:
    @pytest.fixture
    def fill(self, accounts):
        """Fills a data dictionary from a Table Schema as an account."""

        def run(resource: dict[str, Any], schema: Any, account: str = "editor") -> Any:
            context: Any = {"user": accounts.get(account, ""), "ignore_auth": False}
            return call_action(
                "nd47_table_schema_update", context, id=resource["id"], schema=schema
            )

        return run

    def test_everybody_gets_the_columns_of_a_public_table(self, app, table, change):
        change(table, [{"id": "gia", "label": "Giá (đồng)", "notes": "theo tháng"}])
        path = f"/dataset/{table['package_id']}/resource/{table['id']}/schema.json"
        answer = app.get(path, status=200)
        assert answer.headers["Content-Type"].startswith("application/json")
        assert json.loads(answer.body)["fields"] == [
            {"name": "xa", "type": "string", "title": "Xã"},
            {"name": "gia", "type": "number", "title": "Giá (đồng)", "description": "theo tháng"},
            {"name": "ma", "type": "string"},
        ]

    def test_a_file_without_a_table_has_none(self, app, upload):
        made = upload("a.pdf", b"%PDF-1.4")
        path = f"/dataset/{made['package_id']}/resource/{made['id']}/schema.json"
        app.get(path, status=404)

    def test_a_private_table_has_none_for_visitors(self, app, table):
        call_action("package_patch", id=table["package_id"], private=True)
        path = f"/dataset/{table['package_id']}/resource/{table['id']}/schema.json"
        assert app.get(path, follow_redirects=False).status_code in {403, 404}

    @pytest.mark.parametrize("form", [lambda one: one, json.dumps])
    def test_it_fills_the_data_dictionary(self, table, fill, form):
        fill(table, form(SCHEMA))
        assert written(table).splitlines() == [
            "Xem thêm", "nam: Năm", "xa: Xã", "gia: Giá (đồng) – theo tháng", "ma: Mã điểm [số]"
        ]  # fmt: skip

    def test_what_it_does_not_say_stays(self, table, fill, change):
        change(table, [{"id": "gia", "label": "Giá", "notes": "theo tháng", "type": "text"}])
        fill(table, {"fields": [{"name": "gia", "title": "Giá mới"}]})
        assert "gia: Giá mới [văn bản] – theo tháng" in written(table)

    def test_the_same_schema_changes_nothing_the_second_time(self, table, fill):
        fill(table, SCHEMA)
        before = written(table)
        fill(table, SCHEMA)
        assert written(table) == before

    def test_what_was_written_reads_back_the_same(self, table, fill):
        before = written(table)
        fill(table, call_action("nd47_table_schema", id=table["id"]))
        assert written(table) == "\n".join(sorted(before.splitlines()))

    def test_a_column_that_the_file_lacks_is_told_by_its_check(self, table, fill, checked, check):
        fill(table, SCHEMA)
        checked("a.csv", b"xa,gia,ma\nKy Lam,2,7\nMy Khue,3,8\n", table["id"])
        found = check(table["id"])["findings"]
        assert [(one["code"], "nam" in one["message"]) for one in found] == [
            ("stated-columns", True)
        ]

    @pytest.mark.parametrize(
        "schema",
        [
            None, "", "[]", "{}", "nothing", 7, {"fields": []}, {"fields": "a"}, {"fields": [1]},
            {"fields": [{}]}, {"fields": [{"name": 3}]}, {"fields": [{"name": "a" * 201}]},
            {"fields": [{"name": "gia", "type": ["number"]}]},
            {"fields": [{"name": "gia", "title": {"vi": "Giá"}}]},
            {"fields": [{"name": "gia", "description": "a" * 1001}]},
            {"fields": [{"name": "gia", "title": "a\x00b"}]},
            {"fields": [{"name": "gia"}, {"name": "gia"}]},
            {"fields": [{"name": f"c{n}"} for n in range(1001)]},
            "[" * 100_000, '{"fields": ' + "[" * 90_000, " " * 300_000, b"\xff\xfe{}",
        ],
    )  # fmt: skip
    def test_what_is_no_schema_is_refused_in_a_sentence(self, table, fill, schema):
        with pytest.raises(tk.ValidationError) as error:
            fill(table, schema)
        assert error.value.error_dict
        assert written(table) == "xa: Xã\nXem thêm"

    @pytest.mark.parametrize("account", ["", "stranger", "member"])
    def test_who_may_not_edit_the_file_is_refused(self, table, fill, account):
        with pytest.raises(tk.NotAuthorized):
            fill(table, SCHEMA, account)

    @pytest.fixture
    def send(self, app, accounts, table):
        """Sends the form with a Table Schema as an account."""

        def post(account: str = "editor", **form: Any) -> Any:
            token = call_action(
                "api_token_create", {"user": accounts["sysadmin"]},
                user=accounts[account], name=f"s{account}{len(form)}",
            )["token"]  # fmt: skip
            path = f"/vi/dataset/{table['package_id']}/resource/{table['id']}/columns/schema"
            return app.post(
                path, data=form, headers={"Authorization": token}, follow_redirects=False
            )

        return post

    def test_a_file_is_uploaded_on_the_page(self, send, table):
        file = (io.BytesIO(json.dumps(SCHEMA).encode("utf-8-sig")), "schema.json")
        assert send(**{"schema-file": file}).status_code == 302
        assert "gia: Giá (đồng) – theo tháng" in written(table)

    def test_what_was_pasted_stays_if_it_is_refused(self, send, table):
        answer = send(schema='{"fields": "</textarea><b>"}')
        assert answer.status_code == 400
        soup = BeautifulSoup(answer.body, "html.parser")
        assert soup.select("[role=alert] li")
        assert soup.select("#schema-text")[0].text == '{"fields": "</textarea><b>"}'

    def test_a_file_that_is_too_large_is_refused(self, send, table):
        file = (io.BytesIO(b" " * 2**20), "schema.json")
        assert send(**{"schema-file": file}).status_code == 400

    def test_who_may_not_edit_the_file_sends_nothing(self, send, table):
        assert send("member", schema=json.dumps(SCHEMA)).status_code == 403
        assert written(table) == "xa: Xã\nXem thêm"
