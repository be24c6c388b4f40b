"""The examples of CONTRIBUTING.md work: they are applied to a copy of the checkout.

The test knows no file by itself. It reads the page, applies its diffs in the order of the page,
lets `make docs` write the generated pages, and asks the copy for what the page promises.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.local.run_folder import REPOSITORY

pytestmark = pytest.mark.slow

PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
DIFF = re.compile(r'^( *)```diff title="([^"]+)"\n(.*?)^\1```$', re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r'`make test ARGS="([^"]+)"`')
LINK = re.compile(r"\]\(([^)#:]+)\)")
WORKED = ("Add a field", "Add a rule", "Add a code list, or a code", "Add an option")
# What the copy is made of; the rest of the checkout is large or does not matter.
COPIED = ("ckanext", "dev", "docs", "i18n", "schemas", "tests", "test.ini", "pyproject.toml")

# Python runs it at its start. Other extensions are those that are installed.
FIRST = """
import ckanext
ckanext.__path__.insert(0, "{folder}/ckanext")
"""

ASK = """
# CKAN puts its own folder in front, which has tests too.
import tests
import json, sys
from pathlib import Path
from ckan.cli import load_config
from ckan.config.middleware import make_app
make_app(load_config("test.ini"))

import ckan.plugins.toolkit as tk
import ckanext.nd47
from ckanext.nd47.dcat.rdf import mapping
from ckanext.nd47.lib import config
from ckanext.nd47.lib.vocabularies import vocabulary
from ckanext.nd47.rules import load
from ckanext.nd47.rules.report import examine
from dev.docs import __main__ as docs
from tests.rules.conftest import RECORD, TODAY

docs.main()
schema = tk.get_action("scheming_dataset_schema_show")({}, {"type": "dataset"})

def verdict(value):
    found = examine({**RECORD, "collection_mode": value}, TODAY)
    return [bool(one.verdict.met) for one in found if one.rule.id == "collection-stated"]

from tests.suite import test_data
assert "dataset.collection_mode" in dict(test_data.FIELDS)
passed = []
for name, test in vars(test_data.TestFields).items():
    if name.startswith("test_"):
        test(test_data.TestFields())
        passed.append(name)

print("ANSWERS" + json.dumps({
    "passed": passed,
    "imported from": list(ckanext.nd47.__path__),
    "fields": {one["field_name"]: one.get("vocabulary") for one in schema["dataset_fields"]},
    "exported": [one.prefix_name for one in mapping.ROWS if one.field == "collection_mode"],
    "terms": {one.code: one.text("vi") for one in vocabulary.get("collection-mode").terms},
    "rules": {rule.id: rule.points for rule in load.edition("luat-20-2023").rules},
    "verdict without": verdict(""),
    "verdict with": verdict("dieu-tra"),
    "option": config.collection_mode(),
}))
"""


def section(title: str) -> str:
    start = PAGE.index(f"\n## {title}\n")
    return PAGE[start : PAGE.index("\n## ", start + 1)]


def diffs(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the file and the lines of each example."""
    for indent, name, body in DIFF.findall(text):
        yield name, [line.removeprefix(indent) for line in body.splitlines()]


def apply(folder: Path, name: str, lines: list[str]) -> None:
    """Write the new lines into a file, at the one place that has the other lines."""
    path = folder / name
    assert all(line[:1] in {"+", "-", " ", ""} for line in lines), name
    after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    if all(line.startswith("+") for line in lines):
        assert not path.exists(), f"{name} exists; its example shows no place in it"
        path.write_text(after, encoding="utf-8")
        return
    before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{name} does not have these lines once:\n{before}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with all examples of the page in it."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in COPIED:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
        else:
            shutil.copy(REPOSITORY / name, folder / name)
    for name, lines in diffs(PAGE):
        apply(folder, name, lines)
    (folder / "sitecustomize.py").write_text(FIRST.format(folder=folder), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def answers(copy: Path) -> dict[str, Any]:
    """What a CKAN with the plugins of the copy says, after `make docs` has run there."""
    result = run(copy, "-c", ASK)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.rpartition("ANSWERS")[2])
    assert found["imported from"] == [str(copy / "ckanext" / "nd47")]
    return found


