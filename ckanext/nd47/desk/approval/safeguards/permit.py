"""Which datasets may change their visibility now, because the approval itself saves them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_permitted: ContextVar[frozenset[str]] = ContextVar("nd47_approval", default=frozenset())


@contextmanager
def permitted(dataset_id: str) -> Iterator[None]:
    """Let the approval itself save a dataset inside."""
    token = _permitted.set(_permitted.get() | {dataset_id})
    try:
        yield
    finally:
        _permitted.reset(token)


def is_permitted(dataset_id: str) -> bool:
    """Return whether the approval itself is saving this dataset."""
    return dataset_id in _permitted.get()
