"""`make i18n`: maintenance of the translation catalogues."""

from __future__ import annotations

from pathlib import Path

import click

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.language.catalogues import compile_catalogues, read_catalogue, source_path
from dev.i18n.checks import problems, read_names
from dev.i18n.glossary import FILE as GLOSSARY_FILE
from dev.i18n.glossary import read_glossary
from dev.i18n.update import installed_sources, measure, update

LOCALE = "vi"


@click.group(short_help="Care of the translation catalogues.")
def i18n() -> None:
    """Compile the catalogues and measure them against the versions installed."""


@i18n.command("compile", short_help="Merge the catalogues and compile them.")
def compile_command() -> None:
    """Merge the catalogues and write the .mo files that CKAN loads."""
    for path in compile_catalogues(data_path("i18n")):
        click.echo(path)


@i18n.command(short_help="Show how many messages are translated.")
@click.option("--missing", is_flag=True, help="List the messages without a translation.")
@click.pass_context
def coverage(ctx: click.Context, missing: bool) -> None:
    """Count the translated messages of every extension installed; fail below 100 %."""
    results = [measure(data_path("i18n"), LOCALE, source) for source in installed_sources()]
    for result in results:
        click.echo(f"{result.domain}: {result.covered}/{result.total}")
        if missing:
            for message in result.missing:
                click.echo(f"  {message!r}")
    if not all(result.complete for result in results):
        ctx.exit(1)


@i18n.command(short_help="Look for mistakes in the catalogues.")
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check placeholders, markup, spelling and the glossary; fail where something is wrong."""
    folder = data_path("i18n")
    names, terms = read_names(folder), read_glossary(folder / GLOSSARY_FILE)
    count = 0
    for path in _catalogues(folder):
        for problem in problems(read_catalogue(path, LOCALE), names, terms):
            click.echo(f"{path.stem}: {problem}")
            count += 1
    click.echo(f"{count} problems")
    ctx.exit(1 if count else 0)


@i18n.command("update", short_help="Bring the catalogues in step with the versions installed.")
def update_command() -> None:
    """Add new messages, untranslated, and drop those that no longer exist."""
    for source in installed_sources():
        catalogue = update(data_path("i18n"), LOCALE, source)
        click.echo(f"{source.domain}: {len(catalogue)} messages")


def _catalogues(folder: Path) -> list[Path]:
    """Return the catalogues of the sources installed that exist."""
    paths = [source_path(folder, LOCALE, source.domain) for source in installed_sources()]
    return [path for path in paths if path.is_file()]
