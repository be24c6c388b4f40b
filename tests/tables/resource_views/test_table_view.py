"""The table of a file is searched, filtered, sorted, paged and downloaded without a script."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from openpyxl import load_workbook

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.datastore.backend import postgres

from ckanext.nd47.lib.database import table_words
from ckanext.nd47.tables.check_jobs import model as tables
from ckanext.nd47.tables.datastore.dictionary.columns import TableColumn
from ckanext.nd47.tables.resource_views.table_view import query, rows, shown
from ckanext.nd47.tables.resource_views.table_view.query import NotUnderstoodError
from dev.province import province
from tests.support.fixtures import portal_and_app

portal, app = portal_and_app(
    "nd47_tables nd47 nd47_l10n datastore scheming_datasets scheming_organizations",
    prepare=tables.reset,
)

PRICE = "vi_tri_1_nghin_dong_m2"
LABELS = "stt: STT\nten: Tên\ngia: Giá (đồng/m²)\nngay: Ngày cấp – theo giấy phép\nnam: Năm"
ROWS = [
    ("1", "Xã Kỳ Lâm", "1.234,5", "01/07/2025", "2024"),
    ("2", "XÃ KỲ ANH", "900", "31/12/2024", "2023"),
    ("3", "=1+1", "12.000", "02/07/2025", "2022"),
    ("4", "Phường Mỹ Khuê", "", "", "2021"),
    ("5", "<b>Lộc Thủy</b>", "85", "15/01/2023", "2020"),
]


@pytest.fixture(scope="module")
def options(portal: None) -> dict[str, Any]:
    """The configuration of the portal."""
    return dict(tk.config)


@pytest.fixture(autouse=True)
def loaded(options: dict[str, Any], ckan_config: Any) -> None:
    """Keep the options of the DataStore, whatever the configuration was reset to."""
    tk.config.update(options)


@pytest.fixture(scope="module")
def table(options, checked) -> dict[str, Any]:
    """A file with numbers, dates and years."""
    tk.config.update(options)
    lines = ["stt;ten;gia;ngay;nam", *(";".join(row) for row in ROWS)]
    return checked("a.csv", "\n".join(lines).encode(), data_dictionary=LABELS)


@pytest.fixture(scope="module")
def prices(options, checked) -> dict[str, Any]:
    """The land prices of the sample province."""
    tk.config.update(options)
    dataset = next(d for d in province().datasets if d.name == "bang-gia-dat-2026")
    file = next(f for f in dataset.files if f.format == "CSV")
    return checked("gia-dat.csv", file.build(), data_dictionary=file.data_dictionary)


@pytest.fixture
def browse(app):
    """Returns a page of a table, as a visitor sees it."""

    def get(resource: dict[str, Any], path: str = "", status: int = 200, **given: str) -> Any:
        url = f"/vi/dataset/{resource['package_id']}/resource/{resource['id']}/table{path}"
        parameters = {name.replace("__", ":", 1): value for name, value in given.items()}
        return app.get(f"{url}?{urlencode(parameters)}", status=status)

    return get


@pytest.fixture
def cells(browse):
    """Returns the cells of a column on a page of a table."""

    def read(resource: dict[str, Any], label: str, **given: str) -> list[str]:
        page = BeautifulSoup(browse(resource, **given).body, "html.parser")
        return [cell.text for cell in page.select(f'td[data-label="{label}"]')]

    return read


class TestValues:
    @pytest.mark.parametrize(
        ("value", "written"),
        [(1234.5, "1.234,5"), (1000000, "1.000.000"), (0.05, "0,05"), (-1234, "-1.234"),
         (105.33846, "105,33846"), (1e-7, "0,0000001"), (12, "12"),
         (1e20, "100.000.000.000.000.000.000")],
    )  # fmt: skip
    def test_numbers_are_written_the_vietnamese_way(self, value, written):
        assert shown.number(value, "vi") == written

    def test_numbers_are_written_the_english_way_on_english_pages(self):
        assert shown.number(1234.5, "en") == "1,234.5"

    @pytest.mark.parametrize(
        ("value", "written"),
        [("2025-07-01", "01/07/2025"), ("2025-07-01T08:30:00", "08:30 01/07/2025"),
         ("2025-07-01T08:30:05", "08:30:05 01/07/2025"), ("0024-07-01", "01/07/0024"),
         ("infinity", "infinity")],
    )  # fmt: skip
    def test_days_come_first(self, value, written):
        assert shown.moment(value, "vi") == written


class TestPage:
    def test_headings_are_labels_and_cells_as_people_read_them(self, browse, table):
        page = BeautifulSoup(browse(table).body, "html.parser")
        headings = [th.get_text(strip=True) for th in page.select("thead th")]
        assert headings == ["STT", "Tên", "Giá (đồng/m²)", "Ngày cấp", "Năm"]
        first = [td.text for td in page.select("tbody tr")[0].select("td")]
        assert first == ["1", "Xã Kỳ Lâm", "1.234,5", "01/07/2025", "2024"]

    @pytest.mark.parametrize("typed", ["Kỳ Lâm", "ky lam", "KỲ LÂM"])
    def test_words_are_found_in_any_spelling(self, cells, table, typed):
        assert cells(table, "Tên", q=typed) == ["Xã Kỳ Lâm"]

    def test_a_column_is_searched_alone(self, cells, table):
        assert cells(table, "STT", filter__ten="ky") == ["1", "2"]

    @pytest.mark.parametrize(
        ("typed", "rows"),
        [("1.234,5", ["1"]), ("1234.5", ["1"]), ("> 900", ["1", "3"]), (">=900", ["1", "2", "3"]),
         ("<1.000", ["2", "5"]), ("85..900", ["2", "5"]), ("1.000..", ["1", "3"]),
         ("85 đến 900", ["2", "5"]), ("..85", ["5"]), ("12,000", [])],
    )  # fmt: skip
    def test_numbers_are_filtered_as_numbers(self, cells, table, typed, rows):
        assert cells(table, "STT", filter__gia=typed) == rows

    @pytest.mark.parametrize(
        ("typed", "rows"),
        [("2025", ["1", "3"]), ("7/2025", ["1", "3"]), ("01/07/2025", ["1"]), ("2025-07-02", ["3"]),
         ("2023..2024", ["2", "5"]), (">01/07/2025", ["3"]), ("<2024", ["5"]),
         ("<= 2024", ["2", "5"])],
    )  # fmt: skip
    def test_dates_are_filtered_by_day_month_and_year(self, cells, table, typed, rows):
        assert cells(table, "STT", filter__ngay=typed) == rows

    def test_numbers_are_sorted_as_numbers_and_empty_ones_come_last(self, cells, table):
        ascending = cells(table, "Giá (đồng/m²)", sort="gia")
        assert ascending == ["85", "900", "1.234,5", "12.000", ""]
        descending = cells(table, "Giá (đồng/m²)", sort="gia", order="desc")
        assert descending == ["12.000", "1.234,5", "900", "85", ""]

    def test_the_pages_have_links_that_keep_the_search(self, browse, prices):
        page = BeautifulSoup(browse(prices, rows="20", q="duong").body, "html.parser")
        link = str(page.select("a[rel~=next]")[0]["href"])
        assert "q=duong" in link
        assert "page=2" in link

    def test_a_page_beyond_the_last_has_no_rows(self, cells, table):
        assert cells(table, "STT", page="99") == []

    def test_markup_in_cells_is_shown_as_text(self, browse, table):
        assert "<b>Lộc" not in browse(table).body

    @pytest.mark.parametrize(
        "given",
        [{"filter__gia": "nhiều"}, {"filter__gia": "1..2..3"}, {"filter__ngay": "31/02/2025"},
         {"filter__khong_co": "1"}, {"sort": "khong_co"}, {"page": "0"}, {"page": "x"},
         {"page": "9" * 30}, {"rows": "1000000"}, {"q": "a" * 201}, {"filter__gia": "٣"},
         {"filter__gia": ".."}, {"filter__ngay": ">"}, {"filter__ngay": "9999"}],
    )  # fmt: skip
    def test_what_is_not_understood_is_said_and_nothing_is_shown(self, browse, table, given):
        page = BeautifulSoup(browse(table, status=400, **given).body, "html.parser")
        assert page.select("[role=alert] li")
        assert not page.select("tbody tr")

    @pytest.mark.parametrize("sort", ['"; drop table x', "_id", "gia desc"])
    def test_a_sort_by_something_else_is_refused(self, browse, table, sort):
        browse(table, status=400, sort=sort)

    def test_a_file_without_a_table_is_not_found(self, browse, upload):
        browse(upload("a.csv", b"a,b\n1,2\n"), status=404)

    def test_a_table_that_the_reader_may_not_see_is_not_shown(self, browse, checked, accounts):
        resource = checked("a.csv", b"a,b\n1,2\n")
        context: Any = {"user": accounts["sysadmin"]}
        call_action("package_patch", context, id=resource["package_id"], private=True)
        for path in ("", "/rows.csv", "/rows.xlsx"):
            browse(resource, path, status=403)


class TestManyRows:
    """Of a search with many rows the page finds only as many as it needs, and says so."""

    @pytest.fixture(scope="class")
    def large(self, options, checked) -> dict[str, Any]:
        """A table with the index of its words, as tables of 20,000 rows have it."""
        tk.config.update(options)
        lines = ["stt;ten;gia;ngay;luc"]
        lines += [
            f"{n};{'Xã Kỳ Lâm' if n % 2 else 'Xã Kỳ Anh'} {n % 7};{n},5;01/07/2025;02/07/2025 08:30"
            for n in range(1, 121)
        ]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table_words, "LEAST_ROWS", 1)
            return checked("large.csv", "\n".join(lines).encode())

    @pytest.fixture
    def few(self, monkeypatch):
        """The page counts up to twenty rows."""
        monkeypatch.setattr(rows, "MOST_FOUND", 20)

    @staticmethod
    def run(resource: dict[str, Any], statement: str) -> list[Any]:
        """Return the rows of a statement, and take back what it changed."""
        with postgres.get_write_engine().connect() as connection:
            text = sa.text(statement.format(table=f'"{resource["id"]}"'))
            return list(connection.execute(text, {"name": resource["id"]}))

    def test_the_table_has_the_index(self, large):
        found = self.run(large, "SELECT indexname FROM pg_indexes WHERE tablename = :name")
        assert len([one for one in found if one.indexname.startswith("nd47_words_")]) == 1

    def test_page_download_and_api_have_the_same_rows(self, browse, cells, large):
        expected = [str(n) for n in range(1, 121, 2)]
        for typed in ("Kỳ Lâm", "ky lam", "KỲ LÂM"):
            assert cells(large, "stt", q=typed, rows="100") == expected
            assert cells(large, "stt", filter__ten=typed, rows="100") == expected
            download = csv.DictReader(io.StringIO(browse(large, "/rows.csv", q=typed).body))
            assert [row["gia"] for row in download] == [f"{n}.5" for n in range(1, 121, 2)]
            found = call_action("datastore_search", resource_id=large["id"], q=typed, limit=500)
            assert found["total"] == 60
            assert [row["stt"] for row in found["records"]] == [int(n) for n in expected]

    def test_it_says_that_there_are_more(self, browse, large, few):
        page = browse(large, q="ky lam")
        assert "Hơn 20 dòng" in page.body
        link = BeautifulSoup(page.body, "html.parser").select_one('a[href*="count=all"]')
        assert link
        assert "q=ky+lam" in link["href"]
        assert "60 dòng" in browse(large, q="ky lam", count="all").body

    def test_a_number_that_is_known_is_said(self, browse, large, few):
        found = browse(large, q="ky lam", filter__gia="..10").body
        assert "5 dòng" in found
        assert "Hơn" not in found
        assert "120 dòng" in browse(large).body

    def test_its_pages_follow_each_other(self, cells, browse, large, few):
        numbers = [cells(large, "stt", q="ky lam", rows="20", page=str(p)) for p in (1, 2, 3, 4)]
        assert sum(numbers, []) == [str(n) for n in range(1, 121, 2)]
        assert numbers[3] == []
        second = BeautifulSoup(browse(large, q="ky lam", rows="20", page="2").body, "html.parser")
        assert second.select_one('a[rel~="next"]')
        assert second.select_one('a[rel~="prev"]')

    def test_rows_that_were_changed_keep_their_place(self, cells, large, few):
        """PostgreSQL writes a changed row behind all others."""
        with postgres.get_write_engine().begin() as connection:
            connection.execute(sa.text(f'UPDATE "{large["id"]}" SET gia = gia WHERE _id = 3'))
        assert cells(large, "stt", q="ky lam", rows="20")[:3] == ["1", "3", "5"]

    def test_the_order_of_a_column_holds(self, cells, large, few):
        asked = {"q": "kỳ", "sort": "gia", "order": "desc", "rows": "20"}
        assert cells(large, "stt", **asked)[:3] == ["120", "119", "118"]

    def test_ckans_full_text_is_that_of_its_trigger(self, large):
        changed = self.run(
            large,
            "WITH before AS (SELECT _id, _full_text FROM {table}), after AS"
            " (UPDATE {table} SET _full_text = NULL RETURNING _id, _full_text)"
            " SELECT count(*) FILTER (WHERE before._full_text = after._full_text) same,"
            " count(*) rows FROM before JOIN after USING (_id)",
        )
        assert (changed[0].same, changed[0].rows) == (120, 120)


class TestDownloads:
    def rows(self, response: Any) -> list[list[str]]:
        return list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))

    def test_csv_has_exactly_the_rows_that_are_shown(self, browse, table):
        given = {"q": "ky", "filter__gia": "> 0", "sort": "gia", "headings": "labels"}
        assert self.rows(browse(table, "/rows.csv", **given)) == [
            ["STT", "Tên", "Giá (đồng/m²)", "Ngày cấp", "Năm"],
            ["2", "XÃ KỲ ANH", "900", "2024-12-31", "2023"],
            ["1", "Xã Kỳ Lâm", "1234.5", "2025-07-01", "2024"],
        ]

    def test_headings_may_be_the_names_in_the_api(self, browse, table):
        assert self.rows(browse(table, "/rows.csv"))[0] == ["stt", "ten", "gia", "ngay", "nam"]

    def test_no_cell_is_a_formula(self, browse, table):
        assert self.rows(browse(table, "/rows.csv"))[3][1] == "'=1+1"
        book = load_workbook(io.BytesIO(browse(table, "/rows.xlsx").get_data()))
        cell = book.worksheets[0]["B4"]
        assert (cell.value, cell.data_type) == ("=1+1", "s")

    def test_a_workbook_has_numbers_and_dates(self, browse, table):
        given = {"filter__ten": "lam", "headings": "labels"}
        book = load_workbook(io.BytesIO(browse(table, "/rows.xlsx", **given).get_data()))
        header, row = book.worksheets[0].iter_rows(values_only=True)
        assert header[2] == "Giá (đồng/m²)"
        assert row[:3] == (1, "Xã Kỳ Lâm", 1234.5)
        assert str(row[3]) == "2025-07-01 00:00:00"

    @pytest.mark.parametrize("path", ["/rows.csv", "/rows.xlsx"])
    @pytest.mark.parametrize("given", [{"sort": "khong_co"}, {"filter__gia": "nhiều"}])
    def test_what_is_not_understood_is_refused(self, browse, table, path, given):
        browse(table, path, status=400, **given)

    def test_a_download_of_several_batches_has_every_row_once(self, browse, prices, monkeypatch):
        monkeypatch.setattr("ckanext.nd47.tables.resource_views.table_view.rows.AT_ONCE", 7)
        for given in ({}, {"sort": PRICE}, {"q": "duong"}):
            found = self.rows(browse(prices, "/rows.csv", **given))[1:]
            numbers = [row[0] for row in found]
            assert len(numbers) == len({*numbers}) > 20


class TestSampleProvince:
    def test_ky_lam_is_the_same_eleven_rows_everywhere(self, browse, cells, prices):
        answers = set()
        for typed in ("Kỳ Lâm", "ky lam", "KỲ LÂM"):
            page = cells(prices, "STT", q=typed)
            file = TestDownloads().rows(browse(prices, "/rows.csv", q=typed))[1:]
            api = call_action("datastore_search", resource_id=prices["id"], q=typed)["records"]
            assert page == [row[0] for row in file] == [str(row["stt"]) for row in api]
            answers.add(tuple(page))
        assert len(answers) == 1
        assert len(next(iter(answers))) == 11

    def test_sorting_by_price_is_by_number(self, cells, prices):
        label = "Vị trí 1 (nghìn đồng/m²)"
        found = cells(prices, label, sort=PRICE, rows="100")
        numbers = [int(cell.replace(".", "")) for cell in found]
        assert numbers == sorted(numbers)
        highest = cells(prices, label, sort=PRICE, order="desc")[0]
        assert int(highest.replace(".", "")) >= 10_000 > numbers[0]


class TestView:
    def test_a_table_gets_the_view_by_default(self, checked, ckan_config):
        ckan_config["ckan.views.default_views"] = ["nd47_table"]
        resource = checked("a.csv", b"a,b\n1,2\n")
        views = call_action("resource_view_list", id=resource["id"])
        assert [view["view_type"] for view in views] == ["nd47_table"]

    def test_the_page_of_the_file_has_the_first_rows_without_a_script(self, app, prices):
        call_action(
            "resource_view_create", resource_id=prices["id"], view_type="nd47_table", title="Bảng"
        )
        page = app.get(f"/dataset/{prices['package_id']}/resource/{prices['id']}")
        soup = BeautifulSoup(page.body, "html.parser")
        assert len(soup.select(".nd47-rows tbody tr")) == 20
        assert str(soup.select(".nd47-table form")[0]["action"]).endswith("/table")
        assert "Xã, phường" in [th.get_text(strip=True) for th in soup.select(".nd47-rows th")]


class TestConditions:
    @pytest.mark.parametrize("kind", ["number", "date", "timestamp"])
    @pytest.mark.parametrize("typed", ["", "..", "a", "1..2..3", "> ", "\u0661", "9" * 60])
    def test_what_is_no_condition_is_refused(self, kind, typed):
        with pytest.raises(NotUnderstoodError):
            query.condition(typed, kind)


def test_a_column_of_years_is_known_by_its_heading():
    def column(id: str, label: str) -> TableColumn:
        return TableColumn(id=id, label=label, unit="", type="number", notes="")

    assert query.heading_is_of_years(column("nam_xay_dung", "Năm xây dựng"))
    assert not query.heading_is_of_years(column("so_nguoi", "Số người"))
