"""Portals in processes of their own, which run one round of requests at a time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any


@contextmanager
def started(serve: Callable[[Connection, str], None], name: str) -> Iterator[Callable[[], Any]]:
    """Start a portal; yield a function that runs a round and returns what was measured.

    Args:
        serve: runs in the process: sends one message when the portal is ready, then a result for
            each `True` that it receives, and ends with `False`.
        name: of the portal, for `serve`.
    """
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    process = spawning.Process(target=serve, args=(there, name), daemon=True)
    process.start()
    there.close()
    try:
        here.recv()

        def ask() -> Any:
            here.send(True)
            return here.recv()

        yield ask
    finally:
        with suppress(BrokenPipeError):
            here.send(False)
        process.join(timeout=60)
