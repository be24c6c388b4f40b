"""The plugin `nd47_desk`: what is to be done, for officers, leaders and administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.desk import admin_views, helpers
from ckanext.nd47.desk.approval.cli import publish_scheduled
from ckanext.nd47.desk.approval.logic import action as approval_action
from ckanext.nd47.desk.approval.logic import auth as approval_auth
from ckanext.nd47.desk.approval.pages import admin_views as approval_admin_views
from ckanext.nd47.desk.approval.pages import helpers as approval_helpers
from ckanext.nd47.desk.approval.pages import views as approval_views
from ckanext.nd47.desk.approval.safeguards import session_hooks as approval_hooks
from ckanext.nd47.desk.bulk import action as bulk_action
from ckanext.nd47.desk.bulk import auth as bulk_auth
from ckanext.nd47.desk.bulk import helpers as bulk_helpers
from ckanext.nd47.desk.bulk import views as bulk_views
from ckanext.nd47.desk.bulk.cli import bulk_commands
from ckanext.nd47.desk.cli import work_commands
from ckanext.nd47.desk.logic import action, auth
from ckanext.nd47.desk.publishing import action as publishing_action
from ckanext.nd47.desk.publishing import auth as publishing_auth
from ckanext.nd47.desk.publishing import views as publishing_views
from ckanext.nd47.desk.reminders import action as reminder_action
from ckanext.nd47.desk.reminders import auth as reminder_auth
from ckanext.nd47.desk.reminders import views as reminder_views
from ckanext.nd47.desk.reminders.cli import remind
from ckanext.nd47.desk.spreadsheet import action as spreadsheet_action
from ckanext.nd47.desk.spreadsheet import auth as spreadsheet_auth
from ckanext.nd47.desk.spreadsheet import helpers as spreadsheet_helpers
from ckanext.nd47.desk.spreadsheet import views as spreadsheet_views
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


@tk.blanket.actions(
    plugins.actions(
        action, approval_action, bulk_action, spreadsheet_action, publishing_action, reminder_action
    )
)
@tk.blanket.auth_functions(
    plugins.members(
        auth, approval_auth, bulk_auth, spreadsheet_auth, publishing_auth, reminder_auth
    )
)
@tk.blanket.blueprints(
    plugins.member_list(
        views,
        admin_views,
        approval_admin_views,
        approval_views,
        bulk_views,
        spreadsheet_views,
        publishing_views,
        reminder_views,
    )
)
@tk.blanket.helpers(plugins.members(helpers, approval_helpers, bulk_helpers, spreadsheet_helpers))
class DeskPlugin(SuiteTranslation, p.SingletonPlugin):
    """The work list, and all that leads to the publication of a dataset."""

    p.implements(p.IClick)
    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)

    # IClick

    def get_commands(self) -> list[click.Command]:
        """Add the commands of the desk."""
        return suite_commands(work_commands, publish_scheduled, bulk_commands, remind)

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        """Declare the suite's options; the work list is the first page after log-in by default."""
        options.declare(declaration, key)
        declared = declaration.get(AFTER_LOGIN)
        if declared is not None:
            declared.set_default("nd47_desk.index")

    # IConfigurable

    def configure(self, config: CKANConfig) -> None:
        """Register the hooks that guard and examine datasets at their commit."""
        session_hooks.install()
        approval_hooks.install()

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "nd47_desk")
