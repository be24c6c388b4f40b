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
    code_sets = [_codes_today(kind, value) for value in values]
    if not code_sets or not all(code_sets):
        return ""
    codes = {code for several in code_sets for code in several}
    if len(codes) == 1:
        return codes.pop()
    provinces = {_province(code) for code in codes}
    return provinces.pop() if len(provinces) == 1 else ""


def successors(values: Iterable[str]) -> Mapping[str, Commune]:
    """Return by the code or name of a former commune the only present one that it is part of.

    A former commune that was divided among several is left out.
    """
    references = list(values)
    province = judge.province_of(map(names.commune, references))
    before: defaultdict[str, list[Commune]] = defaultdict(list)
    if province:
        for commune in source.of_province(province)[1]:
            before[names.commune(commune.name)].append(commune)
    present = {}
    for value in references:
        former = source.former_communes().get(value)
        parts = [former] if former else before.get(names.commune(value), [])
        after = {
            successor.code: successor for part in parts for successor in source.successors(part)
        }
        if len(after) == 1:
            present[value] = next(iter(after.values()))
    return present


def _codes_today(kind: Kind, value: str) -> set[str]:
    """Return the codes of the present units that a code means; of districts their communes."""
    if kind == "district-code":
        return {
            commune.code
            for former in source.former_communes().values()
            if former.district == value
            for commune in source.successors(former)
        }
    if kind == "province-code":
        code = value if value in source.provinces() else source.successor_provinces().get(value, "")
        return {code} - {""}
    if value in source.communes():
        return {value}
    former = source.former_communes().get(value)
    return {commune.code for commune in source.successors(former)} if former else set()


def _province(code: str) -> str:
    return source.communes()[code].province if len(code) == _COMMUNE_DIGITS else code
