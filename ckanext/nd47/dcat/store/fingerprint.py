"""What goes into every exported dataset beside the dataset itself, as one hash.

A row whose fingerprint is another one was written under other settings, vocabularies, licences or
another release, and is to be written anew. Agencies and focal points are not in it: they have rows
of their own.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.dcat.utils import catalog_uri

from ckanext.nd47 import config, vocabulary
from ckanext.nd47.dcat import mapping, targets, terms

LAYOUT = 1
"""Number of the form in which rows are kept; a change of it makes all rows stale."""

_OPTIONS = (
    config.DEFAULT_LANGUAGE,
    config.FIELD_SCHEME,
    config.LEGAL_EDITION,
    config.ATTRIBUTION_TEMPLATE,
    config.FOCAL_POINT_PUBLIC_FIELDS,
    config.VOCABULARY_FOLDER,
    config.DATASET_SCHEMAS,
    config.DCAT_TARGET,
    config.DCAT_PLACE,
    config.DCAT_EXTENT,
    config.DCAT_AVAILABILITY,
    config.DCAT_LICENCE,
    config.DEFAULT_LICENSE,
    "ckanext.dcat.rdf.profiles",
)


def current() -> str:
    """Return the fingerprint of the portal as it is set up now."""
    settings = tuple(str(tk.config.get(name)) for name in _OPTIONS)
    licences = tuple(
        (name, str(getattr(one, "title", "")), str(getattr(one, "url", "")))
        for name, one in model.Package.get_license_register().items()
    )
    target = repr(targets.current())
    lists = tuple(_content(path, *_version(path)) for path in vocabulary.files())
    return _hashed(
        catalog_uri(), config.base_iri(), config.site_base(), settings, target, licences, lists
    )


@lru_cache(maxsize=8)
def _hashed(*parts: object) -> str:
    made = hashlib.sha256()
    for part in (LAYOUT, *_releases(), mapping.ROWS, sorted(terms.PREFIXES.items()), *parts):
        made.update(repr(part).encode())
    return made.hexdigest()[:16]


def _releases() -> tuple[str, ...]:
    return tuple(version(name) for name in ("ckanext-nd47", "ckanext-dcat", "rdflib", "pyoxigraph"))


def _version(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=256)
def _content(path: Path, _modified: int, _size: int) -> str:
    """Return the hash of a vocabulary file: equal on every node, whenever it was installed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
