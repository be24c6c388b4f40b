"""Whether the database has the tables of the register."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.nd47.lib.database.migrated_table import MigratedTable

TABLE = "nd47_agency"
"""One of the tables; a single migration creates all of them."""

_table = MigratedTable(
    TABLE,
    lambda: tk._("The agency register has no tables yet. Run: {command}"),
    "The agency register has no tables yet",
)
ready, require, message, reset = _table.ready, _table.require, _table.message, _table.reset
"""Whether the tables exist; without them the register is not available."""
