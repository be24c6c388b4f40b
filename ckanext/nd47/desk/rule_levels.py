"""How many datasets do not meet each rule, and how many other levels would refuse."""

from __future__ import annotations

from typing import TypedDict

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.desk.work_list.kinds import unmet_rules
from ckanext.nd47.desk.work_list.kinds.kind import is_published
from ckanext.nd47.desk.work_list.model import WorkDataset
from ckanext.nd47.desk.work_list.store import refresh
from ckanext.nd47.lib import config
from ckanext.nd47.rules import edition
from ckanext.nd47.rules.model import Level, in_language


class RuleEffect(TypedDict):
    """A rule with the datasets that do not meet it.

    `level` is the level in force, `legal_level` that of the legal edition, `setting` the portal's
    own or empty. `published` datasets are public, of so many `agencies`; `unpublished` ones are
    drafts and private datasets.
    """

    rule: str
    title: str
    basis: str
    level: str
    legal_level: str
    setting: str
    published: int
    agencies: int
    unpublished: int


class Refused(TypedDict):
    """Datasets with an unmet rule that refuses publication: public ones, and the others."""

    published: int
    unpublished: int


class RuleEffects(TypedDict):
    """All rules of the portal's edition, and what they refuse.

    `now` is with the levels in force, `proposed` with those asked about. `waiting` datasets have
    changed since the rules were applied, or were never examined.
    """

    edition: str
    rules: list[RuleEffect]
    now: Refused
    proposed: Refused
    waiting: int


def effects(setting: str | None, lang: str) -> RuleEffects:
    """Return what the rules find, in four statements.

    Args:
        setting: proposed levels in the form of the option; default: those in force.
        lang: language of the texts.
    """
    rule_sets = edition.applied()
    in_force = next(iter(rule_sets.values()))
    own_levels, _ = edition.read_levels(config.rule_levels())
    counts = _counts()
    return {
        "edition": in_force.edition.id,
        "rules": [
            {
                "rule": rule.id,
                "title": in_language(rule.title, lang),
                "basis": in_force.edition.basis(rule, lang, in_force.today),
                "level": level.value,
                "legal_level": rule.level_on(in_force.today).value,
                "setting": own_levels[rule.id].value if rule.id in own_levels else "",
                "published": counts.get(rule.id, (0, 0, 0))[0],
                "agencies": counts.get(rule.id, (0, 0, 0))[1],
                "unpublished": counts.get(rule.id, (0, 0, 0))[2],
            }
            for rule, level in in_force.rules
        ],
        "now": _refused(rule_sets),
        "proposed": _refused(edition.applied(setting)),
        "waiting": refresh.waiting(),
    }


def _counts() -> dict[str, tuple[int, int, int]]:
    """Return by rule the public datasets, their agencies, and the datasets not published."""
    rules = sa.func.unnest(WorkDataset.unmet).table_valued("rule", name="rules").render_derived()
    rule = rules.c.rule
    query = (
        sa.select(
            rule,
            sa.func.count().filter(is_published()),
            sa.func.count(model.Package.owner_org.distinct()).filter(is_published()),
            sa.func.count().filter(sa.not_(is_published())),
        )
        .select_from(WorkDataset)
        .join(model.Package, model.Package.id == WorkDataset.id)
        .join(rules, sa.true())
        .where(model.Package.state != model.State.DELETED)
        .group_by(rule)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in model.Session.execute(query)}


def _refused(rule_sets: dict[str, edition.RuleSet]) -> Refused:
    refusing = [unmet_rules.has_any(rule_set, Level.ERROR) for rule_set in rule_sets.values()]
    query = (
        sa.select(
            sa.func.count().filter(is_published()), sa.func.count().filter(sa.not_(is_published()))
        )
        .select_from(WorkDataset)
        .join(model.Package, model.Package.id == WorkDataset.id)
        .where(model.Package.state != model.State.DELETED, sa.or_(*refusing))
    )
    row = model.Session.execute(query).one()
    return {"published": row[0], "unpublished": row[1]}
