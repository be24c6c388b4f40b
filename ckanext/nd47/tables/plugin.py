"""The plugin `nd47_tables`: every file is examined when it arrives, and its table is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.nd47.lib import config as options
from ckanext.nd47.lib import plugins
from ckanext.nd47.lib.plugins import SuiteTranslation, suite_commands
from ckanext.nd47.tables import helpers, views
from ckanext.nd47.tables.check_jobs import requests
from ckanext.nd47.tables.cli import files_commands, tables_commands
from ckanext.nd47.tables.datastore.dictionary import views as column_views
from ckanext.nd47.tables.datastore.loading import store
from ckanext.nd47.tables.datastore.loading.xloader import IXloader
from ckanext.nd47.tables.decisions import action as decisions_action
from ckanext.nd47.tables.decisions import auth as decisions_auth
from ckanext.nd47.tables.decisions import facts
from ckanext.nd47.tables.file_first import action as file_first_action
from ckanext.nd47.tables.file_first import auth as file_first_auth
from ckanext.nd47.tables.file_first import views as file_first_views
from ckanext.nd47.tables.logic import action, auth, datastore
from ckanext.nd47.tables.resource_views import action as views_action
from ckanext.nd47.tables.resource_views import helpers as views_helpers
from ckanext.nd47.tables.resource_views import views as embedding
from ckanext.nd47.tables.resource_views.cli import views_command
from ckanext.nd47.tables.resource_views.table_view import views as table_views

if TYPE_CHECKING:
    from ckan.common import CKANConfig
    from ckan.config.declaration import Declaration, Key


def _actions() -> dict[str, Any]:
    """Return the actions; CKAN asks for them once all plugins are loaded."""
    chained = (datastore,) if p.plugin_loaded("datastore") else ()
    return {
        **plugins.actions(action, decisions_action, file_first_action, views_action)(),
        **plugins.members(*chained)(),
    }


@tk.blanket.actions(_actions)
@tk.blanket.auth_functions(plugins.members(auth, decisions_auth, file_first_auth))
@tk.blanket.blueprints(
    plugins.member_list(views, file_first_views, table_views, column_views, embedding)
)
@tk.blanket.helpers(plugins.members(helpers, views_helpers))
class TablesPlugin(SuiteTranslation, p.SingletonPlugin):
    """The checks of files, and their tables."""

    p.implements(p.IClick)
    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.IResourceView, inherit=True)
    p.implements(p.ITranslation)
    p.implements(IXloader, inherit=True)

    # IClick

    def get_commands(self) -> list[click.Command]:
        """Add the commands `ckan nd47 files …`, `… tables …` and `… views`."""
        return suite_commands(files_commands, tables_commands, views_command)

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

    # IResourceView

    def info(self) -> dict[str, Any]:
        """Describe the view of a table."""
        return {
            "name": "nd47_table",
            "title": tk._("Table"),
            "default_title": tk._("Table"),
            "icon": "table",
            "iframed": False,
            "requires_datastore": True,
            "always_available": False,
            "preview_enabled": False,
        }

    def can_view(self, data_dict: DataDict) -> bool:
        """Return whether the file has a table."""
        return bool(data_dict["resource"].get("datastore_active"))

    def setup_template_variables(self, context: Context, data_dict: DataDict) -> dict[str, Any]:
        """Return the first rows."""
        return {"table": table_views.first_rows(data_dict["resource"], data_dict["package"])}

    def view_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of the view."""
        return "nd47_tables/table_view.html"

    def form_template(self, context: Context, data_dict: DataDict) -> str:
        """Return the template of its form, which has no fields."""
        return "nd47_tables/table_view_form.html"

    # IXloader

    def can_upload(self, resource_id: str) -> bool:
        """Keep xloader from loading what the check of the file loads."""
        return not store.is_available()
