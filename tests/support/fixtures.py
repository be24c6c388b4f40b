"""The fixtures `portal` and `app`, made for the plugins of a room or of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ckan.tests.helpers import CKANTestApp

from tests.support.databases import empty_database
from tests.support.loaded import client, only


def portal_and_app(plugins: str, prepare: Callable[[], object] | None = None) -> tuple[Any, Any]:
    """Return the fixtures `portal` and `app`, for the variables of these names.

    `portal` loads the plugins on an empty database and index, once for a module; `app` is a client
    of it. pytest has no public type of fixtures, hence Any.

    Args:
        plugins: names of the plugins, in their order.
        prepare: what else is done with the empty database.
    """

    def portal() -> Iterator[None]:
        """The plugins on an empty database and index, once for a module."""
        with only(plugins):
            empty_database()
            if prepare:
                prepare()
            yield

    def app(portal: None) -> CKANTestApp:
        """A client of the portal; CKAN's fixture loads all plugins again for every test."""
        return client(plugins)

    # The order of the modules depends on it.
    vars(portal)["plugins"] = plugins
    module_wide = pytest.fixture(scope="module")
    return module_wide(portal), module_wide(app)
