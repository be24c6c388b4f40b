"""What is to be put in order once all plugins are loaded."""

from __future__ import annotations

import logging
from pathlib import Path

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.config.declaration import Declaration, Key

from ckanext.nd47.doctor import unsafe
from ckanext.nd47.lib import config as suite_config
from ckanext.nd47.metadata import activity, licence, scheming_compat, solr_limits, stored_choices
from ckanext.nd47.rules import gate
from ckanext.nd47.settings import options

log = logging.getLogger(__name__)

OWN_TEMPLATES = Path(__file__).parent / "templates"
NEEDED_PLUGINS = ("scheming_datasets", "scheming_organizations")
SCHEMING_TEMPLATES = ("scheming", "templates")
TEMPLATE_PATHS = "computed_template_paths"


def declare_options(declaration: Declaration, key: Key) -> None:
    """Declare the options of the suite, and what ckanext-scheming and CKAN find when unset.

    A default of another extension's option takes effect only where the portal sets nothing, in any
    order of plugins, and goes with the plugin. To the presets that a portal sets, ours are added.
    """
    suite_config.declare(declaration, key)
    for option, value in suite_config.foreign_defaults().items():
        declared = declaration.get(option)
        if declared is None:
            declared = declaration.declare(option, value)
        declared.set_default(value)
    if chosen := str(tk.config.get(suite_config.PRESETS) or "").split():
        tk.config[suite_config.PRESETS] = " ".join(suite_config.with_our_presets(chosen))


def arrange(config: CKANConfig) -> None:
    """Finish the set-up of the plugin; run by CKAN after every change of plugins."""
    warn_of_missing_plugins()
    config[TEMPLATE_PATHS] = before_scheming(config[TEMPLATE_PATHS])
    licence.register()
    scheming_compat.install()
    stored_choices.install()
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
    unsafe_values = unsafe.options(
        lambda name: config.get(name) is True, config.get("ckan.site_url", "")
    )
    options = [f"{name} = {str(value).lower()}" for name, value in unsafe_values]
    return options + [f"plugin {name}" for name in unsafe.plugins(p.plugin_loaded)]


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
