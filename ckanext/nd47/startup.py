"""Set-up of the plugin `nd47` after all plugins are loaded."""

from __future__ import annotations

import logging
from pathlib import Path

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.config.declaration import Declaration, Key

from ckanext.nd47.doctor import unsafe
from ckanext.nd47.lib import config as suite_config
from ckanext.nd47.metadata import licence
from ckanext.nd47.metadata.compat import dcat, scheming, stored_choices
from ckanext.nd47.metadata.pages import activity
from ckanext.nd47.rules import gate
from ckanext.nd47.settings import options

log = logging.getLogger(__name__)

OWN_TEMPLATES = Path(__file__).parent / "templates"
NEEDED_PLUGINS = ("scheming_datasets", "scheming_organizations")
SCHEMING_TEMPLATES = ("scheming", "templates")
TEMPLATE_PATHS = "computed_template_paths"


def declare_options(declaration: Declaration, key: Key) -> None:
    """Declare the options of the suite, and set defaults of ckanext-scheming's options.

    The defaults apply only if the portal does not set the option, whatever the order of plugins,
    and only while the plugin is loaded. The suite's presets are added to those of the portal.
    """
    suite_config.declare(declaration, key)
    for option, value in suite_config.foreign_defaults().items():
        declared = declaration.get(option)
        if declared is None:
            declared = declaration.declare(option, value)
        declared.set_default(value)
    if chosen := str(tk.config.get(suite_config.PRESETS) or "").split():
        tk.config[suite_config.PRESETS] = " ".join(suite_config.with_suite_presets(chosen))


def arrange(config: CKANConfig) -> None:
    """Finish the set-up of the plugin; run by CKAN after every change of plugins."""
    warn_of_missing_plugins()
    config[TEMPLATE_PATHS] = before_scheming(config[TEMPLATE_PATHS])
    licence.register()
    scheming.install()
    stored_choices.install()
    dcat.install()
    gate.install()
    activity.clean_new_entries()
    options.warn()
    warn_of_unsafe_options(config)


def warn_of_missing_plugins() -> None:
    """Log a warning about missing plugins, without which the fields are silently absent."""
    for name in NEEDED_PLUGINS:
        if not p.plugin_loaded(name):
            log.warning(
                "Plugin nd47 needs %s: add it to ckan.plugins, or the fields of nd47 do not show",
                name,
            )


def warn_of_unsafe_options(config: CKANConfig) -> None:
    """Log options and plugins that make the portal less secure than required."""
    descriptions = unsafe_options(config)
    if descriptions:
        log.warning(
            "The portal is more open than that of a state agency should be: %s. "
            "docs/production.md says what each of them does",
            ", ".join(descriptions),
        )


def unsafe_options(config: CKANConfig) -> list[str]:
    """Return the unsafe options and plugins of the configuration."""
    unsafe_values = unsafe.options(
        lambda name: config.get(name) is True, config.get("ckan.site_url", "")
    )
    options = [f"{name} = {str(value).lower()}" for name, value in unsafe_values]
    return options + [f"plugin {name}" for name in unsafe.plugins(p.plugin_loaded)]


def before_scheming(paths: list[str]) -> list[str]:
    """Move the suite's templates before those of ckanext-scheming, which they extend.

    Otherwise the order of `ckan.plugins` decides; a portal's own theme remains first.
    """
    resolved = [Path(path).resolve() for path in paths]
    own_templates = OWN_TEMPLATES.resolve()
    folders = [path.parts[-2:] for path in resolved]
    if own_templates not in resolved or SCHEMING_TEMPLATES not in folders:
        return paths
    scheming = folders.index(SCHEMING_TEMPLATES)
    if resolved.index(own_templates) < scheming:
        return paths
    arranged = list(paths)
    arranged.insert(scheming, arranged.pop(resolved.index(own_templates)))
    return arranged
