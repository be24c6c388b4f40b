"""Names that forms suggest are those that the server makes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ckanext.nd47.l10n import names, plugin
from tests.l10n.titles import titles

pytestmark = pytest.mark.browser

SCRIPT = Path(plugin.__file__).with_name("assets") / "slug.js"


def test_browser_and_server_agree_on_random_titles(chromium: Browser):
    made = list(titles(random.Random(2024), 10_000))
    page = chromium.new_page()
    page.add_script_tag(path=SCRIPT)
    suggested = page.evaluate("titles => titles.map(title => nd47.slugify(title))", made)
    page.close()
    unlike = [
        (title, name)
        for title, name in zip(made, suggested, strict=True)
        if name != names.slug(title)
    ]
    assert not unlike


def test_letters_typed_one_by_one_stay(chromium: Browser):
    page = chromium.new_page()
    page.add_script_tag(path=SCRIPT)
    assert page.evaluate("nd47.slugify('Đất ', false)") == "dat-"
    page.close()
