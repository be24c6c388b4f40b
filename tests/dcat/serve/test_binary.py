"""Values fetched by COPY are those that the statement selects, whatever is in them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ckan import model

from ckanext.nd47.dcat.serve import binary

pytestmark = pytest.mark.usefixtures("portal")

TEXTS = (
    "",
    "it's; DROP TABLE package; --",
    "100 %s %(a)s :b",
    "\\x00 \\",
    "Đất\nđai\t\r",
    "x" * 300_000,
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_value_comes_as_it_was_given(text: str) -> None:
    statement = sa.text("SELECT CAST(:value AS text), convert_to(:value, 'UTF8')")
    assert binary.rows(statement, {"value": text}) == [(text.encode(), text.encode())]


def test_bytes_come_untouched() -> None:
    statement = sa.text("SELECT decode(:hex, 'hex')")
    content = bytes(range(256))
    assert binary.rows(statement, {"hex": content.hex()}) == [(content,)]


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_there_are_as_many_rows_as_there_are(count: int) -> None:
    statement = sa.text(
        "SELECT CAST(one.n AS text) FROM generate_series(1, CAST(:count AS int)) AS one(n)"
        " ORDER BY one.n"
    )
    found = binary.rows(statement, {"count": count})
    assert found == [(str(number).encode(),) for number in range(1, count + 1)]


def test_what_the_transaction_has_done_is_seen() -> None:
    model.Session.execute(sa.text("CREATE TEMP TABLE tam (chu text) ON COMMIT DROP"))
    model.Session.execute(sa.text("INSERT INTO tam VALUES ('có')"))
    assert binary.rows(sa.text("SELECT chu FROM tam"), {}) == [("có".encode(),)]
    model.Session.rollback()


def test_a_wrong_statement_leaves_the_session_usable() -> None:
    with pytest.raises(Exception, match="no_such_table"):
        binary.rows(sa.text("SELECT chu FROM no_such_table"), {})
    model.Session.rollback()
    assert binary.rows(sa.text("SELECT CAST(1 AS text)"), {}) == [(b"1",)]
