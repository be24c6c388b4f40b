"""The plugin `nd47_portal`: the public face, for a portal without a theme of its own."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.config.declaration import Declaration, Key

from ckanext.nd47.lib import config as options
from ckanext.nd47.lib import plugins
from ckanext.nd47.lib.plugins import SuiteTranslation
from ckanext.nd47.portal import auth, helpers, views


@tk.blanket.auth_functions(plugins.members(auth))
@tk.blanket.blueprints(plugins.member_list(views))
@tk.blanket.helpers(plugins.members(helpers))
class PortalPlugin(SuiteTranslation, p.SingletonPlugin):
    """Home, agencies, pages of text, identity and what search engines need."""

    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        """Declare the suite's options, and hide accounts from visitors by default."""
        options.declare(declaration, key)
        for option, value in options.portal_defaults().items():
            declared = declaration.get(option)
            if declared is not None:
                declared.set_default(value)

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "nd47_portal")
