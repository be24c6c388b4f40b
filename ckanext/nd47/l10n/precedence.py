"""Which catalogue wins when several translate the same message."""

from __future__ import annotations

from flask import Flask
from flask_babel import get_babel

from ckanext.nd47.lib.catalogues import SOURCES


def lay_sources_first(app: Flask) -> None:
    """Move the catalogues that this suite corrects below all others.

    Flask-Babel lays the catalogues over each other in the order of its two lists; CKAN fills them
    with its own first and then the plugins' in reverse of `ckan.plugins`. An extension named
    before `nd47_l10n` would thus hide our correction of its messages. The catalogues of all other
    plugins, a portal's theme for example, keep CKAN's order and can still override ours.
    """
    babel = get_babel(app)
    pairs = list(zip(babel.default_domain.split(";"), babel.translation_directories, strict=True))
    # sorted() is stable: within the two groups CKAN's order stays.
    pairs.sort(key=lambda pair: pair[0] not in SOURCES)
    babel.default_domain = ";".join(domain for domain, _ in pairs)
    babel.translation_directories = [directory for _, directory in pairs]
