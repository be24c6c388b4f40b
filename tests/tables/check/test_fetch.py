"""Linked files are fetched from the public network alone, within limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckanext.nd47.tables.check import fetch
from ckanext.nd47.tables.check.report import FileError


@pytest.mark.parametrize(
    "url", ["ftp://tep.example/a.csv", "file:///etc/passwd", "javascript:1", "", "http://"]
)
def test_an_address_that_nobody_answers_at_is_unreachable(url: str, tmp_path: Path):
    with pytest.raises(FileError) as raised:
        fetch.fetch(url, tmp_path / "file")
    assert raised.value.code == "unreachable"
