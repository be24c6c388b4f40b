"""What the plugin classes of the suite share: actions, helpers, commands and translations.

CKAN's blanket decorators take one module each, and a second one of the same kind replaces the
first; so members of several modules are gathered here.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import click

import ckan.plugins as p

from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.catalogues import MERGED_DOMAIN, OWN_DOMAIN, locales
from ckanext.nd47.lib.data import data_path

L10N_PLUGIN = "nd47_l10n"


def members(*modules: ModuleType) -> Callable[[], dict[str, Any]]:
    """Return a function that gives what the modules offer in `__all__`, by name."""
    return lambda: {name: getattr(module, name) for module in modules for name in module.__all__}


def actions(*modules: ModuleType) -> Callable[[], dict[str, Any]]:
    """Return a function that gives the actions of the modules, each with its input checked."""
    gathered = members(*modules)
    return lambda: {name: inputs.checked(name, action) for name, action in gathered().items()}


def member_list(*modules: ModuleType) -> Callable[[], list[Any]]:
    """Return a function that gives what the modules offer in `__all__`, as a list."""
    return lambda: list(members(*modules)().values())


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


class SuiteTranslation:
    """`ITranslation` for any plugin of the suite.

    Each plugin alone shows the suite's own messages. With `nd47_l10n` on, all of them name the
    merged catalogue, which holds the own messages too: CKAN's JavaScript builder keeps one domain
    for each directory, so two domains in `i18n/` would lose one of them.
    """

    def i18n_directory(self) -> str:
        """Return the folder of the catalogues."""
        return str(data_path("i18n"))

    def i18n_locales(self) -> list[str]:
        """Return the locales that the suite translates to."""
        return locales(data_path("i18n"))

    def i18n_domain(self) -> str:
        """Return the gettext domain: the merged one when the overrides are on."""
        return MERGED_DOMAIN if p.plugin_loaded(L10N_PLUGIN) else OWN_DOMAIN
