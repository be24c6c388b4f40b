"""Whether the portal has the tables of the store."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from ckan import model

from ckanext.nd47.agencies import migrated as registry

log = logging.getLogger(__name__)

COMMAND = "ckan db upgrade -p nd47"

_seen = {"tables": False, "warned": False}


def ready() -> bool:
    """Say whether the tables are there; until they are, the export is made for each request.

    Remembered once they are: nobody takes tables away from under a running portal. A downgrade
    takes those of the register away after these, so their absence tells of it.
    """
    if not registry.ready():
        forget()
        return False
    if not _seen["tables"]:
        found = model.Session.execute(sa.select(sa.func.to_regclass("nd47_dcat_state"))).scalar()
        _seen["tables"] = found is not None
        if not _seen["tables"] and not _seen["warned"]:
            _seen["warned"] = True
            log.warning("The DCAT export has no tables yet: run `%s`", COMMAND)
    return _seen["tables"]


def forget() -> None:
    """Look again at the next question, after a downgrade in the same process."""
    _seen.update(tables=False, warned=False)
