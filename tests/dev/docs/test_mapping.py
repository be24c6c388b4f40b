"""`docs/dcat.md` says what the mapping table says."""

from __future__ import annotations

from pathlib import Path

from ckanext.nd47.dcat.rdf.mapping import ROWS, Kind
from dev.docs import mapping

PAGE = Path(__file__).parents[3] / "docs" / "dcat.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_document_is_what_the_generator_makes():
    assert mapping.markdown() == TEXT


def test_every_field_stands_in_both_halves():
    cells = {f"| `{row.field}` | {mapping.code(row.prefix_name)} |" for row in ROWS}
    assert cells
    assert {cell for cell in cells if TEXT.count(cell) < 2} == set()


def test_every_kind_has_words_in_both_languages():
    assert set(mapping.KINDS) == set(Kind)
    assert all(words.keys() == {"vi", "en"} for words in mapping.KINDS.values())


def test_every_word_is_in_both_languages():
    assert all(words.keys() == {"vi", "en"} for words in mapping.WORDS.values())
