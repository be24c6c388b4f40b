"""The parts of an administrative document, without a library that writes it.

Every text is plain: line breaks are kept, characters that XML cannot hold are replaced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Opening:
    """The head of a document.

    Attributes:
        agency: the agency that issues it.
        superior: the agency above it; empty for none.
        number: number and symbol, such as `12/QĐ-UBND`; `/QĐ-UBND` leaves room for the number.
        place: place of issue.
        day: day of issue; None leaves room for it.
    """

    agency: str
    superior: str = ""
    number: str = ""
    place: str = ""
    day: dt.date | None = None


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the text.

    Attributes:
        text: its text.
        lead: bold words before it, such as `Điều 1.`.
    """

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Title:
    """The title of a part, numbered by its level: `I.`, `1.`, `a)`.

    Attributes:
        text: the title without a number.
        level: 1 to 3.
    """

    text: str
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        weight: its width compared with that of other columns.
        align: how its cells are set.
    """

    title: str
    weight: float = 1.0
    align: Align = "left"


@dataclass(frozen=True)
class Group:
    """A row across all columns, over the rows of a group.

    Attributes:
        text: its text with its number, such as `I. Lĩnh vực đất đai`.
    """

    text: str


@dataclass(frozen=True)
class Total:
    """A row in bold type.

    Attributes:
        cells: its cells.
    """

    cells: Sequence[str]


Row = Sequence[str] | Group | Total


@dataclass(frozen=True)
class Table:
    """A table, whose heading row is repeated on each page.

    Attributes:
        columns: its columns.
        rows: its rows; a row with fewer cells than columns is filled with empty ones.
        caption: its name above it; empty for none.
        note: a text below it; empty for none.
        numbered: whether a row below the headings numbers the columns: (1), (2) ...
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    caption: str = ""
    note: str = ""
    numbered: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture, as wide as the text or less.

    Attributes:
        png: its content.
        description: what it shows, for readers who do not see it.
        width: millimetres; 0 for the width of the text.
    """

    png: bytes
    description: str
    width: float = 0.0


Block = Paragraph | Title | Table | Picture


@dataclass(frozen=True)
class Signature:
    """Who signs.

    Attributes:
        powers: lines of authority and office, such as `TM. ỦY BAN NHÂN DÂN`, `KT. CHỦ TỊCH` and
            `PHÓ CHỦ TỊCH`.
        name: first and last name; empty leaves room for it.
    """

    powers: Sequence[str]
    name: str = ""


@dataclass(frozen=True)
class DecisionReference:
    """The document that an annex belongs to.

    Attributes:
        issuer: who issued it, such as `Ủy ban nhân dân thành phố Đà Nẵng`.
        number: number and symbol; `/QĐ-UBND` leaves room for the number.
        day: day of issue; None leaves room for it.
        kind: what it is.
    """

    issuer: str
    number: str = ""
    day: dt.date | None = None
    kind: str = "Quyết định"


@dataclass(frozen=True)
class Annex:
    """An annex, which starts on a new page with number 1.

    Attributes:
        title: its title.
        blocks: its content.
        of: the document that it belongs to; None prints no reference.
        number: its number, such as `I`; empty where there is only one.
        landscape: whether its pages lie on their side, for wide tables.
    """

    title: str
    blocks: Sequence[Block]
    of: DecisionReference | None = None
    number: str = ""
    landscape: bool = True


@dataclass(frozen=True)
class OfficialDocument:
    """A document, or annexes alone.

    Attributes:
        title: title of the file for programs, not printed.
        opening: its head; None for annexes alone.
        kind: what it is, such as `QUYẾT ĐỊNH` or `BÁO CÁO`.
        subject: what it is about (trích yếu).
        authority: line above the bases, such as `ỦY BAN NHÂN DÂN TỈNH`; empty for none.
        bases: legal bases, without the sign at the end.
        blocks: its text.
        signature: who signs; None for nobody.
        recipients: who receives it, without the sign at the end.
        annexes: its annexes.
        landscape: whether the pages of its text lie on their side.
    """

    title: str
    opening: Opening | None = None
    kind: str = ""
    subject: str = ""
    authority: str = ""
    bases: Sequence[str] = ()
    blocks: Sequence[Block] = ()
    signature: Signature | None = None
    recipients: Sequence[str] = ()
    annexes: Sequence[Annex] = ()
    landscape: bool = False
