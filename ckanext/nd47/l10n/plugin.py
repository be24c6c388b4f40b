"""The plugin `nd47_l10n`: Vietnamese everywhere, on any CKAN 2.11 or 2.12."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.config.declaration import Declaration, Key
from ckan.types import CKANApp

from ckanext.nd47.l10n import feed, helpers, patches_ckan, uploads, views
from ckanext.nd47.l10n.logic import action, records
from ckanext.nd47.l10n.search import index, query
from ckanext.nd47.lib import config as options
from ckanext.nd47.lib import plugins
from ckanext.nd47.lib.plugins import SuiteTranslation


@tk.blanket.actions(plugins.actions(action, records))
@tk.blanket.blueprints(plugins.member_list(views))
@tk.blanket.helpers(helpers)
class L10nPlugin(SuiteTranslation, p.SingletonPlugin):
    """Complete and correct the Vietnamese translation of CKAN and its extensions."""

    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.IFeed, inherit=True)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.ITranslation)
    p.implements(p.IUploader, inherit=True)

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        """Declare the suite's options."""
        options.declare(declaration, key)

    # IConfigurable

    def configure(self, config: CKANConfig) -> None:
        """Patch CKAN's munging of names and its search of the DataStore."""
        patches_ckan.patch_munge()
        patches_ckan.patch_datastore_search()

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates for texts that CKAN does not translate."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "nd47_l10n")

    # IFeed

    def get_feed_class(self) -> type[feed.Feed]:
        """Write feeds in the language of the request."""
        return feed.Feed

    # IMiddleware

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        """Order the message catalogues, and patch CKAN's downloads and table views."""
        patches_ckan.order_catalogues(app)
        app.after_request(uploads.set_download_name)
        patches_ckan.patch_table_views(app)
        return app

    # IPackageController

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Add the folded words of a dataset to its search document."""
        return index.add_fields(pkg_dict)

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        """Fold a search query."""
        return query.adapt_parameters(search_params)

    # IUploader

    def get_resource_uploader(self, data_dict: dict[str, Any]) -> None:
        """Store the original name of an uploaded file, and leave the file to others."""
        uploads.store_original_name(data_dict)
