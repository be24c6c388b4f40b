"""The datasets that are used most, on a portal that counts visits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ckan.cli.db import _run_migrations  # pyright: ignore[reportPrivateUsage] # what `ckan db` runs
from ckan.tests.helpers import CKANTestApp

from tests.databases import empty_database
from tests.loaded import client, only
from tests.portal.conftest import PLUGINS

COUNTING = f"{PLUGINS} tracking"


@pytest.fixture(scope="module")
def portal() -> Iterator[None]:
    """The plugins with CKAN's own that counts visits."""
    with only(COUNTING):
        empty_database()
        _run_migrations("tracking")
        yield


@pytest.fixture(scope="module")
def app(portal: None) -> CKANTestApp:
    """A client of the portal."""
    return client(COUNTING)


def test_are_on_the_home_page(browse: Any, create: Any):
    shown, hidden = create(title="Được xem"), create(title="Chưa công khai", private=True)
    section = browse("/vi/").select_one("[aria-labelledby=nd47-most-used]")
    assert section.select(f'a[href$="/{shown["name"]}"]')
    assert not section.select(f'a[href$="/{hidden["name"]}"]')
