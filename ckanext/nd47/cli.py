"""The command group `ckan nd47`, shared by the plugins of the suite."""

from __future__ import annotations

from pathlib import Path

import click

from ckanext.nd47 import manual

__all__ = ["suite_commands"]


@click.group(short_help="Metadata, Vietnamese and export of a Vietnamese open-data portal.")
def nd47() -> None:
    """Commands of the ckanext-nd47 suite; each plugin adds its own."""


@nd47.command(short_help="Write docs/reference.md.")
@click.argument("page", type=click.Path(dir_okay=False, path_type=Path))
def document(page: Path) -> None:
    """Write the page of the documentation that describes every action and command."""
    page.write_text(manual.page(), encoding="utf-8")


def suite_commands(*commands: click.Command) -> list[click.Command]:
    """Add a plugin's commands to the group and return what `IClick.get_commands` must return.

    CKAN registers commands by name and a later plugin replaces an earlier one, so every plugin of
    the suite returns this same group.
    """
    for command in commands:
        nd47.add_command(command)
    return [nd47]
