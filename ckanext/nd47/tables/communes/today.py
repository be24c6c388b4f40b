"""Where the units that a table names are today: for the place of a dataset, and for its map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from ckanext.nd47.tables.communes import judge, names, source
from ckanext.nd47.tables.communes.names import Kind
from ckanext.nd47.tables.communes.source import Commune

_COMMUNE_DIGITS = 5


def place(kind: Kind, values: Collection[str]) -> str:
    """Return the code of the smallest present unit that holds all units named, empty without one.

    Args:
        kind: what the heading of the column announces.
        values: its different values.
    """
    if kind == "commune":
        return judge.province_of(map(names.commune, values))
    found = [_codes_today(kind, value) for value in values]
    if not found or not all(found):
        return ""
    codes = {code for several in found for code in several}
    if len(codes) == 1:
        return codes.pop()
    provinces = {_province(code) for code in codes}
    return provinces.pop() if len(provinces) == 1 else ""


def successors(values: Iterable[str]) -> Mapping[str, Commune]:
    """Return by the code or name of a former commune the only present one that it is part of.

    A former commune that was divided among several is left out.
    """
    given = list(values)
    province = judge.province_of(map(names.commune, given))
    before: defaultdict[str, list[Commune]] = defaultdict(list)
    if province:
        for one in source.of_province(province)[1]:
            before[names.commune(one.name)].append(one)
    found = {}
    for value in given:
        former = source.former_communes().get(value)
        parts = [former] if former else before.get(names.commune(value), [])
        after = {one.code: one for part in parts for one in source.successors(part)}
        if len(after) == 1:
            found[value] = next(iter(after.values()))
    return found


def _codes_today(kind: Kind, value: str) -> set[str]:
    """Return the codes of the present units that a code means; of districts their communes."""
    if kind == "district-code":
        return {
            one.code
            for former in source.former_communes().values()
            if former.district == value
            for one in source.successors(former)
        }
    if kind == "province-code":
        code = value if value in source.provinces() else source.successor_provinces().get(value, "")
        return {code} - {""}
    if value in source.communes():
        return {value}
    former = source.former_communes().get(value)
    return {one.code for one in source.successors(former)} if former else set()


def _province(code: str) -> str:
    return source.communes()[code].province if len(code) == _COMMUNE_DIGITS else code
