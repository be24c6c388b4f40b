"""Shared by the plugin classes of the suite: actions, helpers, commands and translations.

CKAN's blanket decorators accept one module each, and a second one of the same kind replaces the
first; so members of several modules are collected here.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import click

import ckan.plugins as p

from ckanext.nd47.lib import inputs
from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.language.catalogues import MERGED_DOMAIN, OWN_DOMAIN, locales

L10N_PLUGIN = "nd47_l10n"


def members(*modules: ModuleType) -> Callable[[], dict[str, Any]]:
    """Return a function that returns the members in `__all__` of the modules, by name."""
    return lambda: {name: getattr(module, name) for module in modules for name in module.__all__}


def actions(*modules: ModuleType) -> Callable[[], dict[str, Any]]:
    """Return a function that returns the actions of the modules, with checked input."""
    collected = members(*modules)
    return lambda: {name: inputs.checked(name, action) for name, action in collected().items()}


def member_list(*modules: ModuleType) -> Callable[[], list[Any]]:
    """Return a function that returns the members in `__all__` of the modules, as a list."""
    return lambda: list(members(*modules)().values())


def wrap_method(plugin: str, method: str, wrap: Callable[[Any], Any]) -> None:
    """Wrap a method of a plugin of another extension, once per process, if the plugin is loaded.

    CKAN reuses the plugin object when plugins are unloaded and loaded.

    Args:
        plugin: name of the plugin.
        method: name of the method.
        wrap: returns the wrapped method, marked by `functools.wraps`.
    """
    owner: Any = p.get_plugin(plugin)
    if owner is not None and not hasattr(getattr(owner, method), "__wrapped__"):
        setattr(owner, method, wrap(getattr(owner, method)))


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

    A plugin alone uses the catalogue of the suite. With `nd47_l10n`, all plugins use the merged
    catalogue, which contains the suite's messages too: CKAN's JavaScript builder uses only one
    domain for each directory, so one of two domains in `i18n/` would be lost.
    """

    def i18n_directory(self) -> str:
        """Return the folder of the catalogues."""
        return str(data_path("i18n"))

    def i18n_locales(self) -> list[str]:
        """Return the locales that the suite translates to."""
        return locales(data_path("i18n"))

    def i18n_domain(self) -> str:
        """Return the gettext domain: the merged one if `nd47_l10n` is loaded."""
        return MERGED_DOMAIN if p.plugin_loaded(L10N_PLUGIN) else OWN_DOMAIN
