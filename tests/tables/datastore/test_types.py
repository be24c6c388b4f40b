"""The table of a file is loaded with the types that its cells have."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import Workbook
from sqlalchemy.exc import OperationalError

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.nd47.tables.check import structure
from ckanext.nd47.tables.check.copies import load
from ckanext.nd47.tables.check.examine import Options, examine
from ckanext.nd47.tables.check.table import Layout
from ckanext.nd47.tables.check_jobs import jobs
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.datastore.loading import store
from tests.support.fixtures import portal_and_app
from tests.tables.conftest import stored

portal, app = portal_and_app(
    "nd47_tables nd47 nd47_l10n datastore scheming_datasets scheming_organizations",
    prepare=tables.reset,
)


@pytest.fixture(scope="module")
def options(portal: None) -> dict[str, Any]:
    """The configuration of the portal."""
    return dict(tk.config)


@pytest.fixture
def loaded(options: dict[str, Any], ckan_config: Any) -> None:
    """Keep the options of the DataStore, whatever the configuration was reset to."""
    tk.config.update(options)


Table = tuple[dict[str, str], list[dict[str, str]], list[tuple[str, int, int]]]


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Table]:
    """Returns the types, the rows and the misfits of the table that a file gives."""

    def write(content: bytes, name: str = "a.csv", **chosen: str) -> Table:
        source, target = tmp_path / name, tmp_path / "rows"
        source.write_bytes(content)
        layouts: list[Layout] = []
        examine(source, Options(name), layouts=layouts)
        names = structure.column_names(layouts[0].headings)
        kinds = [chosen.get(one, "") for one in names]
        table = load.write(source, Options(name), layouts[0], target, kinds)
        with target.open(encoding="utf-8", newline="") as file:
            rows = [dict(zip(names, row, strict=True)) for row in csv.reader(file)]
        assert table["rows"] == len(rows)
        misfits = [(c["name"], c["row"], c["misfits"]) for c in table["columns"] if c["misfits"]]
        return {c["name"]: c["type"] for c in table["columns"]}, rows, misfits

    return write


def csv_of(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def column_of(values: list[str], heading: str = "gia_tri") -> bytes:
    """Return a CSV file with a column of these values, beside a column of names."""
    return csv_of(f"ten;{heading}", *(f"a{n};{value}" for n, value in enumerate(values)))


def workbook() -> bytes:
    book = Workbook()
    for row in (["Tên", "Giá (đồng)", "Mã"], ["a", 1234.5, "007"], ["b", 900, "008"]):
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WORKBOOK = workbook()


def types(resource: dict[str, Any]) -> dict[str, str]:
    """Return the types of the columns that were loaded."""
    return store.types([resource["id"]]).get(resource["id"], {})


def rows(resource: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Return the rows that the API gives, without their numbers."""
    found = call_action("datastore_search", resource_id=resource["id"], **more)
    return [{k: v for k, v in row.items() if k != "_id"} for row in found["records"]]


def values(resource: dict[str, Any], column: str = "gia_tri") -> list[Any]:
    return [row[column] for row in rows(resource)]


