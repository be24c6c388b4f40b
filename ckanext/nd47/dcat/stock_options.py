"""What this plugin sets for ckanext-dcat, and what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ckan.plugins as p
from ckan.exceptions import CkanConfigurationException

if TYPE_CHECKING:
    from ckan.common import CKANConfig

PREFERRED = {
    "ckanext.dcat.rdf.profiles": "nd47_dcat_ap",
    # Holds for the other profiles that `?profiles=` may ask for: without it they drop the licence.
    "ckanext.dcat.resource.inherit.license": True,
    "ckanext.dcat.structured_data.profiles": "schemaorg nd47_schemaorg",
}
NEEDED = ("nd47", "dcat")


def fill_in(config: CKANConfig) -> None:
    """Set ckanext-dcat's options to what this plugin prefers, where the portal has not set them.

    ckanext-dcat declares these options itself, and CKAN refuses a second declaration; in
    `update_config` its defaults are already filled in and look like the portal's own choice. Called
    while the options are being declared, before any default is filled in, this works in every order
    of plugins.
    """
    for name, value in PREFERRED.items():
        config.setdefault(name, value)


def require_plugins() -> None:
    """Refuse to start without the plugins that this one builds on.

    Raises:
        CkanConfigurationException: one is missing.
    """
    missing = [name for name in NEEDED if not p.plugin_loaded(name)]
    if missing:
        msg = (
            f"Plugin nd47_dcat needs the plugin {' and '.join(missing)}: "
            "add it to ckan.plugins in the configuration file."
        )
        raise CkanConfigurationException(msg)
