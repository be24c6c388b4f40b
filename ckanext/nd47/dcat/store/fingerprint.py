"""Hash of everything that exported datasets depend on, except the dataset itself.

A row with another fingerprint was written under other settings, vocabularies, licences or another
release, and must be written again. Agencies and contacts are not included: they have their own
rows.

It is computed for each page, so what cannot change while the process runs is read once: the files
of the package and the list of licences, which CKAN reads at startup.
"""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from flask_babel import force_locale

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.model.license import License

from ckanext.dcat.utils import catalog_uri

from ckanext.nd47.dcat.rdf import mapping, targets, terms
from ckanext.nd47.lib import config
from ckanext.nd47.lib.data import content_hash
from ckanext.nd47.lib.vocabularies import vocabulary

LAYOUT = 4
"""Version of the stored form; a new version makes all rows stale."""

_WITHOUT_EFFECT = frozenset(
    {
        config.ABBREVIATIONS,
        config.SYNONYMS,
        config.AGENCY_CODE,
        config.DCAT_DUMP_MINUTES,
        config.DCAT_TYPES,
        config.RULES,
        config.RULES_FOR_ALL_FROM,
        config.RULES_FROM,
    }
)
"""Options that do not affect the export; any other, also a new one, does."""

_OF_OTHER_PACKAGES = tuple(
    f"ckanext.nd47.{beginning}"
    for beginning in (
        "approval",
        "catalogue_",
        "compiling_",
        "map_",
        "plan_",
        "portal_",
        "public_plans",
        "public_reports",
        "quality_",
        "reminder_",
        "report_",
        "usage_",
    )
)
"""Beginnings of options that only packages read which the export does not import: a notice on the
home page must not make all datasets stale."""

_OTHERS = (config.DATASET_SCHEMAS, "ckanext.dcat.rdf.profiles")


def current() -> str:
    """Return the fingerprint of the portal as it is set up now."""
    # Looking up each option in the declarations would need most of the time.
    options = tk.config.copy()
    return _hashed(
        catalog_uri(),
        config.base_iri(),
        config.site_base(),
        tuple(str(options.get(name)) for name in _options()),
        _target(targets.current()),
        _licences(tuple(model.Package.get_license_register().licenses)),
        tuple(content_hash(path) for path in _own_files()),
    )


@cache
def _options() -> tuple[str, ...]:
    own = (
        name
        for name in config.declared_names()
        if name not in _WITHOUT_EFFECT and not name.startswith(_OF_OTHER_PACKAGES)
    )
    return (*own, *_OTHERS)


def _own_files() -> list[Path]:
    """Return the files of the portal that the export depends on: code lists, terms of use."""
    folder = config.terms_folder()
    return [*vocabulary.own_files(), *(sorted(folder.glob("*.yaml")) if folder else ())]


@lru_cache(maxsize=8)
def _hashed(*parts: object) -> str:
    digest = hashlib.sha256()
    for part in (*_software(), *parts):
        digest.update(repr(part).encode())
    return digest.hexdigest()[:16]


@cache
def _software() -> tuple[object, ...]:
    lists = tuple(content_hash(path) for path in vocabulary.standard_files())
    releases = ("ckanext-nd47", "ckanext-dcat", "rdflib", "pyoxigraph")
    prefixes = sorted(terms.PREFIXES.items())
    rows = (*mapping.ROWS, *mapping.MARKS)
    return (LAYOUT, *map(version, releases), rows, prefixes, lists)


@lru_cache(maxsize=8)
def _licences(register: tuple[License, ...]) -> tuple[tuple[str, str, str], ...]:
    """Return the entries of the licence register, independent of the user's language."""
    with force_locale("en"):
        return tuple(
            (licence.id, str(getattr(licence, "title", "")), str(getattr(licence, "url", "")))
            for licence in register
        )


@lru_cache(maxsize=8)
def _target(target: targets.Target) -> str:
    return repr(target)
