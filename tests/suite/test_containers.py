"""`docs/containers.md`: its commands run in an environment that holds only what the page says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

import ckan.plugins.toolkit as tk

from tests.support.databases import empty_database
from tests.support.loaded import OURS, only

PAGE = Path(__file__).parents[2] / "docs" / "containers.md"
APP = "/srv/app"
BIN = Path(sys.executable).parent
SERVICES = {
    "CKAN_SQLALCHEMY_URL": "sqlalchemy.url",
    "CKAN_DATASTORE_WRITE_URL": "ckan.datastore.write_url",
    "CKAN_DATASTORE_READ_URL": "ckan.datastore.read_url",
    "CKAN_SOLR_URL": "solr_url",
    "CKAN_REDIS_URL": "ckan.redis.url",
}
"""Variables of the page that hold addresses: those of the tests stand in their place."""


def blocks(language: str) -> list[str]:
    """The code blocks of a language on the page, in their order."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", PAGE.read_text("utf-8"), re.M | re.S)


def instructions(name: str) -> list[str]:
    lines = blocks("dockerfile")[0].splitlines()
    return [line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} ")]


def compose() -> dict[str, Any]:
    return yaml.safe_load(blocks("yaml")[0])["services"]


def assignments(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if line)
    return {name: value.strip('"') for name, _, value in pairs}


class Container:
    """A container of the image: a folder in the place of /srv/app, and an environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.image = {
            "PATH": f"{BIN}:/usr/bin:/bin",
            "CKAN_INI": f"{folder}/ckan.ini",
            "LC_ALL": "C.UTF-8",
            # Without containers, the code of the plugins is where it is.
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p and "site-packages" not in p),
        }
        self.env: dict[str, str] = {}

    def run(self, *command: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run a command as the container does: no variable of this process reaches it."""
        words = [word.replace(APP, str(self.folder)) for word in command]
        return subprocess.run(
            words,
            env={**self.image, **self.env, **changed},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        return self.run("/bin/sh", "-ec", line)


@pytest.fixture(scope="module")
def container(services: None, tmp_path_factory: pytest.TempPathFactory) -> Container:
    """A container of which the image was built and the tables were made, as the page says."""
    with only(OURS):
        empty_database()
    made = Container(tmp_path_factory.mktemp("app"))
    # What CKAN's image does when it is built.
    assert made.shell('ckan generate config "$CKAN_INI"').returncode == 0
    assert made.shell('ckan config-tool "$CKAN_INI" "SECRET_KEY = "').returncode == 0
    made.image |= assignments("\n".join(instructions("ENV")))
    for line in instructions("RUN"):
        if line.startswith("ckan "):
            done = made.shell(line)
            assert done.returncode == 0, done.stderr
    storage = made.folder / "storage"
    storage.mkdir()
    variables = assignments(next(one for one in blocks("sh") if "CKAN_SITE_URL=" in one))
    assert SERVICES.keys() <= variables.keys()
    addresses = {name: str(tk.config[option]) for name, option in SERVICES.items()}
    solr = urlsplit(addresses["CKAN_SOLR_URL"])
    addresses["CKAN_SOLR_URL"] = solr._replace(netloc=f"{solr.hostname}:{solr.port}").geturl()
    account = {"CKAN_SOLR_USER": solr.username or "", "CKAN_SOLR_PASSWORD": solr.password or ""}
    assert account.keys() <= variables.keys()
    made.env = {**variables, **addresses, **account, "CKAN_STORAGE_PATH": str(storage)}
    return made


@pytest.fixture(scope="module")
def started(container: Container) -> Container:
    """The container after the script of its start, and the index after its rebuild."""
    for block in blocks("sh"):
        if '"$CKAN_INI"' in block and "doctor" not in block:
            done = container.shell(block)
            assert done.returncode == 0, done.stdout + done.stderr
    return container


def test_versions_of_the_image_are_those_that_are_tested():
    (line,) = (line for line in instructions("RUN") if line.startswith("pip3 install"))
    pins = [word.split("==") for word in shlex.split(line) if "==" in word]
    assert len(pins) == 3
    assert {name: version(name) for name, _ in pins} == dict(pins)


def test_health_check_finds_nothing_that_must_be_mended(started: Container):
    health = compose()["ckan"]["healthcheck"]["test"]
    assert health[0] == "CMD"
    done = started.run(*health[1:], "--json")
    findings = json.loads(done.stdout)["findings"]
    assert [one["id"] for one in findings if one["severity"] == "error"] == []
    assert done.returncode == 0, done.stdout
    # Everything comes from the variables, and the doctor knows it.
    assert [one["what"] for one in findings if one["id"].startswith("environment")] == []


@pytest.mark.parametrize("lost", ["CKAN_SQLALCHEMY_URL", "CKAN_REDIS_URL"])
def test_health_check_fails_without_a_service(started: Container, lost: str):
    nowhere = {"CKAN_SQLALCHEMY_URL": "postgresql://a:b@127.0.0.1:9/ckan"}
    health = compose()["ckan"]["healthcheck"]["test"]
    done = started.run(*health[1:], **{lost: nowhere.get(lost, "redis://127.0.0.1:9/0")})
    assert done.returncode == 1
    assert "Traceback" not in done.stdout


def test_worker_starts_without_the_script_of_the_web_server(started: Container):
    done = started.run(*compose()["worker"]["command"], "--burst")
    assert done.returncode == 0, done.stderr


def test_scheduler_runs_its_commands(started: Container):
    shell, option, script = compose()["scheduler"]["command"]
    once = re.fullmatch(r"while sleep \d+; do (.*); done", script)
    assert once
    commands = once[1].split("; ")
    assert len(commands) == 2
    for command in commands:
        done = started.run(shell, option, command)
        assert done.returncode == 0, command + done.stdout + done.stderr


def test_consumers_are_commands_that_exist(started: Container):
    for name in ("gather", "fetch"):
        done = started.run(*compose()[name]["command"], "--help")
        assert done.returncode == 0, done.stderr


def test_every_service_has_the_variables_and_writers_share_the_storage():
    services = compose()
    assert {one["env_file"] for one in services.values()} == {".env"}
    writers = {name for name, one in services.items() if one.get("volumes")}
    assert writers == {"ckan", "worker", "scheduler"}


def test_plugins_of_the_variable_are_those_of_the_doctor_too(started: Container):
    """A container whose file names envvars alone still has the plugins of the variable."""
    bare = started.folder / "bare.ini"
    text = Path(started.image["CKAN_INI"]).read_text("utf-8")
    bare.write_text(re.sub(r"^ckan\.plugins *=.*$", "ckan.plugins = envvars", text, flags=re.M))
    done = started.run("ckan", "-c", str(bare), "nd47", "dcat", "stats")
    assert done.returncode == 0, done.stderr
    answer = started.run("python3", "-m", "ckanext.nd47.doctor", str(bare), "--json")
    found = {one["id"] for one in json.loads(answer.stdout)["findings"]}
    assert not {"suite-off", "environment-too-late"} & found


def test_vietnamese_page_has_the_same_commands():
    vietnamese = PAGE.with_name("containers.vi.md").read_text("utf-8")
    pattern = re.compile(r"^ *```(?:sh|yaml|dockerfile)\n.*?^ *```", re.M | re.S)
    assert pattern.findall(vietnamese) == pattern.findall(PAGE.read_text("utf-8"))
