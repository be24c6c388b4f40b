"""One file of the portal that is broken in any way spoils nothing but itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk

from ckanext.nd47.metadata.vocabularies.cli import vocabulary_commands

HEAD = "title: {vi: Danh mục, en: List}\nsource: here\nstatus: design\n"
ROW = "terms: [{code: a, label: {vi: A, en: A}, status: design}]\n"
FILES = {
    "copy with another name": ("frequency (copy).yaml", f"id: frequency\n{HEAD}{ROW}"),
    "new list without an end": ("moi.yaml", "id: moi\ntitle: [\n"),
    "new list that is none": ("moi.yaml", "- 1\n- 2\n"),
    "empty file": ("moi.yaml", ""),
    "bytes": ("moi.yaml", b"\xff\xfe\x00"),
    "day that is none": (
        "moi.yaml",
        f"id: moi\n{HEAD}terms: [{{code: a, label: {{vi: A, en: A}}, status: design,"
        " valid_from: 2025-13-45}]\n",
    ),
    "nested without end": ("moi.yaml", "[" * 5000),
    "list of the package, broken": ("frequency.yaml", "id: frequency\nterms: 5\n"),
    "number where names are meant": (
        "file-format.yaml",
        f"id: file-format\nmerge: true\n{HEAD}columns: {{extensions: {{vi: Đuôi, en: Ext}}}}\n"
        "terms: [{code: CSV, label: {vi: CSV, en: CSV}, status: design, extensions: 5}]\n",
    ),
    "folder": ("moi.yaml", None),
}


@pytest.fixture(params=FILES)
def broken(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder of the portal with one file that cannot be used, and one that can."""
    name, content = FILES[request.param]
    path = tmp_path / name
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    sound = f"id: tot\n{HEAD}{ROW}"
    (tmp_path / "tot.yaml").write_text(sound, encoding="utf-8")
    monkeypatch.setitem(tk.config, "ckanext.nd47.vocabulary_folder", str(tmp_path))
    return name


def test_other_lists_are_shown(broken, app):
    page = app.get("/vocabulary", status=200).body
    assert "/vocabulary/tot" in page
    assert "/vocabulary/frequency" in page
    app.get("/vocabulary/tot", status=200)
    app.get("/vocabulary/frequency.json", status=200)


def test_commands_go_on_and_check_names_the_file(broken):
    run = CliRunner().invoke
    listed = run(vocabulary_commands, ["list"])
    assert listed.exit_code == 0
    assert "tot" in listed.output
    assert run(vocabulary_commands, ["diff"]).exit_code == 0
    if broken != "file-format.yaml":
        checked = run(vocabulary_commands, ["check"])
        assert checked.exit_code == 1
        assert broken in checked.output


def test_datasets_are_saved_and_shown(broken, app, create, without_rules):
    made = create(resources=[{"url": "https://a.example/b.csv", "format": "csv"}])
    app.get(f"/dataset/{made['name']}", status=200)
