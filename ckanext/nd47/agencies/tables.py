"""Whether the portal has the tables of the register."""

from __future__ import annotations

import logging

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

log = logging.getLogger(__name__)

COMMAND = "ckan db upgrade -p nd47"

_seen = {"tables": False, "warned": False}


def ready() -> bool:
    """Say whether the tables are there; until they are, organisations keep their extras.

    Remembered once they are: nobody takes tables away from under a running portal.
    """
    if not _seen["tables"]:
        found = model.Session.execute(sa.select(sa.func.to_regclass("nd47_history"))).scalar()
        _seen["tables"] = found is not None
        if not _seen["tables"] and not _seen["warned"]:
            _seen["warned"] = True
            log.warning("The agency register has no tables yet: run `%s`", COMMAND)
    return _seen["tables"]


def need() -> None:
    """Stop an action that the tables are missing for.

    Raises:
        ckan.plugins.toolkit.ValidationError: they are missing.
    """
    if not ready():
        message = tk._("The agency register has no tables yet. Run: {command}").format(
            command=COMMAND
        )
        raise tk.ValidationError({"message": [message]})


def forget() -> None:
    """Look again at the next question, after a downgrade in the same process."""
    _seen.update(tables=False, warned=False)
