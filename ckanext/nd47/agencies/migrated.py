"""Whether the database has the tables of the register."""

from __future__ import annotations

import logging

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

log = logging.getLogger(__name__)

COMMAND = "ckan db upgrade -p nd47"
TABLE = "nd47_agency"
"""One of the tables; a single migration creates all of them."""

_state: dict[str, bool] = {}
"""Whether the table exists, once it has been looked up."""


def ready() -> bool:
    """Return whether the tables exist; without them the register is not available."""
    # Cached once it exists: tables are not dropped while a portal runs.
    if not _state.get(TABLE):
        exists = model.Session.scalar(sa.select(sa.func.to_regclass(TABLE))) is not None
        if not exists and TABLE not in _state:
            log.warning("The agency register has no tables yet: run `%s`", COMMAND)
        _state[TABLE] = exists
    return _state[TABLE]


def require() -> None:
    """Stop an action that needs the tables.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing.
    """
    if not ready():
        raise tk.ValidationError({"message": [message()]})


def message() -> str:
    """Return the command to run if tables are missing."""
    return tk._("The agency register has no tables yet. Run: {command}").format(command=COMMAND)


def reset() -> None:
    """Check the database again, after a downgrade in the same process."""
    _state.clear()
