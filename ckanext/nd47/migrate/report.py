"""What is still missing, by agency: a list to work through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import http
from ckanext.nd47.migrate.rehearse import titles
from ckanext.nd47.rules import report as rules

BATCH = 200


class Missing(TypedDict):
    """A rule that a dataset does not meet."""

    agency: str
    dataset: str
    title: str
    level: str
    rule: str
    field: str
    message: str
    remedy: str
    basis: str


def missing(owner_org: str = "") -> Iterator[Missing]:
    """Yield what is missing, by agency, those rules first that refuse a dataset.

    Args:
        owner_org: id of an organisation, for its datasets only.
    """
    lang = http.language()
    found: list[Missing] = []
    after = ""
    while page := rules.examine_page(after, BATCH, owner_org or None):
        after = page[-1][0]["id"]
        names = titles({dataset.get("owner_org") for dataset, _ in page} - {None})
        found += [
            Missing(
                agency=names.get(dataset.get("owner_org") or "", ""),
                dataset=dataset["name"],
                title=dataset.get("title") or dataset["name"],
                level=one.level.value,
                rule=one.rule.id,
                field=one.field,
                message=one.message(lang),
                remedy=one.as_dict(lang)["remedy"],
                basis=one.basis(lang),
            )
            for dataset, findings in page
            for one in findings
            if one.met is False
        ]
    order = [level.value for level in rules.SHOWN_LEVELS]
    yield from sorted(
        found, key=lambda one: (one["agency"], one["dataset"], order.index(one["level"]))
    )


def header() -> list[str]:
    """Return the headings of the list."""
    return [
        tk._("Agency"),
        tk._("Address"),
        tk._("Dataset"),
        tk._("Level"),
        tk._("Rule"),
        tk._("Field"),
        tk._("What is missing"),
        tk._("What to do"),
        tk._("Legal basis"),
    ]


def as_rows(found: Iterator[Missing]) -> Iterator[list[str]]:
    """Yield the list as rows of a table."""
    for one in found:
        yield [str(value) for value in one.values()]