class TestNumbers:
    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            (["1", "20", "-3"], ["1", "20", "-3"]),
            (["1,5", "2,25", "3"], ["1.5", "2.25", "3"]),
            (["1.234,5", "900", "12.000"], ["1234.5", "900", "12000"]),
            (["1.234.567", "1.000", "12"], ["1234567", "1000", "12"]),
            (["1,234.5", "1,000", "9"], ["1234.5", "1000", "9"]),
            (["1.5", "2.125", "3"], ["1.5", "2.125", "3"]),
            (["1.500", "2.000", "3.000", "4.500", "900", "1.100", "7.000"],
             ["1500", "2000", "3000", "4500", "900", "1100", "7000"]),
            (["105.338", "105.4"], ["105.338", "105.4"]),
            (["2.300", "-", "", "1.000,5"], ["2300", "", "", "1000.5"]),
            (["+5", "1.5e3"], ["+5", "1.5e3"]),
        ],
    )  # fmt: skip
    def test_numbers_are_read_as_they_are_written(self, written, cells, expected):
        types, rows, _ = written(column_of(cells))
        assert types["gia_tri"] == "numeric"
        assert [row["gia_tri"] for row in rows] == expected

    @pytest.mark.parametrize(
        ("heading", "cells"),
        [
            ("ma_xa", ["99001", "99004"]),
            ("Số điện thoại", ["0912345678", "0212345678"]),
            ("Số điện thoại", ["912345678", "212345678"]),
            ("so_cccd", ["044187000123", "001190000456"]),
            ("so_tuyen", ["01", "02", "10"]),
            ("ma_thu_tuc", ["9.000001", "9.000002"]),
            ("thang", ["202401", "202412"]),
            ("quy", ["20241", "20244"]),
            ("gia_tri", ["1.5", "1,5", "1.234"]),
            ("gia_tri", ["٣", "٤"]),
        ],
    )
    def test_codes_and_what_is_doubtful_stay_as_they_are(self, written, heading, cells):
        types, rows, _ = written(column_of(cells, heading))
        assert types[heading] == "text"
        assert [row[heading] for row in rows] == cells

    @pytest.mark.parametrize("heading", ["nam", "so_dien_thoai_ban_ra_nghin_chiec", "quy_mo_can"])
    def test_quantities_are_numbers(self, written, heading):
        expected = "text" if heading.startswith("so_dien") else "numeric"
        assert written(column_of(["2024", "2025"], heading))[0][heading] == expected

    def test_the_numbers_of_a_workbook_stay_numbers(self, written):
        types, rows, _ = written(WORKBOOK, "a.xlsx")
        assert types == {"Tên": "text", "Giá (đồng)": "numeric", "Mã": "text"}
        assert [row["Giá (đồng)"] for row in rows] == ["1234.5", "900"]
        assert [row["Mã"] for row in rows] == ["007", "008"]

    def test_a_chosen_type_is_used_if_every_cell_fits(self, written):
        assert written(column_of(["12", "13"], "ma"), ma="number")[0]["ma"] == "numeric"
        assert written(column_of(["12", "13"]), gia_tri="text")[0]["gia_tri"] == "text"
        types, rows, misfits = written(column_of(["12", "x"], "ma"), ma="number")
        assert types["ma"] == "text"
        assert [row["ma"] for row in rows] == ["12", "x"]
        assert misfits == [("ma", 3, 1)]


class TestDates:
    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            (["01/02/2024", "31/12/2024"], ["2024-02-01", "2024-12-31"]),
            (["2024-02-01", "5-6-2024"], ["2024-02-01", "2024-06-05"]),
            (["ngày 1 tháng 7 năm 2025", "02/07/2025"], ["2025-07-01", "2025-07-02"]),
        ],
    )
    def test_days_come_first(self, written, cells, expected):
        types, rows, _ = written(column_of(cells, "ngay"))
        assert types["ngay"] == "date"
        assert [row["ngay"] for row in rows] == expected

    def test_a_time_makes_them_moments(self, written):
        types, rows, _ = written(column_of(["01/02/2024 08:30", "2024-02-01"], "luc"))
        assert types["luc"] == "timestamp"
        assert [row["luc"] for row in rows] == ["2024-02-01T08:30:00", "2024-02-01"]

    def test_days_of_a_spreadsheet_are_days(self, written):
        _, rows, _ = written(column_of(["45292", "45323"], "ngay_cap"))
        assert [row["ngay_cap"] for row in rows] == ["2024-01-01", "2024-02-01"]

    @pytest.mark.parametrize("wrong", ["31/02/2024", "02/13/2024", "chưa rõ", "2024-01-01 25:61"])
    def test_a_day_that_does_not_exist_keeps_the_column_as_text(self, written, wrong):
        cells = ["01/02/2024"] * 9 + [wrong]
        types, rows, misfits = written(column_of(cells, "ngay"))
        assert types["ngay"] == "text"
        assert [row["ngay"] for row in rows] == cells
        assert misfits == [("ngay", 11, 1)]


