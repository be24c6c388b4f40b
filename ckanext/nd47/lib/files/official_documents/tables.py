"""Tables of a document."""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.nd47.lib.files.official_documents import elements, form
from ckanext.nd47.lib.files.official_documents.document import Group, Row, Table, Total
from ckanext.nd47.lib.files.official_documents.elements import Element

MARGIN = 1.2
"""Millimetres beside the text of a cell."""
LETTER, CAPITAL, NARROW_LETTER, WIDE_LETTER = 0.54, 0.72, 0.34, 0.9
"""Widths of letters in bold type, compared with their size."""
NARROW, WIDE = frozenset("fijlrt.,:;()[]'/-|!"), frozenset("mwMW%")
LONGEST_WORD = 9.0
"""Width of a word that a column is widened for, compared with the size of its letters."""
SHORT_WORD = 2.6
"""Width of a word that is never broken: a running number, a code, `STT`."""
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
    lengths = [elements.twips(column_width) for column_width in widths]
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
    size = form.load().styles["cell_head"].size * POINT_MM
    longest = [max(map(_length, column.title.split()), default=1.0) for column in table.columns]
    for row in table.rows:
        if not isinstance(row, Group):
            cells = row.cells if isinstance(row, Total) else row
            for place, cell in enumerate(cells[: len(longest)]):
                longest[place] = max(longest[place], *map(_length, cell.split()), 0.0)
    least = [min(length, LONGEST_WORD) * size + 2 * MARGIN for length in longest]
    if sum(least) > width:
        return _squeezed(least, SHORT_WORD * size + 2 * MARGIN, width)
    total = sum(column.weight for column in table.columns)
    shares = [width * column.weight / total for column in table.columns]
    missing = [max(0.0, need - share) for need, share in zip(least, shares, strict=True)]
    spare = [max(0.0, share - need) for need, share in zip(least, shares, strict=True)]
    taken = sum(missing) / sum(spare) if sum(spare) else 0.0
    return [
        share + lack - taken * extra
        for share, lack, extra in zip(shares, missing, spare, strict=True)
    ]


def _squeezed(least: Sequence[float], short: float, width: float) -> list[float]:
    """Return narrower columns where not all words fit: only those of long words are broken."""
    kept = sum(need for need in least if need <= short)
    scale = (width - kept) / (sum(least) - kept) if 0 < kept < min(width, sum(least)) else 0.0
    if not scale:
        return [need * width / sum(least) for need in least]
    return [need if need <= short else need * scale for need in least]


def _length(word: str) -> float:
    """Return the width of a word in bold type, compared with the size of its letters."""
    return sum(map(_letter, word))


def _letter(letter: str) -> float:
    if letter in NARROW:
        return NARROW_LETTER
    if letter in WIDE:
        return WIDE_LETTER
    return CAPITAL if letter.isupper() else LETTER


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
