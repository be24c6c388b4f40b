"""Patches of CKAN: what they rely on is still so, and catalogues stay in the right order."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, force_locale, get_babel, get_translations

import ckan.plugins as p
from ckan.lib import munge
from ckan.plugins import core
from ckan.tests.helpers import CKANTestApp

from ckanext.datastore.backend.postgres import DatastorePostgresqlBackend
from ckanext.datatablesview import blueprint as table_view

from ckanext.nd47.l10n.patches_ckan import order_catalogues
from ckanext.nd47.lib.language.catalogues import MERGED_DOMAIN, OWN_DOMAIN, compile_catalogues
from ckanext.nd47.lib.plugins import SuiteTranslation

pytestmark = pytest.mark.usefixtures("with_plugins")


class Other(p.SingletonPlugin):
    """An extension with a Vietnamese catalogue of its own."""

    p.implements(p.ITranslation)
    folder = ""
    domain = ""

    def i18n_directory(self) -> str:
        return self.folder

    def i18n_locales(self) -> list[str]:
        return ["vi"]

    def i18n_domain(self) -> str:
        return self.domain


class Harvest(Other):
    """A later ckanext-harvest that has learned Vietnamese."""

    domain = "ckanext-harvest"


class Theme(Other):
    """The theme of a portal."""

    domain = "ckanext-theme"


class Alone(SuiteTranslation, p.SingletonPlugin):
    """Another plugin of the suite."""

    p.implements(p.ITranslation)


@pytest.fixture(autouse=True)
def others(catalogues, monkeypatch):
    """Install the extensions above; only those in `ckan.plugins` are loaded."""
    folder = catalogues(
        {
            "ckanext-harvest": {"Missing value": "của harvest", "Only harvest": "riêng harvest"},
            "ckanext-theme": {"Missing value": "của giao diện"},
        }
    )
    compile_catalogues(folder)
    monkeypatch.setattr(Other, "folder", str(folder))
    # Without its name a plugin is not found in `ckan.plugins` and comes after all others.
    installed = core._get_service  # pyright: ignore[reportPrivateUsage] # as CKAN's own fixture
    added = {"harvest_vi": Harvest, "theme_vi": Theme, "suite_alone": Alone}

    def get_service(name: str) -> Any:
        return added[name](name=name) if name in added else installed(name)

    monkeypatch.setattr(core, "_get_service", get_service)


def translated(app: CKANTestApp, message: str, locale: str = "vi") -> str:
    """Translate as a request would."""
    with app.flask_app.test_request_context(), force_locale(locale):
        return get_translations().gettext(message)


def plugins(names: str, *values: str):
    """Parametrize with a list of plugins, and more values."""
    return pytest.param(names, *values, marks=pytest.mark.ckan_config("ckan.plugins", names))


@pytest.mark.parametrize(
    "names",
    [plugins("nd47_l10n"), plugins("nd47_l10n harvest_vi"), plugins("harvest_vi nd47_l10n")],
)
class TestCorrections:
    def test_stock_translation_is_corrected_and_completed(self, app, names):
        assert translated(app, "Missing value") == "Chưa nhập giá trị"
        assert translated(app, "Unpublish") == "Ngừng công bố"

    def test_other_languages_keep_their_own(self, app, names):
        assert translated(app, "Missing value", "en") == "Missing value"
        assert translated(app, "Datasets", "fr") == "Jeux de données"


@pytest.mark.parametrize(
    "names", [plugins("nd47_l10n harvest_vi"), plugins("harvest_vi nd47_l10n")]
)
def test_what_only_an_extension_translates_is_kept(app, names):
    assert translated(app, "Only harvest") == "riêng harvest"


@pytest.mark.parametrize(
    "names",
    [plugins("theme_vi nd47_l10n"), plugins("theme_vi harvest_vi nd47_l10n")],
)
def test_theme_before_the_suite_overrides_it(app, names):
    """CKAN's rule: the first plugin wins."""
    assert translated(app, "Missing value") == "của giao diện"


