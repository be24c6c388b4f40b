"""Whether a table of the suite exists yet: the plugin may be on before its migration has run."""

from __future__ import annotations

import logging
from collections.abc import Callable

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

log = logging.getLogger(__name__)

COMMAND = "ckan db upgrade -p nd47"


class MigratedTable:
    """A table that a migration of the suite makes.

    It is looked up until it exists, and not again: tables are not dropped while a portal runs.
    """

    def __init__(self, name: str, message: Callable[[], str], warning: str = "") -> None:
        """Describe a table.

        Args:
            name: its name.
            message: returns, in the language of the request, what is missing and `{command}`.
            warning: what is missing, for the log, once; empty for none.
        """
        self._name = name
        self._message = message
        self._warning = warning
        self._exists: bool | None = None

    def ready(self) -> bool:
        """Return whether the table exists."""
        if not self._exists:
            exists = model.Session.scalar(sa.select(sa.func.to_regclass(self._name))) is not None
            if not exists and self._exists is None and self._warning:
                log.warning("%s: run `%s`", self._warning, COMMAND)
            self._exists = exists
        return self._exists

    def require(self) -> None:
        """Stop an action that needs the table.

        Raises:
            ckan.plugins.toolkit.ValidationError: it is missing.
        """
        if not self.ready():
            raise tk.ValidationError({"message": [self.message()]})

    def message(self) -> str:
        """Return the command to run if the table is missing."""
        return self._message().format(command=COMMAND)

    def reset(self) -> None:
        """Look again, after a downgrade in the same process."""
        self._exists = None
