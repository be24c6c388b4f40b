"""A connection to Redis that sends commands and never waits for an answer.

Waiting for an answer takes little of the processor, but on a busy machine it waits for its turn
twice. So Redis is told to send none. What is under way when a connection breaks is lost.
"""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from typing import Any

import redis

PATIENCE = 0.1
"""Seconds that Redis may take to accept a connection, or bytes once its buffer is full."""


class OneWay:
    """Connections to one Redis, one for each thread."""

    def __init__(self, url: str) -> None:
        """Connect nothing yet.

        Args:
            url: the address of Redis.
        """
        self._pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            redis_connect_func=_connect,
        )
        self._of_thread = threading.local()

    def hincrby(self, key: str, field: str) -> None:
        """Add one to a number of a hash.

        Raises:
            redis.exceptions.RedisError: Redis is not there.
        """
        command = ("HINCRBY", key, field, 1)
        try:
            self._connection().send_command(*command, check_health=False)
        except redis.ConnectionError:
            # Redis was started again since; it may be there by now.
            self._connection().send_command(*command, check_health=False)

    def _connection(self) -> Any:
        process, connection = getattr(self._of_thread, "connection", (0, None))
        # A process that was copied from one with a connection needs its own.
        if connection is None or process != os.getpid():
            connection = self._pool.make_connection()
            self._of_thread.connection = (os.getpid(), connection)
        return connection


def _connect(connection: Any) -> None:
    """Log in, choose the database, and want no answers from then on."""
    connection.on_connect()
    connection.send_command("CLIENT", "REPLY", "OFF", check_health=False)


@lru_cache(maxsize=2)
def connected(url: str) -> OneWay:
    """Return the connections to the Redis at an address."""
    return OneWay(url)
