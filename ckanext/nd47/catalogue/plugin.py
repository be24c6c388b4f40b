"""The plugin `nd47_catalogue`: the catalogues that a province issues, its plans and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.nd47.catalogue.cli import catalogue_commands
from ckanext.nd47.catalogue.documents import action as document_action
from ckanext.nd47.catalogue.documents import auth as document_auth
from ckanext.nd47.catalogue.documents import helpers as document_helpers
from ckanext.nd47.catalogue.documents import views as document_views
from ckanext.nd47.catalogue.editions import action as edition_action
from ckanext.nd47.catalogue.editions import auth as edition_auth
from ckanext.nd47.catalogue.editions import views as edition_views
from ckanext.nd47.catalogue.editions.handover import action as handover_action
from ckanext.nd47.catalogue.editions.handover import auth as handover_auth
from ckanext.nd47.catalogue.editions.handover import views as handover_views
from ckanext.nd47.catalogue.items import action as item_action
from ckanext.nd47.catalogue.items import auth as item_auth
from ckanext.nd47.catalogue.items import views as item_views
from ckanext.nd47.catalogue.matching import action as matching_action
from ckanext.nd47.catalogue.matching import auth as matching_auth
from ckanext.nd47.catalogue.matching import expected
from ckanext.nd47.catalogue.matching import views as matching_views
from ckanext.nd47.catalogue.plans import action as plan_action
from ckanext.nd47.catalogue.plans import auth as plan_auth
from ckanext.nd47.catalogue.plans import views as plan_views
from ckanext.nd47.catalogue.public import decisions
from ckanext.nd47.catalogue.public import helpers as public_helpers
from ckanext.nd47.catalogue.public import views as public_views
from ckanext.nd47.catalogue.reports import action as report_action
from ckanext.nd47.catalogue.reports import auth as report_auth
from ckanext.nd47.catalogue.reports import helpers as report_helpers
from ckanext.nd47.catalogue.reports import views as report_views
from ckanext.nd47.catalogue.reports.cli import report_commands
from ckanext.nd47.catalogue.reports.score import views as score_views
from ckanext.nd47.catalogue.reports.score import work as score_work
from ckanext.nd47.catalogue.reports.usage import counting
from ckanext.nd47.catalogue.reports.usage.cli import usage_commands
from ckanext.nd47.desk.work_list import kinds
from ckanext.nd47.lib import config as options
from ckanext.nd47.lib import legal_basis, plugins
from ckanext.nd47.lib.plugins import SuiteTranslation, suite_commands
from ckanext.nd47.tables.findings import expected as expected_columns

if TYPE_CHECKING:
    from ckan.common import CKANConfig
    from ckan.config.declaration import Declaration, Key
    from ckan.types import SignalMapping


@tk.blanket.actions(
    plugins.actions(
        document_action,
        edition_action,
        item_action,
        plan_action,
        matching_action,
        report_action,
        handover_action,
    )
)
@tk.blanket.auth_functions(
    plugins.members(
        document_auth,
        edition_auth,
        item_auth,
        plan_auth,
        matching_auth,
        report_auth,
        handover_auth,
    )
)
@tk.blanket.blueprints(
    plugins.member_list(
        document_views,
        edition_views,
        item_views,
        matching_views,
        plan_views,
        public_views,
        counting,
        report_views,
        score_views,
        handover_views,
    )
)
@tk.blanket.helpers(
    plugins.members(
        document_helpers,
        public_helpers,
        report_helpers,
    )
)
class CataloguePlugin(SuiteTranslation, p.SingletonPlugin):
    """Catalogues and their editions, the plan, reports."""

    p.implements(p.IClick)
    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurer)
    p.implements(p.ISignal)
    p.implements(p.ITranslation)

    # IClick

    def get_commands(self) -> list[click.Command]:
        """Add the commands `ckan nd47 catalogue …`."""
        return suite_commands(catalogue_commands, usage_commands, report_commands)

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        """Declare the suite's options."""
        options.declare(declaration, key)

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "nd47_catalogue")

    # ISignal

    def get_signal_subscriptions(self) -> SignalMapping:
        """Answer which decisions list a dataset, what its files need, and what work there is."""
        return {
            legal_basis.asked: [decisions.of_dataset],
            expected_columns.asked: [expected.of_dataset],
            kinds.asked: [score_work.kinds],
        }
