"""The rules that fill a column: one small function for each kind of rule.

A rule in the content is a word (`commune`, `month`) or one key with its arguments
(`{decimal: [0.2, 45, 2]}`). A rule may read the columns to its left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from .model import Place

Cell = str | int | float | None
Values = Mapping[str, Cell]


@dataclass
class RowContext:
    """Where and when a row is, and what the rows before it remember."""

    pools: Mapping[str, Sequence[str]]
    end: date
    index: int = 0
    count: int = 1
    place: Place | None = None
    point: tuple[float, float] = (0.0, 0.0)
    time: str = ""
    step: int = 0
    moment: datetime | None = None
    items: list[str] = field(default_factory=list)
    memory: dict[Any, Any] = field(default_factory=dict)

    def key(self, label: str) -> tuple[Any, ...]:
        """Name what a series belongs to: the column, the items and the commune."""
        return (label, *self.items, self.place.code if self.place else "")


def value(label: str, rule: Any, context: RowContext, values: Values, random: Random) -> Cell:
    """Return the value of one cell.

    Raises:
        ValueError: the content names a rule that does not exist.
    """
    if isinstance(rule, str):
        if rule not in _WORDS:
            msg = f"column {label!r}: unknown rule {rule!r}"
            raise ValueError(msg)
        return _WORDS[rule](context)
    ((name, argument),) = rule.items()
    if name not in _RULES:
        msg = f"column {label!r}: unknown rule {name!r}"
        raise ValueError(msg)
    return _RULES[name](argument, label, context, values, random)


def _place(context: RowContext) -> Place:
    if context.place is None:
        msg = "the row has no commune"
        raise ValueError(msg)
    return context.place


_WORDS: Mapping[str, Callable[[RowContext], Cell]] = {
    "index": lambda c: c.index + 1,
    "commune": lambda c: _place(c).title[0].upper() + _place(c).title[1:],
    "commune_code": lambda c: _place(c).code,
    "population": lambda c: _place(c).population,
    "area": lambda c: _place(c).area_km2,
    "longitude": lambda c: c.point[0],
    "latitude": lambda c: c.point[1],
    "time": lambda c: c.time,
    "year": lambda c: int(c.time),
    "item": lambda c: c.items[0],
    "item2": lambda c: c.items[1],
    "item3": lambda c: c.items[2],
    "item4": lambda c: c.items[3],
    "item5": lambda c: c.items[4],
    "item6": lambda c: c.items[5],
    "item7": lambda c: c.items[6],
}


def _rounded(number: float, digits: int) -> int | float:
    """Round to so many digits; below one digit (0, or -2 for hundreds) to a whole number."""
    return round(number, digits) if digits > 0 else int(round(number, digits))


def _days(pair: Sequence[date | str]) -> tuple[date, date]:
    """Read two dates; YAML gives a date for an unquoted one."""
    first, last = (d if isinstance(d, date) else date.fromisoformat(d) for d in pair)
    return first, last


def _number(values: Values, label: str) -> float:
    number = values[label]
    if not isinstance(number, int | float):
        msg = f"column {label!r} is no number"
        raise TypeError(msg)
    return number


def _number_or_column(values: Values, number: float | str) -> float:
    return _number(values, number) if isinstance(number, str) else number


def _serial(argument: Any, _label: str, context: RowContext, *_: Any) -> Cell:
    return str(argument).format(context.index + 1)


def _choice(argument: Any, _label: str, _context: RowContext, _v: Values, random: Random) -> Cell:
    if isinstance(argument, dict):
        return random.choices(list(argument), list(argument.values()))[0]
    return random.choice(argument)


def _by(argument: Any, label: str, context: RowContext, values: Values, random: Random) -> Cell:
    """Choose the rule by a column to the left, or by `kind`: 'xã' or 'phường'."""
    kind = _place(context).title.split(" ")[0]
    chosen = kind if argument["of"] == "kind" else values[argument["of"]]
    return value(label, argument["rules"][chosen], context, values, random)


def _counter(argument: Any, label: str, context: RowContext, values: Values, _r: Random) -> Cell:
    """Number the rows of each value of a column by themselves, as registers do."""
    key = ("counter", label, values[argument["of"]])
    context.memory[key] = context.memory.get(key, 0) + 1
    return argument["patterns"][values[argument["of"]]].format(context.memory[key])


def _rising(argument: Any, _label: str, context: RowContext, _v: Values, random: Random) -> Cell:
    """Return dates that rise from row to row."""
    first, last = _days(argument)
    span = (last - first).days
    days = span * (context.index + random.random()) / context.count
    return (first + timedelta(days=int(days))).isoformat()


def _listed(argument: Any, _label: str, context: RowContext, *_: Any) -> Cell:
    return argument[context.index % len(argument)]


def _fixed(argument: Any, label: str, context: RowContext, values: Values, random: Random) -> Cell:
    """Keep one value for each item or commune over all times (a capacity, an address)."""
    key = ("fixed", *context.key(label))
    if key not in context.memory:
        context.memory[key] = value(label, argument, context, values, random)
    return context.memory[key]


def _int(argument: Any, _label: str, _context: RowContext, _v: Values, random: Random) -> Cell:
    low, high, *step = argument
    return random.randrange(low, high + 1, step[0] if step else 1)


def _decimal(argument: Any, _label: str, _context: RowContext, _v: Values, random: Random) -> Cell:
    low, high, digits = argument
    return round(random.uniform(low, high), digits)


def _growth(argument: Any, label: str, context: RowContext, _v: Values, random: Random) -> Cell:
    """Grow year by year from a start that differs for each item or commune."""
    key = ("growth", *context.key(label))
    if key not in context.memory:
        context.memory[key] = random.uniform(*argument["start"])
    trend = context.memory[key] * (1 + argument.get("rate", 0.0)) ** context.step
    noise = 1 + random.uniform(-1, 1) * argument.get("noise", 0.03)
    return _rounded(trend * noise, argument.get("digits", 0))


def _level(argument: Any, label: str, context: RowContext, values: Values, random: Random) -> Cell:
    """Move slowly from one row of a series to the next, with a daily or yearly wave.

    `mean` is a number or a column to the left, `of` scales it; `max` does the same.
    """
    key = ("level", *context.key(label))
    mean = _number_or_column(values, argument["mean"]) * argument.get("of", 1)
    spread = argument.get("spread", 0.1)
    if key not in context.memory:
        context.memory[key] = (random.uniform(1 - spread, 1 + spread), 0.0)
    scale, drift = context.memory[key]
    drift = 0.85 * drift + random.gauss(0, argument.get("noise", 0.03))
    context.memory[key] = (scale, drift)
    wave = _wave(argument, context.moment)
    level = mean * scale * (1 + wave + drift)
    highest = _number_or_column(values, argument.get("max", math.inf))
    level = min(max(level, argument.get("min", 0)), highest)
    return _rounded(level, argument.get("digits", 0))


def _wave(argument: Mapping[str, Any], moment: datetime | None) -> float:
    if moment is None:
        return 0.0
    wave = 0.0
    if "daily" in argument:
        size, peak_hour = argument["daily"]
        wave += size * math.cos((moment.hour - peak_hour) / 24 * 2 * math.pi)
    if "yearly" in argument:
        size, peak_month = argument["yearly"]
        wave += size * math.cos((moment.month - peak_month) / 12 * 2 * math.pi)
    return wave


def _rain(argument: Any, _label: str, context: RowContext, _v: Values, random: Random) -> Cell:
    """Dry on most days; in the wet months (May to October) oftener and heavier."""
    wet = context.moment is not None and 5 <= context.moment.month <= 10  # noqa: PLR2004  (months)
    if random.random() > (0.45 if wet else 0.15):
        return 0.0
    return round(random.expovariate(1 / (argument * (1.6 if wet else 0.6))), 1)


def _share(argument: Any, _label: str, _c: RowContext, values: Values, random: Random) -> Cell:
    share = random.uniform(*argument["between"])
    return _rounded(_number(values, argument["of"]) * share, argument.get("digits", 0))


def _sum(argument: Any, _label: str, _c: RowContext, values: Values, _r: Random) -> Cell:
    total = sum(_number(values, label) for label in argument)
    return total if isinstance(total, int) else round(total, 2)


def _minus(argument: Any, _label: str, _c: RowContext, values: Values, _r: Random) -> Cell:
    first, *subtrahends = (_number(values, label) for label in argument)
    left = first - sum(subtrahends)
    return left if isinstance(left, int) else round(left, 2)


def _progress(
    argument: Any, label: str, context: RowContext, values: Values, random: Random
) -> Cell:
    """Add up from row to row of a series, up to the whole of the column `of`."""
    key = ("progress", *context.key(label))
    done = context.memory.get(key, 0.0) + random.uniform(*argument["each"])
    context.memory[key] = min(done, 1.0)
    return _rounded(_number(values, argument["of"]) * context.memory[key], 0)


def _product(argument: Any, _label: str, _c: RowContext, values: Values, _r: Random) -> Cell:
    return round(math.prod(_number(values, label) for label in argument), 1)


def _combine(argument: Any, _label: str, _c: RowContext, values: Values, _r: Random) -> Cell:
    """Add columns, each times a factor, and a constant."""
    terms = argument["terms"].items()
    total = sum(_number(values, label) * factor for label, factor in terms)
    return _rounded(total + argument.get("plus", 0), argument.get("digits", 0))


def _ratio(argument: Any, _label: str, _c: RowContext, values: Values, _r: Random) -> Cell:
    below = _number(values, argument["by"])
    if not below:
        return None
    ratio = _number(values, argument["of"]) / below * argument.get("times", 1)
    return _rounded(ratio, argument.get("digits", 2))


def _steps(argument: Any, _label: str, _c: RowContext, values: Values, _r: Random) -> Cell:
    """Return the word of the first step whose limit the number does not pass."""
    number = _number(values, argument["of"])
    for limit, word in argument["steps"]:
        if number <= limit:
            return word
    return argument["over"]


def _mapped(argument: Any, _label: str, _c: RowContext, values: Values, _r: Random) -> Cell:
    return argument["map"][values[argument["of"]]]


def _date(argument: Any, _label: str, _c: RowContext, _v: Values, random: Random) -> Cell:
    first, last = _days(argument)
    return (first + timedelta(days=random.randrange((last - first).days + 1))).isoformat()


def _days_before(
    argument: Any, _label: str, context: RowContext, _v: Values, random: Random
) -> Cell:
    """Return a date between so many and so many days before the last update."""
    return (context.end - timedelta(days=random.randint(*argument))).isoformat()


def _text(argument: Any, label: str, context: RowContext, values: Values, random: Random) -> Cell:
    """Fill a pattern: {name} takes a column to the left, a pool, or a fact of the row."""
    facts: dict[str, Any] = {name: _Draw(pool, random) for name, pool in context.pools.items()}
    facts.update({"commune": _place(context).title, "place": _place(context).name})
    facts.update({f"c{i}": v for i, v in enumerate(values.values())})
    facts["n"] = context.index + 1
    facts["number"] = _Draw([str(n) for n in range(2, 240)], random)
    return str(argument).format_map(facts)


class _Draw:
    """A pool that gives another member each time it is written into one pattern."""

    def __init__(self, pool: Sequence[str], random: Random) -> None:
        self._left, self._random = list(pool), random

    def __format__(self, spec: str) -> str:
        drawn = self._left.pop(self._random.randrange(len(self._left)))
        return format(drawn, spec)


_RULES: Mapping[str, Callable[..., Cell]] = {
    "serial": _serial,
    "choice": _choice,
    "by": _by,
    "counter": _counter,
    "rising": _rising,
    "listed": _listed,
    "fixed": _fixed,
    "int": _int,
    "decimal": _decimal,
    "growth": _growth,
    "level": _level,
    "rain": _rain,
    "share": _share,
    "sum": _sum,
    "minus": _minus,
    "progress": _progress,
    "product": _product,
    "combine": _combine,
    "ratio": _ratio,
    "steps": _steps,
    "mapped": _mapped,
    "date": _date,
    "days_before": _days_before,
    "text": _text,
}
