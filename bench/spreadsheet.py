"""How long a spreadsheet of 1,000 new datasets with 2,000 files takes, from the upload to the end.

Run by `make bench`, or alone by `python -m bench.spreadsheet` with the variables of a test
database; a number sets how many datasets. It makes what the worker does: the check of every row,
and the application, each in slices. All plugins that a portal with a desk has are on.
"""

from __future__ import annotations

import io
import resource
import sys
import time
import zipfile
from typing import Any

import openpyxl
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.types import Context

from bench import empty_portal
from ckanext.nd47.desk.bulk import changes
from ckanext.nd47.desk.bulk import model as tables

PLUGINS = (
    "nd47_desk nd47 nd47_dcat nd47_l10n activity scheming_datasets scheming_organizations dcat"
)
DATASETS, QUICK = 1_000, 50
FILES_EACH = 2
LIMIT = 300.0
"""Seconds for 1,000 datasets."""

AGENCY = "Sở Giáo dục và Đào tạo"
ROWS = "ma,ten,so_hoc_sinh\n" + "".join(f"{n},Trường {n},{n * 3}\n" for n in range(200))


def main(arguments: list[str]) -> int:
    """Measure, print the figures, and return 1 where the limit is broken.

    Args:
        arguments: `--quick` for a few datasets, or how many.
    """
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    datasets = numbers[0] if numbers else QUICK if "--quick" in arguments else DATASETS
    empty_portal({"ckan.plugins": PLUGINS}, ("activity", "nd47"))
    factories.Organization(title=AGENCY)
    context = Context(user=factories.Sysadmin()["name"])
    sent = {
        "upload": storage("bang.xlsx", workbook(datasets)),
        "files": storage("tep.zip", packed(datasets)),
    }
    begun = time.perf_counter()
    run: dict[str, Any] = tk.get_action("nd47_spreadsheet_preview")(context, sent)
    read = time.perf_counter()
    until_it_ends(run["id"], changes.prepare, tables.PREPARING)
    checked = time.perf_counter()
    tk.get_action("nd47_bulk_apply")(context, {"id": run["id"]})
    until_it_ends(run["id"], changes.apply, tables.RUNNING)
    applied = time.perf_counter()
    counts = changes.progress(run["id"])["counts"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(  # noqa: T201 - the figures are the result
        f"{datasets} datasets, {datasets * FILES_EACH} files: read {read - begun:.1f} s, checked "
        f"{checked - read:.1f} s, applied {applied - checked:.1f} s, all {applied - begun:.1f} s; "
        f"{counts}; at most {memory:.0f} MB"
    )
    whole = counts.get(tables.DONE, 0) == datasets
    return int(not whole or applied - begun > LIMIT * datasets / DATASETS)


def until_it_ends(run_id: str, job: Any, state: str) -> None:
    """Run a job and its continuations."""
    while changes.progress(run_id)["state"] == state:
        job(run_id)


def workbook(datasets: int) -> bytes:
    """Return the workbook with the datasets and their files."""
    book = openpyxl.Workbook(write_only=True)
    sheet: Any = book.create_sheet("Bộ dữ liệu")
    sheet.append(["Tên bộ dữ liệu", "Cơ quan cung cấp", "Tần suất cập nhật", "Từ khóa"])
    for n in range(datasets):
        sheet.append([f"Danh sách trường học số {n}", AGENCY, "Hằng năm", "trường học; giáo dục"])
    files: Any = book.create_sheet("Tệp dữ liệu")
    files.append(["Bộ dữ liệu", "Tệp hoặc địa chỉ", "Tên tệp dữ liệu"])
    for n in range(datasets):
        for file in range(FILES_EACH):
            files.append([f"Danh sách trường học số {n}", f"{n}-{file}.csv", f"Năm {2024 + file}"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def packed(datasets: int) -> bytes:
    """Return the ZIP with the files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(datasets):
            for file in range(FILES_EACH):
                archive.writestr(f"{n}-{file}.csv", ROWS)
    return target.getvalue()


def storage(name: str, content: bytes) -> FileStorage:
    """Return a file as a form sends it."""
    return FileStorage(io.BytesIO(content), name)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
