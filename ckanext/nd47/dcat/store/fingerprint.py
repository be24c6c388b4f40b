"""What goes into every exported dataset beside the dataset itself, as one hash.

A row whose fingerprint is another one was written under other settings, vocabularies, licences or
another release, and is to be written again. Agencies and focal points are not in it: they have rows
of their own.

It is asked for with each page, so what cannot change while the process runs is read once: the files
of the package and the list of licences, which CKAN reads at its start.
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
from ckanext.nd47.lib import config, vocabulary

LAYOUT = 4
"""Number of the form in which rows are kept; a change of it makes all rows stale."""

_WITHOUT_EFFECT = frozenset(
    {
        config.ABBREVIATIONS,
        config.AGENCY_CODE,
        config.DCAT_DUMP_MINUTES,
        config.DCAT_TYPES,
        config.RULES,
        config.RULES_FOR_ALL_FROM,
        config.RULES_FROM,
    }
)
"""Options of this suite that change nothing in the export; any other does, new ones too."""

_OTHERS = (config.DATASET_SCHEMAS, "ckanext.dcat.rdf.profiles")


def current() -> str:
    """Return the fingerprint of the portal as it is set up now."""
    # To look each option up in the declarations would take most of the time.
    options = tk.config.copy()
    return _hashed(
        catalog_uri(),
        config.base_iri(),
        config.site_base(),
        tuple(str(options.get(name)) for name in _options()),
        _target(targets.current()),
        _licences(tuple(model.Package.get_license_register().licenses)),
        tuple(_content(path, *_version(path)) for path in _own_files()),
    )


@cache
def _options() -> tuple[str, ...]:
    own = (name for name in config.declared_names() if name not in _WITHOUT_EFFECT)
    return (*own, *_OTHERS)


def _own_files() -> list[Path]:
    """Return the files of the portal that the export is made from: code lists, terms of use."""
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
    lists = tuple(_content(path, *_version(path)) for path in vocabulary.standard_files())
    releases = ("ckanext-nd47", "ckanext-dcat", "rdflib", "pyoxigraph")
    prefixes = sorted(terms.PREFIXES.items())
    return (LAYOUT, *map(version, releases), mapping.ROWS, prefixes, lists)


@lru_cache(maxsize=8)
def _licences(register: tuple[License, ...]) -> tuple[tuple[str, str, str], ...]:
    """Return what the register says of each licence, in one language whoever asks."""
    with force_locale("en"):
        return tuple(
            (licence.id, str(getattr(licence, "title", "")), str(getattr(licence, "url", "")))
            for licence in register
        )


@lru_cache(maxsize=8)
def _target(target: targets.Target) -> str:
    return repr(target)


def _version(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=256)
def _content(path: Path, _modified: int, _size: int) -> str:
    """Return the hash of a vocabulary file: equal on every node, whenever it was installed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
