"""Names and codes that cells are compared with, from the data files of the suite."""

from __future__ import annotations

from functools import cache
from typing import Any

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.language import text

_KINDS = ("tinh ", "thanh pho ", "tp ", "tp. ")

CERTAIN = frozenset({"n/a", "na", "null", "none", "nan", "#n/a", "-", "--", "–", "—", "...", "…"})
"""Texts that mean nothing in any column."""


@cache
def no_values() -> frozenset[str]:
    """Return what people write where they have no value, folded."""
    content: Any = read_yaml(data_path("schemas", "no-value.yaml"))
    return frozenset(text.fold(str(item)).rstrip(".") or str(item) for item in content) | CERTAIN


@cache
def no_value_initials() -> frozenset[str]:
    """Return the first letters of what people write where they have no value."""
    return frozenset(word[0] for word in no_values() if word)


@cache
def provinces() -> frozenset[str]:
    """Return the folded names and the codes of the provinces."""
    terms = _terms("province")
    return frozenset(name for term in terms for name in (str(term["code"]), *_names(term)))


@cache
def former_provinces() -> dict[str, str]:
    """Return the name of the province that each former province has become part of, by name."""
    names = {str(term["code"]): _plain_label(term) for term in _terms("province")}
    return {
        name: names.get(str(term.get("successor", "")), "")
        for term in _terms("province-old")
        for name in _names(term)
        if name not in provinces()
    }


def province_name(shown: str) -> str:
    """Return a name of a province for comparison, without the word for its kind."""
    folded = text.fold(shown)
    return next(
        (folded.removeprefix(kind) for kind in _KINDS if folded.startswith(kind)), folded
    ).strip()


def _terms(vocabulary: str) -> list[dict[str, Any]]:
    content: Any = read_yaml(data_path("schemas", "vocabularies", f"{vocabulary}.yaml"))
    return content["terms"]


def _plain_label(term: dict[str, Any]) -> str:
    return str(term["label"]["vi"])


def _names(term: dict[str, Any]) -> list[str]:
    return [province_name(_plain_label(term))]
