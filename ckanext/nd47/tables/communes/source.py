"""Reads the units from the data of the library vietnamadminunits.

Only its data are read: to import it takes almost a second and asks for a geocoder abroad. All
functions return nothing where the library is not installed.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ckanext.nd47.tables.communes import names

_LIBRARY = "vietnamadminunits"


class Commune(NamedTuple):
    """A commune, ward, town or special zone.

    `district` is the code of the district of a former commune, empty for a present one; `province`
    is the code of its province at its time.
    """

    code: str
    name: str
    district: str
    province: str
    key: str


class District(NamedTuple):
    """A district as it was until 30 June 2025, with the code of its province at that time."""

    code: str
    name: str
    province: str


@cache
def communes() -> Mapping[str, Commune]:
    """Return the present communes by code."""
    query = "SELECT wardCode, ward, provinceCode, provinceKey || '_' || wardKey FROM admin_units"
    return {
        code: Commune(code, name, "", province, key)
        for code, name, province, key in _rows(query)
        if code
    }


@cache
def former_communes() -> Mapping[str, Commune]:
    """Return the communes of before 1 July 2025 by code, also those whose code lives on."""
    query = (
        "SELECT wardCode, ward, districtCode, provinceCode, "
        "provinceKey || '_' || districtKey || '_' || wardKey FROM admin_units_legacy"
    )
    return {code: Commune(code, *more) for code, *more in _rows(query) if code}


@cache
def districts() -> Mapping[str, District]:
    """Return the districts by code."""
    query = "SELECT DISTINCT districtCode, district, provinceCode FROM admin_units_legacy"
    return {code: District(code, name, province) for code, name, province in _rows(query) if code}


@cache
def provinces() -> Mapping[str, str]:
    """Return the names of the present provinces by code."""
    query = "SELECT DISTINCT provinceCode, province FROM admin_units"
    return {row[0]: row[1] for row in _rows(query)}


@cache
def former_provinces() -> Mapping[str, str]:
    """Return the names of the provinces of before 1 July 2025 by code."""
    query = "SELECT DISTINCT provinceCode, province FROM admin_units_legacy"
    return {row[0]: row[1] for row in _rows(query)}


def successors(commune: Commune) -> list[Commune]:
    """Return the present communes that a former one has become part of; several share some."""
    present = communes()
    return [present[code] for code in _successors().get(commune.key, ())]


@cache
def successor_provinces() -> Mapping[str, str]:
    """Return the code of the present province that each former one has become part of."""
    former = former_communes()
    present_codes = {}
    for commune in former.values():
        if commune.province not in present_codes and (after := successors(commune)):
            present_codes[commune.province] = after[0].province
    return present_codes


def of_province(code: str) -> tuple[list[Commune], list[Commune]]:
    """Return the present communes of a present province, and the former ones of its territory."""
    return _by_province().get(code, ([], []))


@cache
def _by_province() -> Mapping[str, tuple[list[Commune], list[Commune]]]:
    by_province: defaultdict[str, tuple[list[Commune], list[Commune]]] = defaultdict(
        lambda: ([], [])
    )
    for commune in communes().values():
        by_province[commune.province][0].append(commune)
    after = successor_provinces()
    for commune in former_communes().values():
        if commune.province in after:
            by_province[after[commune.province]][1].append(commune)
    return dict(by_province)


@cache
def provinces_by_name() -> Mapping[str, frozenset[str]]:
    """Return the codes of the present provinces whose territory has a commune of a name.

    By the name as `names.commune` returns it; present and former communes.
    """
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for province, both in _by_province().items():
        for commune in (*both[0], *both[1]):
            by_name[names.commune(commune.name)].add(province)
    return {name: frozenset(codes) for name, codes in by_name.items()}


@cache
def _successors() -> Mapping[str, list[str]]:
    """Return the codes of present communes by the key of a former one."""
    path = _data("converter_2025.json")
    if path is None:
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    codes = {commune.key: commune.code for commune in communes().values()}
    successor_codes: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for province, key, before in _conversions(content):
        if code := codes.get(f"{province}_{key}"):
            successor_codes[before][code] = None
    return {before: list(after) for before, after in successor_codes.items()}


def _conversions(content: Mapping[str, Mapping[str, Mapping[str, list]]]) -> Iterator[list[str]]:
    """Yield province and key of a present commune, and the key of a former one."""
    for province, whole in content["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for key, parts in whole.items():
            yield from ([province, key, before] for before in parts)
    for province, divided in content["DICT_PROVINCE_WARD_DIVIDED"].items():
        for before, parts in divided.items():
            yield from ([province, part["newWardKey"], before] for part in parts)


def _rows(query: str) -> Iterable[tuple[str, ...]]:
    path = _data("dataset.db")
    if path is None:
        return []
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def _data(name: str) -> Path | None:
    """Return a data file of the library, None without the library."""
    spec = find_spec(_LIBRARY)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0]) / "data" / name if folders else None
