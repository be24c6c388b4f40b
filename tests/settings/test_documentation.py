"""The page of the documentation on configuration, and the commands about options."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import ckan.plugins as p

from ckanext.nd47.dcat import stock_options as dcat_settings
from ckanext.nd47.lib import config
from ckanext.nd47.settings import options as settings
from ckanext.nd47.settings.cli import settings_commands
from dev.docs import options
from tests.metadata.conftest import PLUGINS

PAGE = Path(__file__).parents[2] / "docs" / "configure.md"
TEXT = PAGE.read_text(encoding="utf-8")
VIETNAMESE, ENGLISH = re.split(r"(?m)^# Configuration$", TEXT)


def keys() -> set[str]:
    """Return the keys of our options, as the code knows them."""
    return {
        value
        for name, value in vars(config).items()
        if name.isupper()
        and isinstance(value, str)
        and re.fullmatch(r"ckanext\.nd47\.[a-z_]+", value)
    }


class TestPage:
    def test_options_are_as_declared(self):
        """If not: make docs."""
        assert options.renewed(TEXT) == TEXT

    @pytest.mark.parametrize("half", [VIETNAMESE, ENGLISH], ids=["vi", "en"])
    def test_every_option_is_described_in_both_languages(self, half):
        described = set(re.findall(r"(?m)^`(ckanext\.nd47\.[a-z_]+)`:", half))
        assert described == keys()

    @pytest.mark.parametrize("half", [VIETNAMESE, ENGLISH], ids=["vi", "en"])
    def test_every_option_of_others_that_we_set_is_named(self, half):
        for option in (*config.foreign_defaults(), *dcat_settings.DEFAULTS):
            assert f"| `{option}` |" in half

    @pytest.mark.parametrize("half", [VIETNAMESE, ENGLISH], ids=["vi", "en"])
    def test_every_command_is_named(self, half):
        for name in settings_commands.commands:
            assert f"`ckan nd47 settings {name}" in half

    def test_option_that_is_not_described_is_noticed(self, monkeypatch):
        words = {**settings.wording(), config.BASE_IRI: {"label": {"vi": "x", "en": "x"}}}
        monkeypatch.setattr(settings, "wording", lambda: words)
        with pytest.raises(KeyError):
            options.block("vi")

    def test_stale_default_is_renewed(self):
        stale = TEXT.replace("`field-national`", "`cũ`")
        assert "mặc định `field-national`" in options.renewed(stale)

    def test_changed_default_is_noticed(self, monkeypatch, tmp_path):
        declaration = config.DECLARATION.read_text(encoding="utf-8")
        other = tmp_path / "declaration.yaml"
        other.write_text(declaration.replace("default: field-national", "default: field-hcm"))
        monkeypatch.setattr(config, "DECLARATION", other)
        assert options.renewed(TEXT) != TEXT

    @pytest.mark.parametrize("page", ["", "<!-- options vi -->\n", TEXT + TEXT])
    def test_page_without_its_markers_is_refused(self, page):
        with pytest.raises(ValueError, match="markers of the options in 'vi'"):
            options.renewed(page)


@pytest.mark.ckan_config("ckan.plugins", PLUGINS)
@pytest.mark.usefixtures("with_plugins", "non_clean_db")
class TestCommands:
    def run(self, cli: Any, *words: str) -> Any:
        """Run one of the commands."""
        return cli.invoke(settings_commands, [*words])

    def test_are_offered_with_those_of_the_suite(self):
        plugin: Any = p.get_plugin("nd47")
        (suite,) = plugin.get_commands()
        assert suite.commands["settings"] is settings_commands

    def test_check_finds_nothing_in_the_defaults(self, cli):
        result = self.run(cli, "check")
        assert (result.exit_code, result.output.strip()) == (0, "0 problems")

    @pytest.mark.ckan_config(config.ATTRIBUTION_TEMPLATE, "{nguon}")
    def test_check_names_what_cannot_be_used(self, cli):
        result = self.run(cli, "check")
        assert result.exit_code == 1
        assert f"{config.ATTRIBUTION_TEMPLATE}: There is no place “nguon”" in result.output

    @pytest.mark.ckan_config(config.AGENCY_CODE, "H99")
    def test_show_names_each_option_with_its_value(self, cli):
        assert f"{config.AGENCY_CODE} [file]: 'H99'" in self.run(cli, "show").output
