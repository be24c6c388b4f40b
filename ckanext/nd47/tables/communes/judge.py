"""Says which values of a column name no unit, or one that has ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ckanext.nd47.tables.communes import names, source
from ckanext.nd47.tables.communes.names import Kind
from ckanext.nd47.tables.communes.source import Commune

MOST_VALUES = 12_000
"""Different values of a column; Viet Nam has 3,321 communes and had 10,035."""

_LONGEST = 80
_KNOWN = 0.5
"""Share of the values that must be codes of units: others are codes of another list."""

_OF_ONE_PROVINCE = 0.8
_FEWEST_NAMES = 5
"""Names that must be those of communes of one province: communes of many have the same names."""

_MOST_PAIRS = 5
_MOST_SUCCESSORS = 4
_DIGITS = {"commune-code": 5, "district-code": 3, "province-code": 2}


@dataclass(frozen=True)
class Finding:
    """Values that are doubtful.

    Attributes:
        code: one of `check.report.FINDINGS`.
        row: of the first of them.
        count: number of cells.
        facts: `successor`, what former units are today, or `example`, the first unknown value.
    """

    code: str
    row: int
    count: int
    facts: Mapping[str, str]


class Values:
    """The different values of a column of units, gathered while its cells pass.

    Args:
        kind: what the heading announces.

    Attributes:
        is_full: whether there are too many for a column of units; nothing is said of them.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind: Kind = kind
        self._seen: dict[str, tuple[int, int]] = {}
        self.is_full = False

    def has(self, shown: str) -> bool:
        """Return whether a value was counted before."""
        return shown in self._seen

    def add(self, shown: str, times: int, row: int) -> None:
        """Count a value.

        Args:
            shown: the text of a cell.
            times: in how many cells it is.
            row: the first of them, if it was not counted before.
        """
        if self.is_full or len(shown) > _LONGEST:
            return
        before = self._seen.get(shown)
        if before:
            self._seen[shown] = (before[0] + times, before[1])
            return
        self._seen[shown] = (times, row)
        if len(self._seen) > MOST_VALUES:
            self.is_full = True
            self._seen.clear()

    def findings(self) -> Iterator[Finding]:
        """Yield what is doubtful; nothing for values that belong to another list."""
        if not self._seen:
            return
        if self._kind in _DIGITS:
            yield from self._of_codes(_DIGITS[self._kind])
        elif self._kind == "commune":
            yield from self._of_communes()
        else:
            yield from self._of_districts()

    def _of_codes(self, digits: int) -> Iterator[Finding]:
        present, former = _codes(self._kind)
        codes = {
            shown: shown.zfill(digits)
            for shown in self._seen
            if shown.isascii() and shown.isdigit()
        }
        known = [code for code in codes.values() if code in present or code in former]
        if len(known) < max(_KNOWN * len(self._seen), 1):
            return
        what = self._kind.removesuffix("-code")
        ended = [shown for shown, code in codes.items() if code in former and code not in present]
        today = (_today(self._kind, codes[shown]) for shown in ended)
        yield from self._former(what, dict(zip(ended, today, strict=True)))
        yield from self._unknown(
            what,
            [shown for shown, code in codes.items() if code not in present and code not in former],
        )

    def _of_communes(self) -> Iterator[Finding]:
        keys = {shown: names.commune(shown) for shown in self._seen}
        province = province_of(keys.values())
        if not province:
            return
        present, former = source.of_province(province)
        now = {names.commune(commune.name) for commune in present}
        before: defaultdict[str, list[Commune]] = defaultdict(list)
        for commune in former:
            before[names.commune(commune.name)].append(commune)
        ended = {
            shown: _listed(
                [after for commune in before[key] for after in source.successors(commune)]
            )
            for shown, key in keys.items()
            if key in before and (key not in now or names.is_town(shown))
        }
        yield from self._former("commune", ended)
        unknown = [shown for shown, key in keys.items() if key not in now and key not in before]
        yield from self._unknown("commune", unknown)

    def _of_districts(self) -> Iterator[Finding]:
        by_name: defaultdict[str, list[str]] = defaultdict(list)
        for district in source.districts().values():
            by_name[names.district(district.name)].append(district.code)
        codes = {
            shown: matches
            for shown in self._seen
            if (matches := by_name.get(names.district(shown)))
        }
        if len(codes) < max(_KNOWN * len(self._seen), 1):
            return
        # A name that several provinces had, such as Châu Thành, leads to no successor.
        yield from self._former(
            "district",
            {
                shown: _district_today(matches[0]) if len(matches) == 1 else ""
                for shown, matches in codes.items()
            },
        )
        yield from self._unknown("district", [shown for shown in self._seen if shown not in codes])

    def _former(self, what: str, ended: Mapping[str, str]) -> Iterator[Finding]:
        """Yield the finding of former units, given with what each is today."""
        if not ended:
            return
        pairs = [f"{shown} → {today}" for shown, today in ended.items() if today][:_MOST_PAIRS]
        more = ["…"] if pairs and len(ended) > len(pairs) else []
        code = "old-provinces" if what == "province" else f"former-{what}s"
        yield self._finding(code, list(ended), {"successor": "; ".join(pairs + more) or "…"})

    def _unknown(self, what: str, unknown: list[str]) -> Iterator[Finding]:
        if unknown:
            first = min(unknown, key=lambda shown: self._seen[shown][1])
            yield self._finding(f"unknown-{what}s", unknown, {"example": first})

    def _finding(self, code: str, values: list[str], facts: Mapping[str, str]) -> Finding:
        return Finding(
            code=code,
            row=min(self._seen[value][1] for value in values),
            count=sum(self._seen[value][0] for value in values),
            facts=facts,
        )


def _codes(kind: Kind) -> tuple[Collection[str], Collection[str]]:
    """Return the present and the former codes."""
    if kind == "commune-code":
        return source.communes(), source.former_communes()
    if kind == "district-code":
        return (), source.districts()
    return source.provinces(), source.former_provinces()


def _today(kind: Kind, code: str) -> str:
    """Return what a unit of a former code is today."""
    if kind == "commune-code":
        after = source.successors(source.former_communes()[code])
        return _listed(after, with_codes=True)
    if kind == "district-code":
        return _district_today(code)
    return source.provinces().get(source.successor_provinces().get(code, ""), "")


def _district_today(code: str) -> str:
    """Return the present communes of a district."""
    parts = [commune for commune in source.former_communes().values() if commune.district == code]
    return _listed([after for part in parts for after in source.successors(part)])


def _listed(communes: Iterable[Commune], *, with_codes: bool = False) -> str:
    """Return communes as a text, with their province."""
    different = list(dict.fromkeys(communes))
    if not different:
        return ""
    shown = [
        f"{commune.code} {commune.name}" if with_codes else commune.name
        for commune in different[:_MOST_SUCCESSORS]
    ]
    more = ", …" if len(different) > _MOST_SUCCESSORS else ""
    province = source.provinces().get(different[0].province, "")
    return f"{', '.join(shown)}{more} ({province})"


def province_of(keys: Iterable[str]) -> str:
    """Return the code of the present province whose communes a set of names are, empty without one.

    Args:
        keys: names of communes, present or former, as `names.commune` returns them.
    """
    different = set(keys)
    by_name = source.provinces_by_name()
    counts = Counter(code for key in different for code in by_name.get(key, ()))
    if not counts:
        return ""
    province, count = counts.most_common(1)[0]
    return province if count >= max(_FEWEST_NAMES, _OF_ONE_PROVINCE * len(different)) else ""
