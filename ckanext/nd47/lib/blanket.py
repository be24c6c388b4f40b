"""Gathers what several rooms give CKAN under one interface.

CKAN's blanket decorators take one module each, and a second one of the same kind replaces the
first.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from ckanext.nd47.lib import inputs


def named(*modules: ModuleType) -> Callable[[], dict[str, Any]]:
    """Return a function that gives what the modules offer in `__all__`, by name."""

    def members() -> dict[str, Any]:
        return {name: getattr(module, name) for module in modules for name in module.__all__}

    return members


def actions(*modules: ModuleType) -> Callable[[], dict[str, Any]]:
    """Return a function that gives the actions of the modules, each with its input checked."""

    def members() -> dict[str, Any]:
        return {name: inputs.checked(name, one) for name, one in named(*modules)().items()}

    return members


def listed(*modules: ModuleType) -> Callable[[], list[Any]]:
    """Return a function that gives what the modules offer in `__all__`, as a list."""
    return lambda: list(named(*modules)().values())
