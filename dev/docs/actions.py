"""Writes `docs/reference.md`: every action and command of the plugins that are loaded.

Run by `make docs`, with all plugins of the suite loaded. The words
are those of the docstrings and of the help texts.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

import ckan.plugins as p

from dev.docs.markdown import table

PACKAGE = "ckanext.nd47"
INTRODUCTION = """\
# Actions and commands

Made by `make docs`; not to be edited by hand. `--help` of a command and
`/api/3/action/help_show?name=…` say the same.
"""
OWN = "nd47_"
PARAMETER = re.compile(r"(?ms)^:param (\w+): (.*?)(?=^:|\Z)")
RETURNS = re.compile(r"(?ms)^:returns?: (.*?)(?=^:|\Z)")


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *_actions(), *_commands()]).rstrip() + "\n"


def actions() -> dict[str, Callable[..., Any]]:
    """Return the actions of the suite by name, those that it wraps around CKAN's included."""
    actions_by_name = {
        name: function
        for plugin in p.PluginImplementations(p.IActions)
        for name, function in plugin.get_actions().items()
        if inspect.unwrap(function).__module__.startswith(f"{PACKAGE}.")
    }
    return dict(sorted(actions_by_name.items()))


def commands() -> dict[str, click.Command]:
    """Return the commands of the suite by what is typed, groups left out."""
    by_path: dict[str, click.Command] = {}
    for plugin in p.PluginImplementations(p.IClick):
        for command in plugin.get_commands():
            if command.name == "nd47":
                by_path |= dict(_below(command, "ckan"))
    return dict(sorted(by_path.items()))


def _below(command: click.Command, before: str) -> Iterator[tuple[str, click.Command]]:
    typed = f"{before} {command.name}"
    if not isinstance(command, click.Group):
        yield typed, command
        return
    for subcommand in command.commands.values():
        yield from _below(subcommand, typed)


def _actions() -> Iterator[str]:
    every = actions()
    yield from ("## Actions", "")
    for name, function in every.items():
        if name.startswith(OWN):
            yield from _action(name, inspect.getdoc(function) or "")
    yield from ("## Actions of CKAN that do more", "")
    for name, function in every.items():
        if not name.startswith(OWN):
            yield from _action(name, inspect.getdoc(function) or "")


def _action(name: str, words: str) -> Iterator[str]:
    text, _, _ = words.partition("\n:")
    yield from (f"### `{name}`", "", text.strip(), "")
    yield from _table(
        {f"`{parameter}`": _line(meaning) for parameter, meaning in PARAMETER.findall(words)}
    )
    if returns := RETURNS.search(words):
        yield from (f"Returns {_line(returns[1])}.", "")


def _commands() -> Iterator[str]:
    yield from ("## Commands", "")
    for typed, command in commands().items():
        arguments = "".join(
            f" {parameter.human_readable_name}"
            for parameter in command.params
            if isinstance(parameter, click.Argument)
        )
        yield from (f"### `{typed}{arguments}`", "", inspect.cleandoc(command.help or ""), "")
        yield from _table(
            {
                f"`{', '.join(parameter.opts)}`": parameter.help or ""
                for parameter in command.params
                if isinstance(parameter, click.Option)
            }
        )


def _table(rows: Mapping[str, str]) -> Iterator[str]:
    if rows:
        yield from table(("name", "meaning"), rows.items())


def _line(text: str) -> str:
    return " ".join(text.split())
