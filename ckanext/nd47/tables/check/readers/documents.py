"""Reads the texts of PDF and DOCX, as a table of one column: they may name persons too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check.readers import archives
from ckanext.nd47.tables.check.report import FileError, Report

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 50
"""Pages of a PDF that are read."""

MOST_LINES = 20_000
_LEAST_LETTERS = 20


def pdf(path: Path, report: Report) -> Iterator[str]:
    """Yield the lines of a PDF; one without texts, such as a scan, is reported.

    Raises:
        FileError: it is broken or locked.
    """
    # A tenth of the time that the check of a small table takes.
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    letters = 0
    try:
        pages = _unlocked(PdfReader(path)).pages
        for number in range(min(len(pages), MOST_PAGES)):
            text = pages[number].extract_text()
            letters += sum(map(str.isalpha, text))
            yield from text.splitlines()
        report.whole = report.whole and len(pages) <= MOST_PAGES
    except (MemoryError, FileError):
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError,
            RecursionError, OSError, NotImplementedError, ArithmeticError) as error:  # fmt: skip
        raise FileError("broken") from error
    if letters < _LEAST_LETTERS:
        report.add("no-text")


def _unlocked(reader: PdfReader) -> PdfReader:
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileError("locked")
    return reader


def docx(path: Path, report: Report) -> Iterator[str]:
    """Yield the paragraphs of a DOCX.

    Raises:
        FileError: it is broken, locked or too large.
    """
    with archives.opened(path) as archive:
        archives.inspect_office(archive, report)
        part = archive.getinfo("word/document.xml")
        if part.file_size > limits.LARGEST_PART:
            raise FileError("too-large", limit=f"{limits.LARGEST_PART // limits.MEGABYTE} MB")
        with archive.open(part) as stream:
            words: list[str] = []
            try:
                for _, element in iterparse(stream, events=("end",), forbid_dtd=True):
                    name = element.tag.rpartition("}")[2]
                    if name == "t":
                        words.append(element.text or "")
                    elif name == "p":
                        yield "".join(words)
                        words = []
                        element.clear()
            except (ParseError, DefusedXmlException) as error:
                raise FileError("broken") from error
