"""Tables of a document."""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.nd47.lib.files.official_documents import elements, form
from ckanext.nd47.lib.files.official_documents.document import Group, Row, Table, Total
from ckanext.nd47.lib.files.official_documents.elements import Element

MARGIN = 1.2
"""Millimetres beside the text of a cell."""
LETTER = 0.56
"""Width of an average letter in bold type, compared with its size."""
LONGEST_WORD = 16
"""Letters of a word that a column is widened for."""
POINT_MM = 25.4 / 72
STYLES = {"left": "cell", "center": "cell_center", "right": "cell_right"}


def add(parent: Element, table: Table, width: float) -> None:
    """Add a table with its caption and note.

    Args:
        parent: the body of the document.
        table: the table.
        width: its width in millimetres.
    """
    if table.caption:
        elements.text(parent, "caption", table.caption)
    widths = _widths(table, width)
    lengths = [elements.twips(one) for one in widths]
    grid = elements.grid(parent, widths, border=True, margin=MARGIN)
    _add_head(grid, [column.title for column in table.columns], lengths)
    if table.numbered:
        _add_head(grid, [f"({number})" for number in range(1, len(lengths) + 1)], lengths)
    styles = [STYLES[column.align] for column in table.columns]
    for row in table.rows:
        _add_row(grid, row, lengths, styles)
    # Two tables that touch are one for programs.
    elements.text(parent, "note", table.note)


def _widths(table: Table, width: float) -> list[float]:
    """Return the widths of the columns by their weights, but none narrower than its words."""
    size = form.load().styles["cell_head"].size
    letter = size * LETTER * POINT_MM
    longest = [max(map(len, column.title.split()), default=1) for column in table.columns]
    for row in table.rows:
        if not isinstance(row, Group):
            cells = row.cells if isinstance(row, Total) else row
            for place, cell in enumerate(cells[: len(longest)]):
                if cell:
                    longest[place] = max(longest[place], *map(len, cell.split() or [""]))
    least = [min(length, LONGEST_WORD) * letter + 2 * MARGIN for length in longest]
    total = sum(column.weight for column in table.columns)
    shares = [width * column.weight / total for column in table.columns]
    missing = [max(0.0, need - share) for need, share in zip(least, shares, strict=True)]
    spare = [max(0.0, share - need) for need, share in zip(least, shares, strict=True)]
    taken = min(1.0, sum(missing) / sum(spare)) if sum(spare) else 0.0
    widths = [
        share + lack - taken * extra
        for share, lack, extra in zip(shares, missing, spare, strict=True)
    ]
    return [width * one / sum(widths) for one in widths]


def _add_head(grid: Element, titles: Sequence[str], lengths: Sequence[int]) -> None:
    row = elements.row(grid, head=True)
    for title, length in zip(titles, lengths, strict=True):
        elements.text(elements.cell(row, length, middle=True), "cell_head", title)


def _add_row(grid: Element, row: Row, lengths: Sequence[int], styles: Sequence[str]) -> None:
    added = elements.row(grid)
    if isinstance(row, Group):
        cell = elements.cell(added, sum(lengths), span=len(lengths))
        elements.text(cell, "cell_group", row.text)
        return
    is_total = isinstance(row, Total)
    cells = list(row.cells if isinstance(row, Total) else row)[: len(lengths)]
    cells += [""] * (len(lengths) - len(cells))
    for text, length, style in zip(cells, lengths, styles, strict=True):
        elements.text(elements.cell(added, length), style, text, bold=is_total)
