"""Parameters of the actions on decisions about personal data."""

from __future__ import annotations

from typing import NamedTuple

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.nd47.lib import inputs
from ckanext.nd47.tables.decisions.model import DECISIONS, PUBLIC_BY_LAW

SHORTEST_BASIS = 5
"""Characters of a basis at least: a law has a name."""


class DecisionInput(NamedTuple):
    """The checked parameters of a decision."""

    decision: str
    basis: str
    version: str


def decision(data_dict: DataDict) -> DecisionInput:
    """Return the checked parameters of a decision.

    Raises:
        ckan.plugins.toolkit.ValidationError: one of them is missing or invalid, all at once.
    """
    data = inputs.of_kinds(data_dict, decision="text", basis="words", version="text")
    chosen = str(data.get("decision") or "")
    basis = str(data.get("basis") or "").strip()
    errors: dict[str, list[str]] = {}
    if chosen not in DECISIONS:
        errors["decision"] = [tk._("Choose one of the decisions.")]
    if chosen == PUBLIC_BY_LAW and len(basis) < SHORTEST_BASIS:
        errors["basis"] = [tk._("Write which law makes these data public.")]
    if errors:
        raise tk.ValidationError(dict(errors))
    return DecisionInput(chosen, basis, str(data.get("version") or ""))
