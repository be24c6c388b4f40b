"""The rules that the portal applies: those of its legal edition, with the configured levels."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.fields import values
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.metadata import dataset_reader
from ckanext.nd47.rules import load
from ckanext.nd47.rules.model import Edition, Level, Rule
from ckanext.nd47.rules.subject import day

log = logging.getLogger(__name__)

IN_FORCE = "luat-20-2023"
"""Edition of the law in force; also used for a portal's own legal edition, which has no rules."""
CHOICES = {level.value: level for level in (Level.ERROR, Level.WARNING, Level.OFF)}
"""Levels that a portal can set."""
SETTING = re.compile(r"\s*(?P<rule>[a-z0-9-]+)\s*[:=]\s*(?P<level>[a-z]+)\s*")


@dataclass(frozen=True)
class RuleSet:
    """The rules that apply to a dataset.

    Attributes:
        edition: the legal edition.
        rules: each rule with its level; rules that are off only if they were asked for.
        today: the day on which they are applied.
    """

    edition: Edition
    rules: tuple[tuple[Rule, Level], ...]
    today: dt.date


def in_force(today: dt.date | None = None) -> RuleSet:
    """Return the rules that the portal applies.

    Args:
        today: the current day; default: today in Vietnam.
    """
    return _on_day(config.legal_edition(), today)


def applied(setting: str | None = None, today: dt.date | None = None) -> dict[str, RuleSet]:
    """Return the rules that apply to datasets of the portal, by legal edition, also those off.

    Args:
        setting: levels of rules in the form of the option; default: those of the portal.
        today: the current day; default: today in Vietnam.
    """
    codes = dict.fromkeys((config.legal_edition(), IN_FORCE))
    rule_sets = [_on_day(code, today, every=True, setting=setting) for code in codes]
    return {rule_set.edition.id: rule_set for rule_set in rule_sets}


def for_record(
    dataset: dataset_reader.Dataset, today: dt.date | None = None, *, every: bool = False
) -> RuleSet:
    """Return the rules that apply to a dataset.

    They are those of the portal's edition. If that is repealed, a dataset with another legal
    basis is checked against the law in force.

    Args:
        dataset: a dataset as `package_show` returns it.
        today: the current day; default: today in Vietnam.
        every: include the rules that are off.
    """
    chosen = config.legal_edition()
    term = vocabulary.term("legal-edition", chosen)
    if chosen != IN_FORCE and term is not None and term.valid_to is not None:
        basis = dataset_reader.codes(dataset, "applicable_legislation")
        if basis and not set(basis) & set(term["instruments"] or ()):
            chosen = IN_FORCE
    return _on_day(chosen, today, every=every)


def read_levels(text: str) -> tuple[dict[str, Level], list[str]]:
    """Return the levels that the option sets, and error messages for invalid lines.

    A line has the form `rule: level`; commas and semicolons also separate settings.
    """
    levels: dict[str, Level] = {}
    problems: list[str] = []
    for line in filter(str.strip, re.split(r"[\n,;]", text)):
        try:
            rule, level = _setting(line, levels)
        except ValueError as error:  # noqa: PERF203 - each line has its own message
            problems.append(str(error))
        else:
            levels[rule] = level
    return levels, problems


def _setting(line: str, levels: Mapping[str, Level]) -> tuple[str, Level]:
    setting = SETTING.fullmatch(line)
    if setting is None:
        raise ValueError(
            tk._("“{line}” is not of the form “rule: level”.").format(line=line.strip()[:80])
        )
    rule, level = setting["rule"], setting["level"]
    if rule not in load.rule_ids():
        raise ValueError(tk._("There is no rule “{rule}”.").format(rule=rule))
    if level not in CHOICES:
        raise ValueError(
            tk._("“{level}” is not a level of a rule. Use one of these: {levels}.").format(
                level=level, levels=", ".join(CHOICES)
            )
        )
    if rule in levels:
        raise ValueError(tk._("The rule “{rule}” is listed twice.").format(rule=rule))
    return rule, CHOICES[level]


def _on_day(
    code: str, today: dt.date | None, *, every: bool = False, setting: str | None = None
) -> RuleSet:
    today = today or dt.datetime.now(values.VIETNAM).date()
    edition = _edition(code)
    term = vocabulary.term("legal-edition", edition.id)
    # A repealed edition is applied as it was on its last day in force.
    last = term.valid_to if term else None
    day = min(today, last) if last else today
    levels = config.rule_levels() if setting is None else setting
    rules = _with_levels(edition, levels, day)
    if not every:
        rules = tuple(pair for pair in rules if pair[1] is not Level.OFF)
    return RuleSet(edition, rules, today)


def _edition(code: str) -> Edition:
    try:
        return load.edition(code)
    except KeyError:
        return load.edition(IN_FORCE)


@lru_cache(maxsize=64)
def _with_levels(edition: Edition, setting: str, day: dt.date) -> tuple[tuple[Rule, Level], ...]:
    levels, problems = read_levels(setting)
    for problem in problems:
        # The form refuses it; a rule removed in a later version must not stop the portal.
        log.warning("Option %s: %s", config.RULES, problem)
    return tuple((rule, levels.get(rule.id, rule.level_on(day))) for rule in edition.rules)


def stored_levels(text: str) -> str:
    """Validate levels of rules, one `rule: level` per line.

    Raises:
        ckan.plugins.toolkit.Invalid: a line is invalid; the message says why.
    """
    levels, problems = read_levels(text)
    if problems:
        raise tk.Invalid(" ".join(problems))
    return "\n".join(f"{rule}: {level.value}" for rule, level in levels.items())


def stored_day(text: str) -> str:
    """Validate a day, which may be empty.

    Raises:
        ckan.plugins.toolkit.Invalid: it is not a day.
    """
    try:
        is_full_date = not text or len(values.date(text)) == len("YYYY-MM-DD")
    except ValueError:
        is_full_date = False
    if not is_full_date:
        raise tk.Invalid(
            tk._("“{value}” is not a day. Write it as in 31/12/2026 or 2026-12-31.").format(
                value=text[:80]
            )
        )
    date = day(text)
    return date.isoformat() if date else ""
