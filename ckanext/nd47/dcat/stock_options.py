"""Options of ckanext-dcat that this plugin sets, and plugins that it requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ckan.plugins as p
from ckan.exceptions import CkanConfigurationException

if TYPE_CHECKING:
    from ckan.common import CKANConfig

DEFAULTS = {
    "ckanext.dcat.rdf.profiles": "nd47_dcat_ap",
    # For other profiles that are configured: without it they omit the licence.
    "ckanext.dcat.resource.inherit.license": True,
    "ckanext.dcat.structured_data.profiles": "schemaorg nd47_schemaorg",
    "ckanext.dcat.croissant.profiles": ["croissant", "nd47_croissant"],
}
REQUIRED_PLUGINS = ("nd47", "dcat")


def set_defaults(config: CKANConfig) -> None:
    """Set options of ckanext-dcat that the portal has not set.

    ckanext-dcat declares these options, and CKAN refuses a second declaration. In `update_config`
    its defaults can no longer be told from values that the portal has set. This function is called
    while the options are declared, before CKAN sets any default, so the order of plugins does not
    matter.
    """
    for name, value in DEFAULTS.items():
        config.setdefault(name, value)


def require_plugins() -> None:
    """Refuse to start without the required plugins.

    Raises:
        CkanConfigurationException: a plugin is missing.
    """
    missing = [name for name in REQUIRED_PLUGINS if not p.plugin_loaded(name)]
    if missing:
        msg = (
            f"Plugin nd47_dcat needs the plugin {' and '.join(missing)}: "
            "add it to ckan.plugins in the configuration file."
        )
        raise CkanConfigurationException(msg)
