"""The plugin `nd47`: metadata of open datasets of Vietnamese state agencies."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.nd47.metadata import defaults, helpers, startup
from ckanext.nd47.metadata.logic import action, validators
from ckanext.nd47.translation import SuiteTranslation


@tk.blanket.actions(action)
@tk.blanket.helpers(helpers)
@tk.blanket.validators(validators)
@tk.blanket.config_declarations(defaults.declare_options)
class MetadataPlugin(SuiteTranslation, p.SingletonPlugin):
    """Declares what the room `metadata` gives to CKAN."""

    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)

    # IConfigurable

    def configure(self, config: CKANConfig) -> None:
        """Put in order what depends on the other plugins."""
        startup.arrange(config)

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates and assets; stop on a CKAN that the suite was not made for."""
        tk.requires_ckan_version("2.12", "2.12.999")
        tk.add_template_directory(config, "../templates")
        tk.add_resource("../assets", "nd47")
