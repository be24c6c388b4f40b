"""What is to be put in order once all plugins are loaded."""

from __future__ import annotations

import logging
from pathlib import Path

import ckan.plugins as p
from ckan.common import CKANConfig

from ckanext.nd47.metadata import activities, bridge, index, licence, settings
from ckanext.nd47.metadata.rules import saving

log = logging.getLogger(__name__)

OWN_TEMPLATES = Path(__file__).parents[1] / "templates"
NEEDED_PLUGINS = ("scheming_datasets", "scheming_organizations")
SCHEMING_TEMPLATES = ("scheming", "templates")
TEMPLATE_PATHS = "computed_template_paths"


def arrange(config: CKANConfig) -> None:
    """Finish the set-up of the plugin; run by CKAN after every change of plugins."""
    warn_of_missing_plugins()
    config[TEMPLATE_PATHS] = before_scheming(config[TEMPLATE_PATHS])
    licence.register()
    bridge.install()
    index.install()
    saving.install()
    activities.watch()
    settings.warn()


def warn_of_missing_plugins() -> None:
    """Say which plugin is missing, since without it the fields are silently not there."""
    for name in NEEDED_PLUGINS:
        if not p.plugin_loaded(name):
            log.warning(
                "Plugin nd47 needs %s: add it to ckan.plugins, or the fields of nd47 do not show",
                name,
            )


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
