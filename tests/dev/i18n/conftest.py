"""The tests of the tools for translators use the catalogues of the tests of `l10n`."""

from __future__ import annotations

from tests.l10n.conftest import catalogues  # noqa: F401 - a fixture
