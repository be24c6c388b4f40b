"""Plugin `nd47_dcat`: the DCAT profile, the stored export and the routes that serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.dcat.interfaces import IDCATURIGenerator

from ckanext.nd47.dcat import identity, stock_options
from ckanext.nd47.dcat.cli import dcat_commands
from ckanext.nd47.dcat.pages.export_page import nd47_dcat_export_title
from ckanext.nd47.dcat.pages.problems_page import nd47_dcat_losses_title
from ckanext.nd47.dcat.serve import views
from ckanext.nd47.dcat.store import session_hooks
from ckanext.nd47.lib import config, legal_basis
from ckanext.nd47.lib.plugins import suite_commands

if TYPE_CHECKING:
    from ckan.common import CKANConfig
    from ckan.config.declaration import Declaration, Key
    from ckan.types import SignalMapping


@tk.blanket.blueprints(views.blueprints)
class DcatPlugin(p.SingletonPlugin):
    """DCAT-AP 3 with the fields of the nd47 schema."""

    p.implements(p.IClick)
    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurer)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.ISignal)
    p.implements(p.ITemplateHelpers)
    p.implements(IDCATURIGenerator, inherit=True)

    # IClick

    def get_commands(self) -> list[click.Command]:
        """Add the commands `ckan nd47 dcat …`."""
        return suite_commands(dcat_commands)

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        config.declare(declaration, key)
        stock_options.set_defaults(tk.config)

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        stock_options.require_plugins()

    # IPackageController

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Register a dataset to be written to the store at the commit."""
        session_hooks.indexed(pkg_dict)
        return pkg_dict

    # ISignal

    def get_signal_subscriptions(self) -> SignalMapping:
        """Listen to changes of the decisions that datasets are based on."""
        return {legal_basis.changed: [session_hooks.decisions_changed]}

    # ITemplateHelpers

    def get_helpers(self) -> dict[str, Any]:
        """Add the titles of the administrator's pages, for the menu."""
        return {
            "nd47_dcat_export_title": nd47_dcat_export_title,
            "nd47_dcat_losses_title": nd47_dcat_losses_title,
        }

    # IDCATURIGenerator

    def dataset_uri(self, dataset_dict: dict[str, Any], default_uri: str) -> str | None:
        return identity.dataset_iri(dataset_dict, default_uri)
