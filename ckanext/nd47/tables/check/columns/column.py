"""A column: what its cells look like, counted while they pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ckanext.nd47.tables.check import geography, personal_data
from ckanext.nd47.tables.check.cells import (
    DATES,
    NUMBERS,
    WHOLE,
    Cell,
    heading_words,
    shape,
    written,
)
from ckanext.nd47.tables.check.columns import codes, storage, values
from ckanext.nd47.tables.check.report import LONGEST_EXAMPLE, ColumnDict, Facts, Finding
from ckanext.nd47.tables.communes import judge, names

_MOSTLY = 0.8
_NEARLY_ALL = 0.95
_SOME = 0.1
_FEW = 5
_SAMPLE_CELLS = 300
_SAMPLE_LENGTH = 200

_EVERYWHERE = ("citizen-id", "identity-card", "telephone", "mailbox", "birth-date",
               "bank-account", "insurance-number")  # fmt: skip
"""Personal data that are reported from the first cell on; a plate needs several."""

_SIMPLE = ("impossible-dates", "excel-serials", "tax-numbers", "lost-zeros")


class Column:
    """Counts of a column.

    Args:
        heading: its heading, empty without one.
        extent: surroundings of the province, west, south, east and north.
    """

    def __init__(self, heading: str, extent: geography.Extent | None = None) -> None:
        self.heading = heading
        words = heading_words(heading)
        self._personal = personal_data.headed(words)
        self._announced = values.headed(words)
        self.is_headed_code = storage.is_headed_code(words)
        self._axis = geography.axis(words)
        self._extent = extent
        unit = names.headed(words)
        self._units = judge.Values(unit) if unit else None
        self.shapes: Counter[str] = Counter()
        self.tallies: Counter[str] = Counter()
        self.rows: dict[str, int] = {}
        self.examples: dict[str, str] = {}
        self.sample: list[str] = []
        self._is_plain = not (self._personal or self._announced or self._axis or unit)

    def add(self, cells: Sequence[Cell], numbers: Sequence[int]) -> None:
        """Count cells.

        Args:
            cells: consecutive cells of the column.
            numbers: the numbers of their rows.
        """
        for cell, times in Counter(cells).items():
            kind = shape(cell)
            self.shapes[kind] += times
            if kind == "blank":
                continue
            is_first = kind not in self.rows
            if not is_first and self._is_plain and kind in NUMBERS:
                continue
            shown = written(cell)
            new_codes = [kind] if is_first else []
            if self._units and not self._units.is_full and not values.placeholder(shown):
                # To look for the row of a value takes longer than all the rest.
                row = 0 if self._units.has(shown) else numbers[cells.index(cell)]
                self._units.add(shown, times, row)
            for code in self._look(cell, shown, kind):
                self.tallies[code] += times
                if code not in self.rows:
                    new_codes.append(code)
            if new_codes:
                row = numbers[cells.index(cell)]
                for code in new_codes:
                    self.rows[code] = row
                    self.examples[code] = shown[:LONGEST_EXAMPLE]

    def _look(self, cell: Cell, shown: str, kind: str) -> Iterator[str]:
        yield from personal_data.look(shown, kind, self._personal)
        yield from values.look(shown, kind, self._announced)
        if self._axis:
            yield from geography.look(cell, self._axis, self._extent)
        if kind == "text" and not shown.isascii() and len(self.sample) < _SAMPLE_CELLS:
            self.sample.append(shown[:_SAMPLE_LENGTH])

    @property
    def filled(self) -> int:
        """The number of its cells that are not blank."""
        return self.shapes.total() - self.shapes["blank"]

    @property
    def is_personal(self) -> bool:
        """Whether it has personal data: no example of it is given."""
        return any(self.tallies[code] for code in (*_EVERYWHERE, personal_data.NAME, "plate"))

    def type(self) -> str:
        """Return its type: `integer`, `number`, `date`, `text`, or `empty`."""
        meaningful = self.filled - self.tallies["no-value"] - self.tallies["perhaps-no-value"]
        if meaningful <= 0:
            return "empty" if not self.filled else "text"
        if self.tallies["excel-serials"] > _MOSTLY * meaningful:
            return "date"
        lost = self.tallies["lost-zeros"]
        if storage.is_code(self) or (lost and not lost < _SOME * meaningful):
            return "text"
        if self.dates >= _NEARLY_ALL * meaningful:
            return "date"
        if sum(self.shapes[kind] for kind in WHOLE) >= meaningful:
            return "integer"
        return "number" if self.numbers >= _NEARLY_ALL * meaningful else "text"

    @property
    def is_mostly_ordered(self) -> bool:
        """Whether nearly all of its values are numbers or dates."""
        ordered = self.numbers + self.dates
        return ordered >= _MOSTLY * (self.filled - self.tallies["no-value"]) and ordered > _FEW

    def as_dict(self) -> ColumnDict:
        """Return it as it is stored."""
        return ColumnDict(
            name=self.heading[:200],
            type=self.type(),
            stored=storage.of_column(self).type,
            filled=self.filled,
        )

    @property
    def numbers(self) -> int:
        """The number of its cells that look like numbers."""
        return sum(self.shapes[kind] for kind in NUMBERS)

    @property
    def dates(self) -> int:
        """The number of its cells that look like dates."""
        return sum(self.shapes[kind] for kind in DATES)

    def findings(self) -> Iterator[Finding]:
        """Yield what is doubtful in it, except names of persons; see `names`."""
        yield from self._personal_data()
        yield from self._numbers_as_text()
        yield from self._doubtful_dates()
        yield from self._mixed()
        for code in _SIMPLE:
            if self.tallies[code]:
                yield self.finding(code, self.tallies[code])
        yield from self._places()
        several = self.tallies["several-values"]
        if several >= _FEW and several > _SOME * self.filled:
            yield self.finding("several-values", several)
        if self._axis:
            for code in geography.faults(self.tallies):
                yield self.finding(code, self.tallies[code])

    def names(self) -> Iterator[Finding]:
        """Yield the finding of names of persons, if most cells are such names."""
        names = self.tallies[personal_data.NAME]
        if names > self.filled / 2:
            yield self.finding(personal_data.NAME, names)

    def finding(self, code: str, count: int, seen_as: str = "", **facts: str | int) -> Finding:
        """Return a finding, with an example unless the column has personal data.

        Args:
            code: its code.
            count: number of cells.
            seen_as: the tally or shape with its first row; by default the code.
            facts: further facts.
        """
        seen_as = seen_as or code
        all_facts: Facts = dict(facts)
        if not self.is_personal and seen_as in self.examples:
            all_facts["example"] = self.examples[seen_as]
        return Finding(code, self.heading[:200], self.rows.get(seen_as, 0), count, all_facts)

    def _personal_data(self) -> Iterator[Finding]:
        for code in _EVERYWHERE:
            if self.tallies[code]:
                yield self.finding(code, self.tallies[code])
        plates = self.tallies["plate"]
        if plates and ("plate" in self._personal or plates > self.filled / 2):
            yield self.finding("plate", plates)

    def _numbers_as_text(self) -> Iterator[Finding]:
        shapes = self.shapes
        if self.numbers < _MOSTLY * self.filled:
            return
        small_integers = shapes["integer"] and not shapes["decimal"]
        for code, sure, perhaps, other in (
            ("thousands-dots", "dots", "dot3", "decimal_comma"),
            ("thousands-commas", "commas", "comma3", "decimal"),
        ):
            # Three digits after a sign may be decimals: a plain number below 1,000 beside them,
            # or a number that can only be read one way, says that they are not.
            is_sure = shapes[sure] or (shapes[perhaps] and shapes[other] and perhaps == "dot3")
            is_likely = (
                shapes[perhaps] > _FEW
                and small_integers
                and not shapes[other]
                and not shapes["long"]
            )
            if is_sure or is_likely:
                count = shapes[sure] + shapes[perhaps]
                yield self.finding(code, count, sure if shapes[sure] else perhaps)
        commas = shapes["decimal_comma"]
        if commas:
            count = commas + (0 if shapes["commas"] else shapes["comma3"])
            yield self.finding("decimal-comma", count, "decimal_comma")

    def _doubtful_dates(self) -> Iterator[Finding]:
        if self.dates <= self.filled / 2:
            return
        forms = [form for form in ("iso", "iso_time", "day_first", "words") if self.shapes[form]]
        typed = self.shapes["date"]
        if len({"iso" if form == "iso_time" else form for form in forms}) > 1 or (typed and forms):
            rarest = min((f for f in forms), key=lambda form: self.shapes[form])
            yield self.finding("mixed-dates", self.shapes[rarest], rarest)
        elif forms and forms[0] in {"day_first", "words"}:
            yield self.finding("day-first-dates", self.shapes[forms[0]], forms[0])

    def _mixed(self) -> Iterator[Finding]:
        no_values = self.tallies["no-value"]
        texts = self.shapes["text"] - no_values
        if self.is_mostly_ordered:
            perhaps = self.tallies["perhaps-no-value"]
            no_values += perhaps
            texts -= perhaps
            if texts > 0 and not self._announced & {"tax"}:
                yield self.finding("mixed-types", texts, "text")
        if no_values:
            seen = "no-value" if self.tallies["no-value"] else "perhaps-no-value"
            yield self.finding("placeholders", no_values, seen)

    def _places(self) -> Iterator[Finding]:
        """Yield what is doubtful in names and codes of units."""
        former, unknown = self.tallies["old-provinces"], self.tallies["unknown-provinces"]
        if former:
            yield self.finding("old-provinces", former, successor=self._province_today())
        if unknown and self.filled - unknown > self.filled / 2:
            yield self.finding("unknown-provinces", unknown)
        for finding in self._units.findings() if self._units else ():
            yield Finding(
                finding.code, self.heading[:200], finding.row, finding.count, dict(finding.facts)
            )

    def _province_today(self) -> str:
        former = self.examples["old-provinces"]
        return f"{former} → {codes.former_province_today(former)}"
