"""Fixtures of the tests of the Vietnamese catalogues and lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po


@pytest.fixture
def catalogues(tmp_path: Path):
    """Write small catalogues: `catalogues({"ckan": {"Home": "Trang chủ"}})` gives their folder."""

    def write(sources: dict[str, dict[str, str]], locale: str = "vi") -> Path:
        folder = tmp_path / locale / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        for domain, messages in sources.items():
            catalogue = Catalog(locale=locale, fuzzy=False)
            for source, text in messages.items():
                catalogue.add(source, text)
            with (folder / f"{domain}.po").open("wb") as stream:
                write_po(stream, catalogue)
        return tmp_path

    return write


@pytest.fixture
def own(tmp_path: Path):
    """Write a list of the portal: `own("…")` gives the path of the YAML file."""

    def write(content: str) -> Path:
        path = tmp_path / "own.yaml"
        path.write_text(content, encoding="utf-8")
        return path

    return write
