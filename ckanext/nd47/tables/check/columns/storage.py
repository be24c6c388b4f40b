"""Decides how a column is stored: as numbers or dates if every cell is one, otherwise as text."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from ckanext.nd47.tables.check.cells import Cell, date_of, shape, written
from ckanext.nd47.tables.check.columns import values

StoredType = Literal["text", "numeric", "date", "timestamp"]

_CODE = re.compile(
    r" (?:ma|ma so|ma hieu|so hieu|mst|cccd|cmnd|so dien thoai|sdt|so dt|so di dong|so fax"
    r"|so tai khoan|so tk|stk|bien so|so giay to|so ky hieu|so seri|code|id|zip|postcode|isbn"
    r"|issn) "
    r"|^ (?:so nha|dien thoai|di dong|fax|phone|mobile|tel)(?: .{1,40})? $"
)
_NO_CODE = re.compile(r" ma (?:tuy|luc) ")
_CODES = ("citizen-id", "identity-card", "telephone", "bank-account", "insurance-number",
          "tax-numbers", "lost-zeros")  # fmt: skip
_MOSTLY = 0.8
_FEW = 5
_FIRST_DAY = dt.date(1899, 12, 30)
_TIME = re.compile(r"\s(\d{1,2}):(\d{2})(?::(\d{2}))?$")
_ISO_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\d*(?:Z|[+-]\d{2}:?\d{2})?"
)


class Counted(Protocol):
    """What is known of a column once its cells have passed; see `column.Column`."""

    shapes: Counter[str]
    tallies: Counter[str]
    rows: dict[str, int]
    is_headed_code: bool

    @property
    def filled(self) -> int: ...  # noqa: D102
    @property
    def numbers(self) -> int: ...  # noqa: D102
    @property
    def dates(self) -> int: ...  # noqa: D102
    @property
    def is_mostly_ordered(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True)
class Storage:
    """How a column is stored.

    Attributes:
        type: its type in the DataStore.
        dots, commas: whether they stand between the thousands where three digits follow.
        are_serials: whether its whole numbers are days of a spreadsheet.
        misfits: number of cells that keep a column of numbers or dates from being stored as such.
        row: the first row with one of them, 0 if it is not known.
        meant: the type that the other cells have.
    """

    type: StoredType = "text"
    dots: bool = False
    commas: bool = False
    are_serials: bool = False
    misfits: int = 0
    row: int = 0
    meant: StoredType = "text"


TEXT = Storage()


class MisfitError(ValueError):
    """A cell that does not have the type of its column."""


def is_headed_code(words: str) -> bool:
    """Return whether a heading announces codes, which are no numbers even if all are digits."""
    return _CODE.search(words) is not None and _NO_CODE.search(words) is None


def is_code(column: Counted) -> bool:
    """Return whether a column has codes, telephone numbers or periods written as digits."""
    if column.is_headed_code or column.shapes["zero_led"]:
        return True
    if column.tallies["period"] and column.tallies["period"] == column.filled:
        return True
    return sum(column.tallies[code] for code in _CODES) > column.filled / 2


def of_column(column: Counted) -> Storage:
    """Return how a column is stored, after all of its cells have passed."""
    tallies = column.tallies
    blanks = tallies["no-value"]
    if column.is_mostly_ordered:
        blanks += tallies["perhaps-no-value"]
    meaningful = column.filled - blanks
    if 0 < meaningful == tallies["excel-serials"]:
        return Storage("date", are_serials=True)
    if meaningful <= 0 or is_code(column):
        return TEXT
    if column.dates >= _MOSTLY * meaningful:
        return _moment(column, meaningful)
    if column.numbers < _MOSTLY * meaningful:
        return TEXT
    if column.numbers < meaningful:
        return _kept(column, meaningful - column.numbers, "numeric")
    return _number(column)


def _moment(column: Counted, meaningful: int) -> Storage:
    """Return how dates are stored."""
    meant: StoredType = "timestamp" if column.tallies["with-time"] else "date"
    misfits = meaningful - column.dates + column.tallies["impossible-dates"]
    return _kept(column, misfits, meant) if misfits else Storage(meant)


def value(cell: Cell, storage: Storage) -> str | None:
    """Return a cell as PostgreSQL reads it, None for an empty one.

    Raises:
        MisfitError: it does not have the type of its column.
    """
    kind = shape(cell)
    if kind == "blank":
        return None
    shown = written(cell)
    if storage.type == "text":
        return shown.replace("\0", "")
    if kind == "text" and values.placeholder(shown):
        return None
    if not shown.isascii() and kind != "words":
        # Digits of another script.
        raise MisfitError
    try:
        if storage.type == "numeric":
            return _as_number(shown, kind, storage)
        return _as_moment(cell, shown, kind, storage)
    except (ValueError, OverflowError) as error:
        raise MisfitError from error


def _kept(column: Counted, misfits: int, meant: StoredType) -> Storage:
    row = column.rows.get("text") or column.rows.get("impossible-dates", 0)
    return Storage("text", misfits=misfits, row=row, meant=meant)


def _number(column: Counted) -> Storage:
    """Return how numbers are stored: what dots and commas between their digits mean."""
    shapes = column.shapes
    vietnamese = shapes["dots"] + shapes["decimal_comma"]
    english = shapes["commas"] + shapes["decimal"]
    dots, commas = shapes["dot3"], shapes["comma3"]
    if (vietnamese and english and (dots or commas)) or (
        dots and commas and not vietnamese and not english
    ):
        return _kept(column, dots + commas, "numeric")
    # As in the findings: small numbers beside many of three digits say that these are thousands.
    is_likely = bool(shapes["integer"]) and not shapes["long"]
    return Storage(
        "numeric",
        dots=bool(dots and (vietnamese or (not english and dots > _FEW and is_likely))),
        commas=bool(commas and (english or (not vietnamese and commas > _FEW and is_likely))),
    )


_SIGNS: Mapping[str, tuple[str, str]] = {"dots": (".", ","), "commas": (",", ".")}


def _as_number(shown: str, kind: str, storage: Storage) -> str:
    if kind in _SIGNS:
        thousands, decimal = _SIGNS[kind]
        return shown.replace(thousands, "").replace(decimal, ".")
    if kind == "dot3":
        return shown.replace(".", "") if storage.dots else shown
    if kind in {"comma3", "decimal_comma"}:
        return shown.replace(",", "" if kind == "comma3" and storage.commas else ".")
    if kind in {"integer", "long", "decimal", "number"}:
        return shown
    raise MisfitError


def _as_moment(cell: Cell, shown: str, kind: str, storage: Storage) -> str:
    if storage.are_serials:
        return (_FIRST_DAY + dt.timedelta(days=int(shown))).isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if kind == "iso_time":
        match = _ISO_TIME.fullmatch(shown)
        if not match:
            raise MisfitError
        return dt.datetime.fromisoformat(f"{match[1]}T{match[2]}").isoformat()
    day = date_of(shown) if kind in {"iso", "day_first", "words"} else None
    if day is None:
        raise MisfitError
    match = _TIME.search(shown)
    if not match:
        return day.isoformat()
    time = dt.time(int(match[1]), int(match[2]), int(match[3] or 0))
    return dt.datetime.combine(day, time).isoformat()