class TestRows:
    def test_title_rows_totals_and_notes_are_left_out(self, written):
        _, rows, _ = written(csv_of(
            "BẢNG GIÁ ĐẤT;;", ";;", "STT;Xã;Giá", "1;Kỳ Lâm;1.200,5", "2;Nậm Khuê;900",
            ";Tổng cộng;2.100,5", ";;", "Ghi chú: giá tạm tính;;",
        ))  # fmt: skip
        assert rows == [
            {"STT": "1", "Xã": "Kỳ Lâm", "Giá": "1200.5"},
            {"STT": "2", "Xã": "Nậm Khuê", "Giá": "900"},
        ]

    def test_a_file_of_an_old_encoding_is_read_in_its_own(self, written):
        content = windows_1258("Xã,Giá\nHòa Bình,1\nMỹ Khuê,2\nThượng Lộc,3\n")
        assert [row["Xã"] for row in written(content)[1]] == ["Hòa Bình", "Mỹ Khuê", "Thượng Lộc"]


@pytest.mark.usefixtures("loaded")
class TestLoaded:
    @pytest.fixture(scope="class")
    def resource(self, checked) -> dict[str, Any]:
        """A file with a table of every type."""
        return checked(
            "a.csv",
            csv_of("xa;gia;ngay;ma", "Kỳ Lâm;1.000,5;01/02/2024;007", "Mỹ Khuê;900;02/02/2024;8",
                   "Lộc Thủy;;;9"),
            data_dictionary="xa: Xã, phường\ngia: Giá đất (đồng/m²) – theo Quyết định 12",
        )  # fmt: skip

    def test_the_api_gives_typed_values(self, resource):
        assert types(resource) == {"xa": "text", "gia": "numeric", "ngay": "date", "ma": "text"}
        assert rows(resource)[0] == {
            "xa": "Kỳ Lâm", "gia": 1000.5, "ngay": "2024-02-01", "ma": "007",
        }  # fmt: skip
        assert rows(resource)[2]["gia"] is None

    def test_numbers_are_sorted_as_numbers(self, resource):
        assert [row["gia"] for row in rows(resource, sort="gia desc nulls last")][0] == 1000.5

    def test_the_file_says_that_it_has_a_table(self, resource):
        assert call_action("resource_show", id=resource["id"])["datastore_active"] is True

    def test_its_columns_have_label_unit_and_type(self, resource):
        context: Any = {"user": "", "ignore_auth": False}
        found = call_action("nd47_table_columns", context, id=resource["id"])
        assert found[:2] == [
            {"id": "xa", "label": "Xã, phường", "unit": "", "type": "text", "notes": ""},
            {"id": "gia", "label": "Giá đất (đồng/m²)", "unit": "đồng/m²", "type": "number",
             "notes": "theo Quyết định 12"},
        ]  # fmt: skip
        assert [column["type"] for column in found[2:]] == ["date", "text"]

    def test_a_value_that_does_not_fit_far_below_keeps_the_column_as_text(self, checked, check):
        cells = [str(n) for n in range(3000)] + ["khoảng 12"]
        resource = checked("a.csv", column_of(cells))
        assert types(resource)["gia_tri"] == "text"
        found = call_action("datastore_search", resource_id=resource["id"], limit=0)
        assert found["total"] == 3001
        kept = [f for f in check(resource["id"])["findings"] if f["code"] == "kept-as-text"]
        assert [(f["row"], f["count"], f["kind"]) for f in kept] == [(3002, 1, "values")]
        assert kept[0]["message"]

    def test_headings_that_no_database_takes_get_names(self, checked):
        heading = "dài " * 40
        headings = f'_a;"x ""y""";;{heading};{heading};A: b :c %s'
        resource = checked("a.csv", csv_of(headings, "1;2;3;4;5;6"))
        names = list(types(resource))
        assert names[:3] == ["a", "x 'y'", "cột 3"]
        assert len({*names}) == 6
        assert all(len(name.encode()) <= 63 for name in names)


