"""What the plugin sets for ckanext-dcat, in every order of plugins."""

from __future__ import annotations

import pytest

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.config.declaration import Declaration
from ckan.exceptions import CkanConfigurationException

from ckanext.nd47.dcat import stock_options

PROFILES = "ckanext.dcat.rdf.profiles"
INHERIT = "ckanext.dcat.resource.inherit.license"
ORDERS = ("nd47 nd47_dcat dcat", "dcat nd47_dcat nd47")


def loaded(order: str, own: dict[str, object]) -> CKANConfig:
    """The configuration after these plugins, in this order, have declared their options."""
    config = CKANConfig(own)
    declaration = Declaration()
    declaration.load_core_declaration()
    for name in order.split():
        declaration.load_plugin(name)
        if name == "nd47_dcat":
            stock_options.set_defaults(config)
    declaration.make_safe(config)
    return config


@pytest.mark.parametrize("order", ORDERS)
def test_a_portal_that_says_nothing_gets_our_profile_and_inherited_licences(order: str):
    config = loaded(order, {})
    assert config[PROFILES] == "nd47_dcat_ap"
    assert config[INHERIT] is True


@pytest.mark.parametrize("order", ORDERS)
def test_a_portal_keeps_what_it_has_set(order: str):
    config = loaded(order, {PROFILES: "euro_dcat_ap_3", INHERIT: False})
    assert config[PROFILES] == "euro_dcat_ap_3"
    assert config[INHERIT] is False


@pytest.mark.usefixtures("with_plugins")
def test_the_running_portal_uses_our_profile():
    assert tk.config[PROFILES] == "nd47_dcat_ap"


@pytest.mark.parametrize("missing", ["dcat", "nd47"])
def test_a_missing_plugin_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, missing: str):
    monkeypatch.setattr(p, "plugin_loaded", lambda name: name != missing)
    with pytest.raises(CkanConfigurationException, match=rf"needs the plugin {missing}: add it"):
        stock_options.require_plugins()


def test_nothing_is_said_when_all_plugins_are_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(p, "plugin_loaded", lambda _name: True)
    stock_options.require_plugins()
