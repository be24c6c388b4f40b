"""Each fault of the golden files is found, and none is invented on those of the sample province."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckanext.nd47.tables.check.examine import Options, examine
from ckanext.nd47.tables.check.report import FINDINGS
from dev.province import DataFile, Dataset, province
from tests.tables import golden

EXTENT = (105.18, 19.53, 105.73, 19.91)
"""Of the sample province, as in dev/config/province.ini."""

FILES = list(golden.files())
UNTESTED = {
    "locked",
    "partly-checked",
    "stated-columns",
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


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_wrong_is_found_and_nothing_else(file: golden.File, tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(file.content)
    assert set(found(path, file.name)) == file.expected


def test_there_are_at_least_sixty_files():
    assert len(FILES) >= 60
    assert len({file.name for file in FILES}) == len(FILES)


def test_every_finding_has_a_file():
    expected = {code for file in FILES for code in file.expected}
    assert expected | UNTESTED == set(FINDINGS)


def test_the_same_seed_gives_the_same_tables():
    def tables(made: list[golden.File]) -> dict[str, bytes]:
        # Workbooks and PDF have the time of their making in them.
        return {
            file.name: file.content
            for file in made
            if not file.content.startswith((b"PK", b"%PDF", b"\x00"))
        }

    assert tables(list(golden.files())) == tables(FILES)


SAMPLE = [(dataset, file) for dataset in province().datasets for file in dataset.files]


def test_the_sample_province_has_a_hundred_and_twenty_eight_files():
    assert len(SAMPLE) == 128


@pytest.mark.parametrize(
    ("dataset", "file"), SAMPLE, ids=lambda item: getattr(item, "name", "")[:40]
)
def test_nothing_is_invented_on_the_sample_province(
    dataset: Dataset, file: DataFile, tmp_path: Path
):
    path = tmp_path / "file"
    path.write_bytes(file.build())
    assert found(path, file.filename, file.format) == {}
