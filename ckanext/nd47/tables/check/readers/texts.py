"""Reads CSV and TSV in any encoding, line by line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ckanext.nd47.lib.files import encoding
from ckanext.nd47.lib.language import text
from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.cells import Row, Table
from ckanext.nd47.tables.check.report import LONGEST_EXAMPLE, FileError, Report

_BLOCK = 2**20
_SAMPLE = 400_000
_DELIMITERS = ",;\t|"
_LINES = 60
_VIQR = re.compile(r"[aeouAEOU][\^(+][`'?~.]?|[aeiouyAEIOUY][`~](?=[\sa-zA-Z,;]|$)")
_WORDS = re.compile(r"[A-Za-z]+")
_LEAST_VIQR = 10
_VIQR_SHARE = 0.1
_LONGEST_LIST = 5

MARK = "UTF-8-BOM"
_AND_UTF_8 = " + UTF-8"

csv.field_size_limit(limits.LONGEST_LINE)


def table(path: Path, report: Report) -> Table:
    """Return the table of a text file; its encoding is reported.

    Raises:
        FileError: it is no text.
    """
    report.encoding = recognise(path, report)
    sample = "".join(islice(lines(path, report.encoding), _LINES))
    if sample.isascii() and _is_viqr(path, report.encoding):
        report.add("viqr")
    report.delimiter = delimiter(sample)
    return Table(_rows(path, report), is_ragged=True)


def lines(path: Path, name: str) -> Iterator[str]:
    """Yield the lines of a text file as Unicode.

    Raises:
        FileError: a line is longer than any table has.
    """
    codec = {encoding.UTF_16: "utf-16", encoding.UTF_8: "utf-8-sig", MARK: "utf-8-sig"}.get(name)
    if codec:
        with path.open(encoding=codec, errors="replace", newline="") as file:
            while line := file.readline(limits.LONGEST_LINE):
                if len(line) >= limits.LONGEST_LINE:
                    raise FileError("broken")
                yield line
        return
    old = name.removesuffix(_AND_UTF_8)
    with path.open("rb") as file:
        while part := file.readlines(_BLOCK):
            if max(map(len, part)) >= limits.LONGEST_LINE:
                raise FileError("broken")
            if old == name:
                read = encoding.decode_as(b"".join(part), old)
            else:
                read = "".join(_of_either(line, old) for line in part)
            yield from io.StringIO(text.nfc(read), newline="")


def _of_either(line: bytes, old: str) -> str:
    """Return a line that is in UTF-8 or in an older encoding."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return encoding.decode_as(line, old)


def recognise(path: Path, report: Report) -> str:
    """Return the name of the encoding of a text file, and report an old one.

    Raises:
        FileError: it is in none.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            report.add("utf-16")
            return encoding.UTF_16
        file.seek(0)
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            pass
        else:
            return MARK if start.startswith(codecs.BOM_UTF8) else encoding.UTF_8
    return _old(path, report)


def _old(path: Path, report: Report) -> str:
    """Return the encoding before Unicode of a file, by its lines with other letters than ASCII."""
    sample, are_mixed = bytearray(), False
    with path.open("rb") as file:
        for line in iter(lambda: file.readline(limits.LONGEST_LINE), b""):
            if line.isascii():
                continue
            if _is_utf_8(line):
                are_mixed = True
            else:
                sample += line
            if len(sample) > _SAMPLE:
                break
    data = bytes(sample)
    if b"\x00" in data:
        raise FileError("unknown-format")
    try:
        decoded = encoding.decode(data)
    except UnicodeDecodeError as error:
        raise FileError("unknown-format") from error
    if are_mixed or encoding.is_mixed(data):
        report.add("mixed-encodings", encoding=decoded.encoding)
        return decoded.encoding + (_AND_UTF_8 if are_mixed else "")
    before = data.decode("cp1252", "replace").splitlines()[0].strip()
    meant = text.nfc(decoded.text.splitlines()[0].strip())
    report.add(
        "old-encoding",
        encoding=decoded.encoding,
        example=before[:LONGEST_EXAMPLE],
        meant=meant[:LONGEST_EXAMPLE],
    )
    return decoded.encoding


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def delimiter(sample: str) -> str:
    """Return the sign between the cells of a CSV file."""
    best, best_score = ",", 0.0
    for sign in _DELIMITERS:
        try:
            rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=sign))
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        score = times / max(len(rows), 1) * (1 + min(width, _LONGEST_LIST) / 10)
        if score > best_score:
            best, best_score = sign, score
    return best


def _rows(path: Path, report: Report) -> Iterator[Row]:
    reader = csv.reader(lines(path, report.encoding), delimiter=report.delimiter)
    try:
        for number, row in enumerate(reader, start=1):
            yield number, list(row)
    except csv.Error as error:
        raise FileError("broken") from error


def _is_viqr(path: Path, name: str) -> bool:
    sample = "".join(islice(lines(path, name), 1000))[:_SAMPLE]
    marks = len(_VIQR.findall(sample))
    return marks >= _LEAST_VIQR and marks >= _VIQR_SHARE * len(_WORDS.findall(sample))
