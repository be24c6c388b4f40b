"""`docs/install.md`: its steps, in their order, bring the suite into three kinds of portal."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

import ckan.plugins.toolkit as tk
from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs

from tests.support.databases import empty_database
from tests.support.loaded import OURS, loaded

DOCS = Path(__file__).parents[2] / "docs"
BIN = Path(sys.executable).parent
SCHEMAS = Path(__file__).parents[1] / "metadata" / "province_schemas"
SECTION = re.compile(r"(?ms)^## Installation$(.*?)^## ")
STEP = re.compile(r"(?m)^(\d+)\. ")
COMPOSE = "nd47 schema compose --output portal.yaml"
UNDECIDED = 3
CONFLICT = re.compile(r"--choose (\S+)=")
OPEN_PAGE = """
from ckan.cli import load_config
from ckan.config.middleware import make_app
client = make_app(load_config("ckan.ini")).test_client()
print([client.get(path).status_code for path in ("/vi/dataset/", "/vi/organization/", "/en/")])
"""


class Kind(NamedTuple):
    """A portal before the suite.

    Attributes:
        plugins: its plugins.
        options: options of ckanext-scheming.
        most_steps: steps of the page that it may need.
    """

    plugins: str
    options: dict[str, str]
    most_steps: int


KINDS = {
    "plain CKAN": Kind("activity text_view", {}, 4),
    "own schema with ckanext-dcat": Kind(
        "activity scheming_datasets dcat",
        {
            "scheming.dataset_schemas": f"file://{SCHEMAS / 'plain.yaml'}",
            "scheming.presets": "ckanext.scheming:presets.json",
        },
        5,
    ),
    "dcat_ap_full with harvesters and spatial": Kind(
        "activity scheming_datasets dcat spatial_metadata "
        "harvest ckan_harvester dcat_rdf_harvester",
        {
            "scheming.dataset_schemas": "ckanext.dcat.schemas:dcat_ap_full.yaml",
            "scheming.presets": "ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml",
        },
        5,
    ),
}


class Portal:
    """A folder with a configuration file, and CKAN's commands run there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ini = folder / "ckan.ini"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command without any option that this process has in its environment."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("CKAN")}
        env["PATH"] = f"{BIN}:{env['PATH']}"
        return subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )

    def succeed(self, *command: str) -> str:
        """Run a command, and return what it printed."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def set(self, options: dict[str, str]) -> None:
        """Write options into the configuration file."""
        lines = [f"{name} = {value.replace('%', '%%')}" for name, value in options.items()]
        self.succeed("ckan", "config-tool", "ckan.ini", *lines)


def installation() -> str:
    section = SECTION.search((DOCS / "install.md").read_text(encoding="utf-8"))
    assert section
    return section[1]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^ *```{language}\n(.*?)^ *```", text)


def assignments(text: str) -> dict[str, str]:
    pairs = (line.strip().partition(" = ") for line in text.splitlines() if " = " in line)
    return {name: value for name, _, value in pairs}


def commands(text: str) -> list[list[str]]:
    lines = [line.strip() for block in blocks(text, "sh") for line in block.splitlines()]
    return [line.partition(" #")[0].split() for line in lines if line.startswith("ckan ")]


def services_of_tests() -> dict[str, str]:
    """Return the options with the addresses of this run's services."""
    solr = urlsplit(str(tk.config["solr_url"]))
    return {
        "sqlalchemy.url": str(tk.config["sqlalchemy.url"]),
        "ckan.redis.url": str(tk.config["ckan.redis.url"]),
        "solr_url": solr._replace(netloc=f"{solr.hostname}:{solr.port}").geturl(),
        "solr_user": solr.username or "",
        "solr_password": solr.password or "",
    }


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration file as CKAN writes it."""
    portal = Portal(tmp_path_factory.mktemp("generated"))
    portal.succeed("ckan", "generate", "config", "ckan.ini")
    return portal.ini


@pytest.fixture
def portal(
    request: pytest.FixtureRequest, services: None, tmp_path: Path, generated: Path
) -> Iterator[Portal]:
    """A portal of a kind, without the suite and its tables."""
    kind: Kind = request.param
    with loaded(OURS):
        empty_database()
        _run_migrations("nd47", "base", forward=False)
    made = Portal(tmp_path)
    shutil.copy(generated, made.ini)
    made.set(services_of_tests())
    made.set({"ckan.plugins": kind.plugins, "ckan.storage_path": str(tmp_path), **kind.options})
    made.succeed("ckan", "-c", "ckan.ini", "db", "upgrade")
    yield made
    with loaded(OURS):
        empty_database()


def compose_schema(portal: Portal) -> None:
    """Do what own-schema.md says, and keep the portal's field wherever there is a choice."""
    command = ("ckan", "-c", "ckan.ini", *COMPOSE.split())
    assert " ".join(command) in (DOCS / "own-schema.md").read_text(encoding="utf-8")
    done = portal.run(*command)
    if done.returncode == UNDECIDED:
        names = dict.fromkeys(CONFLICT.findall(done.stdout + done.stderr))
        choices = [word for name in names for word in ("--choose", f"{name}=theirs")]
        done = portal.run(*command, *choices)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = assignments(done.stdout + done.stderr)
    assert "scheming.dataset_schemas" in printed
    portal.set({name: value for name, value in printed.items() if name.startswith("scheming.")})


def errors(portal: Portal) -> list[Any]:
    done = portal.run("ckan", "-c", "ckan.ini", "nd47", "doctor", "--json")
    findings = json.loads(done.stdout[done.stdout.index("{") :])["findings"]
    return [finding["what"] for finding in findings if finding["severity"] == "error"]


@pytest.mark.parametrize(
    ("portal", "kind"), [(kind, kind) for kind in KINDS.values()], ids=KINDS, indirect=["portal"]
)
def test_the_steps_of_the_page_bring_the_suite_in(portal: Portal, kind: Kind):
    page = installation()
    steps = [int(number) for number in STEP.findall(page)]
    options = assignments(blocks(page, "ini")[0])
    own = [name for name in kind.plugins.split() if name not in options["ckan.plugins"].split()]
    options["ckan.plugins"] = options["ckan.plugins"].replace("...", " ".join(own))
    portal.set(options)
    if kind.options:
        compose_schema(portal)
    for command in commands(page):
        portal.succeed(*command)
    assert "[200, 200, 200]" in portal.succeed("python", "-c", OPEN_PAGE).splitlines()
    assert errors(portal) == []
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) + bool(kind.options) <= kind.most_steps