@pytest.mark.parametrize(
    "names",
    [plugins("nd47_l10n theme_vi"), plugins("harvest_vi nd47_l10n theme_vi")],
)
def test_theme_after_the_suite_does_not_override_it(app, names):
    assert translated(app, "Missing value") == "Chưa nhập giá trị"


@pytest.mark.parametrize("names", [plugins("")])
def test_stock_ckan_shows_its_own(app, names):
    """The counterpart: without the plugin nothing is corrected."""
    assert translated(app, "Missing value") == "Giá trị bị mất"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        plugins("harvest_vi theme_vi", "của harvest"),
        plugins("theme_vi harvest_vi", "của giao diện"),
    ],
)
def test_stock_rule_is_as_assumed(app, names, expected):
    """The counterpart: in CKAN itself the order of plugins decides."""
    assert translated(app, "Missing value") == expected


@pytest.mark.parametrize("names", [plugins("suite_alone")])
def test_suite_without_l10n_leaves_ckan_alone(app, names):
    assert translated(app, "Missing value") == "Giá trị bị mất"


@pytest.mark.parametrize(
    "names",
    [plugins("suite_alone"), plugins("suite_alone nd47_l10n"), plugins("nd47_l10n suite_alone")],
)
def test_all_plugins_of_the_suite_name_one_domain(names):
    """CKAN's JavaScript builder keeps one domain for a directory."""
    suite = [x for x in p.PluginImplementations(p.ITranslation) if isinstance(x, SuiteTranslation)]
    wanted = MERGED_DOMAIN if "nd47_l10n" in names else OWN_DOMAIN
    assert len(suite) == len(names.split())
    assert {plugin.i18n_domain() for plugin in suite} == {wanted}
    assert len({plugin.i18n_directory() for plugin in suite}) == 1
    assert all(Path(plugin.i18n_directory()).is_dir() for plugin in suite)
    assert all(plugin.i18n_locales() == ["vi"] for plugin in suite)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ckan", "ckan"),
        ("ckan;mine;ckanext-dcat", "ckan;ckanext-dcat;mine"),
        ("ckan;mine;ckanext-dcat;theme", "ckan;ckanext-dcat;mine;theme"),
        ("ckan;theme;mine", "ckan;theme;mine"),
        ("ckan;ckanext-harvest;ckanext-dcat;mine", "ckan;ckanext-harvest;ckanext-dcat;mine"),
    ],
)
def test_sources_move_below_and_the_rest_keeps_its_order(before, after):
    flask = Flask(__name__)
    flask.config["BABEL_DOMAIN"] = before
    flask.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(f"/{x}" for x in before.split(";"))
    Babel(flask)
    order_catalogues(flask)
    babel = get_babel(flask)
    assert babel.default_domain == after
    assert babel.translation_directories == [f"/{x}" for x in after.split(";")]


class TestStock:
    """If one of these fails after an upgrade of CKAN, its patch is to be changed or removed."""

    def test_ckan_drops_letters_with_a_tone_mark_from_names(self):
        stock = inspect.unwrap(munge.substitute_ascii_equivalents)
        assert list(inspect.signature(stock).parameters) == ["text_unicode"]
        assert "ủ" not in stock("Thủy")
        assert "u" not in stock("Thủy")

    @pytest.mark.parametrize(
        "function", [munge.munge_name, munge.munge_title_to_name, munge.munge_filename]
    )
    def test_names_are_made_with_the_patched_function(self, function):
        assert "substitute_ascii_equivalents(" in inspect.getsource(function)

    def test_the_datastore_builds_a_query_whose_conditions_are_a_list(self):
        stock = inspect.unwrap(DatastorePostgresqlBackend.datastore_search)
        parameters = ["self", "context", "data_dict", "fields_types", "query_dict"]
        assert list(inspect.signature(stock).parameters) == parameters
        assert "['where'] += where" in inspect.getsource(stock).replace('"', "'")

    @pytest.mark.parametrize("view", [table_view.ajax, table_view.filtered_download])
    def test_the_table_view_replaces_letters_outside_ascii_in_searches(self, view):
        source = inspect.getsource(view)
        assert source.count(r"re.sub(r'[^0-9a-zA-Z\-]+', '_',") == 2
        assert "':*'" in source
