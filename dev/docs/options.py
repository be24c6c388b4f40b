"""Writes the options into `docs/configure.md`, so that none stays unwritten.

The page is written by hand around two blocks, one for each language, that stand between markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import read_yaml
from ckanext.nd47.settings import options as settings

LANGUAGES = ("vi", "en")
WORDS: Mapping[str, Mapping[str, str]] = {
    "default": {"vi": "mặc định", "en": "default"},
    "empty": {"vi": "trống", "en": "empty"},
    "example": {"vi": "ví dụ", "en": "example"},
    "editable": {"vi": "đổi được trên trang quản trị", "en": "can be changed on the page"},
    "file": {"vi": "chỉ đặt trong tệp cấu hình", "en": "in the configuration file only"},
}


def renewed(page: str) -> str:
    """Return the page with regenerated blocks.

    Raises:
        ValueError: the marker of a language is missing.
    """
    for lang in LANGUAGES:
        start, end = f"<!-- options {lang} -->\n", f"<!-- end of options {lang} -->"
        pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
        text = f"{start}\n{block(lang)}\n{end}"
        page, count = pattern.subn(lambda _found, text=text: text, page)
        if count != 1:
            msg = f"the markers of the options in {lang!r} must stand there once"
            raise ValueError(msg)
    return page


def block(lang: str) -> str:
    """Return the description of every option in a language."""
    return "\n".join(line for option in _declared() for line in _lines(option, lang))


def _declared() -> Iterator[Mapping[str, Any]]:
    content = read_yaml(config.DECLARATION)
    for group in content["groups"]:
        yield from group["options"]


def _lines(option: Mapping[str, Any], lang: str) -> Iterator[str]:
    words = settings.wording()[option["key"]]
    english = option["description"]
    description = english if lang == "en" else words["description"][lang]
    yield f"#### {words['label'][lang]}"
    yield ""
    yield f"`{option['key']}`: {', '.join(_facts(option, lang))}."
    yield ""
    yield " ".join(description.split())
    yield ""


def _facts(option: Mapping[str, Any], lang: str) -> Iterator[str]:
    default = str(option["default"])
    value = f"`{default}`" if default else WORDS["empty"][lang]
    yield f"{WORDS['default'][lang]} {value}"
    if option.get("example"):
        yield f"{WORDS['example'][lang]} `{option['example']}`"
    yield WORDS["editable" if option.get("editable") else "file"][lang]
