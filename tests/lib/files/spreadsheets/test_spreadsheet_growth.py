"""Reading a table costs no more than its length, whatever its shape: measured at two sizes."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import openpyxl
import pytest

from ckanext.nd47.lib.files import encoding
from ckanext.nd47.lib.files.spreadsheets import spreadsheet
from ckanext.nd47.lib.files.spreadsheets.sheet import SheetError

pytestmark = pytest.mark.slow

SMALL, TIMES = 1_000, 4
MOST = 2.2 * TIMES
"""What costs its length has a factor of 4 between the sizes, what costs its square one of 16."""


def xlsx(content: Callable[[Any], None]) -> bytes:
    workbook: Any = openpyxl.Workbook()
    content(workbook.active)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def with_sheet(content: bytes) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(lambda sheet: sheet.append(["x"])))) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            is_sheet = "sheet1" in part.filename
            new.writestr(part.filename, content if is_sheet else old.read(part))
    return target.getvalue()


def merged(size: int) -> bytes:
    def fill(sheet: Any) -> None:
        for number in range(size):
            sheet.append([number, "x"])
            if number % 2:
                sheet.merge_cells(f"B{number}:B{number + 1}")

    return xlsx(fill)


SHAPES: dict[str, Callable[[int], bytes]] = {
    "rows": lambda size: b"a,b\n" * size,
    "quotes": lambda size: b'"a""' + b'""' * size * 10,
    "open quote": lambda size: b'a\n"' + b"x\n" * size * 10,
    "delimiters": lambda size: b",;\t" * size * 20,
    "empty rows": lambda size: b"\n" * size + b"a",
    "accents": lambda size: "Sở,".encode() * 20 + b"\n" + "Së Y tÕ\n".encode() * size,
    "TCVN3": lambda size: "Së Y tÕ\n".encode("latin-1") * size,
    "marks": lambda size: ("a" + "\u0301" * size * 10).encode(),
    "1258": lambda size: b"e\xec" * size * 10,
    "UTF-8 among others": lambda size: b"\xe1\xba\xbf\xff" * size * 10,
    "opened tags": lambda size: with_sheet(b"<" * size * 10),
    "tag without end": lambda size: with_sheet(b"<" + b"a" * size * 100),
    "prefixes": lambda size: with_sheet(b"<a:a:a:" * size * 10),
    "merges": lambda size: with_sheet(b"<mergeCell " + b'ref="A1:' * size * 10),
    "merged cells": merged,
    "nested": lambda size: with_sheet(b"<row>" * size),
}


def cost(work: Callable[[bytes], object], data: bytes) -> float:
    """Return the least processor time of three runs."""
    least = float("inf")
    for _ in range(3):
        start = time.process_time()
        with suppress(SheetError, UnicodeDecodeError):
            work(data)
        least = min(least, time.process_time() - start)
    return least


@pytest.mark.parametrize("shape", SHAPES)
def test_reading_costs_its_length(shape: str) -> None:
    make = SHAPES[shape]
    small, large = (cost(spreadsheet.read, make(SMALL * times)) for times in (1, TIMES))
    assert large < MOST * small + 0.05


@pytest.mark.parametrize(
    "written",
    ["ươu" * 10, "ngh", "uyê", "Đ", "\u0301", "a\u0301", "©", "Së", "A'"],
)
def test_recognising_an_encoding_costs_its_length(written: str) -> None:
    small, large = (
        cost(lambda data: encoding.restore([data.decode()]), (written * SMALL * times).encode())
        for times in (1, TIMES)
    )
    assert large < MOST * small + 0.05
