"""What the tests of the spreadsheet of datasets share: tables, archives, and steps."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import call_action

from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables
from ckanext.nd47.lib.files import uploads
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.lib.web import http
from tests.desk.conftest import World

Run = dict[str, Any]

OWN, FOREIGN = "Sở Giáo dục và Đào tạo", "Sở Y tế"
HEADER = ["Tên bộ dữ liệu", "Cơ quan cung cấp", "Tần suất cập nhật"]
FILE_HEADER = ["Bộ dữ liệu", "Tệp hoặc địa chỉ", "Tên tệp dữ liệu"]
SCHOOLS = ["Danh sách trường học", OWN, "Hằng năm"]
CSV_FILE = b"ten,so\na,1\n"


def csv(*rows: list[str]) -> bytes:
    """Return a table of datasets as CSV."""
    quoted = [",".join(f'"{cell}"' for cell in row) for row in rows]
    return ("\n".join(quoted) + "\n").encode()


def book(datasets: list[list[Any]], files: list[list[Any]] | None = None) -> bytes:
    """Return a workbook with the rows of one or both tables."""
    workbook: Any = openpyxl.Workbook()
    workbook.active.title = "Bộ dữ liệu"
    for row in datasets:
        workbook.active.append(row)
    if files is not None:
        sheet = workbook.create_sheet("Tệp dữ liệu")
        for row in files:
            sheet.append(row)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def archive(files: Mapping[str, bytes], **options: Any) -> bytes:
    """Return a ZIP with files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, **options) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return target.getvalue()


def preview(
    world: World, table: bytes, files: bytes | None = None, account: str = "editor", **more: Any
) -> Run:
    """Send a table as an account, and return what it would do."""
    sent: dict[str, Any] = {"upload": io.BytesIO(table)}
    if files is not None:
        sent["files"] = io.BytesIO(files)
    return world.call(account, "nd47_spreadsheet_preview", **sent, **more)


def apply(world: World, run: Run, account: str = "editor") -> Run:
    """Apply a table."""
    world.call(account, "nd47_bulk_apply", id=run["id"])
    changes.apply(run["id"])
    return show(world, run, account)


def undo(world: World, run: Run, account: str = "editor") -> Run:
    """Undo a table."""
    world.call(account, "nd47_bulk_undo", id=run["id"])
    changes.undo(run["id"])
    return show(world, run, account)


def show(world: World, run: Run, account: str = "editor") -> Run:
    """Return what a table did."""
    model.Session.expire_all()
    return world.call(account, "nd47_spreadsheet_show", id=run["id"])


def brought(world: World, table: bytes, files: bytes | None = None) -> Run:
    """Send and apply a table."""
    return apply(world, preview(world, table, files))


def outcomes(run: Run) -> list[str]:
    """Return the outcomes of the rows."""
    return [row["outcome"] for row in run["results"]]


def refusals(run: Run) -> list[tuple[int, str, str]]:
    """Return row, letters of the column and heading of each refused cell."""
    return [
        (cell["row"], cell["column"], cell["heading"])
        for row in run["results"]
        for cell in row["errors"]
    ]


def messages(run: Run) -> str:
    """Return all reasons."""
    return " ".join(cell["message"] for row in run["results"] for cell in row["errors"])


def values(run: Run) -> dict[str, tuple[str, str]]:
    """Return old and new value of each changed cell by heading."""
    return {
        cell["heading"]: (cell["old"], cell["new"])
        for row in run["results"]
        for cell in row["changes"]
    }


def stored(title: str) -> dict[str, Any]:
    """Return the only dataset with a title."""
    model.Session.expire_all()
    query = model.Session.query(model.Package).filter(
        model.Package.title == title, model.Package.state != model.State.DELETED
    )
    (package,) = query.all()
    return call_action("package_show", id=package.id)


def number_of_datasets() -> int:
    """Return how many datasets there are."""
    model.Session.expire_all()
    return (
        model.Session.query(model.Package)
        .filter(model.Package.state != model.State.DELETED)
        .count()
    )


def content(resource: dict[str, Any]) -> bytes:
    """Return the stored file of a resource."""
    found: Any = uploads.content(resource)
    return found[1].read_bytes()


def frequency(code: str) -> str:
    """Return the label of a frequency."""
    return vocabulary.label("frequency", code, http.language())


@pytest.fixture(autouse=True)
def no_runs(world: World) -> Iterator[None]:
    """Delete the runs of a test."""
    yield
    model.Session.rollback()
    model.Session.execute(sa.delete(tables.Run))
    model.Session.commit()