@pytest.mark.parametrize("title", WORKED)
def test_each_section_has_examples_and_commands_that_exist(title: str):
    text = section(title)
    named = [name for name, _ in diffs(text)]
    assert named
    assert set(LINK.findall(text)) >= {name for name in named if (REPOSITORY / name).exists()}
    assert "`make docs`" in text
    paths = [path for arguments in COMMAND.findall(text) for path in arguments.split()]
    assert paths
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []


def test_every_link_of_the_page_leads_somewhere():
    assert [link for link in LINK.findall(PAGE) if not (REPOSITORY / link).exists()] == []


def test_the_schema_shows_the_field_with_its_code_list(answers: dict[str, Any]):
    assert answers["fields"]["collection_mode"] == "collection-mode"


def test_the_field_is_exported(answers: dict[str, Any]):
    assert answers["exported"] == ["nd47:collectionMode"]


def test_the_rule_applies(answers: dict[str, Any]):
    assert answers["rules"]["collection-stated"] == 1
    assert sum(answers["rules"].values()) == 100
    assert answers["verdict without"] == [False]
    assert answers["verdict with"] == [True]


def test_the_code_list_loads(answers: dict[str, Any]):
    assert answers["terms"] == {"dieu-tra": "Điều tra", "bao-cao": "Báo cáo"}


def test_the_option_is_declared_with_its_default(answers: dict[str, Any]):
    assert answers["option"] == "bao-cao"


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("metadata.md", "| `collection_mode` | Cách thu thập |"),
        ("metadata.md", "`dieu-tra`"),
        ("dcat.md", "nd47:collectionMode"),
        ("rules.md", "collection-stated"),
        ("configure.md", "`ckanext.nd47.collection_mode`: default `bao-cao`"),
        ("configure.md", "#### Cách thu thập mặc định"),
    ],
)
def test_the_documentation_says_so(copy: Path, page: str, text: str):
    assert text in (copy / "docs" / page).read_text(encoding="utf-8")
    assert text not in (REPOSITORY / "docs" / page).read_text(encoding="utf-8") or text == (
        "`dieu-tra`"
    )


def test_the_tests_of_the_data_pass_for_the_field(answers: dict[str, Any]):
    """Those of `tests/suite/test_data.py`, which the page has its readers run."""
    assert "tests/suite/test_data.py" in PAGE
    assert "test_contract_is_kept" in answers["passed"]
    assert "test_each_has_a_label_in_both_languages" in answers["passed"]


class TestApplying:
    def test_an_example_that_no_longer_fits_fails(self, tmp_path: Path):
        (tmp_path / "a.yaml").write_text("x: 1\n", encoding="utf-8")
        with pytest.raises(AssertionError, match="does not have these lines once"):
            apply(tmp_path, "a.yaml", [" y: 1", "+z: 2"])

    def test_removed_lines_are_gone(self, tmp_path: Path):
        (tmp_path / "a.yaml").write_text("x: 1\ny: 2\n", encoding="utf-8")
        apply(tmp_path, "a.yaml", ["-x: 1", "+x: 3", " y: 2"])
        assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "x: 3\ny: 2\n"

    def test_new_lines_stand_at_their_place(self, tmp_path: Path):
        (tmp_path / "a.yaml").write_text("x: 1\ny: 2\n", encoding="utf-8")
        apply(tmp_path, "a.yaml", [" x: 1", "+z: 2"])
        assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "x: 1\nz: 2\ny: 2\n"

    def test_examples_are_read_from_a_list(self):
        text = textwrap.dedent("""\
            1. Do.

               ```diff title="a.yaml"
                x: 1
               +z: 2
               ```
            """)
        assert list(diffs(text)) == [("a.yaml", [" x: 1", "+z: 2"])]
