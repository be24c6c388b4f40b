"""The tables that people download: they say what is there, and can be sent back."""

from __future__ import annotations

import csv as csv_files
import io
import zipfile
from typing import Any

import openpyxl
import pytest

from ckan import model
from ckan.tests import factories

from ckanext.nd47.desk import scope
from ckanext.nd47.desk.spreadsheet.fields import columns
from ckanext.nd47.desk.spreadsheet.files import download
from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from tests.desk.conftest import World
from tests.desk.spreadsheet.spreadsheets import outcomes, preview
from tests.support.statements import statements

RICH: dict[str, Any] = {
    "title": "Danh sách trường tiểu học",
    "notes": "Dòng một\n\nDòng hai; có dấu",
    "frequency": "hang-nam",
    "theme": ["giao-duc"],
    "tags": [{"name": "giáo dục"}, {"name": "trường học"}],
    "conforms_to": ["TCVN 1", "TCVN 2"],
    "issued": "2025-04",
    "modified": "2025-12-31",
    "contact": [
        {"name": "Phòng A", "email": "a@h.example", "uri": "https://h.example/a"},
        {"name": "Phòng B", "telephone": "0236 3822 999"},
    ],
    "temporal_coverage": [{"start": "2024", "end": "2025"}, {"start": "2026-01-01"}],
    "spatial_coverage": [{"uri": "01", "text": "Hà Nội"}],
    "source_database": [{"name": "CSDL", "purpose": "Mục đích\nnhiều dòng", "overlap": "khong"}],
    "resources": [
        {"url": "https://h.example/a.csv", "name": "Một", "period": "2024", "language": ["vi"]},
        {"url": "https://h.example/b.xlsx", "name": "Hai", "description": "Mô tả"},
    ],
}
"""A dataset with fields of every kind."""


def scope_of(world: World, account: str) -> scope.Scope:
    """Return what an account may edit."""
    return scope.of({"user": world.accounts[account]})


def table(world: World, ids: list[str], extension: str = "xlsx", account: str = "editor") -> bytes:
    """Return a file with datasets."""
    return download.datasets(ids, extension, scope_of(world, account))


def rows(content: bytes, sheet: str) -> list[dict[str, str]]:
    """Return the rows of a sheet by heading."""
    book: Any = openpyxl.load_workbook(io.BytesIO(content))
    header, *records = [[cell.value or "" for cell in row] for row in book[sheet].iter_rows()]
    return [dict(zip(header, record, strict=False)) for record in records]


@pytest.fixture
def rich(create) -> dict[str, Any]:
    """A dataset with fields of every kind."""
    return create(**RICH)


class TestDatasets:
    @pytest.mark.parametrize("extension", list(download.FORMATS))
    def test_come_back_as_they_are(self, world, rich, extension):
        content = table(world, [rich["id"]], extension)
        run = preview(world, content)
        assert [row["changes"] for row in run["results"]] == [[]]
        assert outcomes(run) == ["same"]

    def test_are_in_words(self, world, rich):
        (row,) = rows(table(world, [rich["id"]]), "Datasets")
        assert row["Title"] == RICH["title"]
        assert row["Providing agency"] == world.agencies["own"]["title"]
        assert row["Publication"] == "Public"
        assert row["Date of last update"] == "31/12/2025"
        assert row["Date of publication"] == "04/2025"
        assert row["Contact points – Name"] == "Phòng A\nPhòng B"
        assert row["Contact points – Telephone"] == "–\n0236 3822 999"
        assert row["Identifier"] == rich["identifier"]

    def test_have_their_files_in_a_sheet_of_their_own(self, world, rich):
        listed = rows(table(world, [rich["id"]]), "Files")
        assert [row["File or address"] for row in listed] == [
            resource["url"] for resource in RICH["resources"]
        ]
        assert {row["Dataset"] for row in listed} == {rich["identifier"]}
        assert [row["ID of the file"] for row in listed] == [
            resource["id"] for resource in rich["resources"]
        ]

    def test_hold_no_formula(self, world, create):
        title = "=cmd|' /C calc'!A0"
        dataset = create(title=title, notes="@SUM(A1)", version="+1")
        book: Any = openpyxl.load_workbook(io.BytesIO(table(world, [dataset["id"]])))
        types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
        assert "f" not in types
        text = table(world, [dataset["id"]], "csv").decode("utf-8-sig")
        (_, row) = csv_files.reader(io.StringIO(text))
        assert f"'{title}" in row
        assert outcomes(preview(world, text.encode())) == ["same"]

    def test_of_one_title_keep_the_names_of_their_agencies_apart(self, world, create):
        twin = factories.Organization(name="so-trung", title="Sở Y tế")
        dataset = create(owner_org=twin["id"], title="Trùng")
        (row,) = rows(table(world, [dataset["id"]], account="sysadmin"), "Datasets")
        assert row["Providing agency"] == "so-trung"

    def test_cost_as_many_statements_if_there_are_many(self, world, create):
        ids = [create()["id"] for _ in range(4)]

        def cost(number: int) -> int:
            model.Session.remove()
            with statements() as sent:
                table(world, ids[:number])
            return len(sent)

        assert cost(4) == cost(1)

    def test_as_csv_are_two_tables_in_a_zip(self, world, rich):
        with zipfile.ZipFile(io.BytesIO(table(world, [rich["id"]], "zip"))) as archive:
            assert sorted(archive.namelist()) == ["bo-du-lieu.csv", "tep-du-lieu.csv"]


