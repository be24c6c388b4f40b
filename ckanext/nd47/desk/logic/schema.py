"""Parameters of the actions of the desk."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.agencies.access import account_roles
from ckanext.nd47.desk.work_list import listing
from ckanext.nd47.desk.work_list.kinds import known
from ckanext.nd47.lib import inputs
from ckanext.nd47.rules import edition

PAGE = 50
LARGEST_PAGE = 1_000
LONGEST_LEVELS = 10_000
"""Characters of proposed levels at most."""

LARGEST_TABLE = 10_000
"""Things in a file or an answer at most."""


def query(data_dict: DataDict, largest: int = LARGEST_TABLE) -> dict[str, Any]:
    """Return the checked parameters of a list, without the agency.

    Raises:
        ckan.plugins.toolkit.ValidationError: one of them is invalid.
    """
    texts = inputs.of_kinds(
        data_dict, kind="text", rule="text", q="text", sort="text", agency="text"
    )
    return {
        "kind": _one_of(texts, "kind", [*known()]),
        "rule": _one_of(texts, "rule", rules()),
        "sort": _one_of(texts, "sort", [*listing.SORTS]) or listing.WEIGHT,
        "q": texts.get("q", ""),
        "limit": inputs.number(data_dict, "limit", PAGE, largest),
        "offset": inputs.number(data_dict, "offset", 0, inputs.LARGEST),
    }


def rules() -> list[str]:
    """Return the ids of the rules of the editions that datasets are examined by."""
    return list({rule.id: None for rules in edition.applied().values() for rule, _ in rules.rules})


def levels(data_dict: DataDict) -> str | None:
    """Return proposed levels in the form of the option, None if there are none.

    Raises:
        ckan.plugins.toolkit.ValidationError: a line is invalid.
    """
    text = data_dict.get("levels")
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > LONGEST_LEVELS:
        raise tk.ValidationError(
            {"levels": [tk._("Enter a text here, not a list or another structure.")]}
        )
    _, problems = edition.read_levels(text)
    if problems:
        raise tk.ValidationError({"levels": problems})
    return text


def role(data_dict: DataDict) -> str:
    """Return the role of an account.

    Raises:
        ckan.plugins.toolkit.ValidationError: there is no such role.
    """
    texts = inputs.of_kinds(data_dict, role="text")
    return _one_of(texts, "role", [*account_roles.ROLES]) or account_roles.LEADER


def _one_of(texts: DataDict, name: str, allowed: list[str]) -> str:
    value = texts.get(name, "")
    if value and value not in allowed:
        raise tk.ValidationError({name: [inputs.none_of(value, allowed)]})
    return value
