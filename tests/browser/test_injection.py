"""In a browser too no text becomes an element or a script, for any account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from tests.browser.conftest import HTTP_OK, Site
from tests.support import injected_records, injection
from tests.support.injection import Poisoned

pytestmark = pytest.mark.browser

FOUND = f"""() => ({{
    elements: [...document.querySelectorAll('[{injection.ATTRIBUTE}]')].map(
        one => one.getAttribute('{injection.ATTRIBUTE}')),
    ran: Boolean(window.injected),
}})"""


class RefusedError(Exception):
    """CKAN did not take a value."""

    def __init__(self, error_dict: dict[str, Any]) -> None:
        """Note which.

        Args:
            error_dict: messages by field.
        """
        super().__init__(str(error_dict))
        self.error_dict = error_dict


def call(site: Site, name: str, /, **data: Any) -> Any:
    """Call an action as a system administrator."""
    files = {key: value for key, value in data.items() if hasattr(value, "read")}
    values = {key: value for key, value in data.items() if key not in files}
    reply = requests.post(
        f"{site.url}/api/3/action/{name}",
        json=None if files else data,
        data=values if files else None,
        files=files or None,
        headers={"Authorization": site.portal.sysadmin["token"]},
        timeout=120,
    )
    if reply.status_code != HTTP_OK:
        raise RefusedError(reply.json()["error"])
    return reply.json()["result"]


@pytest.fixture(scope="module")
def poisoned(classic: Site) -> Iterator[Poisoned]:
    """Records with markup in every text that is accepted."""
    action = partial(call, classic)
    found = injected_records.poison(action, RefusedError)
    found.views = injection.Columns().make(action, found.resource)
    yield found
    call(classic, "dataset_purge", id=found.dataset)
    call(classic, "nd47_focal_point_delete", id=found.officer)
    call(classic, "organization_purge", id=found.agency)
    call(classic, "group_purge", id=found.group)
    call(classic, "user_delete", id=found.user)


@pytest.mark.parametrize("role", ["", "sysadmin"])
def test_no_text_becomes_an_element(
    classic: Site, open_page: Callable[..., Page], poisoned: Poisoned, role: str
) -> None:
    page = open_page(classic, role)
    faults = {}
    for address in injection.addresses(poisoned):
        page.goto(f"/vi{address}", wait_until="load")
        found = page.evaluate(FOUND)
        if found["elements"] or found["ran"]:
            faults[address] = found
    assert not faults
