"""The form of a document, as `schemas/official-document.yaml` states it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from ckanext.nd47.lib.data import data_path, read_yaml

LEADING_ZERO_MONTHS = 2
"""January and February are written with a zero in front, days below ten as well."""


@dataclass(frozen=True)
class Style:
    """How a paragraph is set: size and spaces in points, indents in millimetres.

    Attributes:
        name: its name in the document.
        size: size of the type.
        align: `left`, `center`, `right` or `both`.
        bold: whether it is bold.
        italic: whether it is in italics.
        before: space above.
        after: space below.
        first: indent of the first line.
        line: distance of the lines.
        follows: whether it stays on the page of the next paragraph.
        outline: its level in the outline of the document, None for no title.
    """

    name: str
    size: float
    align: str = "left"
    bold: bool = False
    italic: bool = False
    before: float = 0.0
    after: float = 0.0
    first: float = 0.0
    line: float = 1.0
    follows: bool = False
    outline: int | None = None


@dataclass(frozen=True)
class Page:
    """A page of A4 with its margins, in millimetres."""

    width: float
    height: float
    top: float
    bottom: float
    left: float
    right: float
    header: float

    def text_width(self, *, landscape: bool) -> float:
        """Return the width between the margins."""
        return (self.height if landscape else self.width) - self.left - self.right


@dataclass(frozen=True)
class Form:
    """The whole form; see the file."""

    font: str
    language: str
    page: Page
    opening_left: float
    styles: dict[str, Style]
    words: dict[str, str]


@cache
def load() -> Form:
    """Return the form."""
    content: dict[str, Any] = read_yaml(data_path("schemas", "official-document.yaml"))
    return Form(
        font=content["font"],
        language=content["language"],
        page=Page(**content["page"]),
        opening_left=content["opening_left"],
        styles={key: Style(**style) for key, style in content["styles"].items()},
        words=content["words"],
    )


def number_of(written: str) -> str:
    """Return number and symbol, with room in front where the number is still missing."""
    if not written or written.startswith("/"):
        return f"{load().words['number_blank']}{written or '/'}"
    return written


def parts_of(day: dt.date | None) -> dict[str, str]:
    """Return day, month and year as documents write them, with room for a missing day."""
    words = load().words
    if day is None:
        blank = words["day_blank"]
        return {"day": blank, "month": blank, "year": words["year_blank"]}
    month = f"{day.month:02d}" if day.month <= LEADING_ZERO_MONTHS else str(day.month)
    return {"day": f"{day.day:02d}", "month": month, "year": str(day.year)}
