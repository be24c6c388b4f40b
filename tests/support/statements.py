"""SQL statements that a test counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from ckan import model


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL statements that are sent inside."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)
