"""The interface of ckanext-xloader, or a stand-in where it is not installed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import ckan.plugins as p


class _Nobodys(p.Interface):
    """Stands for the interface of an extension that is not installed."""


def _interface() -> Any:
    if importlib.util.find_spec("ckanext.xloader"):
        return importlib.import_module("ckanext.xloader.interfaces").IXloader
    return _Nobodys


IXloader = _interface()
