"""`ckan nd47 i18n …`: care of the translation catalogues."""

from __future__ import annotations

import click

from ckanext.nd47.data import data_path
from ckanext.nd47.l10n.catalogues import compile_catalogues


@click.group(short_help="Care of the translation catalogues.")
def i18n() -> None:
    """Compile the catalogues and measure them against the versions installed."""


@i18n.command("compile", short_help="Merge the catalogues and compile them.")
def compile_command() -> None:
    """Merge the catalogues and write the .mo files that CKAN loads."""
    for path in compile_catalogues(data_path("i18n")):
        click.echo(path)
