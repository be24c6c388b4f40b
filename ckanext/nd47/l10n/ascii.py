"""CKAN's way to ASCII, replaced by one that knows Vietnamese.

Whatever makes a name in CKAN and its extensions (names of datasets on harvesting, tags that are
cleaned, names of uploaded files) goes through one function of `ckan.lib.munge`, and CKAN has no
hook for it. A name that was given once is ASCII, and ASCII stays what it is.
"""

from __future__ import annotations

import functools

import ckan.plugins as p
from ckan.lib import munge

from ckanext.nd47.l10n import names

PLUGIN = "nd47_l10n"


def install() -> None:
    """Let CKAN make names of Vietnamese texts, as long as the plugin is loaded."""
    stock = munge.substitute_ascii_equivalents
    if hasattr(stock, "__wrapped__"):
        return

    @functools.wraps(stock)
    def substitute(text_unicode: str) -> str:
        return (names.to_ascii if p.plugin_loaded(PLUGIN) else stock)(text_unicode)

    munge.substitute_ascii_equivalents = substitute
