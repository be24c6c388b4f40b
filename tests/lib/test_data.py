"""A YAML file is checked value by value, and a fault is named by file, row and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckanext.nd47.lib.data import DataFileError, cached_until_changed, read_entry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.yaml"


@pytest.mark.parametrize("content", ["", "- a", "a: [", "day: 2025-13-45", "[" * 5000])
def test_a_file_that_is_no_mapping_is_refused_by_name(path: Path, content: str):
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError, match=r"list\.yaml"):
        read_entry(path)


def test_a_missing_file_is_refused_by_name(path: Path):
    with pytest.raises(DataFileError, match=r"list\.yaml"):
        read_entry(path)


def test_a_row_with_the_id_of_another_is_refused(path: Path):
    path.write_text("rows: [{id: a}, {id: b}, {id: a}]", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"row 3 \(a\): id 'a' is listed twice"):
        read_entry(path).rows("rows", "id")


def test_unknown_and_missing_keys_are_named_at_once(path: Path):
    path.write_text("id: list\ncolour: red", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"title is missing, colour is not known"):
        read_entry(path).check_keys({"id", "title"})


def test_a_file_is_read_again_when_it_changes(path: Path):
    read = cached_until_changed(lambda file: read_entry(file).text("id"))
    path.write_text("id: a", encoding="utf-8")
    assert read(path) == "a"
    path.write_text("id: longer", encoding="utf-8")
    assert read(path) == "longer"


def test_an_invalid_file_is_refused_each_time_but_read_once(path: Path):
    readings: list[Path] = []

    def read_and_count(file: Path) -> str:
        readings.append(file)
        return read_entry(file).text("id")

    read = cached_until_changed(read_and_count)
    path.write_text("id: [", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(DataFileError, match=r"list\.yaml"):
            read(path)
    assert len(readings) == 1


def test_an_invalid_file_is_read_again_when_it_is_mended(path: Path):
    read = cached_until_changed(lambda file: read_entry(file).text("id"))
    path.write_text("id: [", encoding="utf-8")
    with pytest.raises(DataFileError):
        read(path)
    path.write_text("id: mended", encoding="utf-8")
    assert read(path) == "mended"


def test_a_file_that_cannot_be_opened_is_tried_each_time(path: Path, monkeypatch):
    read = cached_until_changed(lambda file: read_entry(file).text("id"))
    path.write_text("id: a", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", unreadable)
        with pytest.raises(DataFileError, match="denied"):
            read(path)
    assert read(path) == "a"


def unreadable(*_args: object, **_options: object) -> str:
    msg = "denied"
    raise PermissionError(msg)