def windows_1258(text: str) -> bytes:
    """Return a text in Windows-1258, where tones follow their letters."""
    parts = []
    for letter in text:
        base, *marks = unicodedata.normalize("NFD", letter)
        tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
        shape = "".join(mark for mark in marks if mark not in tones)
        parts.append(unicodedata.normalize("NFC", base + shape) + "".join(tones))
    return "".join(parts).encode("cp1258")


@pytest.mark.usefixtures("loaded")
class TestReload:
    def test_types_labels_and_aliases_stay(self, checked, upload):
        first = column_of(["1.000,5", "2"])
        resource = checked("a.csv", first, data_dictionary="gia_tri: Giá (đồng) – theo tháng")
        alias = f"gia_{uuid4().hex[:8]}"
        call_action("datastore_create", resource_id=resource["id"], aliases=alias, force=True)
        upload("b.csv", column_of(["3,5", "4"]), replace=resource["id"])
        jobs.run(resource["id"])
        assert values(resource) == [3.5, 4]
        found = call_action("datastore_search", resource_id=alias)
        info = {f["id"]: f.get("info") for f in found["fields"]}
        assert info["gia_tri"] == {"label": "Giá (đồng)", "notes": "theo tháng"}

    def test_labels_of_the_datastore_stay(self, checked, upload):
        resource = checked("a.csv", column_of(["1", "2"]))
        fields = [{"id": "gia_tri", "type": "numeric", "info": {"label": "Giá"}}]
        call_action("datastore_create", resource_id=resource["id"], fields=fields, force=True)
        upload("b.csv", column_of(["3", "4"]), replace=resource["id"])
        jobs.run(resource["id"])
        found = call_action("nd47_table_columns", id=resource["id"])
        assert [column["label"] for column in found] == ["ten", "Giá"]

    def test_a_file_without_a_table_has_none_of_the_one_before(self, checked, upload):
        resource = checked("a.csv", column_of(["1", "2"]))
        upload("b.csv", b"%PDF-1.4\n%%EOF", replace=resource["id"])
        jobs.run(resource["id"])
        assert types(resource) == {}
        assert call_action("resource_show", id=resource["id"])["datastore_active"] is False

    def test_a_refusal_of_the_database_leaves_the_table_as_it_was(
        self, checked, upload, check, monkeypatch
    ):
        resource = checked("a.csv", column_of(["1", "2"]))
        upload("b.csv", column_of(["3", "4"]), replace=resource["id"])

        def refused(*_given: Any) -> None:
            raise OperationalError("COPY", {}, Exception("disk full at /var/lib"))

        monkeypatch.setattr(store, "_copy", refused)
        jobs.run(resource["id"])
        assert values(resource) == [1, 2]
        found = next(f for f in check(resource["id"])["findings"] if f["code"] == "not-loaded")
        assert "/var" not in found["message"]
        row = stored(resource["id"])
        assert row is not None
        assert row.state == "done"


@pytest.mark.usefixtures("loaded")
class TestOthers:
    def test_a_table_of_the_datastore_alone_is_not_touched(self, app, upload):
        resource = upload("a.csv", b"a,b\n1,2\n")
        made = call_action(
            "datastore_create",
            resource={"package_id": resource["package_id"], "format": "CSV", "name": "b"},
            fields=[{"id": "a", "type": "text"}],
            records=[{"a": "1"}],
        )
        jobs.run(made["resource_id"])
        assert store.types([made["resource_id"]])[made["resource_id"]] == {"a": "text"}

    def test_a_file_that_is_no_table_is_not_loaded(self, checked):
        assert types(checked("a.json", b'[{"a": 1}]')) == {}
