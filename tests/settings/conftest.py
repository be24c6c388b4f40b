"""The tests of the settings use the portal of the tests of `metadata`."""

from __future__ import annotations

from tests.metadata.conftest import (  # noqa: F401 - fixtures
    app,
    browse,
    create,
    department,
    officer,
    portal,
    province,
    without_rules,
)
