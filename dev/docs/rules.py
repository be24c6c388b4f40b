"""Writes `docs/rules.md` from the rules, so that no rule stays unwritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from ckanext.nd47.lib.data import Labels, data_path, read_entry
from ckanext.nd47.rules import load
from ckanext.nd47.rules.model import LEVEL_OF, RESOURCES, Duty, Edition, Rule, in_language
from dev.docs.markdown import table

LANGUAGES = ("vi", "en")


def markdown() -> str:
    """Return the description of the rules, first in Vietnamese, then in English."""
    document = read_entry(data_path("schemas", "rules", "document.yaml"))
    words = {name: document.labels(name) for name in document.values}
    parts = [line for lang in LANGUAGES for line in _chapter(words, lang)]
    return "\n".join(parts).rstrip() + "\n"


def _chapter(words: Mapping[str, Labels], lang: str) -> Iterator[str]:
    editions = [load.edition(code) for code in load.editions()]
    for paragraph in ("title", "made", "how", "more", "use"):
        yield words[paragraph][lang]
        yield ""
    for edition in editions:
        yield words["edition"][lang].format(edition=edition.id)
        yield ""
        yield from table(
            _heads(words["rule_head"][lang]), (_rule(edition, r, lang) for r in edition.rules)
        )
    yield words["messages"][lang]
    yield ""
    rules_by_id = {rule.id: rule for edition in editions for rule in edition.rules}
    yield from table(
        _heads(words["message_head"][lang]), (_words(words, r, lang) for r in rules_by_id.values())
    )
    yield words["duties"][lang]
    yield ""
    yield from table(
        _heads(words["duty_head"][lang]), (_duty(words, duty, lang) for duty in load.duties())
    )


def _rule(edition: Edition, rule: Rule, lang: str) -> list[str]:
    reads = [*rule.fields, *(f"{RESOURCES}.{name}" for name in rule.resource_fields)]
    return [
        f"`{rule.id}`",
        f"`{LEVEL_OF[rule.severity].value}`",
        str(rule.points),
        in_language(rule.title, lang),
        in_language(edition.binds[rule.binds], lang),
        ", ".join(f"`{name}`" for name in reads),
        edition.basis(rule, lang),
    ]


def _words(words: Mapping[str, Labels], rule: Rule, lang: str) -> list[str]:
    return [
        f"`{rule.id}`",
        words[rule.applies][lang],
        in_language(rule.message, lang),
        in_language(rule.remedy, lang),
    ]


def _duty(words: Mapping[str, Labels], duty: Duty, lang: str) -> list[str]:
    checked = ", ".join(f"`{rule}`" for rule in duty.rules)
    told = [in_language(text, lang) for text in (duty.shown, duty.unchecked) if text]
    return [
        duty.id,
        in_language(duty.text, lang),
        in_language(duty.who, lang),
        _source(words, duty, lang),
        duty.status,
        ". ".join(filter(None, (checked, *told))),
    ]


def _source(words: Mapping[str, Labels], duty: Duty, lang: str) -> str:
    if duty.until is None:
        return duty.source
    after = duty.until + dt.timedelta(days=1)
    day = f"{after.day}/{after.month}/{after.year}"
    return words["ended"][lang].format(source=duty.source, day=day)


def _heads(line: str) -> list[str]:
    return line.strip("| ").split(" | ")
