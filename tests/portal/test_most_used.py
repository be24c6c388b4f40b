"""The datasets that are used most, on a portal that counts visits."""

from __future__ import annotations

from typing import Any

from tests.portal.conftest import PLUGINS
from tests.support.fixtures import portal_and_app

COUNTING = f"{PLUGINS} tracking"


portal, app = portal_and_app(COUNTING)


def test_are_on_the_home_page(browse: Any, create: Any):
    shown, hidden = create(title="Được xem"), create(title="Chưa công khai", private=True)
    section = browse("/vi/").select_one("[aria-labelledby=nd47-most-used]")
    assert section.select(f'a[href$="/{shown["name"]}"]')
    assert not section.select(f'a[href$="/{hidden["name"]}"]')
