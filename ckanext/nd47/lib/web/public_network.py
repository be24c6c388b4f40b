"""Connections to the public network alone.

A person who may give a file an address could otherwise reach what the server reaches: its search
index, its other services, the rest of the private network.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

Place = tuple[str, int]
"""A host, by name or address, and a port."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


class ForbiddenAddressError(OSError):
    """The address is not a public one."""


def guarded(
    connect: Callable[..., socket.socket], allowed: Collection[Place]
) -> Callable[..., socket.socket]:
    """Return a way to connect that refuses addresses of private networks.

    Args:
        connect: what connects otherwise; it gets addresses that have been looked up already, so
            that a second look-up cannot give another one.
        allowed: places that may be reached all the same.
    """

    def create_connection(address: Place, *more: Any, **keywords: Any) -> socket.socket:
        host, port = address
        addresses = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        failure: OSError = ForbiddenAddressError(f"{host}:{port} is not a public address")
        for *_, place in addresses:
            if not is_public(str(place[0])) and (place[0], port) not in allowed:
                continue
            try:
                return connect((str(place[0]), port), *more, **keywords)
            except OSError as error:
                failure = error
        raise failure

    return create_connection


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public network."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    return parsed.is_global and not parsed.is_multicast and (mapped is None or mapped.is_global)


def places(*addresses: str) -> set[Place]:
    """Return host and port of web addresses."""
    urls = [urlsplit(address) for address in addresses]
    return {(url.hostname or "", url.port or _DEFAULT_PORTS.get(url.scheme, 0)) for url in urls}
