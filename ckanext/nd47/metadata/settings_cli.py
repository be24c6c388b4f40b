"""`ckan nd47 settings …`: the options of the suite, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import click

from ckanext.nd47.metadata import settings, settings_document


@click.group("settings", short_help="Options: show, check, document.")
def settings_commands() -> None:
    """Options of the suite that can be changed at run time."""


@settings_commands.command(short_help="Show what is in force.")
def show() -> None:
    """Show each option with its value, and whether it was changed at run time."""
    stored = settings.stored()
    for option, value in settings.current().items():
        origin = "page" if option in stored else "file"
        click.echo(f"{option} [{origin}]: {value!r}")


@settings_commands.command(short_help="Say what cannot be used.")
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check the values in force, from the configuration file and the administrator's page."""
    problems = settings.problems()
    for option, messages in problems.items():
        click.echo(f"{option}: {' '.join(messages)}")
    click.echo(f"{len(problems)} problems")
    ctx.exit(1 if problems else 0)


@settings_commands.command(short_help="Renew the options in docs/configure.md.")
@click.argument("page", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def document(page: Path) -> None:
    """Renew the blocks of options in a page of the documentation."""
    text = page.read_text(encoding="utf-8")
    page.write_text(settings_document.renewed(text), encoding="utf-8")
