"""No action, command, option or rule of the suite goes undocumented, in any room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from ckanext.nd47 import lib
from ckanext.nd47.lib import config
from ckanext.nd47.rules import load
from dev.docs import actions
from tests.support.loaded import OURS, loaded

DOCS = Path(__file__).parents[3] / "docs"
EVERYTHING = f"{OURS} nd47_tables nd47_catalogue nd47_desk nd47_portal nd47_dcat nd47_l10n dcat"
HEADING = re.compile(r"(?m)^### `([^`]+)`$")


@pytest.fixture(scope="module")
def portal() -> Iterator[dict[str, Any]]:
    """All plugins of the suite."""
    with loaded(EVERYTHING) as options:
        yield options


@pytest.fixture
def headings(portal: dict[str, Any]) -> set[str]:
    """What the page describes; the arguments of a command are left out."""
    found = HEADING.findall((DOCS / "reference.md").read_text(encoding="utf-8"))
    return {re.sub(r" (\[?[A-Z][A-Z_]*\]?)( .*)?$", "", one) for one in found}


def test_every_action_and_command_is_described_and_nothing_else(headings: set[str]):
    """If not: make docs."""
    assert headings == {*actions.actions(), *actions.commands()}


@pytest.mark.usefixtures("portal")
def test_every_action_says_what_it_does_and_returns():
    silent = [
        name
        for name, function in actions.actions().items()
        if not function.__doc__ or name.startswith("nd47_") and ":returns:" not in function.__doc__
    ]
    assert [name for name in silent if not name.endswith("_delete")] == []


@pytest.mark.usefixtures("portal")
def test_every_parameter_of_a_command_is_described():
    silent = [
        f"{typed} {option.opts[0]}"
        for typed, command in actions.commands().items()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


@pytest.mark.usefixtures("portal")
def test_every_action_in_the_code_is_offered():
    """Else one that no plugin registers would go unnoticed here."""
    package = Path(lib.__file__).parents[1]
    written = {
        name
        for path in package.rglob("*action.py")
        for name in re.findall(r"(?m)^def (nd47_\w+)\(\s*context", path.read_text(encoding="utf-8"))
    }
    assert written == {name for name in actions.actions() if name.startswith("nd47_")}


@pytest.mark.parametrize("edition", load.editions())
@pytest.mark.parametrize("half", [0, 1], ids=["vi", "en"])
def test_every_rule_is_described_in_both_languages(edition: str, half: int):
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    chapters = re.split(r"(?m)^# ", text)[1:]
    rows = set(re.findall(r"(?m)^\| `([a-z0-9-]+)` \|", chapters[half]))
    assert {rule.id for rule in load.edition(edition).rules} <= rows


def test_every_option_is_described():
    text = (DOCS / "configure.md").read_text(encoding="utf-8")
    keys = {str(value) for name, value in vars(config).items() if name.isupper()}
    ours = {key for key in keys if re.fullmatch(r"ckanext\.nd47\.[a-z_.]+", key)}
    assert ours == set(re.findall(r"`(ckanext\.nd47\.[a-z_.]+)`:", text))


PAGES = sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def links(page: Path) -> set[Path]:
    """Return the files of this checkout that a page links to."""
    found = LINK.findall(page.read_text(encoding="utf-8"))
    return {(page.parent / link).resolve() for link in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda one: str(one.relative_to(DOCS)))
def test_every_link_between_pages_leads_somewhere(page: Path):
    assert [link for link in links(page) if not link.exists()] == []


@pytest.mark.parametrize("readme", ["README.md", "README.vi.md"])
def test_every_page_is_reached_from_the_readme(readme: str):
    """From the README itself, or from pages that it leads to."""
    reached, pending = set(), {DOCS.parent / readme}
    while pending:
        page = pending.pop()
        reached.add(page)
        if page.suffix == ".md" and page.exists():
            pending |= links(page) - reached
    assert [page for page in PAGES if page not in reached] == []
