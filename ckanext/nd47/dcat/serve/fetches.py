"""Who fetches the catalogue, and when last: counted in Redis, not in the database.

Of a request are kept the kind of file, the name of the program (`python-requests`, without its
version), whether the address is of this machine, an internal network or the Internet, how often
and when last. No address, no account and no other part of the request is stored. What a cache
before the portal answers is not counted.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
import re
from dataclasses import dataclass
from typing import Any

from flask import Request, Response
from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis

log = logging.getLogger(__name__)

CATALOGUE, CHANGES, DUMP = "catalogue", "changes", "dump"
ENDPOINTS = {
    "dcat.read_catalog": CATALOGUE,
    "nd47_dcat.catalogue": CATALOGUE,
    "nd47_dcat.changes": CHANGES,
    "nd47_dcat.dump_file": DUMP,
    "nd47_dcat.negotiated": CATALOGUE,
}
"""What is fetched, by endpoint."""

PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}")
BROWSER, OTHER = "browser", "other"
MOST = 200
"""Combinations that are counted at most; further programs are counted as others."""

LONG_AGO = 400
"""Days after the last request at all until everything is forgotten."""

DAY = 24 * 60 * 60
SUCCESS = frozenset({200, 304})


@dataclass(frozen=True)
class Fetches:
    """Requests of one kind.

    Attributes:
        what: `catalogue`, `changes` or `dump`.
        program: name of the program, `browser` or `other`.
        network: `machine`, `internal` or `internet`.
        count: number of requests.
        last: moment of the last one.
    """

    what: str
    program: str
    network: str
    count: int
    last: dt.datetime


def count(request: Request, response: Response) -> None:
    """Count a request that was answered; without Redis it is not counted."""
    what = ENDPOINTS.get(request.endpoint or "")
    if not what or response.status_code not in SUCCESS or request.method not in ("GET", "HEAD"):
        return
    field = f"{what}|{_program(request)}|{_network(request)}"
    now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    try:
        redis = connect_to_redis()
        look = redis.pipeline(transaction=False)
        look.hexists(_key("count"), field)
        look.hlen(_key("count"))
        known, size = look.execute()
        if not known and size >= MOST:
            field = f"{what}|{OTHER}|{_network(request)}"
        pipeline = redis.pipeline(transaction=False)
        pipeline.hincrby(_key("count"), field, 1)
        pipeline.hset(_key("last"), field, now)
        for name in ("count", "last"):
            pipeline.expire(_key(name), LONG_AGO * DAY)
        pipeline.execute()
    except RedisError:
        log.warning("A request for the catalogue was not counted: Redis does not answer")


def counted() -> list[Fetches]:
    """Return what was counted, the latest first; empty if Redis does not answer."""
    try:
        redis = connect_to_redis()
        counts: Any = redis.hgetall(_key("count"))
        last: Any = redis.hgetall(_key("last"))
    except RedisError:
        return []
    fetches = []
    for field, number in counts.items():
        what, program, network = field.decode().split("|")
        moment = dt.datetime.fromisoformat(last[field].decode())
        fetches.append(Fetches(what, program, network, int(number), moment))
    return sorted(fetches, key=lambda fetch: fetch.last, reverse=True)


def forget() -> None:
    """Forget everything that was counted."""
    connect_to_redis().delete(_key("count"), _key("last"))


def _program(request: Request) -> str:
    match = PROGRAM.match(request.user_agent.string or "")
    name = match[0].lower() if match else OTHER
    return BROWSER if name == "mozilla" else name


def _network(request: Request) -> str:
    try:
        address = ipaddress.ip_address(next(iter(request.access_route), "") or "")
    except ValueError:
        return "internet"
    if address.is_loopback:
        return "machine"
    return "internal" if address.is_private else "internet"


def _key(name: str) -> str:
    return f"ckan:{tk.config['ckan.site_id']}:nd47:dcat:fetches:{name}"
