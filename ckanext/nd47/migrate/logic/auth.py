"""Who may bring datasets in: system administrators alone, whom CKAN asks no further."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = [
    "nd47_migrate_apply",
    "nd47_migrate_look",
    "nd47_migrate_map",
    "nd47_migrate_rehearse",
    "nd47_migrate_report",
    "nd47_migrate_status",
    "nd47_migrate_undo",
]


def _sysadmins_alone(context: Context, data_dict: DataDict) -> AuthResult:
    """Nobody else."""
    return {"success": False, "msg": tk._("Need to be system administrator to administer")}


nd47_migrate_apply = nd47_migrate_look = nd47_migrate_map = _sysadmins_alone
nd47_migrate_rehearse = nd47_migrate_report = nd47_migrate_status = _sysadmins_alone
nd47_migrate_undo = _sysadmins_alone
