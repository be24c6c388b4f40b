"""The plugin `nd47_tables`: every file is examined when it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config as options
from ckanext.nd47.lib import plugins
from ckanext.nd47.lib.plugins import SuiteTranslation, suite_commands
from ckanext.nd47.tables import helpers, requests, views
from ckanext.nd47.tables.cli import files_commands, tables_commands
from ckanext.nd47.tables.decisions import action as decisions_action
from ckanext.nd47.tables.decisions import auth as decisions_auth
from ckanext.nd47.tables.decisions import facts
from ckanext.nd47.tables.file_first import action as file_first_action
from ckanext.nd47.tables.file_first import auth as file_first_auth
from ckanext.nd47.tables.file_first import views as file_first_views
from ckanext.nd47.tables.logic import action, auth

if TYPE_CHECKING:
    from ckan.common import CKANConfig
    from ckan.config.declaration import Declaration, Key


@tk.blanket.actions(plugins.actions(action, decisions_action, file_first_action))
@tk.blanket.auth_functions(plugins.members(auth, decisions_auth, file_first_auth))
@tk.blanket.blueprints(plugins.member_list(views, file_first_views))
@tk.blanket.helpers(plugins.members(helpers))
class TablesPlugin(SuiteTranslation, p.SingletonPlugin):
    """The checks of files."""

    p.implements(p.IClick)
    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)

    # IClick

    def get_commands(self) -> list[click.Command]:
        """Add the commands `ckan nd47 files …` and `ckan nd47 tables …`."""
        return suite_commands(files_commands, tables_commands)

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        """Declare the suite's options."""
        options.declare(declaration, key)

    # IConfigurable

    def configure(self, config: CKANConfig) -> None:
        """Register the hooks that ask for a check at each commit, and tell the rules of them."""
        requests.install()
        facts.register()

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates and styles."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "nd47_tables")
