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


_TRANSLATED = tuple(
    ipaddress.IPv6Network(network) for network in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)
"""IPv6 addresses whose last 32 bits are an IPv4 address, which a gateway may translate."""

_PRIVATE = tuple(ipaddress.IPv6Network(network) for network in ("64:ff9b:1::/48", "fec0::/10"))
"""Networks of a site that Python's lists call public."""


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public network."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inside = _ipv4_inside(parsed) if isinstance(parsed, ipaddress.IPv6Address) else None
    return (
        parsed.is_global
        and not parsed.is_multicast
        and not any(parsed in network for network in _PRIVATE)
        and (inside is None or inside.is_global)
    )


def _ipv4_inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to, None if it leads to none."""
    if any(address in network for network in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def places(*addresses: str) -> set[Place]:
    """Return host and port of web addresses."""
    urls = [urlsplit(address) for address in addresses]
    return {(url.hostname or "", url.port or _DEFAULT_PORTS.get(url.scheme, 0)) for url in urls}
