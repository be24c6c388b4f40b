"""A catalogue, a plan, a change, a check of a file that is broken spoils nothing but itself.

Broken is what no form or action lets through, and what is found nevertheless in a database that
other software, an older version or a careless migration has written to;
`tests/suite/test_broken_rows.py` breaks datasets and agencies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import CKANTestApp

from tests.suite.test_hostile_rooms import PLUGINS, headers_of, options, poisoned, visited
from tests.suite.test_hostile_routes import FAILURE
from tests.support import injection
from tests.support.injection import Poisoned
from tests.support.loaded import client

__all__ = ["options"]

pytestmark = pytest.mark.slow

SHAPES: dict[str, dict[str, str]] = {
    "other shapes": {
        "text": "'[{'",
        "json": "'[1]'",
        "date": "'0001-01-01'",
        "timestamp": "'0001-01-01'",
        "integer": "-1",
        "ARRAY": "'{}'",
    },
    "nothing": {
        "text": "''",
        "json": "'null'",
        "date": "NULL",
        "timestamp": "'9999-12-31'",
        "integer": "2147483647",
        "ARRAY": "'{x}'",
    },
}
"""Literals by the beginning of the type of a column."""

NOT_SPOILED = frozenset({"id", "name", "state"})
"""Columns that lead to a record, as those of keys do."""


def _tables() -> list[str]:
    names = sa.inspect(model.Session.get_bind()).get_table_names()
    return [name for name in names if name.startswith("nd47_")]


def _rows() -> dict[str, list[str]]:
    """Return what the tables of the suite hold, by a sum of each row."""
    return {
        table: [*model.Session.scalars(sa.text(f"SELECT md5(one::text) FROM {table} one"))]  # noqa: S608
        for table in _tables()
    }


def _columns(table: str) -> dict[str, str]:
    """Return the types of the columns of a table that are no keys."""
    inspector = sa.inspect(model.Session.get_bind())
    keys = {*inspector.get_pk_constraint(table)["constrained_columns"], *NOT_SPOILED}
    for key in inspector.get_foreign_keys(table):
        keys |= set(key["constrained_columns"])
    columns = sa.text(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :table"
    )
    found = model.Session.execute(columns, {"table": table})
    return {row[0]: row[1] for row in found if row[0] not in keys and not row[0].endswith("_id")}


def _spoil(table: str, sound: list[str], shape: dict[str, str]) -> int:
    """Spoil the columns of the other rows, as far as constraints let; return how many are."""
    spoiled = 0
    model.Session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    for column, kind in _columns(table).items():
        literal = next((one for start, one in shape.items() if kind.startswith(start)), None)
        if literal is None:
            continue
        statement = sa.text(
            f'UPDATE {table} one SET "{column}" = {literal}'  # noqa: S608
            " WHERE NOT md5(one::text) = ANY(:sound)"
        )
        with suppress(DBAPIError), model.Session.begin_nested():
            result: Any = model.Session.execute(statement, {"sound": sound})
            spoiled += result.rowcount
    model.Session.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    return spoiled


@pytest.fixture(scope="module", params=SHAPES)
def portal(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Sound records in all rooms, beside others that are broken."""
    with poisoned() as (made, again, more):
        sound = _rows()
        again()
        spoiled = {one: _spoil(one, sound[one], SHAPES[request.param]) for one in _tables()}
        assert sum(map(bool, spoiled.values())) > 20
        model.Session.commit()
        model.Session.expunge_all()
        yield {**more, "made": made, "options": dict(tk.config)}


@pytest.fixture(scope="module")
def app(portal: dict[str, Any]) -> CKANTestApp:
    return client(PLUGINS)


@pytest.mark.parametrize("who", ["visitor", "sysadmin"])
def test_the_sound_is_shown_on(app: CKANTestApp, portal: dict[str, Any], who: str) -> None:
    made: Poisoned = portal["made"]
    failed: dict[str, str] = {}
    for address in visited(made):
        headers = headers_of(portal) if who == "sysadmin" else {}
        try:
            status = app.get(f"/vi{address}", headers=headers, follow_redirects=False).status_code
        except Exception as error:  # noqa: BLE001 - the tests' client lets it through
            model.Session.rollback()
            failed[address] = repr(error)[:300]
        else:
            if status >= FAILURE:
                failed[address] = str(status)
    assert not failed, "\n".join(f"{one}: {why}" for one, why in failed.items())


def test_the_pages_of_all_rooms_are_visited(portal: dict[str, Any]) -> None:
    starts = {address.split("/")[1] for address in injection.addresses(portal["made"])}
    assert {"work", "plans", "catalogues", "dataset", "reports", "ckan-admin"} <= starts
