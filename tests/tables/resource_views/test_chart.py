"""A table has a chart: sensible at first sight, chosen by address, with its figures beside it."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from PIL import Image
from sqlalchemy import event

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.datastore.backend import postgres

from ckanext.nd47.tables.resource_views import tables as reading
from tests.tables.resource_views.showing import (
    accounts,
    app,
    field,
    options,
    page,
    path,
    portal,
    table,
    upload,
    view,
)

__all__ = ["accounts", "app", "options", "portal", "table", "upload"]

MONTHS = [
    {"thang": f"2025-{month:02d}-01", "xa": xa, "san_luong": 1000.5 * month}
    for month in range(1, 13)
    for xa in ("Kỳ Lâm", "Lộc Thủy")
]
TIMES = [
    field("thang", "date", "Tháng"),
    field("xa", label="Xã, phường"),
    field("san_luong", "numeric", "Sản lượng (tấn)"),
]


@pytest.fixture(scope="module")
def months(table):
    return table(TIMES, MONTHS)


@pytest.fixture(scope="module")
def stations(table):
    rows = [{"ma": f"0{n}", "loai": "Nhanh" if n % 3 else "Chậm"} for n in range(9)]
    return table([field("ma", label="Mã trạm"), field("loai", label="Loại đầu sạc")], rows)


@pytest.fixture(scope="module")
def shown(months, accounts):
    return view(accounts, months, "nd47_chart_view")


def chosen(html: str) -> dict[str, str]:
    """Return what the form of a page has chosen, by its labels."""
    form = BeautifulSoup(html, "html.parser").select_one("form.nd47-another-chart")
    assert form is not None
    found = {}
    for select in form.select("select"):
        option = select.select_one("option[selected]")
        found[str(select["name"])] = option.get_text() if option else ""
    return found


def rows(html: str) -> list[list[str]]:
    soup = BeautifulSoup(html, "html.parser")
    return [
        [cell.get_text() for cell in row.select("th, td")]
        for row in soup.select(".nd47-chart-figures tr")
    ]


class TestFirstSight:
    def test_a_series_in_time_is_a_line_for_each_place(self, app, months, shown):
        html = page(app, months, shown)
        assert chosen(html) == {
            "x": "Tháng",
            "y": "Sản lượng (tấn)",
            "measure": "Tổng",
            "by": "Xã, phường",
            "kind": "Đường",
        }

    def test_categories_are_bars_with_the_number_of_rows(self, app, stations, accounts):
        html = page(app, stations, view(accounts, stations, "nd47_chart_view"))
        assert chosen(html)["x"] == "Loại đầu sạc"
        assert rows(html) == [["Loại đầu sạc", "Số dòng"], ["Nhanh", "6"], ["Chậm", "3"]]

    def test_prices_are_averaged_and_codes_are_no_quantity(self, app, table, accounts):
        prices = table(
            [field("ma", "int4", "Mã"), field("xa", label="Xã"), field("gia", "float8", "Giá đất")],
            [{"ma": n, "xa": "ABC"[n % 3], "gia": 10.0 + n} for n in range(9)],
        )
        html = page(app, prices, view(accounts, prices, "nd47_chart_view"))
        assert (chosen(html)["y"], chosen(html)["measure"]) == ("Giá đất", "Trung bình")
        assert rows(html)[1:] == [["C", "15"], ["B", "14"], ["A", "13"]]

    def test_a_title_is_a_sentence_with_the_unit_last(self, app, table, accounts):
        prices = table(
            [field("xa", label="Xã"), field("gia", "float8", "Giá đất (nghìn đồng/m²)")],
            [{"xa": "ABC"[n % 3], "gia": 10.0 + n} for n in range(9)],
        )
        html = page(app, prices, view(accounts, prices, "nd47_chart_view"))
        assert "Giá đất, trung bình (nghìn đồng/m²) theo xã" in html

    def test_a_table_with_nothing_to_show_says_so(self, app, table, accounts):
        names = table([field("ghi_chu")], [{"ghi_chu": "một"}])
        html = page(app, names, view(accounts, names, "nd47_chart_view"))
        assert "Bảng không có nội dung nào thể hiện được bằng biểu đồ." in html
        assert "chart.svg" not in html


class TestAddress:
    def test_columns_are_chosen_by_address(self, app, months, shown):
        html = page(
            app, months, shown, x="xa", y="san_luong", measure="largest", by="", kind="bars"
        )
        assert rows(html)[1:] == [["Kỳ Lâm", "12.006"], ["Lộc Thủy", "12.006"]]

    def test_numbers_are_written_as_in_vietnamese(self, app, months, shown):
        assert rows(page(app, months, shown))[1] == ["01/01/2025", "1.000,5", "1.000,5"]

    @pytest.mark.parametrize(
        "asked",
        [
            {"x": "không có"},
            {"x": 'xa"; DROP TABLE x; --', "y": "_id"},
            {"kind": "pie", "measure": "median", "by": "x" * 5000},
            {"x": "xa", "by": "xa", "y": "xa"},
        ],
    )
    def test_what_is_wrong_in_an_address_is_as_proposed(self, app, months, shown, asked):
        assert rows(page(app, months, shown, **asked))
        assert app.get(path(months, "chart.svg"), query_string=asked).status_code == 200


class TestPicture:
    def test_svg_runs_no_script_and_names_no_foreign_host(self, app, months):
        answer = app.get(path(months, "chart.svg"))
        assert answer.content_type == "image/svg+xml"
        assert "<script" not in answer.get_data(as_text=True)
        assert 'xlink:href="http' not in answer.get_data(as_text=True)
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_png_can_be_saved(self, app, months):
        answer = app.get(path(months, "chart.png"), query_string={"download": "1"})
        assert "attachment" in answer.headers["Content-Disposition"]
        assert Image.open(io.BytesIO(answer.data)).width > 800

    def test_a_phone_gets_a_narrow_picture(self, app, months):
        answer = app.get(path(months, "chart.png"), query_string={"narrow": "1"})
        assert Image.open(io.BytesIO(answer.data)).width < 600

    def test_an_unchanged_picture_is_not_sent_again(self, app, months):
        tag = app.get(path(months, "chart.svg")).headers["ETag"]
        again = app.get(path(months, "chart.svg"), headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")

    def test_lines_differ_without_colour(self, app, months):
        assert "stroke-dasharray" in app.get(path(months, "chart.svg")).get_data(as_text=True)

    def test_a_file_without_a_table_has_none(self, app, upload):
        resource = upload("a.txt", b"chu")
        assert app.get(path(resource, "chart.svg")).status_code == 404

    def test_a_private_table_has_none_for_visitors(self, app, table, accounts):
        hidden = table(TIMES, MONTHS, private=True)
        assert app.get(path(hidden, "chart.svg")).status_code in {403, 404}
        token = factories.APIToken(user=accounts["sysadmin"])["token"]
        answer = app.get(path(hidden, "chart.svg"), headers={"Authorization": token})
        assert answer.status_code == 200
        assert "public" not in answer.headers["Cache-Control"]

    def test_a_table_that_takes_too_long_ends_in_a_sentence(self, app, table, monkeypatch):
        large = table(TIMES, MONTHS[:1])
        statement = sa.text(
            f'INSERT INTO "{large["id"]}" (thang, xa, san_luong) '
            "SELECT DATE '2025-01-01' + n % 300, 'xã', n FROM generate_series(1, 200000) n"
        )
        with postgres.get_write_engine().begin() as connection:
            connection.execute(statement)
        monkeypatch.setattr(reading, "SECONDS", 0.005)
        answer = app.get(path(large, "chart.svg"))
        assert answer.status_code == 503
        assert "Bảng quá lớn" in answer.get_data(as_text=True)


def test_statements_do_not_grow_with_the_table(app, table):
    def sent(resource: dict[str, Any]) -> int:
        found: list[str] = []
        note = lambda *given: found.append(given[2])  # noqa: E731
        event.listen(postgres.get_read_engine(), "before_cursor_execute", note)
        app.get(path(resource, "chart.svg"))
        event.remove(postgres.get_read_engine(), "before_cursor_execute", note)
        return len(found)

    assert 0 < sent(table(TIMES, MONTHS * 20)) <= sent(table(TIMES, MONTHS[:6]))


def selected(soup: BeautifulSoup, field_id: str) -> Any:
    """Return the value that a field has."""
    return soup.select(f"{field_id} [selected]")[0]["value"]


class TestStored:
    BARS = {
        "chart_kind": "bars",
        "chart_x": "xa",
        "chart_y": "san_luong",
        "chart_measure": "largest",
    }

    @pytest.fixture
    def store(self, accounts, months):
        """Stores a chart with a view as an account; returns the view."""
        made = view(accounts, months, "nd47_chart_view")

        def run(account: str = "editor", **fields: Any) -> dict[str, Any]:
            context: Any = {"user": accounts.get(account, ""), "ignore_auth": False}
            return call_action(
                "resource_view_update", context, id=made["id"], resource_id=months["id"],
                view_type="nd47_chart_view", title="Biểu đồ", **fields,
            )  # fmt: skip

        return run

    def test_everybody_sees_the_stored_chart_first(self, app, months, store):
        made = store(**self.BARS)
        soup = BeautifulSoup(page(app, months, made), "html.parser")
        chosen = {
            one["name"]: one.select_one("[selected]")
            for one in soup.select(".nd47-another-chart select")
        }
        values = {name: one["value"] for name, one in chosen.items() if one}
        assert values | {"by": ""} == {
            "x": "xa", "y": "san_luong", "measure": "largest", "kind": "bars", "by": ""
        }  # fmt: skip

    def test_an_address_comes_before_it(self, app, months, store):
        made = store(**self.BARS)
        soup = BeautifulSoup(page(app, months, made, kind="line", x="thang"), "html.parser")
        assert selected(soup, "#nd47-x") == "thang"

    def test_without_a_quantity_the_rows_are_counted(self, app, months, store):
        made = store(chart_x="xa")
        soup = BeautifulSoup(page(app, months, made), "html.parser")
        assert soup.select_one("#nd47-y [selected]") is None

    def test_a_frame_on_another_page_shows_it_too(self, app, months, store):
        made = store(**self.BARS)
        answer = app.get(f"/vi/embed/{made['id']}").get_data(as_text=True)
        assert "measure=largest" in answer

    def test_the_form_of_the_view_has_the_fields_and_what_is_stored(
        self, app, accounts, months, store
    ):
        made = store(**self.BARS)
        token = call_action(
            "api_token_create", {"user": accounts["sysadmin"]}, user=accounts["editor"], name="c"
        )["token"]
        address = path(months, f"edit_view/{made['id']}")
        soup = BeautifulSoup(
            app.get(address, headers={"Authorization": token}).get_data(as_text=True), "html.parser"
        )
        labels = [one.text.strip() for one in soup.select("label[for^=field-chart_]")]
        assert labels == [
            "Theo", "Đại lượng", "Cách gộp", "Chia thành nhóm", "Dạng biểu đồ"
        ]  # fmt: skip
        assert selected(soup, "#field-chart_x") == "xa"

    @pytest.mark.parametrize(
        "wrong",
        [{"chart_x": "khong_co"}, {"chart_x": "san_luong"}, {"chart_y": "xa"},
         {"chart_kind": "pie"}, {"chart_measure": "median"}, {"chart_by": "a\"><b>"},
         {"chart_x": ["xa"]}, {"chart_x": {"a": "b"}}],
    )  # fmt: skip
    def test_what_no_chart_can_show_is_refused_at_its_field(self, store, wrong):
        with pytest.raises(tk.ValidationError) as error:
            store(**wrong)
        assert set(error.value.error_dict) == set(wrong)

    @pytest.mark.parametrize("account", ["", "member", "stranger"])
    @pytest.mark.parametrize("column", ["xa", "khong_co"])
    def test_who_may_not_edit_the_file_is_refused_whatever_the_column(self, store, account, column):
        with pytest.raises(tk.NotAuthorized):
            store(account, chart_x=column)

    def test_a_column_that_has_gone_leaves_the_proposed_chart(self, app, months, store):
        made = store(**self.BARS)
        stored = model.ResourceView.get(made["id"])
        assert stored is not None
        stored.config = {**stored.config, "chart_x": "khong_con"}
        model.Session.commit()
        soup = BeautifulSoup(page(app, months, made), "html.parser")
        assert selected(soup, "#nd47-x") == "thang"
