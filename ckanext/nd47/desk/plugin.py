"""The plugin `nd47_desk`: what is to be done, for officers, leaders and administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.desk import admin_views, helpers
from ckanext.nd47.desk.cli import work_commands
from ckanext.nd47.desk.logic import action, auth
from ckanext.nd47.desk.reminders import action as reminder_action
from ckanext.nd47.desk.reminders import auth as reminder_auth
from ckanext.nd47.desk.reminders import views as reminder_views
from ckanext.nd47.desk.reminders.cli import remind
from ckanext.nd47.desk.work_list import views
from ckanext.nd47.desk.work_list.store import session_hooks
from ckanext.nd47.lib import config as options
from ckanext.nd47.lib import plugins
from ckanext.nd47.lib.plugins import SuiteTranslation, suite_commands

if TYPE_CHECKING:
    from ckan.common import CKANConfig
    from ckan.config.declaration import Declaration, Key

AFTER_LOGIN = "ckan.auth.route_after_login"
"""CKAN's option for the first page after log-in, unless another page was asked for."""


@tk.blanket.actions(plugins.actions(action, reminder_action))
@tk.blanket.auth_functions(plugins.members(auth, reminder_auth))
@tk.blanket.blueprints(plugins.member_list(views, admin_views, reminder_views))
@tk.blanket.helpers(plugins.members(helpers))
class DeskPlugin(SuiteTranslation, p.SingletonPlugin):
    """The work list and the pages of the rules."""

    p.implements(p.IClick)
    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)

    # IClick

    def get_commands(self) -> list[click.Command]:
        """Add the commands `ckan nd47 work …` and `ckan nd47 remind`."""
        return suite_commands(work_commands, remind)

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        """Declare the suite's options; the work list is the first page after log-in by default."""
        options.declare(declaration, key)
        declared = declaration.get(AFTER_LOGIN)
        if declared is not None:
            declared.set_default("nd47_desk.index")

    # IConfigurable

    def configure(self, config: CKANConfig) -> None:
        """Register the hooks that examine datasets at their commit."""
        session_hooks.install()

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "nd47_desk")
