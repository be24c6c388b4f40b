"""Translation catalogues: one for each source in the repository, one that CKAN loads.

Translators work on `i18n/<locale>/LC_MESSAGES/<source>.po`, one file for CKAN itself and for each
extension. CKAN, however, accepts one directory and one domain from a plugin, and its JavaScript
builder (`ckan.lib.i18n.build_js_translations`) uses only one domain for each directory and reads
the `.po` and `.pot` next to the `.mo`. So the sources are merged into one domain at each build.

This module imports nothing from CKAN: `setup.py` runs it on machines that have no CKAN.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

OWN_DOMAIN = "ckanext-nd47"
"""The suite's own messages."""

SOURCES = (
    "ckan",
    "ckanext-scheming",
    "ckanext-dcat",
    "ckanext-harvest",
    "ckanext-xloader",
    OWN_DOMAIN,
)
"""Domains of the sources; a later one takes precedence for the same message."""

MERGED_DOMAIN = "ckanext-nd47_l10n"
"""Domain that CKAN loads with the plugin `nd47_l10n`: all sources merged."""

_HEADER = "# Generated from the catalogues beside it: change those.\n"


def locales(folder: Path) -> list[str]:
    """Return the locales with catalogues in `folder`, for example `["vi"]`."""
    return sorted(path.parent.name for path in folder.glob("*/LC_MESSAGES"))


def source_path(folder: Path, locale: str, domain: str) -> Path:
    """Return the path of the catalogue of a source and locale."""
    return folder / locale / "LC_MESSAGES" / f"{domain}.po"


def read_catalogue(path: Path, locale: str) -> Catalog:
    """Read one `.po` file.

    Raises:
        babel.messages.pofile.PoFileError: the file is malformed.
    """
    with path.open("rb") as stream:
        return read_po(stream, locale=locale, abort_invalid=True)


def merge(folder: Path, locale: str) -> Catalog:
    """Return all sources of a locale as one catalogue.

    Messages without a translation are left out, so that they do not hide translations of another
    plugin or CKAN itself.
    """
    merged = Catalog(locale=locale, project=MERGED_DOMAIN, fuzzy=False, header_comment=_HEADER)
    for domain in SOURCES:
        path = source_path(folder, locale, domain)
        if not path.is_file():
            continue
        for message in read_catalogue(path, locale):
            if message.id and message.string and not message.fuzzy:
                merged.delete(message.id, message.context)
                merged[message.id] = message
    return merged


def template_of(catalogue: Catalog) -> Catalog:
    """Return the catalogue without translations (a `.pot`)."""
    template = Catalog(project=catalogue.project, fuzzy=False, header_comment=_HEADER)
    for message in catalogue:
        if message.id:
            template.add(
                message.id,
                locations=message.locations,
                flags=message.flags,
                context=message.context,
            )
    return template


def compile_catalogues(folder: Path) -> list[Path]:
    """Merge the sources and write an `.mo` file beside every `.po` file.

    Args:
        folder: the `i18n` folder, with one folder for each locale.

    Returns:
        The `.mo` files written.
    """
    written = []
    for locale in locales(folder):
        merged = merge(folder, locale)
        _write_po(folder / f"{MERGED_DOMAIN}.pot", template_of(merged))
        _write_po(source_path(folder, locale, MERGED_DOMAIN), merged)
        for source in sorted((folder / locale / "LC_MESSAGES").glob("*.po")):
            target = source.with_suffix(".mo")
            with target.open("wb") as stream:
                write_mo(stream, read_catalogue(source, locale))
            written.append(target)
    return written


def _write_po(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue as text, messages in a fixed order."""
    with path.open("wb") as stream:
        write_po(stream, catalogue, sort_output=True, width=100)
