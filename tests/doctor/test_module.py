"""`python -m ckanext.nd47.doctor`: on portals that do not start, and before the suite is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ckan.plugins.toolkit as tk

from tests.doctor.setups import PLUGINS, SOUND, ini, storage
from tests.support.databases import empty_database
from tests.support.loaded import only

pytestmark = pytest.mark.slow

SERVICES = ("sqlalchemy.url", "ckan.redis.url", "solr_url")


def run(file: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the module in an environment that tells CKAN nothing."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("CKAN")}
    return subprocess.run(
        [sys.executable, "-m", "ckanext.nd47.doctor", str(file), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**own, "LANG": "C.UTF-8", **environment},
    )


def told(answer: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert "Traceback" not in answer.stderr + answer.stdout
    return json.loads(answer.stdout)


def found(answer: subprocess.CompletedProcess[str]) -> list[str]:
    return [finding["id"] for finding in told(answer)["findings"]]


@pytest.fixture(scope="module")
def migrated(services: None) -> None:
    """The database of the tests has the tables of all plugins."""
    with only(PLUGINS):
        empty_database()


@pytest.fixture
def options(migrated: None, tmp_path: Path) -> dict[str, str]:
    """A sound portal on the services of the tests."""
    own = {key: str(tk.config[key]) for key in SERVICES}
    return {**SOUND, **own, "smtp.server": "", "ckan.storage_path": storage(tmp_path)}


def test_a_sound_portal_has_nothing_that_must_be_mended(options, tmp_path):
    answer = run(ini(options, tmp_path), "--json")
    result = told(answer)
    assert [finding for finding in result["findings"] if finding["severity"] == "error"] == []
    assert (result["started"], result["sound"], answer.returncode) == (True, True, 0)


def test_a_portal_that_sets_presets_of_its_own_starts(options, tmp_path, non_clean_db):
    options["scheming.presets"] = "ckanext.scheming:presets.json"
    answer = run(ini(options, tmp_path), "--json")
    assert "preset-missing" not in found(answer)
    assert (told(answer)["started"], answer.returncode) == (True, 0)


def test_a_plugin_that_is_not_there(options, tmp_path):
    options["ckan.plugins"] = f"{PLUGINS} khong_co"
    answer = run(ini(options, tmp_path), "--json", "--lang", "en")
    assert {"plugin-unknown", "portal-does-not-start"} <= set(found(answer))
    assert answer.returncode == 1


def test_before_the_suite_is_switched_on(options, tmp_path):
    options["ckan.plugins"] = "activity"
    answer = run(ini(options, tmp_path), "--json")
    assert "suite-off" in found(answer)
    assert answer.returncode == 0


def test_no_service_at_all(tmp_path):
    broken = {
        **SOUND,
        "sqlalchemy.url": "postgresql://a:b@127.0.0.1:1/c",
        "ckan.redis.url": "redis://127.0.0.1:1/0",
        "solr_url": "http://127.0.0.1:1/solr/ckan",
        "smtp.server": "",
    }
    answer = run(ini(broken, tmp_path), "--json")
    assert {"database-unreachable", "redis-unreachable", "solr-unreachable"} <= set(found(answer))
    assert answer.returncode == 1


@pytest.mark.parametrize(
    "text", ["", "ckan.site_url = x", "[app:main]\nuse = config:khong-co.ini\n", "[app:main", None]
)
def test_a_file_that_cannot_be_read(text: str | None, tmp_path: Path):
    file = tmp_path / "ckan.ini"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    answer = run(file, "--json")
    assert found(answer) == ["configuration-unreadable"]
    assert answer.returncode == 2


def test_words_follow_the_language_asked_for(tmp_path):
    file = tmp_path / "khong-co.ini"
    assert "cannot be read" in run(file).stdout
    assert "Không đọc được" in run(file, "--lang", "vi").stdout
    assert "Không đọc được" in run(file, LANG="vi_VN.UTF-8", LC_ALL="").stdout
