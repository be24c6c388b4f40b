"""What is done once in a period on a portal, whichever process comes first; Redis knows."""

from __future__ import annotations

from datetime import timedelta

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis


def is_first(name: str, period: timedelta) -> bool:
    """Return whether nobody has called this in the last period, with this name, on this portal.

    Args:
        name: the room and what is done there, such as `dcat:refresh`.
        period: how long others are not the first.

    Raises:
        redis.exceptions.RedisError: Redis does not answer.
    """
    return bool(connect_to_redis().set(_key(name), "1", nx=True, ex=period))


def reset(name: str) -> None:
    """Let the next caller be the first.

    Raises:
        redis.exceptions.RedisError: Redis does not answer.
    """
    connect_to_redis().delete(_key(name))


def _key(name: str) -> str:
    return f"ckan:{tk.config['ckan.site_id']}:nd47:{name}"
