"""Whether the portal has the tables of the register."""

from __future__ import annotations

import logging

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

log = logging.getLogger(__name__)

COMMAND = "ckan db upgrade -p nd47"
FIRST = "nd47_history"
"""Table of the first migration, which moves agencies out of the organisations."""

LAST = "nd47_document"
"""Table of the newest migration."""

_there: set[str] = set()
_warned: set[str] = set()


def ready() -> bool:
    """Say whether agencies are in the register; until they are, organisations keep their extras."""
    return _has(FIRST)


def complete() -> bool:
    """Say whether all tables are there; until they are, the register is neither shown nor kept."""
    return _has(FIRST) and _has(LAST)


def need() -> None:
    """Stop an action that tables are missing for.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing.
    """
    if not complete():
        raise tk.ValidationError({"message": [missing()]})


def missing() -> str:
    """Say what to run where tables are missing."""
    return tk._("The agency register has no tables yet. Run: {command}").format(command=COMMAND)


def forget() -> None:
    """Look again at the next question, after a downgrade in the same process."""
    _there.clear()
    _warned.clear()


def _has(table: str) -> bool:
    # Remembered once it is there: nobody takes tables away from under a running portal.
    if table not in _there:
        if model.Session.scalar(sa.select(sa.func.to_regclass(table))) is not None:
            _there.add(table)
        elif table not in _warned:
            _warned.add(table)
            log.warning("The agency register has no table %s yet: run `%s`", table, COMMAND)
    return table in _there
