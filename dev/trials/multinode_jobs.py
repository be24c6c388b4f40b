"""The job that `make multinode` has the workers do: it notes that it ran, and when it ended."""

from __future__ import annotations

import os
import time

from ckan.lib.redis import connect_to_redis

BEGUN = "nd47:multinode:begun"
ENDED = "nd47:multinode:ended"
SECONDS = 0.5
"""How long a job takes, so that some are cut off in the middle."""


def note(number: int) -> None:
    """Note the number of a job in Redis, at its beginning and at its end."""
    redis = connect_to_redis()
    redis.rpush(BEGUN, f"{number} {os.getppid()}")
    time.sleep(SECONDS)
    redis.rpush(ENDED, f"{number} {os.getppid()}")
