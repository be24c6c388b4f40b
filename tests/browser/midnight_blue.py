"""The web application of the sample portal in the theme midnight blue, for gunicorn.

The package of CKAN 2.12.0 on the index holds none of the theme's templates and styles (its
`ckan/templates-midnight-blue` has one Python file), so `ckan.base_templates_folder` cannot turn it
on there. ckanext-midnight-blue-theme has the same look and the same blocks as an extension. Its
wheels lack a module, which is created here.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app

PACKAGE = "ckanext.midnight_blue_theme"
THEME = "midnight-blue-portable"
PLUGINS = "theming midnight_blue_theme"


def is_installed() -> bool:
    """Return whether the theme and its requirements are installed."""
    return bool(find_spec("ckanext.theming") and find_spec(PACKAGE))


def complete() -> None:
    """Add the module that the theme's wheels lack: it names the folder of the theme."""
    library = importlib.import_module("ckanext.theming.lib")
    package = importlib.import_module(PACKAGE)
    folder = Path(package.__path__[0], "themes", "mbp")
    name = f"{PACKAGE}.themes.mbp.theme"
    module = ModuleType(name)
    setattr(module, "make_theme", lambda: library.Theme(THEME, str(folder)))  # noqa: B010 - new
    sys.modules[name] = module


def application() -> object:
    """Return the web application that the configuration file of CKAN_INI describes."""
    complete()
    return make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
