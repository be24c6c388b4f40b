"""Hash of the settings and data files that the rules depend on, except the levels of rules.

Rows with another fingerprint were examined under other settings or by another release.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from importlib.metadata import version

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import content_hash, data_path
from ckanext.nd47.lib.vocabularies import vocabulary

LAYOUT = 1
"""Version of the stored form; a new version makes all rows stale."""

OPTIONS = (
    config.LEGAL_EDITION,
    config.DCAT_EXTENT,
    config.DATASET_SCHEMAS,
    config.RULES_BIND_HARVESTS,
    config.FOCAL_POINT_PUBLIC_FIELDS,
    "ckan.plugins",
    "licenses_group_url",
)
"""Options that decide what a rule says about a dataset."""


def current() -> str:
    """Return the fingerprint of the portal as it is set up now."""
    options = tuple(str(tk.config.get(name)) for name in OPTIONS)
    return _hashed(options, tuple(content_hash(path) for path in vocabulary.own_files()))


@lru_cache(maxsize=8)
def _hashed(*parts: object) -> str:
    digest = hashlib.sha256()
    for part in (LAYOUT, version("ckanext-nd47"), _shipped(), *parts):
        digest.update(repr(part).encode())
    return digest.hexdigest()[:16]


@cache
def _shipped() -> tuple[str, ...]:
    """Return hashes of the package's own rules and vocabularies, the same on all servers."""
    rules = sorted(data_path("schemas", "rules").rglob("*.yaml"))
    files = [*rules, *vocabulary.standard_files()]
    return tuple(content_hash(path) for path in files)
