"""On a CKAN that lacks what the suite needs, it says so in one sentence; nd47_l10n runs there."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from ckanext.nd47.lib import needs

OLDER = """
import ckan.model
from sqlalchemy import orm
orm.__dict__.pop("mapped_column", None)
"""
"""Takes something away that CKAN 2.11 does not have, once CKAN itself is loaded."""

NEEDING = ("ckanext.nd47.plugin", "ckanext.nd47.dcat.plugin", "ckanext.nd47.portal.plugin")
NAMED = ("need CKAN 2.12", "SQLAlchemy 2", "docs/upgrade.md", "nd47_l10n also runs on CKAN 2.11")


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def last_line(said: str) -> str:
    return said.strip().splitlines()[-1]


@pytest.mark.slow
@pytest.mark.parametrize("module", NEEDING)
def test_the_sentence_of_a_plugin_names_what_is_missing(module: str):
    done = run(f"{OLDER}\nimport {module}")
    said = last_line(done.stderr)
    assert said.startswith("ckan.exceptions.CkanConfigurationException: ")
    assert [text for text in NAMED if text not in said] == []


@pytest.mark.slow
def test_the_doctor_says_the_same_and_nothing_else():
    start = "import runpy; runpy.run_module('ckanext.nd47.doctor', run_name='__main__')"
    done = run(f"{OLDER}\n{start}")
    assert done.returncode == 1
    assert [text for text in NAMED if text not in done.stderr] == []
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_vietnamese_needs_nothing_of_it():
    done = run(f"{OLDER}\nimport ckanext.nd47.l10n.plugin")
    assert done.returncode == 0, done.stderr


@pytest.mark.whole_suite
class TestThisCkan:
    def test_it_has_everything(self):
        assert needs.missing() == []
        needs.require()

    @pytest.mark.parametrize("need", needs.NEEDS, ids=lambda need: need.what.split()[0])
    def test_each_need_is_named_where_it_is_missing(self, need, monkeypatch):
        unmet = [
            each._replace(is_met=lambda: False) if each is need else each for each in needs.NEEDS
        ]
        monkeypatch.setattr(needs, "NEEDS", unmet)
        assert needs.missing() == [need.what]

    @pytest.mark.parametrize(
        ("version", "warned"), [("2.12.0", False), ("2.12.7", False), ("2.13.0", True)]
    )
    def test_a_newer_one_runs_with_a_warning(self, version, warned, monkeypatch, caplog):
        monkeypatch.setattr("ckan.__version__", version)
        with caplog.at_level(logging.WARNING, logger=needs.__name__):
            needs.warn_of_newer()
        assert bool(caplog.messages) == warned
        assert not warned or "Package.extras" in caplog.text
