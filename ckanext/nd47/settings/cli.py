"""`ckan nd47 settings …`: shows and checks the options of the suite."""

from __future__ import annotations

import click

from ckanext.nd47.settings import options


@click.group("settings", short_help="Options: show, check.")
def settings_commands() -> None:
    """Options of the suite that can be changed at run time."""


@settings_commands.command(short_help="Show what is in force.")
def show() -> None:
    """Show each option with its value, and whether it was changed at run time."""
    stored = options.stored()
    for option, value in options.current().items():
        origin = "page" if option in stored else "file"
        click.echo(f"{option} [{origin}]: {value!r}")


@settings_commands.command(short_help="Say what cannot be used.")
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the values in force, from the configuration file and the administrator's page."""
    problems = options.problems()
    for option, messages in problems.items():
        click.echo(f"{option}: {' '.join(messages)}")
    click.echo(f"{len(problems)} problems")
    ctx.exit(1 if problems else 0)
