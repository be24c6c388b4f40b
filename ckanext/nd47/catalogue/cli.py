"""Commands `ckan nd47 catalogue …`."""

from __future__ import annotations

import click

from ckanext.nd47.catalogue.matching.take_over.cli import take_over
from ckanext.nd47.catalogue.records import model


@click.group("catalogue", short_help="The catalogues of open data.")
def catalogue_commands() -> None:
    """Fill the catalogues, and what is made of them."""
    if not model.ready():
        raise click.ClickException(model.message())


COMMANDS: tuple[click.Command, ...] = (take_over,)
"""Of the packages of this room."""

for command in COMMANDS:
    catalogue_commands.add_command(command)
