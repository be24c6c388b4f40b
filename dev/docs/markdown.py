"""Tables of the documents that are made from the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, and an empty one behind it.

    Args:
        heads: names of the columns.
        rows: the cells of each row, any text on one line.
    """
    yield line(heads)
    yield line(["---"] * len(heads))
    for row in rows:
        yield line(row)
    yield ""


def line(cells: Iterable[str]) -> str:
    """Return one row; a bar in a cell would end it."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
