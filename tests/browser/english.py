"""Finds English in Vietnamese pages: words that occur only in English messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from babel.messages.catalog import Message

from ckanext.nd47.lib.data import data_path
from ckanext.nd47.lib.language.catalogues import SOURCES, read_catalogue, source_path
from dev.i18n.checks import read_names

if TYPE_CHECKING:
    # Not where the catalogues alone are tested, with another CKAN.
    from playwright.sync_api import Page

WORD = re.compile(r"[^\W\d_]{3,}")
NOT_PROSE = re.compile(
    r"<[^>]*>|\{[^}]*\}|%\(\w+\)\w|https?://\S+|\S+@\S+|[\w-]+\.[\w./-]+|\S*/\S*"
    r"|\b[a-z]\w*[-_][\w-]+(?:: \w+)?|^[a-z]\w* = |\b[0-9a-f]{32,}\b"
)
"""Markup, placeholders, addresses, file names, codes with their values, and checksums."""

SHARE = 1 / 3
"""Share of English words from which a text counts as English."""

NAMES = frozenset(
    re.findall(
        r"\w+",
        "ckan csv xlsx json pdf geojson url api html dcat xml rdf zip solr datastore markdown docx "
        "xls access iot gis ocop grdp cpi dti bts wms wfs leaflet openstreetmap long mapinfo tab",
    )
)
"""Names that are the same in every language, or of places (Vĩnh Long)."""

TYPES = frozenset({"text", "numeric", "timestamp"})
"""Types of columns, which are alone in a cell of a data dictionary."""

READ = """() => {
  const skipped = new Set(['SCRIPT', 'STYLE', 'CODE', 'PRE', 'NOSCRIPT', 'TEXTAREA', 'TEMPLATE']);
  const found = new Set();
  const foreign = node => node.closest('[lang]:not(html):not([lang|=vi])') !== null;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.replace(/\\s+/g, ' ').trim();
    if (!text || skipped.has(parent.tagName) || parent.closest('code, pre')) continue;
    if (foreign(parent)) continue;
    if (parent.tagName !== 'OPTION' && !parent.checkVisibility()) continue;
    found.add(text);
  }
  const attributes = ['title', 'placeholder', 'aria-label', 'alt', 'data-bs-title',
    'data-bs-content', 'data-bs-original-title', 'data-module-content', 'data-module-title',
    'data-module-text', 'data-module-placeholder'];
  for (const node of document.querySelectorAll('*')) {
    if (foreign(node)) continue;
    for (const name of attributes) {
      const value = node.getAttribute(name);
      if (value) found.add(value.replace(/\\s+/g, ' ').trim());
    }
    if (node.matches('input[type=submit], input[type=button]') && node.value) found.add(node.value);
  }
  found.add(document.title);
  return [...found];
}"""


@cache
def english_words() -> frozenset[str]:
    """Return words of English messages that no Vietnamese message has."""
    folder = data_path("i18n")
    english: set[str] = set()
    vietnamese: set[str] = set()
    for domain in SOURCES:
        for message in read_catalogue(source_path(folder, "vi", domain), "vi"):
            if message.id:
                english |= _words(_both(message.id))
                vietnamese |= _words(_both(message.string))
    names = _words(read_names(folder))
    return frozenset(english - vietnamese - names - NAMES)


def _both(text: Message | object) -> Iterable[str]:
    return [text] if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]  # plural forms


def _words(texts: Iterable[str]) -> set[str]:
    return {word.lower() for text in texts for word in WORD.findall(NOT_PROSE.sub(" ", text))}


def is_english(text: str) -> bool:
    """Return whether a text is English."""
    if text in TYPES:
        return False
    words = WORD.findall(NOT_PROSE.sub(" ", text))
    english = [word for word in words if word.lower() in english_words()]
    return bool(english) and len(english) >= SHARE * len(words)


def left_in(page: Page) -> list[str]:
    """Return the English texts of a page, including tooltips and texts for screen readers."""
    return [text for text in page.evaluate(READ) if is_english(text)]
