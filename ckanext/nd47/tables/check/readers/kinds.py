"""Says what a file is by its first bytes, and what its name says."""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from ckanext.nd47.tables.check.report import FileError

Format = Literal[
    "CSV", "TSV", "XLSX", "ODS", "XLS", "JSON", "GeoJSON", "ZIP", "KML", "SHP",
    "PDF", "DOCX", "HTML", "XML", "TXT", "",
]  # fmt: skip

_START = 4096
_BLOCK = 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(
    rb"\s*(?:<!--.{0,200}?-->\s*)?<(?:!doctype\s+html|html|head|body|table)\b", re.I | re.S
)
_GEOJSON = re.compile(
    rb'"type"\s*:\s*"(?:FeatureCollection|Feature|GeometryCollection|(?:Multi)?'
    rb'(?:Point|LineString|Polygon))"'
)

_RECORD = re.compile(rb'(?:\[\s*)?\{\s*"')

_NAMES: dict[str, Format] = {
    "csv": "CSV", "tsv": "TSV", "tab": "TSV", "xlsx": "XLSX", "xlsm": "XLSX", "ods": "ODS",
    "xls": "XLS", "json": "JSON", "geojson": "GeoJSON", "zip": "ZIP", "shp": "SHP",
    "shapefile": "ZIP", "kml": "KML", "pdf": "PDF", "docx": "DOCX", "html": "HTML",
    "htm": "HTML", "xml": "XML", "txt": "TXT",
}  # fmt: skip

TEXTS = frozenset({"CSV", "TSV", "TXT"})
_SAME = (
    TEXTS,
    frozenset({"JSON", "GeoJSON"}),
    frozenset({"KML", "XML"}),
    frozenset({"ZIP", "SHP"}),
)


def named(name: str) -> Format:
    """Return the format that the extension of a name, or the format of a resource, says."""
    return _NAMES.get(name.rpartition(".")[2].strip().lower(), "")


def matches(content: Format, name: Format) -> bool:
    """Return whether a file may have this name."""
    return content == name or any({content, name} <= same for same in _SAME)


def of_content(path: Path, name: Format) -> Format:
    """Return what a file is.

    Args:
        path: the file.
        name: what its name says; decides between kinds of text.

    Raises:
        FileError: it is empty, or a broken or locked archive.
    """
    with path.open("rb") as file:
        start = file.read(_START)
    if not start.strip(b"\x00 \r\n\t"):
        raise FileError("empty")
    for signature, read in _SIGNATURES.items():
        if start.startswith(signature):
            return read(path)
    if start.startswith(_BYTE_ORDER_MARKS):
        return _text(name)
    return _of_text(start.removeprefix(codecs.BOM_UTF8), name)


def _of_text(start: bytes, name: Format) -> Format:
    """Return what a text is by its start.

    Raises:
        FileError: it is no text.
    """
    shown = start.lstrip()
    if _HTML.match(shown):
        return "HTML"
    if shown.startswith(b"<"):
        return "KML" if b"<kml" in start or b":kml" in start else "XML"
    is_json = shown[:1] in {b"{", b"["}
    if is_json and (name not in TEXTS | {""} or _RECORD.match(shown)):
        return "GeoJSON" if _GEOJSON.search(start) else "JSON"
    if b"\x00" in start:
        raise FileError("unknown-format")
    return _text(name)


def _text(name: Format) -> Format:
    return name if name in TEXTS else "CSV"


def _archive(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
                return "XLSX"
            if "word/document.xml" in names:
                return "DOCX"
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    is_ods = b"opendocument.spreadsheet" in file.read(200)
                return "ODS" if is_ods else "ZIP"
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise FileError("broken") from error
    return "ZIP"


def _ole(path: Path) -> Format:
    """Return what a file of the older Office formats is; an encrypted XLSX is one too."""
    with path.open("rb") as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            if "EncryptedPackage".encode("utf-16-le") in block:
                raise FileError("locked")
            if "Workbook".encode("utf-16-le") in block or "Book".encode("utf-16-le") in block:
                return "XLS"
    return ""


_SIGNATURES: Mapping[bytes, Callable[[Path], Format]] = {
    b"%PDF-": lambda _path: "PDF",
    b"PK": _archive,
    _OLE: _ole,
    b"\x00\x00\x27\x0a": lambda _path: "SHP",
}
"""How the files begin that are no text, and what says more about them."""
