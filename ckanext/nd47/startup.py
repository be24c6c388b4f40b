"""What is to be put in order once all plugins are loaded."""

from __future__ import annotations

import logging
from pathlib import Path

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.config.declaration import Declaration, Key

from ckanext.nd47.lib import config as options_of_suite
from ckanext.nd47.lib.data import data_path
from ckanext.nd47.metadata import activity, licence, scheming_compat, solr_limits
from ckanext.nd47.rules import gate
from ckanext.nd47.settings import options

log = logging.getLogger(__name__)

OWN_TEMPLATES = Path(__file__).parent / "templates"
NEEDED_PLUGINS = ("scheming_datasets", "scheming_organizations")
OPEN_WHEN_TRUE = (
    "ckan.auth.anon_create_dataset",
    "ckan.auth.create_unowned_dataset",
    "ckan.auth.create_user_via_api",
    "ckan.auth.create_user_via_web",
    "ckan.auth.user_create_groups",
    "ckan.auth.user_create_organizations",
    "ckan.auth.public_user_details",
)
"""Options of CKAN that let in, or show, more people than a state agency's portal should."""

OPEN_WHEN_FALSE = ("SESSION_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE")
"""The same, on a portal that is reached by https."""

OPEN_PLUGINS = ("resource_proxy",)
"""Plugins that fetch for anybody what an editor names, from within the portal's own network."""

DCAT_PRESETS = "ckanext.dcat.schemas:presets.yaml"
SCHEMING_PRESETS = "ckanext.scheming:presets.json"
SCHEMING_TEMPLATES = ("scheming", "templates")
TEMPLATE_PATHS = "computed_template_paths"


def declare_options(declaration: Declaration, key: Key) -> None:
    """Declare the options of the suite, and what ckanext-scheming and CKAN find when unset.

    A default of another extension's option takes effect only where the portal sets nothing, in any
    order of plugins, and goes with the plugin.
    """
    options_of_suite.declare(declaration, key)
    for option, value in foreign_defaults().items():
        declared = declaration.get(option)
        if declared is None:
            declared = declaration.declare(option, value)
        declared.set_default(value)
    add_presets(tk.config)


def add_presets(config: CKANConfig) -> None:
    """Add the presets that our schemas need to those that a portal sets itself.

    ckanext-scheming ends the start of a portal where a schema names a preset that no file has. What
    the portal has comes first, and wins.
    """
    chosen = str(config.get(options_of_suite.PRESETS) or "").split()
    wanted = foreign_defaults()[options_of_suite.PRESETS].split()
    missing = [path for path in wanted if path not in chosen]
    if chosen and missing:
        config[options_of_suite.PRESETS] = " ".join([*chosen, *missing])


def foreign_defaults() -> dict[str, str]:
    """Return our defaults for options of CKAN and ckanext-scheming."""
    schemas = {name: data_path("schemas", f"{name}.yaml") for name in ("dataset", "organization")}
    presets = data_path("schemas", "presets.yaml").as_uri()
    return {
        "scheming.dataset_schemas": schemas["dataset"].as_uri(),
        "scheming.organization_schemas": schemas["organization"].as_uri(),
        # The first file wins, so ours may refine a preset of the others.
        options_of_suite.PRESETS: f"{presets} {DCAT_PRESETS} {SCHEMING_PRESETS}",
    }


def arrange(config: CKANConfig) -> None:
    """Finish the set-up of the plugin; run by CKAN after every change of plugins."""
    warn_of_missing_plugins()
    config[TEMPLATE_PATHS] = before_scheming(config[TEMPLATE_PATHS])
    licence.register()
    scheming_compat.install()
    solr_limits.install()
    gate.install()
    activity.clean_new_entries()
    options.warn()
    warn_of_unsafe_options(config)


def warn_of_missing_plugins() -> None:
    """Say which plugin is missing, since without it the fields are silently not there."""
    for name in NEEDED_PLUGINS:
        if not p.plugin_loaded(name):
            log.warning(
                "Plugin nd47 needs %s: add it to ckan.plugins, or the fields of nd47 do not show",
                name,
            )


def warn_of_unsafe_options(config: CKANConfig) -> None:
    """Say in one line which options and plugins leave the portal more open than it should be."""
    found = unsafe_options(config)
    if found:
        log.warning(
            "The portal is more open than that of a state agency should be: %s. "
            "docs/production.md says what each of them does",
            ", ".join(found),
        )


def unsafe_options(config: CKANConfig) -> list[str]:
    """Return what is unsafe in the configuration, as it stands there."""
    options = [f"{name} = true" for name in OPEN_WHEN_TRUE if config.get(name) is True]
    if config.get("ckan.site_url", "").startswith("https:"):
        options += [f"{name} = false" for name in OPEN_WHEN_FALSE if not config.get(name)]
    return options + [f"plugin {name}" for name in OPEN_PLUGINS if p.plugin_loaded(name)]


def before_scheming(paths: list[str]) -> list[str]:
    """Put our templates, which refine those of ckanext-scheming, in front of them.

    The order of `ckan.plugins` decides otherwise; a portal's own theme keeps its place before us.
    """
    resolved = [Path(path).resolve() for path in paths]
    own = OWN_TEMPLATES.resolve()
    folders = [path.parts[-2:] for path in resolved]
    if own not in resolved or SCHEMING_TEMPLATES not in folders:
        return paths
    scheming = folders.index(SCHEMING_TEMPLATES)
    if resolved.index(own) < scheming:
        return paths
    arranged = list(paths)
    arranged.insert(scheming, arranged.pop(resolved.index(own)))
    return arranged
