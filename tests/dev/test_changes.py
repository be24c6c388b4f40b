"""The fragments in `changes/` reach the changelog."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dev.changes import CHANGES, kinds, mistakes
from dev.local.run_folder import REPOSITORY

GOOD = "The export has a feed."


def test_every_kind_is_read_from_the_configuration():
    assert set(kinds()) == {"feature", "fix", "change", "removal", "security", "migration"}


def test_the_fragments_of_this_checkout_are_well_formed():
    assert list(mistakes(CHANGES, kinds())) == []


@pytest.mark.parametrize("name", ["export.feature.md", "two-words.fix.md", "+orphan.change.md"])
def test_a_good_fragment_passes(tmp_path: Path, name: str):
    (tmp_path / name).write_text(GOOD + "\n", encoding="utf-8")
    assert list(mistakes(tmp_path, kinds())) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("export.md", GOOD),
        ("export.feature", GOOD),
        ("export.feature.txt", GOOD),
        ("Export Feed.feature.md", GOOD),
        ("export.news.md", GOOD),
        ("export.feature.md", " \n"),
        ("export.feature.md", "The export has a feed"),
        ("export.feature.md", "# Export\n\nThe export has a feed."),
        ("export.feature.md", "- One.\n- Two."),
        ("export.feature.md", "The export has a feed. " * 40),
    ],
)
def test_a_bad_fragment_is_named(tmp_path: Path, name: str, text: str):
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = list(mistakes(tmp_path, kinds()))
    assert found
    assert all(mistake.startswith(f"{name}: ") for mistake in found)


def test_a_folder_among_the_fragments_is_named(tmp_path: Path):
    (tmp_path / "export.feature.md").mkdir()
    assert len(list(mistakes(tmp_path, kinds()))) == 1


def test_the_draft_of_the_changelog_has_every_fragment():
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "0.0.0"]
    draft = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    fragments = list(CHANGES.glob("*.*.md"))
    assert fragments
    words = " ".join(draft.stdout.split())
    missing = [
        path.name
        for path in fragments
        if " ".join(path.read_text(encoding="utf-8").split()) not in words
    ]
    assert missing == []
