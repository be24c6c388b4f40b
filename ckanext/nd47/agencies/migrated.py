"""Whether the database has the tables of the register."""

from __future__ import annotations

import logging

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

log = logging.getLogger(__name__)

COMMAND = "ckan db upgrade -p nd47"
FIRST = "nd47_history"
"""Table of the first migration, which reads agencies from the extras of organisations."""

LAST = "nd47_document"
"""Table of the newest migration of the register."""

_existing: set[str] = set()
_warned: set[str] = set()


def ready() -> bool:
    """Return whether agencies are in the register, and not only in extras of organisations."""
    return _exists(FIRST)


def complete() -> bool:
    """Return whether all tables exist; without them the register is not available."""
    return _exists(FIRST) and _exists(LAST)


def require() -> None:
    """Stop an action that needs the tables.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing.
    """
    if not complete():
        raise tk.ValidationError({"message": [message()]})


def message() -> str:
    """Return what to run where tables are missing."""
    return tk._("The agency register has no tables yet. Run: {command}").format(command=COMMAND)


def reset() -> None:
    """Check the database again, after a downgrade in the same process."""
    _existing.clear()
    _warned.clear()


def _exists(table: str) -> bool:
    # Remembered once it exists: tables are not dropped while a portal runs.
    if table not in _existing:
        if model.Session.scalar(sa.select(sa.func.to_regclass(table))) is not None:
            _existing.add(table)
        elif table not in _warned:
            _warned.add(table)
            log.warning("The agency register has no table %s yet: run `%s`", table, COMMAND)
    return table in _existing
