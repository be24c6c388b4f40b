"""Elements of WordprocessingML, built directly: python-docx searches a table for each cell."""

from __future__ import annotations

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element

from ckanext.nd47.lib.files.spreadsheets.spreadsheet import NOT_IN_XML, REPLACEMENT

SPACE = "{http://www.w3.org/XML/1998/namespace}space"
TWIPS = 1440 / 25.4
"""Twentieths of a point in a millimetre."""
POINT = 20
HALF_POINT = 2

_NAMES = {
    name: qn(f"w:{name}")
    for name in (
        "br", "cantSplit", "fldChar", "gridCol", "gridSpan", "ind", "instrText", "jc", "keepNext",
        "p", "pBdr", "pPr", "pStyle", "r", "rPr", "t", "tab", "tbl", "tblBorders", "tblCellMar",
        "tblGrid", "tblHeader", "tblLayout", "tblPr", "tblW", "tc", "tcPr", "tcW", "top", "bottom",
        "left", "right", "insideH", "insideV", "tr", "trPr", "vAlign", "b", "i", "sz", "color",
    )
}  # fmt: skip
_ATTRIBUTES = {
    name: qn(f"w:{name}")
    for name in (
        "val", "w", "type", "fldCharType", "sz", "space", "color", "left", "right", "firstLine",
    )
}  # fmt: skip


def twips(millimetres: float) -> int:
    """Return a length as WordprocessingML writes it."""
    return round(millimetres * TWIPS)


def child(parent: Element, name: str, **attributes: str | int) -> Element:
    """Add an element to another.

    Args:
        parent: the other.
        name: its name without the prefix.
        attributes: its attributes without the prefix.
    """
    added: Element = parent.makeelement(_NAMES[name])
    for key, value in attributes.items():
        added.set(_ATTRIBUTES[key], str(value))
    parent.append(added)
    return added


def new(name: str) -> Element:
    """Return an element that stands alone."""
    return OxmlElement(f"w:{name}")


def paragraph(parent: Element, style: str) -> Element:
    """Add an empty paragraph of a style."""
    added = child(parent, "p")
    child(child(added, "pPr"), "pStyle", val=style)
    return added


def run(parent: Element, text: str, *, bold: bool = False) -> None:
    """Add a text to a paragraph; its line breaks are kept."""
    added = child(parent, "r")
    if bold:
        child(child(added, "rPr"), "b")
    lines = NOT_IN_XML.sub(REPLACEMENT, text.replace("\r\n", "\n")).split("\n")
    for index, line in enumerate(lines):
        if index:
            child(added, "br")
        if line:
            written = child(added, "t")
            written.text = line
            if line != line.strip() or "  " in line:
                written.set(SPACE, "preserve")


def text(parent: Element, style: str, content: str, *, bold: bool = False) -> Element:
    """Add a paragraph with a text."""
    added = paragraph(parent, style)
    if content:
        run(added, content, bold=bold)
    return added


def line(parent: Element, length: float, width: float) -> None:
    """Add a horizontal line in the middle of a column.

    Args:
        parent: where to add it.
        length: its length in millimetres.
        width: width of the column in millimetres.
    """
    added = paragraph(parent, "line")
    properties = added[0]
    border = child(properties, "pBdr")
    child(border, "top", val="single", sz=6, space=1, color="auto")
    indent = twips(max(0.0, (width - length) / 2))
    child(properties, "ind", left=indent, right=indent)


def field(parent: Element, code: str) -> None:
    """Add a field that programs compute, such as the number of the page."""
    for kind in ("begin", "", "end"):
        added = child(parent, "r")
        if kind:
            child(added, "fldChar", fldCharType=kind)
        else:
            instruction = child(added, "instrText")
            instruction.text = code
            instruction.set(SPACE, "preserve")


def grid(parent: Element, widths: list[float], *, border: bool, margin: float) -> Element:
    """Add a table without rows.

    Args:
        parent: where to add it.
        widths: widths of its columns in millimetres.
        border: whether its cells have lines.
        margin: space beside the text of a cell, in millimetres.
    """
    table = child(parent, "tbl")
    properties = child(table, "tblPr")
    child(properties, "tblW", w=twips(sum(widths)), type="dxa")
    # The widths are centred, so that the lines do not stand out of the text on one side.
    child(properties, "jc", val="center")
    if border:
        borders = child(properties, "tblBorders")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
            child(borders, side, val="single", sz=4, space=0, color="auto")
    child(properties, "tblLayout", type="fixed")
    margins = child(properties, "tblCellMar")
    for side in ("left", "right"):
        child(margins, side, w=twips(margin), type="dxa")
    columns = child(table, "tblGrid")
    for width in widths:
        child(columns, "gridCol", w=twips(width))
    return table


def row(table: Element, *, head: bool = False) -> Element:
    """Add a row to a table, that no page divides; `head` is repeated on each page."""
    added = child(table, "tr")
    properties = child(added, "trPr")
    child(properties, "cantSplit")
    if head:
        child(properties, "tblHeader")
    return added


def cell(parent: Element, width: int, *, span: int = 1, middle: bool = False) -> Element:
    """Add a cell to a row; its width in twentieths of a point."""
    added = child(parent, "tc")
    properties = child(added, "tcPr")
    child(properties, "tcW", w=width, type="dxa")
    if span > 1:
        child(properties, "gridSpan", val=span)
    if middle:
        child(properties, "vAlign", val="center")
    return added
