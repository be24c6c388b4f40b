"""Words that portals and offices write for fields and codes, in any spelling.

Case, diacritics, blanks, underscores and hyphens make no difference. The words are data, in
`schemas/migrate.yaml`, beside the labels of the code lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from ckanext.nd47.lib.data import data_path, read_yaml
from ckanext.nd47.lib.language import text
from ckanext.nd47.lib.vocabularies import vocabulary

_SEPARATORS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1 << 14)
def text_key(text_value: str) -> str:
    """Return the same key for all spellings of a text, as for `Tần_suất` and `tan suat`."""
    spaced = _SEPARATORS.sub(" ", text.without_marks(text_value[:500]))
    return " ".join(map(text.common, spaced.split()))


@cache
def _names_file() -> Mapping[str, Any]:
    return read_yaml(data_path("schemas", "migrate.yaml"))


def field_names() -> Mapping[str, list[str]]:
    """Return the names that portals use for fields, by field."""
    return _names_file()["fields"]


@cache
def fields_by_key() -> Mapping[str, str]:
    """Return the fields by the keys of the names that portals use for them."""
    fields: dict[str, str] = {}
    for path, names in field_names().items():
        fields.update({text_key(name): path for name in (*names, path)})
    return MappingProxyType(fields)


def codes_by_key(vocabulary_id: str) -> Mapping[str, str]:
    """Return the codes of a list by the keys of their names, without ambiguous names."""
    return _codes_by_key(vocabulary.get(vocabulary_id))


@lru_cache(maxsize=64)
def _codes_by_key(terms: vocabulary.Vocabulary) -> Mapping[str, str]:
    codes: dict[str, str] = {}
    for term in terms:
        for name in (term.code, *term.label.values(), *(term.also or ())):
            if (name_key := text_key(str(name))) and not term.retired:
                codes[name_key] = term.code if codes.get(name_key, term.code) == term.code else ""
    for code, names in _names_file()["values"].get(terms.id, {}).items():
        # A portal's own list may lack the code.
        if code in terms:
            codes.update({text_key(name): code for name in names if text_key(name) not in codes})
    return MappingProxyType({name: code for name, code in codes.items() if code})


def code_of(vocabulary_id: str, text_value: str) -> str:
    """Return the code for a text in any spelling, empty for none."""
    recognised = vocabulary.recognise(vocabulary_id, text_value.strip())
    if recognised in vocabulary.get(vocabulary_id):
        return recognised
    return codes_by_key(vocabulary_id).get(text_key(text_value), "")
