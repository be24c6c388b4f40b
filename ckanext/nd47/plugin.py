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
from ckanext.nd47.agencies.import_export import action as import_action
from ckanext.nd47.agencies.import_export import views as import_views
from ckanext.nd47.agencies.logic import action as agency_action
from ckanext.nd47.agencies.logic import auth as agency_auth
from ckanext.nd47.agencies.logic import focal_point_action, organisation_fields
from ckanext.nd47.agencies.logic import validators as agency_validators
from ckanext.nd47.agencies.lookup import search as agency_search
from ckanext.nd47.agencies.pages import helpers as agency_helpers
from ckanext.nd47.agencies.pages import shown
from ckanext.nd47.agencies.pages import views as agency_views
from ckanext.nd47.dataset_page import helpers as page_helpers
from ckanext.nd47.dataset_page import views as page_views
from ckanext.nd47.doctor import helpers as doctor_helpers
from ckanext.nd47.doctor import views as doctor_views
from ckanext.nd47.doctor.cli import doctor as doctor_command
from ckanext.nd47.lib import needs, plugins
from ckanext.nd47.lib.plugins import SuiteTranslation, suite_commands
from ckanext.nd47.lib.web import http, portal_title
from ckanext.nd47.metadata import dataset_show
from ckanext.nd47.metadata.cli import personal_data_commands
from ckanext.nd47.metadata.compat import scheming
from ckanext.nd47.metadata.compose.cli import schema as schema_commands
from ckanext.nd47.metadata.fields import helpers as field_helpers
from ckanext.nd47.metadata.fields import views as field_views
from ckanext.nd47.metadata.logic import action as metadata_action
from ckanext.nd47.metadata.logic import record_validators, validators
from ckanext.nd47.metadata.pages import (
    form_helpers,
    form_saving,
    helpers,
    navigation,
    plain_views,
    views,
)
from ckanext.nd47.metadata.search import facets
from ckanext.nd47.metadata.search import helpers as search_helpers
from ckanext.nd47.metadata.search import index as search_index
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
        form_saving,
        views,
        plain_views,
        vocabulary_views,
        field_views,
        page_views,
        agency_views,
        import_views,
        rule_views,
        settings_views,
        doctor_views,
        migrate_views,
    )
)
@tk.blanket.helpers(
    plugins.members(
        helpers,
        form_helpers,
        search_helpers,
        field_helpers,
        agency_helpers,
        shown,
        navigation,
        page_helpers,
        rule_helpers,
        doctor_helpers,
    )
)
@tk.blanket.validators(plugins.members(validators, record_validators, agency_validators, gate))
class Nd47Plugin(SuiteTranslation, p.SingletonPlugin):
    """Registers the functions of the rooms with CKAN."""

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
        """Return the commands `ckan nd47 …`."""
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
        """Declare the suite's options, and the defaults of ckanext-scheming's options."""
        startup.declare_options(declaration, key)

    # IConfigurable

    def configure(self, config: CKANConfig) -> None:
        """Set up what depends on other plugins."""
        startup.arrange(config)
        navigation.record_former_names()

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
        """Return the configured facets."""
        return facets.chosen(facets_dict)

    def organization_facets(
        self, facets_dict: dict[str, str], organization_type: str, package_type: str | None
    ) -> dict[str, str]:
        """Return the facets on the page of an agency, without the facet of agencies."""
        return facets.chosen(facets_dict, facets.FIELDS["agency"])

    def group_facets(
        self, facets_dict: dict[str, str], group_type: str, package_type: str | None
    ) -> dict[str, str]:
        """Return the facets on the page of a group, without the facet of groups."""
        return facets.chosen(facets_dict, facets.FIELDS["groups"])

    # IMiddleware

    def make_middleware(self, app: CKANApp, config: CKANConfig) -> CKANApp:
        """Protect the API against CSRF, forbid shared caches of responses to users.

        English pages get the English name of the portal, in any theme.
        """
        app.before_request(http.require_csrf_token_of_api)
        app.before_request(portal_title.name_page)
        return http.install_cache_rule(app)

    # IOrganizationController; CKAN calls the same methods for datasets

    def create(self, entity: Any) -> None:
        """Write the register's fields of a new organisation to the register."""
        organisation_fields.write(entity)

    def edit(self, entity: Any) -> None:
        """Write the register's fields of an organisation to the register."""
        organisation_fields.write(entity)

    def before_view(self, data_dict: dict[str, Any]) -> dict[str, Any]:
        """Show the name of an agency in the language of the page."""
        shown.organisation(data_dict)
        return data_dict

    # IPackageController

    def before_dataset_view(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Show the name of a dataset's provider in the language of the page."""
        shown.provider(pkg_dict)
        return pkg_dict

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Record that a dataset was published under the rules, and where its form goes on."""
        gate.note_publication(context, pkg_dict["id"])
        form_saving.note_created(pkg_dict)

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Record that a dataset was published under the rules."""
        gate.note_publication(context, pkg_dict["id"])

    def after_dataset_show(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Move extras to their fields, and add computed fields."""
        scheming.lift(context, pkg_dict)
        dataset_show.after_show(context, pkg_dict)

    def after_dataset_search(
        self, search_results: dict[str, Any], search_params: dict[str, Any]
    ) -> dict[str, Any]:
        """Update computed fields, which are outdated in the search index."""
        dataset_show.after_search(search_results["results"])
        shown.facet(search_results["search_facets"])
        facets.complete(search_results, search_params)
        return search_results

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Add fields for searches, remove what is not public, and shorten long values."""
        search_index.extend(pkg_dict)
        dataset_show.before_index(pkg_dict)
        return search_index.within_limits(pkg_dict)

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        """Extend searches to update states, agencies with those below them, and focal points."""
        return agency_search.extend(facets.extend(search_params))
