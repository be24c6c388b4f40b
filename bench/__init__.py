"""Benchmarks, run by `make bench`, and the empty portal that they measure on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Before CKAN, which puts its own folder `tests` into the path.
import tests  # noqa: F401

# isort: split
from ckan import model
from ckan.cli import load_config
from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
from ckan.config.middleware import make_app
from ckan.lib.search import clear_all
from ckan.tests.helpers import reset_db

CONFIGURATION = Path(__file__).parents[1] / "test.ini"


def empty_portal(
    options: Mapping[str, Any] | None = None, migrations: tuple[str, ...] = ("nd47",)
) -> Any:
    """Return the application, on a database without rows, an empty index, and the suite's tables.

    Args:
        options: what differs from `test.ini`.
        migrations: plugins whose tables are made.
    """
    config = load_config(str(CONFIGURATION))
    config.update(options or {})
    app = make_app(config)
    reset_db()
    clear_all()
    model.Session.remove()
    for plugin in migrations:
        _run_migrations(plugin)
    return app
