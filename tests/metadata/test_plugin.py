"""The plugin `nd47` among other plugins and settings of a portal."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.nd47 import startup
from ckanext.nd47.doctor import unsafe
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import data_path

CONFIGURATION = Path(__file__).parents[2] / "dev" / "local" / "config"

ORDERS = [
    "nd47 scheming_datasets scheming_organizations",
    "scheming_organizations scheming_datasets nd47",
]


@pytest.mark.parametrize(
    "plugins", [pytest.param(o, marks=pytest.mark.ckan_config("ckan.plugins", o)) for o in ORDERS]
)
@pytest.mark.usefixtures("with_plugins", "non_clean_db")
class TestInAnyOrderOfPlugins:
    def test_schema_is_ours_and_the_page_shows_labels(self, app, plugins):
        agency = factories.Organization()
        made = factories.Dataset(owner_org=agency["id"], frequency="hang-nam", state="draft")
        sysadmin = factories.SysadminWithToken()
        page = BeautifulSoup(
            app.get(
                f"/en/dataset/{made['name']}",
                headers={"Authorization": sysadmin["token"]},
                status=200,
            ).body,
            "html.parser",
        )
        details = page.select_one(".nd47-details")
        assert details
        assert "Annual" in details.get_text()
        assert page.select_one(".nd47-panel")


@pytest.mark.usefixtures("with_plugins")
class TestSettingsOfThePortal:
    @pytest.mark.ckan_config("ckan.plugins", "nd47 scheming_datasets scheming_organizations")
    def test_schemas_are_ours_where_the_portal_names_none(self):
        assert (
            tk.config["scheming.dataset_schemas"] == data_path("schemas", "dataset.yaml").as_uri()
        )
        schema = call_action("scheming_dataset_schema_show", type="dataset")
        assert any(f["field_name"] == "open_data_category" for f in schema["dataset_fields"])

    @pytest.mark.ckan_config("ckan.plugins", "nd47 scheming_datasets scheming_organizations")
    @pytest.mark.ckan_config("scheming.dataset_schemas", "ckanext.scheming:ckan_dataset.yaml")
    def test_schema_that_the_portal_names_stays(self):
        schema = call_action("scheming_dataset_schema_show", type="dataset")
        assert not any(f["field_name"] == "open_data_category" for f in schema["dataset_fields"])

    @pytest.mark.ckan_config("ckan.plugins", "nd47 scheming_datasets")
    def test_missing_plugin_is_named_in_the_log(self, caplog):
        startup.warn_of_missing_plugins()
        assert "scheming_organizations" in caplog.text
        assert "scheming_datasets:" not in caplog.text


class TestOrderOfTemplates:
    OURS = str(startup.OWN_TEMPLATES)
    SCHEMING = "/site-packages/ckanext/scheming/templates"

    def test_ours_come_before_those_they_refine(self):
        paths = ["/theme/templates", self.SCHEMING, self.OURS, "/ckan/templates"]
        assert startup.before_scheming(paths) == [
            "/theme/templates",
            self.OURS,
            self.SCHEMING,
            "/ckan/templates",
        ]

    @pytest.mark.parametrize(
        "paths", [[OURS, SCHEMING], [OURS, "/ckan/templates"], [SCHEMING, "/ckan/templates"], []]
    )
    def test_right_order_is_left_alone(self, paths):
        assert startup.before_scheming(paths) == paths


SAFE = dict.fromkeys(unsafe.OPEN_WHEN_TRUE, False) | {"ckan.site_url": "http://tinh.example"}


class TestUnsafeOptions:
    @pytest.mark.parametrize("option", unsafe.OPEN_WHEN_TRUE)
    def test_option_that_is_too_open_is_named(self, option):
        assert startup.unsafe_options({**SAFE, option: True}) == [f"{option} = true"]  # type: ignore[arg-type]

    @pytest.mark.parametrize("option", unsafe.OPEN_WHEN_FALSE)
    def test_cookies_without_encryption_are_named_where_the_portal_has_https(self, option):
        https = {**SAFE, "ckan.site_url": "https://tinh.example"}
        found = startup.unsafe_options(
            {**https, **dict.fromkeys(unsafe.OPEN_WHEN_FALSE, True), option: False}  # type: ignore[arg-type]
        )
        assert found == [f"{option} = false"]

    def test_safe_portal_is_told_nothing(self, caplog):
        startup.warn_of_unsafe_options(SAFE)  # type: ignore[arg-type]
        assert caplog.records == []

    def test_open_portal_is_told_in_one_line(self, caplog):
        startup.warn_of_unsafe_options(
            {**SAFE, **dict.fromkeys(unsafe.OPEN_WHEN_TRUE, True)}  # type: ignore[arg-type]
        )
        (line,) = caplog.messages
        assert all(name in line for name in unsafe.OPEN_WHEN_TRUE)
        assert "docs/production.md" in line
        assert "\n" not in line

    @pytest.mark.ckan_config("ckan.plugins", "nd47 scheming_datasets resource_proxy")
    @pytest.mark.usefixtures("with_plugins")
    def test_plugin_that_fetches_for_anybody_is_named(self):
        assert startup.unsafe_options(SAFE) == ["plugin resource_proxy"]  # type: ignore[arg-type]

    def test_portal_of_one_machine_sets_the_safe_values(self):
        parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        parser.read([CONFIGURATION / "common.ini", CONFIGURATION / "province.ini"], "utf-8")
        options = parser["app:main"]
        closed_by_ckan = {"ckan.auth.anon_create_dataset", "ckan.auth.create_unowned_dataset"}
        for name in set(unsafe.OPEN_WHEN_TRUE) - closed_by_ckan:
            assert options[name] == "false"
        for name in closed_by_ckan:
            assert config.declared_default(name) == "False"
        plugins = options["ckan.plugins"].split()
        assert not {"resource_proxy", "webpage_view"} & set(plugins)

    def test_every_option_is_explained(self):
        text = (CONFIGURATION.parents[2] / "docs" / "production.md").read_text(encoding="utf-8")
        for name in (*unsafe.OPEN_WHEN_TRUE, *unsafe.OPEN_WHEN_FALSE, *unsafe.OPEN_PLUGINS):
            assert name in text
