"""`make i18n` works, says what is wrong, and fails then."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from ckanext.nd47.lib.language.catalogues import MERGED_DOMAIN, source_path
from ckanext.nd47.lib.plugins import nd47, suite_commands
from dev.i18n import commands as module
from dev.i18n.commands import i18n
from dev.i18n.sources import Source
from dev.i18n.update import Coverage


@pytest.fixture
def invoke():
    """Call a command of the group without a configured CKAN."""

    def run(*arguments: str):
        return CliRunner().invoke(i18n, arguments)

    return run


@pytest.fixture
def folder(catalogues, monkeypatch):
    """A folder of catalogues in place of the suite's own."""
    path = catalogues({"ckan": {"Home": "Trang chủ"}})
    (path / "names.txt").write_text("API\n", encoding="utf-8")
    (path / "glossary.csv").write_text("English,Vietnamese,source,note\nhome,trang chủ,,\n")
    monkeypatch.setattr(module, "data_path", lambda *_: path)
    monkeypatch.setattr(module, "installed_sources", lambda: [Source("ckan", ("ckan",))])
    return path


def test_compile_names_what_it_wrote(invoke, folder):
    result = invoke("compile")
    assert result.exit_code == 0
    assert str(source_path(folder, "vi", MERGED_DOMAIN).with_suffix(".mo")) in result.output


def test_coverage_of_complete_catalogues_succeeds(invoke, folder, monkeypatch):
    monkeypatch.setattr(module, "measure", lambda *_: Coverage("ckan", 7, ()))
    result = invoke("coverage")
    assert (result.exit_code, result.output) == (0, "ckan: 7/7\n")


def test_coverage_below_all_fails(invoke, folder, monkeypatch):
    monkeypatch.setattr(module, "measure", lambda *_: Coverage("ckan", 7, ("Home",)))
    result = invoke("coverage")
    assert (result.exit_code, result.output) == (1, "ckan: 6/7\n")


def test_coverage_lists_what_is_missing(invoke, folder, monkeypatch):
    monkeypatch.setattr(module, "measure", lambda *_: Coverage("ckan", 7, ("Home",)))
    assert "  'Home'\n" in invoke("coverage", "--missing").output


def test_check_of_sound_catalogues_succeeds(invoke, folder):
    result = invoke("check")
    assert (result.exit_code, result.output) == (0, "0 problems\n")


def test_check_names_the_problem_and_fails(invoke, folder, catalogues):
    catalogues({"ckan": {"Home": "Nhà"}})
    result = invoke("check")
    assert result.exit_code == 1
    assert "“home” is “trang chủ”" in result.output
    assert result.output.endswith("1 problems\n")


def test_update_says_how_many_messages_there_are(invoke, folder, monkeypatch):
    monkeypatch.setattr(module, "update", lambda *_: ["a", "b"])
    assert invoke("update").output == "ckan: 2 messages\n"


def test_plugins_of_the_suite_share_one_group():
    """CKAN registers commands by name, a later one replacing an earlier."""

    @click.command()
    def one() -> None: ...

    @click.command()
    def two() -> None: ...

    try:
        assert suite_commands(one) == suite_commands(two) == [nd47]
        assert {"one", "two"} <= set(nd47.commands)
    finally:
        nd47.commands.pop("one")
        nd47.commands.pop("two")


def test_commands_run_without_ckan():
    command = [sys.executable, "-m", "dev.i18n", "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "coverage" in result.stdout
