"""Published datasets that do not meet rules; one thing for each dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.nd47.desk.scope import Scope
from ckanext.nd47.desk.work_list.kinds.kind import (
    Description,
    Kind,
    Thing,
    Weight,
    columns,
    dataset_page,
    field_address,
    is_published,
)
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.lib.web import http
from ckanext.nd47.rules import edition
from ckanext.nd47.rules.model import Level, Rule, in_language

CODE = "unmet-rules"

WEIGHTS: Mapping[Level, Weight] = {
    Level.ERROR: Weight.NOW,
    Level.WARNING: Weight.SOON,
    Level.ADVICE: Weight.LATER,
}
"""By the level of the gravest rule that a dataset does not meet."""


def has_any(rule_set: edition.RuleSet, level: Level) -> sa.ColumnElement[bool]:
    """Return the condition for a dataset of an edition that does not meet a rule of a level."""
    ids = [rule.id for rule, rule_level in rule_set.rules if rule_level is level]
    return sa.and_(
        WorkDataset.edition == rule_set.edition.id,
        WorkDataset.unmet.overlap(sa.literal(ids, ARRAY(sa.Text))),
    )


def _statement() -> sa.Select[Any]:
    work, rule_sets = WorkDataset, list(edition.applied().values())
    weights = [
        (sa.or_(*(has_any(rule_set, level) for rule_set in rule_sets)), weight)
        for level, weight in WEIGHTS.items()
    ]
    weight = sa.case(*weights, else_=0)
    return (
        columns(
            CODE,
            agency_id=model.Package.owner_org,
            dataset_id=work.id,
            weight=weight,
            points=_points(rule_sets),
        )
        .join_from(work, model.Package, model.Package.id == work.id)
        .where(is_published(), weight > 0)
    )


def _points(rule_sets: list[edition.RuleSet]) -> sa.ColumnElement[int]:
    """Return the points of the unmet rules without those of rules that are off."""
    points: sa.ColumnElement[int] = WorkDataset.points + 0
    for rule_set in rule_sets:
        for rule, level in rule_set.rules:
            if level is Level.OFF and rule.points:
                is_unmet = sa.and_(
                    WorkDataset.edition == rule_set.edition.id,
                    WorkDataset.unmet.any(rule.id),  # pyright: ignore[reportArgumentType]
                )
                points -= sa.case((is_unmet, rule.points), else_=0)
    return points


def _describe(thing: Thing, scope: Scope) -> Description:
    facts = thing.facts or {}
    unmet = unmet_by_weight(thing.edition or "", facts)
    lang = http.language()
    words = " ".join(_message(rule, facts[rule.id], lang) for rule, _ in unmet[:1])
    if rest := len(unmet) - 1:
        words += " " + tk.ungettext(
            "And {number} more rule.", "And {number} more rules.", rest
        ).format(number=rest)
    if not scope.may_edit(thing.agency_id):
        return dataset_page(thing)._replace(words=words)
    form = field_address(thing.dataset_name, facts[unmet[0][0].id]["field"])
    return Description(words, tk._("Correct"), form)


def unmet_by_weight(edition_id: str, facts: Mapping[str, Any]) -> list[tuple[Rule, Level]]:
    """Return the unmet rules that are not off with their levels, the gravest first."""
    rule_set = edition.applied().get(edition_id)
    unmet = [
        (rule, level)
        for rule, level in (rule_set.rules if rule_set else ())
        if rule.id in facts and level is not Level.OFF
    ]
    return sorted(unmet, key=lambda pair: (-WEIGHTS[pair[1]], -pair[0].points))


def _message(rule: Rule, finding: Mapping[str, Any], lang: str) -> str:
    return in_language(rule.message, lang).format(**finding["facts"])


UNMET_RULES = Kind(CODE, lambda: tk._("Rules not met"), _statement, _describe)
