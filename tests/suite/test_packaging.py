"""A wheel carries everything: built and installed apart from the checkout, the plugins work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# Runs in the environment that holds the wheel; what it prints is what a test looks at.
PROBE = """
import gettext, json
from importlib.metadata import distribution
import ckanext.nd47
from ckanext.nd47.lib.data import data_path
catalogue = data_path("i18n", "vi", "LC_MESSAGES", "ckanext-nd47.mo")
own = distribution("ckanext-nd47")
points = {}
for point in own.entry_points:
    points.setdefault(point.group, []).append(point.name)
    point.load()
print(json.dumps({
    "package": ckanext.nd47.__file__,
    "dataset_schema": data_path("schemas", "dataset.yaml").read_text().strip() != "",
    "vocabularies": [p.stem for p in data_path("schemas", "vocabularies").glob("*.yaml")],
    "messages": len(gettext.GNUTranslations(catalogue.open("rb"))._catalog),
    "points": points,
    "requires": own.metadata.get_all("Requires-Dist"),
    "licence": own.metadata["License-Expression"],
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from what git would hand out: no compiled or ignored file is at hand."""
    source = tmp_path_factory.mktemp("source")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in filter(None, (n.decode() for n in names)):
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target)]
    subprocess.run([*build, str(source)], check=True, capture_output=True)
    return next(target.glob("*.whl"))


def link_or_copy(source: str, target: str) -> None:
    """Hard-link a file, or copy it to another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Install the wheel into a new environment and ask it what it has.

    The environment gets what is installed here, by hard links, but not this checkout.
    """
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    own = next(folder.glob("lib/python3*/site-packages"))
    checkout = shutil.ignore_patterns("__editable__*", "ckanext_nd47*", "__pycache__")
    copytree = partial(shutil.copytree, copy_function=link_or_copy, dirs_exist_ok=True)
    copytree(sysconfig.get_paths()["purelib"], own, ignore=checkout)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [str(python), "-c", PROBE], capture_output=True, text=True, cwd=folder, env=environment
    )
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "site": str(own)}


def test_package_comes_from_the_wheel(installed: dict):
    assert installed["package"].startswith(installed["site"])


def test_schemas_and_vocabularies_are_there(installed: dict):
    assert installed["dataset_schema"]
    assert {"frequency", "open-data-category", "province"} <= set(installed["vocabularies"])


def test_translations_are_there_compiled(installed: dict):
    assert installed["messages"] > 20


@pytest.mark.parametrize(
    ("group", "names"),
    [
        (
            "ckan.plugins",
            [
                *(
                    "nd47",
                    "nd47_catalogue",
                    "nd47_chart_view",
                    "nd47_dcat",
                    "nd47_desk",
                    "nd47_document_view",
                ),
                *("nd47_l10n", "nd47_map_view", "nd47_portal", "nd47_tables"),
            ],
        ),
        ("ckan.rdf.profiles", ["nd47_croissant", "nd47_dcat_ap", "nd47_schemaorg"]),
        ("babel.extractors", ["ckan"]),
    ],
)
def test_entry_points_load(installed: dict, group: str, names: list[str]):
    assert sorted(installed["points"][group]) == names


def test_metadata_names_the_supported_ckan_without_requiring_it(installed: dict):
    named = [line for line in installed["requires"] if line.startswith("ckan[")]
    assert named
    assert all("2.12" in line and "extra ==" in line for line in named)


def test_licence_is_that_of_ckan(installed: dict):
    assert installed["licence"] == "AGPL-3.0-or-later"


@pytest.mark.parametrize("ending", [".po", ".yaml", ".html", ".mo"])
def test_wheel_has_files_of_each_kind(wheel: Path, ending: str):
    assert any(name.endswith(ending) for name in ZipFile(wheel).namelist())


def test_wheel_has_the_templates(wheel: Path):
    names = ZipFile(wheel).namelist()
    assert any(n.startswith("ckanext/nd47/") and "/templates/" in n for n in names)


def test_wheel_has_nothing_of_the_development_tools(wheel: Path):
    tops = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert not tops & {"dev", "tests", "schemas", "i18n"}
