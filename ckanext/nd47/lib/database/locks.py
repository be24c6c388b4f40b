"""Locks of PostgreSQL that a process holds over many transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ckan import model


@contextmanager
def exclusive(name: str) -> Iterator[bool]:
    """Prevent other processes from doing the same; the lock ends with the process.

    A connection of its own holds the lock, without a transaction.

    Args:
        name: what is locked, such as `nd47:migrate`.

    Yields:
        Whether the lock was free. Otherwise another process has it, and nothing is locked.
    """
    engine: Any = model.meta.engine
    key = {"lock": name}
    with engine.connect() as connection:
        acquired = connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtext(:lock))"), key)
        connection.commit()
        try:
            yield bool(acquired)
        finally:
            if acquired:
                connection.execute(sa.text("SELECT pg_advisory_unlock(hashtext(:lock))"), key)
                connection.commit()
