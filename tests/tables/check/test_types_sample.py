"""Every table of the sample province has the types of a list that was made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ckanext.nd47.tables.check import structure
from ckanext.nd47.tables.check.copies import load
from ckanext.nd47.tables.check.examine import Options, examine
from ckanext.nd47.tables.check.table import Layout
from dev.province import province

BY_HAND = yaml.safe_load((Path(__file__).parent / "sample_types.yaml").read_text("utf-8"))
TYPES = {column: kind for kind, columns in BY_HAND.items() for column in columns}
STORED = {"number": "numeric", "text": "text", "date": "date", "timestamp": "timestamp"}
FILES = {file.filename: file for dataset in province().datasets for file in dataset.files}
TABLES = sorted(name for name, file in FILES.items() if file.format not in {"PDF", "TXT"})


def test_the_list_is_about_all_tables():
    assert (len(FILES), len(TABLES)) == (128, 121)


@pytest.mark.parametrize("name", TABLES)
def test_a_file_of_the_sample_has_the_types_of_the_list(name, tmp_path):
    source, target = tmp_path / name, tmp_path / "rows"
    source.write_bytes(FILES[name].build())
    layouts: list[Layout] = []
    report = examine(source, Options(name), layouts=layouts)
    columns = {one["name"]: one["stored"] for one in report.parts[0]["columns"]}
    assert columns == {one: STORED[TYPES[one]] for one in columns}
    if layouts:
        table = load.write(source, Options(name), layouts[0], target)
        assert {one["heading"]: one["type"] for one in table["columns"]} == columns
        assert table["rows"] == report.parts[0]["rows"]
        names = structure.column_names(list(columns))
        assert names == list(columns)
