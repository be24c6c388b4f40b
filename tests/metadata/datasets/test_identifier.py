"""Identifiers are found by an index, however many datasets there are."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from ckan import model

from ckanext.nd47.metadata.logic import identifier

pytestmark = pytest.mark.usefixtures("portal", "without_rules")
INDEX = "ix_nd47_package_identifier"


def plans(work: Any) -> list[str]:
    """How PostgreSQL would run the statements about identifiers of some work."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        sent.append((statement, values))

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)
    session = model.Session
    session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    cursor: Any = session.connection().connection.cursor()
    found: list[str] = []
    for statement, values in sent:
        if "->>" in statement:
            cursor.execute(f"EXPLAIN {statement}", values)
            found.append("\n".join(row[0] for row in cursor.fetchall()))
    session.rollback()
    return found


def test_next_number_is_found_by_the_index(department):
    found = plans(lambda: identifier.assign(department["id"]))
    assert len(found) == 2, "the highest number, and whether the next is free"
    assert all(INDEX in plan for plan in found)


def test_identifier_that_is_taken_is_found_by_the_index(create):
    made = create()
    (plan,) = plans(lambda: identifier.is_taken(made["identifier"], None))
    assert INDEX in plan


def stored(create: Any, value: str) -> None:
    """Make a dataset with an identifier that another schema may allow."""
    package: Any = model.Package.get(create()["id"])
    package.extras = {**package.extras, "identifier": value}
    model.Session.commit()


def test_identifiers_that_differ_at_their_end_are_two(create):
    start = "x" * 150
    stored(create, f"{start}1")
    assert identifier.is_taken(f"{start}1", None)
    assert not identifier.is_taken(f"{start}2", None)


def test_text_too_long_for_an_index_is_stored(create):
    long = "".join(map(chr, range(200, 9_000)))
    stored(create, long)
    assert identifier.is_taken(long, None)
