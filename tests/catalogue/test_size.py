"""Ten catalogues of a thousand items: how long the pages take."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests.helpers import CKANTestApp

from tests.catalogue.conftest import DECISION, dataset, drafted, with_item
from tests.desk.conftest import World
from tests.support.databases import empty_catalogues

log = logging.getLogger(__name__)

pytestmark = pytest.mark.benchmark

CATALOGUES, ITEMS = 10, 100
LIMIT = 0.3
"""Seconds of the processor for a page: those of the clock depend on what else the machine does."""

PAGES = (
    "/catalogues",
    "/catalogues/{name}",
    "/catalogues/{name}?status=late",
    "/catalogues/planned.ttl",
    "/work/catalogues",
    "/work/catalogues/{name}",
    "/work/catalogues/{name}/compare",
    "/work/catalogues/{name}/matching",
    "/work/catalogues/gaps",
    "/work/catalogues/gaps?view=unlisted",
)

COPY = """
    INSERT INTO nd47_catalogue_line (id, series_id)
    SELECT 'line-' || :name || number, series_id FROM nd47_catalogue,
        generate_series(2, :items) number WHERE id = :id;
    INSERT INTO nd47_catalogue_item (id, catalogue_id, line_id, name, position, code, provider_id,
        planned, folded)
    SELECT 'item-' || :name || number, catalogue_id, 'line-' || :name || number,
        name || ' ' || number, number, 'M.' || number, provider_id,
        DATE '2026-06-01' + number, folded
    FROM nd47_catalogue_item, generate_series(2, :items) number WHERE catalogue_id = :id
"""


@pytest.fixture(scope="module")
def large(world: World) -> Iterator[str]:
    """The name of one of ten issued catalogues with a thousand items together."""
    made: Any = None
    for number in range(CATALOGUES):
        draft = drafted(world, title=f"Danh mục số {number}")
        item = with_item(world, draft, ("own", "foreign")[number % 2])
        values = {"id": draft["id"], "name": f"{number}-", "items": ITEMS}
        for statement in COPY.split(";"):
            model.Session.execute(sa.text(statement), values)
        model.Session.commit()
        linked = dataset(world)
        world.call("compiler", "nd47_catalogue_link", id=item["id"], datasets=[linked["id"]])
        world.call("compiler", "nd47_catalogue_propose", id=draft["id"])
        made = world.call("leader", "nd47_catalogue_issue", id=draft["id"], **DECISION)
    edition = world.call("compiler", "nd47_catalogue_new_edition", id=made["id"])
    world.call("compiler", "nd47_catalogue_propose", id=edition["id"])
    world.call("leader", "nd47_catalogue_issue", id=edition["id"], **DECISION)
    yield edition["name"]
    empty_catalogues()


@pytest.fixture(autouse=True)
def no_catalogues() -> None:
    """The catalogues stay for the other tests of the module."""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_less_than_three_tenths_of_a_second(
    app: CKANTestApp, world: World, large: str, page: str
):
    headers = world.headers("compiler")
    address = page.format(name=large)
    taken = []
    for _ in range(4):
        started = time.process_time()
        app.get(address, headers=headers, status=200)
        taken.append(time.process_time() - started)
    log.warning("%s: %.0f ms", address, min(taken) * 1000)
    assert min(taken) < LIMIT
