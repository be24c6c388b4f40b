"""Tables to bytes: CSV, XLSX, JSON and GeoJSON, the same bytes for the same table."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from .tables import Table

ZIP_TIME = (2026, 1, 1, 0, 0, 0)
FIXED_TIME = datetime(*ZIP_TIME)  # noqa: DTZ001  (openpyxl takes naive UTC times)


def csv_bytes(table: Table) -> bytes:
    """Write the table as CSV in UTF-8 with a byte order mark.

    The mark is there because Excel, on which most officials open such a file, takes a CSV without
    it for Windows-1258 and garbles the Vietnamese. Readers of CSV (the DataStore's loader, pandas,
    R) recognise it, and it makes the guess of the encoding certain for those that guess.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(table.codes)
    writer.writerows(table.rows)
    return stream.getvalue().encode("utf-8-sig")


def json_bytes(table: Table) -> bytes:
    """Write the table as a list of objects, an object per line."""
    lines = [json.dumps(record, ensure_ascii=False) for record in table.records()]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def geojson_bytes(table: Table) -> bytes:
    """Write the table as a FeatureCollection (RFC 7946: WGS 84, longitude first).

    Raises:
        ValueError: the table has no geometry.
    """
    if table.geometries is None:
        msg = f"table {table.title!r} has no geometry"
        raise ValueError(msg)
    features = [
        json.dumps(
            {"type": "Feature", "properties": record, "geometry": geometry}, ensure_ascii=False
        )
        for record, geometry in zip(table.records(), table.geometries, strict=True)
    ]
    head = '{"type": "FeatureCollection", "features": [\n'
    return (head + ",\n".join(features) + "\n]}\n").encode()


def xlsx_bytes(table: Table) -> bytes:
    """Write the table as a workbook: one sheet, labels with diacritics in the first row."""
    book = Workbook()
    book.properties.creator = "Tỉnh Vĩnh Khuê (tỉnh giả định)"
    book.properties.title = table.title
    book.properties.created = FIXED_TIME
    sheet = book.worksheets[0]
    sheet.title = "Du lieu"
    sheet.append(list(table.labels))
    for row in table.rows:
        sheet.append(list(row))
    for index, label in enumerate(table.labels, start=1):
        cell = sheet.cell(row=1, column=index)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        width = max([len(label) // 2, *(len(str(r[index - 1])) for r in table.rows)])
        sheet.column_dimensions[get_column_letter(index)].width = min(max(width + 2, 10), 60)
    sheet.freeze_panes = "A2"
    stream = io.BytesIO()
    book.save(stream)
    return _without_times(stream.getvalue())


def _without_times(workbook: bytes) -> bytes:
    """Repack a workbook with fixed times: openpyxl stamps each part with the time of saving."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result,
    ):
        for name in sorted(source.namelist(), key=_content_types_first):
            part = source.read(name)
            if name == "docProps/core.xml":
                stamp = FIXED_TIME.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, part)
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            result.writestr(entry, part)
    return target.getvalue()


def _content_types_first(name: str) -> tuple[bool, str]:
    """Sort key: libmagic knows a workbook by `[Content_Types].xml` as its first part."""
    return name != "[Content_Types].xml", name
