"""The stylesheet of visitors' pages fits the templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev import style

BODY_OF_EVERY_PAGE = (".container", ".breadcrumb", ".visually-hidden", ".pagination", ".btn")
OF_NO_PAGE = (".carousel-caption", ".spinner-grow")
MOST_BYTES = 120_000


@pytest.fixture(scope="module")
def text() -> str:
    """The stylesheet that fits the templates of now."""
    return style.stylesheet()


def test_stylesheet_fits_the_templates(text: str):
    written = style.WRITTEN.read_text(encoding="utf-8")
    assert written == text, "call make style"


def test_outdated_stylesheet_is_reported_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    outdated = tmp_path / "visitors.css"
    outdated.write_text(".old{}", encoding="utf-8")
    monkeypatch.setattr(style, "WRITTEN", outdated)
    monkeypatch.setattr(style, "REPOSITORY", tmp_path)
    assert style.main(["check"]) == 1
    assert outdated.read_text(encoding="utf-8") == ".old{}"


@pytest.mark.parametrize("selector", BODY_OF_EVERY_PAGE)
def test_what_pages_use_has_rules(text: str, selector: str):
    assert selector in text


@pytest.mark.parametrize("selector", OF_NO_PAGE)
def test_what_no_page_uses_has_no_rules(text: str, selector: str):
    assert selector not in text


def test_stylesheet_loads_nothing(text: str):
    assert "@import" not in text
    assert "@font-face" not in text
    assert "url(" not in text.replace('url("data:', "").replace("url(data:", "")


def test_stylesheet_is_small(text: str):
    assert len(text.encode()) < MOST_BYTES


def test_class_of_a_new_template_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "list.html").write_text('<div class="spinner-grow">', encoding="utf-8")
    (tmp_path / "portal" / "assets").mkdir(parents=True)
    monkeypatch.setattr(style, "SUITE", tmp_path)
    assert ".spinner-grow" in style.stylesheet()
