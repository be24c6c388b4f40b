"""The command group `ckan nd47`, shared by the plugins of the suite."""

from __future__ import annotations

import click

__all__ = ["suite_commands"]


@click.group(short_help="Metadata, Vietnamese and export of a Vietnamese open-data portal.")
def nd47() -> None:
    """Commands of the ckanext-nd47 suite; each plugin adds its own."""


def suite_commands(*commands: click.Command) -> list[click.Command]:
    """Add a plugin's commands to the group and return what `IClick.get_commands` must return.

    CKAN registers commands by name and a later plugin replaces an earlier one, so every plugin of
    the suite returns this same group.
    """
    for command in commands:
        nd47.add_command(command)
    return [nd47]
