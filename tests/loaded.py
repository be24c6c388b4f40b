"""Plugins and options as a test needs them: for a module, or changed in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.tests.helpers import CKANTestApp

from tests.plugin_cache import Application, Plugins, load_all

OURS = "nd47 scheming_datasets scheming_organizations"
NO_RULES = {"ckanext.nd47.rules_from": "2999-01-01"}
"""The rules have tests of their own; here a record may hold next to nothing."""

_ABSENT = object()


@contextmanager
def loaded(plugins: str, **options: str) -> Iterator[dict[str, Any]]:
    """Load other plugins and set options; afterwards those of before are loaded, if any were.

    Args:
        plugins: names of the plugins, in their order.
        options: values by the keys of the options, dots written as two underscores.

    Yields:
        The options. CKAN resets them before each test, so what is loaded for longer than one has
        to set them again.
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
    """Load these plugins and no others, for all tests of a module.

    They stay loaded for the next module that wants the same ones. A module that needs another
    set-up for one test uses CKAN's `with_plugins`.

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
    """Return a client of the portal as it is loaded, for all tests of a module.

    Args:
        plugins: names of what is loaded, where CKAN's fixtures may have reset them.
    """
    if plugins:
        names = plugins.split()
        if Plugins.requested == (names, []) and Plugins.is_in_force():
            Plugins.load(names)
        tk.config["ckan.plugins"] = names
    return Application.client()