class TestWorkbook:
    @pytest.fixture
    def book(self, world: World) -> Any:
        content = download.template("xlsx", scope_of(world, "editor"))
        return openpyxl.load_workbook(io.BytesIO(content))

    def test_has_instructions_two_tables_and_hidden_lists(self, book):
        states = {sheet.title: sheet.sheet_state for sheet in book}
        assert states == {
            "Instructions": "visible",
            "Datasets": "visible",
            "Files": "visible",
            "Lists": "hidden",
        }

    def test_explains_every_column_in_both_languages(self, book):
        texts = {cell.value for row in book["Instructions"].iter_rows() for cell in row}
        for column in (*columns.of_datasets(), *columns.of_files()):
            assert {column.label["vi"], column.label["en"]} <= texts, column.path

    def test_offers_the_values_of_code_lists_and_the_agencies(self, world, book):
        offered = {}
        for drop_down in book["Datasets"].data_validations.dataValidation:
            sheet, cells = drop_down.formula1.split("!")
            assert sheet == "'Lists'"
            values = [cell.value for (cell,) in book["Lists"][cells.replace("$", "")]]
            heading = book["Datasets"][f"{str(drop_down.sqref).split(':')[0][:-1]}1"].value
            offered[heading] = values
        assert offered["Providing agency"] == [world.agencies["own"]["title"]]
        assert offered["Publication"] == ["Public", "Private", "Draft"]
        for column in columns.of_datasets():
            if column.kind in {"choice", "choices", "licence"}:
                assert offered[column.heading] == list(column.code_labels().values())

    def test_leaves_what_is_typed_as_it_is(self, book):
        formats = {one.number_format for one in book["Datasets"].column_dimensions.values()}
        assert formats == {"@"}

    @pytest.mark.parametrize("extension", list(download.FORMATS))
    def test_has_an_example_that_is_not_read(self, world, extension):
        content = download.template(extension, scope_of(world, "editor"))
        with pytest.raises(Exception, match="no rows|không có dòng"):
            preview(world, content)

    def test_is_filled_in_by_an_officer(self, world):
        content = download.template("xlsx", scope_of(world, "editor"))
        book: Any = openpyxl.load_workbook(io.BytesIO(content))
        for name, cells in (
            ("Datasets", {"Title": "Giá đất", "Update frequency": "Annual"}),
            ("Files", {"Dataset": "Giá đất", "File or address": "https://h.example/a.csv"}),
        ):
            headings = [cell.value for cell in book[name][1]]
            for heading, value in cells.items():
                book[name].cell(3, headings.index(heading) + 1, value)
        target = io.BytesIO()
        book.save(target)
        run = preview(world, target.getvalue())
        assert outcomes(run) == ["new"]
        assert {cell["sheet"] for cell in run["results"][0]["changes"]} == {"datasets", "files"}

    def test_is_read_back_without_a_sheet_that_is_not_meant(self, world, create):
        run = preview(world, table(world, [create()["id"]]))
        assert all(not one["other_sheets"] for one in run["reading"].values())


def test_a_cell_of_the_greatest_length_is_written_and_read(world, create):
    dataset = create(notes="ô" * 20_000)
    content = table(world, [dataset["id"]])
    assert outcomes(preview(world, content)) == ["same"]
    with pytest.raises(spreadsheet.SheetError):
        spreadsheet.read(content)
