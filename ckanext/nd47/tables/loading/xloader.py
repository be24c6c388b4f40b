"""The interface of ckanext-xloader, or a stand-in where it is not installed."""

from __future__ import annotations

import importlib.util

import ckan.plugins as p

if importlib.util.find_spec("ckanext.xloader"):
    from ckanext.xloader.interfaces import IXloader
else:

    class IXloader(p.Interface):
        """Nobody asks for it."""


__all__ = ["IXloader"]
