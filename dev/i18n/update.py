"""Keep the catalogues in step with the versions installed, and measure how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from ckanext.nd47.lib.language.catalogues import OWN_DOMAIN, read_catalogue, source_path
from dev.i18n.sources import Source, all_sources, messages_of

HEADER = """\
# Messages of {domain}: {language}.
# Copyright (C) 2026 the contributors of ckanext-nd47 and, for the source messages, of {domain}.
# This file is distributed under the licence of ckanext-nd47 (AGPL-3.0-or-later).
"""


@dataclass(frozen=True)
class Coverage:
    """How much of a source is translated.

    Attributes:
        domain: the source.
        total: messages of the version installed.
        missing: those without a translation.
    """

    domain: str
    total: int
    missing: tuple[str, ...]

    @property
    def covered(self) -> int:
        """Messages with a translation."""
        return self.total - len(self.missing)

    @property
    def complete(self) -> bool:
        """Whether it is complete."""
        return not self.missing


def installed_sources() -> list[Source]:
    """Return the sources that are on this machine."""
    return [source for source in all_sources() if source.installed]


def measure(folder: Path, locale: str, source: Source) -> Coverage:
    """Compare a catalogue with the messages of the source as installed."""
    path = source_path(folder, locale, source.domain)
    catalogue = read_catalogue(path, locale) if path.is_file() else Catalog(locale=locale)
    messages = [message for message in messages_of(source) if message.id]
    missing = [singular(message) for message in messages if not translation(catalogue, message)]
    return Coverage(source.domain, len(messages), tuple(missing))


def update(folder: Path, locale: str, source: Source) -> Catalog:
    """Add the source's new messages to its catalogue, untranslated, and drop those that left.

    The template of the suite's own messages is written too: CKAN's JavaScript builder reads it.
    """
    path = source_path(folder, locale, source.domain)
    template = messages_of(source)
    catalogue = read_catalogue(path, locale) if path.is_file() else Catalog(locale=locale)
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    write(path, catalogue, source.domain)
    if source.domain == OWN_DOMAIN:
        write(folder / f"{OWN_DOMAIN}.pot", template, source.domain)
    return catalogue


def write(path: Path, catalogue: Catalog, domain: str) -> None:
    """Write a catalogue so that an unchanged one gives the same bytes."""
    language = catalogue.locale_identifier or "template"
    catalogue.header_comment = HEADER.format(language=language, domain=domain)
    lines = [
        ("Project-Id-Version", domain),
        ("Language", catalogue.locale_identifier or ""),
        ("Plural-Forms", catalogue.plural_forms),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    ]
    head = "".join(f'"{key}: {value}\\n"\n' for key, value in lines)
    with path.open("wb") as stream:
        stream.write(f'{catalogue.header_comment}msgid ""\nmsgstr ""\n{head}\n'.encode())
        # Line numbers would change with every release and hide the real changes.
        write_po(stream, catalogue, width=100, omit_header=True, include_lineno=False)


def singular(message: Message) -> str:
    """Return the message id, the singular one where there are two."""
    return message.id if isinstance(message.id, str) else message.id[0]


def translation(catalogue: Catalog, message: Message) -> str:
    """Return the translation of a message, empty where there is none or a doubtful one."""
    translated = catalogue.get(message.id, message.context)
    if translated is None or translated.fuzzy or not translated.string:
        return ""
    if isinstance(translated.string, str):
        return translated.string
    return translated.string[0] if all(translated.string) else ""
