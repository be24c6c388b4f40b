"""The plugin `nd47`: metadata of open datasets of Vietnamese state agencies."""

from __future__ import annotations

from typing import Any

import click

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.config.declaration import Declaration, Key
from ckan.types import CKANApp, Context, Schema

from ckanext.nd47 import startup
from ckanext.nd47.agencies import cli as agency_cli
from ckanext.nd47.agencies import helpers as agency_helpers
from ckanext.nd47.agencies import organisation_fields, shown
from ckanext.nd47.agencies import search as agency_search
from ckanext.nd47.agencies import views as agency_views
from ckanext.nd47.agencies.import_export import action as import_action
from ckanext.nd47.agencies.import_export import views as import_views
from ckanext.nd47.agencies.logic import action as agency_action
from ckanext.nd47.agencies.logic import auth as agency_auth
from ckanext.nd47.agencies.logic import focal_point_action
from ckanext.nd47.agencies.logic import validators as agency_validators
from ckanext.nd47.doctor import helpers as doctor_helpers
from ckanext.nd47.doctor import views as doctor_views
from ckanext.nd47.doctor.cli import doctor as doctor_command
from ckanext.nd47.lib import http, needs, plugins
from ckanext.nd47.lib.plugins import SuiteTranslation, suite_commands
from ckanext.nd47.metadata import (
    dataset_show,
    facets,
    helpers,
    navigation,
    scheming_compat,
    search_fields,
    solr_limits,
    views,
)
from ckanext.nd47.metadata.cli import personal_data_commands
from ckanext.nd47.metadata.compose.cli import schema as schema_commands
from ckanext.nd47.metadata.logic import action as metadata_action
from ckanext.nd47.metadata.logic import record_validators, validators
from ckanext.nd47.metadata.vocabularies import views as vocabulary_views
from ckanext.nd47.metadata.vocabularies.cli import vocabulary_commands
from ckanext.nd47.migrate import views as migrate_views
from ckanext.nd47.migrate.cli import migrate as migrate_commands
from ckanext.nd47.migrate.logic import action as migrate_action
from ckanext.nd47.migrate.logic import auth as migrate_auth
from ckanext.nd47.rules import gate
from ckanext.nd47.rules import helpers as rule_helpers
from ckanext.nd47.rules import views as rule_views
from ckanext.nd47.rules.cli import rules as rule_commands
from ckanext.nd47.rules.logic import action as rule_action
from ckanext.nd47.rules.logic import auth as rule_auth
from ckanext.nd47.settings import options
from ckanext.nd47.settings import views as settings_views
from ckanext.nd47.settings.cli import settings_commands
from ckanext.nd47.settings.logic import action as settings_action


@tk.blanket.actions(
    plugins.actions(
        agency_action,
        focal_point_action,
        import_action,
        rule_action,
        metadata_action,
        migrate_action,
        settings_action,
    )
)
@tk.blanket.auth_functions(plugins.members(agency_auth, migrate_auth, rule_auth))
@tk.blanket.blueprints(
    plugins.member_list(
        http,
        views,
        vocabulary_views,
        agency_views,
        import_views,
        rule_views,
        settings_views,
        doctor_views,
        migrate_views,
    )
)
@tk.blanket.helpers(
    plugins.members(helpers, agency_helpers, shown, navigation, rule_helpers, doctor_helpers)
)
@tk.blanket.validators(plugins.members(validators, record_validators, agency_validators, gate))
class Nd47Plugin(SuiteTranslation, p.SingletonPlugin):
    """Declares what `agencies`, `metadata` and `rules` give to CKAN."""

    p.implements(p.IClick)
    p.implements(p.IConfigDeclaration)
    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.IFacets, inherit=True)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IOrganizationController, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.ITranslation)

    # IClick

    def get_commands(self) -> list[click.Command]:
        """Offer `ckan nd47 rules …` and its like."""
        return suite_commands(
            agency_cli.agencies,
            agency_cli.focal_points,
            doctor_command,
            migrate_commands,
            rule_commands,
            personal_data_commands,
            schema_commands,
            settings_commands,
            vocabulary_commands,
        )

    # IConfigDeclaration

    def declare_config_options(self, declaration: Declaration, key: Key) -> None:
        """Declare the suite's options, and give scheming's our schemas as their defaults."""
        startup.declare_options(declaration, key)

    # IConfigurable

    def configure(self, config: CKANConfig) -> None:
        """Put in order what depends on the other plugins."""
        startup.arrange(config)
        navigation.note_former_names()

    # IConfigurer

    def update_config(self, config: CKANConfig) -> None:
        """Register templates and assets."""
        needs.warn_of_newer()
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "nd47")

    def update_config_schema(self, schema: Schema) -> Schema:
        """Add the options that an administrator may change at run time."""
        return {**schema, **options.schema()}

    # IFacets

    def dataset_facets(self, facets_dict: dict[str, str], package_type: str) -> dict[str, str]:
        """Offer the facets that the portal has chosen."""
        return facets.chosen(facets_dict)

    def organization_facets(
        self, facets_dict: dict[str, str], organization_type: str, package_type: str | None
    ) -> dict[str, str]:
        """Offer the same facets on the page of an agency, without that of the agency."""
        return facets.chosen(facets_dict, facets.FIELDS["agency"])

    def group_facets(
        self, facets_dict: dict[str, str], group_type: str, package_type: str | None
    ) -> dict[str, str]:
        """Offer the same facets on the page of a group, without that of the group."""
        return facets.chosen(facets_dict, facets.FIELDS["groups"])

    # IMiddleware

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        """Guard the API from other sites, and keep answers that are for few out of caches."""
        app.before_request(http.require_csrf_token_of_api)
        return http.install_cache_rule(app)

    # IOrganizationController; CKAN calls the same methods for datasets

    def create(self, entity: Any) -> None:
        """Write what a new organisation was given for the register there."""
        organisation_fields.write(entity)

    def edit(self, entity: Any) -> None:
        """Write what an organisation was given for the register there."""
        organisation_fields.write(entity)

    def before_view(self, data_dict: dict[str, Any]) -> dict[str, Any]:
        """Name an agency in the language of the page."""
        shown.organisation(data_dict)
        return data_dict

    # IPackageController

    def before_dataset_view(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Name the provider of a dataset in the language of the page."""
        shown.provider(pkg_dict)
        return pkg_dict

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Note that a dataset was published under the rules."""
        gate.note_publication(context, pkg_dict["id"])

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Note that a dataset was published under the rules."""
        gate.note_publication(context, pkg_dict["id"])

    def after_dataset_show(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Put fields where they are read, and add those that are computed."""
        scheming_compat.lift(context, pkg_dict)
        dataset_show.after_show(context, pkg_dict)

    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        """Refresh the computed fields, which the search index has as they were."""
        dataset_show.after_search(search_results["results"])
        shown.facet(search_results["search_facets"])
        facets.complete(search_results, search_params)
        return search_results

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Leave out what is not for everybody, and keep every value to what Solr can take."""
        search_fields.extend(pkg_dict)
        dataset_show.before_index(pkg_dict)
        return solr_limits.within_limits(pkg_dict)

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        """Find datasets by their update state, and by whom to call about them."""
        return agency_search.extend(facets.with_states(search_params))
