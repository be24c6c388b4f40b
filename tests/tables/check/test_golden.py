"""Each fault of the golden files is found, and none is invented on those of the sample province."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ckanext.nd47.tables.check.examine import Options, examine
from ckanext.nd47.tables.check.report import FINDINGS
from dev.province import province
from tests.tables.check import golden

EXTENT = (105.18, 19.53, 105.73, 19.91)
"""Of the sample province, as in dev/local/config/province.ini."""

UNTESTED = {
    "locked",
    # Of the table that is loaded: test_types.py.
    "kept-as-text",
    "not-loaded",
    "partly-checked",
    "stated-columns",
    "expected-columns",
    "missing-columns",
    "new-columns",
    "changed-types",
    "unreachable",
    "not-public",
    "refused",
    "no-text",
}
"""Findings that have tests of their own."""


def found(path: Path, name: str, format_: str = "") -> dict[str, list[str]]:
    """Return the columns by code of what is found in a file."""
    report = examine(path, Options(name, format_, EXTENT))
    codes: dict[str, list[str]] = {}
    for finding in report.findings:
        codes.setdefault(finding.code, []).append(f"{finding.column}:{finding.row}")
    return codes


def test_what_is_wrong_is_found_and_nothing_else(tmp_path: Path):
    path = tmp_path / "file"
    for file in golden.all_files().values():
        path.write_bytes(file.content)
        assert set(found(path, file.name)) == file.expected, file.name


def test_there_are_at_least_sixty_files():
    assert len(golden.all_files()) >= 60


def test_every_finding_has_a_file():
    expected = {code for file in golden.all_files().values() for code in file.expected}
    assert expected | UNTESTED == set(FINDINGS)


def test_the_same_seed_gives_the_same_tables():
    def tables(made: Iterable[golden.File]) -> dict[str, bytes]:
        # Workbooks and PDF have the time of their making in them.
        return {
            file.name: file.content
            for file in made
            if not file.content.startswith((b"PK", b"%PDF", b"\x00"))
        }

    again = list(golden.files())
    assert tables(again) == tables(golden.all_files().values())
    assert len(again) == len(golden.all_files()), "each name is that of one file"


def test_nothing_is_invented_on_the_sample_province(tmp_path: Path):
    files = [file for dataset in province().datasets for file in dataset.files]
    assert len(files) == 128
    path = tmp_path / "file"
    for file in files:
        path.write_bytes(file.build())
        assert found(path, file.filename, file.format) == {}, file.filename
