"""Loads plugins and options for a module, or during a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.tests.helpers import CKANTestApp

from tests.support.plugin_cache import Application, Plugins, load_all

OURS = "nd47 scheming_datasets scheming_organizations"
NO_RULES = {"ckanext.nd47.rules_from": "2999-01-01"}
"""The rules have their own tests; here a dataset may be incomplete."""

_ABSENT = object()


@contextmanager
def loaded(plugins: str, **options: str) -> Iterator[dict[str, Any]]:
    """Load other plugins and set options; afterwards restore the previous ones, if any.

    Args:
        plugins: names of the plugins, in their order.
        options: values by the keys of the options, dots written as two underscores.

    Yields:
        The options. CKAN resets them before each test, so fixtures with a longer scope have to set
        them again.
    """
    changes: dict[str, Any] = {"ckan.plugins": plugins.split(), **NO_RULES}
    changes |= {key.replace("__", "."): value for key, value in options.items()}
    before = {key: tk.config.get(key, _ABSENT) for key in changes}
    were_loaded = any(p.plugin_loaded(name) for name in before["ckan.plugins"])
    p.unload_all()
    try:
        tk.config.update(changes)
        load_all()
        yield changes
    finally:
        p.unload_all()
        for key, value in before.items():
            if value is _ABSENT:
                tk.config.pop(key, None)
            else:
                tk.config[key] = value
        if were_loaded:
            load_all()


@contextmanager
def only(plugins: str) -> Iterator[None]:
    """Load only these plugins, for all tests of a module.

    They remain loaded for the next module with the same plugins. A module that needs another set-up
    for a test uses CKAN's `with_plugins`.

    Args:
        plugins: names of the plugins, in their order.
    """
    before = tk.config["ckan.plugins"]
    Plugins.load(plugins.split())
    Plugins.modules += 1
    yield
    Plugins.modules -= 1
    tk.config["ckan.plugins"] = before


def client(plugins: str | None = None) -> CKANTestApp:
    """Return a client of the loaded portal, for all tests of a module.

    Args:
        plugins: names of the loaded plugins, if CKAN's fixtures may have reset them.
    """
    if plugins:
        names = plugins.split()
        if Plugins.requested == (names, []) and Plugins.is_in_force():
            Plugins.load(names)
        tk.config["ckan.plugins"] = names
    return Application.client()
