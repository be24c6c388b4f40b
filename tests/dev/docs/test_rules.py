"""`docs/rules.md` says of every rule what the rules say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckanext.nd47.rules import load
from dev.docs import rules

DOCUMENT = Path(__file__).parents[3] / "docs" / "rules.md"
HEADINGS = ("# Quy tắc về siêu dữ liệu\n", "# Rules on metadata\n")


def chapters() -> list[str]:
    """Return the Vietnamese and the English part."""
    text = DOCUMENT.read_text(encoding="utf-8")
    vi, en = (text.index(heading) for heading in HEADINGS)
    return [text[vi:en], text[en:]]


def test_it_is_what_the_command_writes() -> None:
    """`make docs` after every change of the rules."""
    assert DOCUMENT.read_text(encoding="utf-8") == rules.markdown()


@pytest.mark.parametrize("rule", sorted(load.rule_ids()))
def test_a_rule_is_documented_in_both_languages(rule: str) -> None:
    assert all(chapter.count(f"| `{rule}` |") >= 2 for chapter in chapters())


@pytest.mark.parametrize("duty", [duty.id for duty in load.duties()])
def test_a_duty_is_documented_in_both_languages(duty: str) -> None:
    assert all(f"\n| {duty} |" in chapter for chapter in chapters())


def test_every_table_is_whole() -> None:
    """A text with a bar in it would break a row in two."""
    for chapter in chapters():
        tables = [line for line in chapter.splitlines() if line.startswith("|")]
        width = 0
        for line in tables:
            cells = line.replace("\\|", "").count("|")
            width = cells if "---" in line else width
            if not line.startswith(("| Quy", "| Rule", "| Số", "| No.")):
                assert cells == width, line
